import type { Socket } from 'node:net'
import ssh2 from 'ssh2'
import { Builder } from '../../src/bytes/builder.ts'

/** A side of the library that can be made to say what no program says. */
export type Side = ssh2.Client | ssh2.Connection

interface Protocol {
  _kexinit: unknown
  _queue: Buffer[] | undefined
  readonly _cipher: { encrypt(packet: Buffer): void }
  readonly _packetRW: {
    readonly write: { allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer }
  }
  rekey(): void
}

const protocolOf = (side: Side): Protocol => Reflect.get(side, '_protocol') as Protocol

/** Sends one packet as it is. */
export function say(side: Side, payload: Uint8Array): void {
  const protocol = protocolOf(side)
  const { write } = protocol._packetRW
  const at = write.allocStart
  const packet = write.alloc(payload.length)
  packet.set(payload, at)
  const whole = write.finalize(packet)
  // In the middle of a key exchange nothing else may leave.
  if (protocol._kexinit === undefined) protocol._cipher.encrypt(whole)
  else (protocol._queue ??= []).push(whole)
}

/** Begins a key exchange. */
export const proposeKeys = (side: Side): void => protocolOf(side).rekey()

/** The same, to its end. */
export function exchangeKeys(side: Side): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  ;(side as ssh2.Client).once('handshake', () => resolve(undefined))
  proposeKeys(side)
  return promise
}

export const socketOf = (side: Side): Socket => Reflect.get(side, '_sock') as Socket

const text = (builder: Builder, value: string | Uint8Array): Builder => {
  const bytes = Buffer.from(value)
  return builder.u32(bytes.length).bytes(bytes)
}

/** RFC 4254, section 5.1. */
export const opening = (
  channel: number,
  { window = 2 ** 21, packet = 32_768, kind = 'session' }: { window?: number; packet?: number; kind?: string } = {},
): Uint8Array => text(new Builder().u8(90), kind).u32(channel).u32(window).u32(packet).finish()

/** RFC 4254, section 5.4; what belongs to the kind of request comes behind it: a number of four bytes, or a string. */
export function asking(
  channel: number,
  name: string,
  ...[wantsReply, rest]: [boolean, (string | number)[]]
): Uint8Array {
  const builder = text(new Builder().u8(98).u32(channel), name).u8(wantsReply ? 1 : 0)
  for (const one of rest) {
    if (typeof one === 'number') builder.u32(one)
    else text(builder, one)
  }
  return builder.finish()
}

export const content = (channel: number, bytes: string | Uint8Array): Uint8Array =>
  text(new Builder().u8(94).u32(channel), bytes).finish()

/** Messages of a number of a channel alone: end 96, close 97, success 99, failure 100. */
export const about = (kind: 96 | 97 | 99 | 100, channel: number): Uint8Array =>
  new Builder().u8(kind).u32(channel).finish()

/** RFC 4254, section 4. */
export const globally = (name: string, wantsReply: boolean): Uint8Array =>
  text(new Builder().u8(80), name)
    .u8(wantsReply ? 1 : 0)
    .finish()

/** RFC 4253, section 11.1. */
export const leaving = (words: string): Uint8Array => text(text(new Builder().u8(1).u32(2), words), '').finish()

/** RFC 4256, section 3.4: announces answers, and has none. */
export const announcing = (answers: number): Uint8Array => new Builder().u8(61).u32(answers).finish()

export interface Told {
  readonly client: ssh2.Client
  /** What the door said last, once it is gone. */
  readonly ended: Promise<string>
}

/** A client of the library that is let in by password. */
export async function letIn(port: number, password: string, username = 'alice@web-1'): Promise<Told> {
  const client = new ssh2.Client()
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  let said = ''
  client.on('error', (error) => (said ||= error.message))
  client.on('close', () => resolve(said))
  await new Promise((done, reject) => {
    client.once('ready', () => done(undefined))
    client.once('error', reject)
    client.connect({ host: '127.0.0.1', port, username, password })
  })
  return { client, ended }
}

/** A command on a channel of its own. */
export const run = (client: ssh2.Client, command: string): Promise<ssh2.ClientChannel> =>
  new Promise((resolve, reject) =>
    client.exec(command, (error, channel) => (error === undefined ? resolve(channel) : reject(error))),
  )

/** What it says to its end. */
export async function heard(channel: ssh2.ClientChannel): Promise<{ out: string; err: string; code: unknown }> {
  const said = { out: '', err: '' }
  channel.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  channel.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  const code = await new Promise((resolve) => channel.once('close', resolve))
  return { ...said, code }
}
