import { setTimeout as wait } from 'node:timers/promises'
import { castsOf, firstCast, type CastOf } from '../recording/casts.ts'
import { readEnvelopes, readEvents, readSession } from '../recording/reader.ts'
import { pauseBetween, renderEvent, renderHeader, renderLines } from '../recording/replay.ts'
import { flowOf } from '../recording/screen-flow.ts'
import type { StoredEvent, StoredSession } from '../recording/stored.ts'
import { COMMON, parsed, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { noteReading } from './local-reading.ts'
import { recordingFolder, RECORDINGS } from './recordings.ts'
import { playScreen } from './replay-screen.ts'

const USAGE = 'replay ID|DIR [--speed N] [--no-wait] [--max-wait SECONDS] [--channel N] [--recordings DIR] [--json]'

const OPTIONS = {
  ...COMMON,
  ...RECORDINGS,
  speed: { type: 'string', default: '1' },
  'no-wait': { type: 'boolean' },
  // Longer pauses are cut to this, so that a quiet hour does not look like a hang.
  'max-wait': { type: 'string', default: '3600' },
  // Of a session over SSH: whose screen is played; on a terminal the first one's without it.
  channel: { type: 'string' },
} as const

/**
 * Plays one recording at its original pace: a terminal's screen on a terminal, anything else, and with `--no-wait`, as lines. `--json` prints its lines as they
 * stand in the file, at once.
 */
export function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, () => replay(argv, io))
}

async function replay(argv: readonly string[], io: Io): Promise<ExitCode> {
  const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 1 } })
  const folder = recordingFolder(positionals[0] ?? '', values.recordings)
  const session = readSession(folder)
  const detail = { command: 'replay' }
  await noteReading({ kind: 'recording.viewed', folder, resource: `session:${session.session}`, detail })
  if (values.json === true) {
    for await (const event of readEnvelopes(folder)) io.out(`${JSON.stringify(event)}\n`)
    return 0
  }
  const pace = { speed: positive(values.speed, '--speed'), longest: positive(values['max-wait'], '--max-wait') * 1000 }
  const cast = castFor(folder, values.channel)
  if (cast !== undefined && io.isTty && values['no-wait'] !== true) {
    const [columns, rows] = [process.stdout.columns || 80, process.stdout.rows || 24]
    await playScreen({ session, events: readEvents(folder), cast, canvas: { columns, rows }, pace }, io)
    return 0
  }
  await playLines({ session, folder, pace: values['no-wait'] === true ? undefined : pace }, io)
  return 0
}

function castFor(folder: string, asked: string | undefined): CastOf | undefined {
  const casts = castsOf(folder)
  if (asked === undefined) return firstCast(casts)
  const found = casts.find(({ channel }) => String(channel) === asked)
  if (found === undefined) throw new UsageError(`nothing was kept of a channel ${asked}`)
  return found
}

interface LineReplay {
  readonly session: StoredSession
  readonly folder: string
  /** Undefined: without waiting. */
  readonly pace: { readonly speed: number; readonly longest: number } | undefined
}

async function playLines({ session, folder, pace }: LineReplay, io: Io): Promise<void> {
  io.out(`${renderHeader(session)}\n`)
  let last: StoredEvent | undefined
  let channel = 0
  for await (const part of flowOf(folder, readEvents(folder))) {
    if (part.kind === 'lines') {
      for (const line of renderLines(part, channel)) io.out(`${line}\n`)
      channel = part.channel
      continue
    }
    const { event } = part
    const pause = last === undefined || pace === undefined ? 0 : pauseBetween(last, event, pace)
    if (pause >= 1) await wait(pause)
    last = event
    for (const line of renderEvent(event, session)) io.out(`${line}\n`)
  }
}

function positive(text: string, name: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new UsageError(`${name} takes a number above zero`)
}
