import { Builder } from '../../bytes/builder.ts'
import { writeWord } from '../../protocol/ssh/fields.ts'
import { asOneLine } from './refusals.ts'

const DISCONNECT = 1
/** Why a connection ends. RFC 4253, section 11.1. */
export const REASON = { protocolError: 2, byApplication: 11 } as const

/**
 * The last message of a connection with words in it, which clients show: the library sends one without. It is not sent where the library is not the one that
 * this was written for; the connection is ended by the caller either way.
 */
export function disconnect(connection: object, reason: number, words: string): void {
  const protocol: unknown = Reflect.get(connection, '_protocol')
  if (!isProtocol(protocol)) return
  const builder = new Builder().u8(DISCONNECT).u32(reason)
  const payload = writeWord(writeWord(builder, asOneLine([words])), '').finish()
  const { write } = protocol._packetRW
  const start = write.allocStartKEX
  try {
    const packet = write.alloc(payload.length, true)
    packet.set(payload, start)
    protocol._cipher.encrypt(write.finalize(packet, true))
  } catch {
    // The library has let go of the connection already: nobody is there to be told anything.
  }
}

/** The part of the library's own state that this needs: what writes a packet in the middle of anything else. */
interface Protocol {
  readonly _packetRW: {
    readonly write: {
      readonly allocStartKEX: number
      alloc(length: number, force: true): Buffer
      finalize(packet: Buffer, force: true): Buffer
    }
  }
  readonly _cipher: { encrypt(packet: Buffer): void }
}

function isProtocol(value: unknown): value is Protocol {
  const write = member(member(value, '_packetRW'), 'write')
  const isWriter = typeof member(write, 'allocStartKEX') === 'number'
  const calls = [member(write, 'alloc'), member(write, 'finalize'), member(member(value, '_cipher'), 'encrypt')]
  return isWriter && calls.every((call) => typeof call === 'function')
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
