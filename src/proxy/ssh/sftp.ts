import { CodedError } from '../../std/errors.ts'
import type { Call } from './call.ts'
import type { Exit } from './conduit.ts'
import type { Desk, Wanted } from './desk.ts'
import type { FilesEnd } from './files-seat.ts'
import { serveFiles } from './files.ts'
import { heldLines, LOST, refusalLines } from './refusals.ts'
import type { SftpLine } from './upstream.ts'

/** A file transfer by SFTP: each request that names a path is judged by itself. */
export function serveSftp(call: Call, desk: Desk): Promise<void> {
  return serve(call, async () => serveFiles(seatFor(call, desk, await desk.parts.upstream.sftp())))
}

/** The same where the client names the server's program instead of the subsystem: the command is judged, and then each request. */
export async function serveSftpCommand(call: Call, desk: Desk, wanted: Wanted): Promise<void> {
  const { gone, monoMicros, upstream } = desk.parts
  const waits = { gone: AbortSignal.any([gone, call.gone]), cancelled: NEVER }
  const ruling = await desk.judge(wanted, { ...waits, onHeld: (held) => call.say(heldLines(held)) })
  if (ruling.outcome === 'refused') return call.refuse(ruling)
  const startedAt = monoMicros()
  const settings = { terminal: undefined, environment: call.environment }
  let exit: Exit = { code: undefined, signal: undefined }
  await serve(call, async () => {
    const line = await upstream.sftpOver(wanted.frame, settings, ruling.clearance)
    line.channel.once('exit', (code: number | null) => (exit = { code: code ?? undefined, signal: undefined }))
    return serveFiles(seatFor(call, desk, line))
  })
  // Each file has a line of its own, with what went through it.
  desk.ended(ruling, { channel: call.number, exit, bytes: NONE, pans: 0, startedAt })
}

const NONE = { out: 0, err: 0, in: 0 }

async function serve(call: Call, files: () => Promise<FilesEnd>): Promise<void> {
  try {
    await conclude(call, await files())
  } catch (thrown) {
    if (!(thrown instanceof CodedError)) throw thrown
    call.say([thrown.clientMessage])
    await call.outlet.end(LOST)
  }
}

function seatFor(call: Call, desk: Desk, line: SftpLine): Parameters<typeof serveFiles>[0] {
  line.channel.stderr.resume()
  const { clock, finish, gone, onInput, scrub } = desk.parts
  return {
    ...{ client: call.channel, answers: call.outlet, upstream: line.channel, clock, scrub },
    gone: AbortSignal.any([gone, call.gone]),
    judge(work, waiting) {
      onInput()
      const onHeld: typeof waiting.onHeld = (held) => {
        call.say(heldLines(held))
        waiting.onHeld(held)
      }
      return desk.judge({ ...work, message: 'sftp' }, { gone: waiting.gone, cancelled: NEVER, onHeld })
    },
    send: (frame, clearance) => line.send(frame, clearance),
    sendRiding(frame) {
      onInput()
      line.ride(frame)
    },
    settle({ approval }, end) {
      if (approval !== undefined) finish(approval, end === 'unknown' ? 'unknown' : 'done', end)
    },
    record: (event) => desk.record(event),
    tell: (refusal) => call.say(refusalLines(refusal)),
  }
}

/** A transfer program has no Ctrl-C of its own: its person hangs up. */
const NEVER = new AbortController().signal

async function conclude(call: Call, { by, error }: FilesEnd): Promise<void> {
  const words = WORDS[by]
  if (words !== undefined) call.say([error === undefined ? words : `${words}: ${error.message}`])
  await call.outlet.end(words === undefined ? 0 : LOST)
}

const WORDS: Readonly<Record<FilesEnd['by'], string | undefined>> = {
  client: undefined,
  target: 'the target ended the file transfer',
  session: undefined,
  'broken-client': 'the file transfer program does not speak the protocol as it must',
  'broken-target': 'the target does not speak the protocol of file transfers as it must',
}
