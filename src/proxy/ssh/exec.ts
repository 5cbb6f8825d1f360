import { transferCommand, type TransferCommand } from '../../classify/shell/transfer-command.ts'
import { refused, type Refused } from '../../session/ruling.ts'
import type { LineReader } from './account-shell.ts'
import type { Call } from './call.ts'
import { attended } from './attended.ts'
import type { CommandEnd } from './command.ts'
import type { Desk, Wanted } from './desk.ts'
import { LOST } from './refusals.ts'
import { serveSftpCommand } from './sftp.ts'
import { watchTransfer } from './transfer.ts'
import { createStreamVeil, createTerminalVeil } from './veil.ts'

/** The longest command line: OpenSSH's own server takes packets of no more than 256 KiB, ours of 35 000 bytes. */
const LONGEST = 32 * 1024

/** A command that a client asked for: judged as it will run, run as it was judged, and its end told as the target told it. */
export async function serveExec(call: Call, text: string, desk: Desk): Promise<void> {
  const transfer = call.terminal === undefined ? transferCommand(text) : undefined
  // The contents of files are not kept.
  if (transfer === undefined) desk.keep(call, text)
  const objection = objectionTo(text)
  if (objection === undefined) {
    const wanted = wantedOf(call, text, await readerOf(call, desk))
    await (transfer?.by === 'sftp' ? serveSftpCommand(call, desk, wanted) : command(call, wanted, { desk, transfer }))
  } else {
    desk.object('a command line that cannot be read', objection)
    await call.refuse(objection)
  }
  call.tap?.close()
}

/** What keeps a command line from being read as the target would read it (rule D2). */
function objectionTo(text: string): Refused | undefined {
  if (text.includes('\0')) return refused('syntax', 'a command line with a zero byte cannot be run')
  // The library puts this character in place of what is no UTF-8.
  if (text.includes('\u{fffd}')) return refused('syntax', 'a command line that is not valid UTF-8 cannot be run')
  if (Buffer.byteLength(text) > LONGEST) return refused('syntax', 'a command line of more than 32 KiB cannot be run')
  return undefined
}

interface Way {
  readonly desk: Desk
  readonly transfer: TransferCommand | undefined
}

const command = async (call: Call, wanted: Wanted, way: Way): Promise<void> =>
  settle(call, await run(call, wanted, way), way.desk)

const readerOf = (call: Call, desk: Desk): Promise<LineReader> =>
  desk.parts.accountShell.reader(desk, AbortSignal.any([desk.parts.gone, call.gone]))

const wantedOf = ({ terminal, environment }: Call, text: string, reader: LineReader): Wanted => ({
  frame: Buffer.from(text),
  message: 'exec',
  statement: {
    ...{ kind: 'shell', text, directory: undefined, environment, terminal: terminal !== undefined },
    ...(reader === 'unknown' && { reader }),
  },
})

async function run(call: Call, wanted: Wanted, { desk, transfer }: Way): Promise<CommandEnd> {
  const { terminal, environment } = call
  const free = terminal === undefined ? desk.parts.busy() : undefined
  try {
    return await attended(call, desk, {
      ...wanted,
      veil: terminal === undefined ? createStreamVeil : createTerminalVeil,
      // What transfer programs say to each other is no text: a byte changed in it is a file destroyed.
      transfer: transfer === undefined ? undefined : watchTransfer(transfer, desk),
      launch: (frame, clearance) =>
        desk.parts.upstream.exec(frame, { terminal: terminal?.options, environment }, clearance),
    })
  } finally {
    free?.()
  }
}

/** Tells the client how what it asked for ended, and ends the channel. */
export async function settle(call: Call, end: CommandEnd, desk: Desk): Promise<void> {
  switch (end.kind) {
    case 'refused':
      return call.refuse(end.refusal)
    case 'exit':
      return call.outlet.end(end.code)
    case 'signal':
      return call.outlet.end(end.signal)
    case 'failed':
      call.say([end.why])
      return call.outlet.end(LOST)
    case 'lost': {
      const isGone = await targetIsGone(desk)
      if (isGone) call.say(['the target closed the connection before the command had ended'])
      return call.outlet.end(isGone ? LOST : undefined)
    }
  }
}

/** A connection that breaks ends its channels first, and only then says so itself. */
async function targetIsGone({ parts: { upstream, after } }: Desk): Promise<boolean> {
  if (upstream.lost.aborted) return true
  const { promise, resolve } = Promise.withResolvers<boolean>()
  upstream.lost.addEventListener('abort', () => resolve(true), { once: true })
  const stop = after(PARTING_MS, () => resolve(false))
  const isGone = await promise
  stop()
  return isGone
}

/** From the end of a channel to the end of its connection, in milliseconds, where the one came of the other. */
const PARTING_MS = 500
