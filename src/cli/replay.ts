import { setTimeout as wait } from 'node:timers/promises'
import { readEnvelopes, readEvents, readSession } from '../recording/reader.ts'
import { pauseBetween, renderEvent, renderHeader } from '../recording/replay.ts'
import type { StoredEvent } from '../recording/stored.ts'
import { COMMON, parsed, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { noteReading } from './local-reading.ts'
import { recordingFolder, RECORDINGS } from './recordings.ts'

const USAGE = 'replay ID|DIR [--speed N] [--no-wait] [--max-wait SECONDS] [--recordings DIR] [--json]'

const OPTIONS = {
  ...COMMON,
  ...RECORDINGS,
  speed: { type: 'string', default: '1' },
  'no-wait': { type: 'boolean' },
  // Longer pauses are cut to this, so that a quiet hour does not look like a hang.
  'max-wait': { type: 'string', default: '3600' },
} as const

/** Plays one recording at its original pace; `--json` prints its lines as they stand in the file, at once. */
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
  io.out(`${renderHeader(session)}\n`)
  let last: StoredEvent | undefined
  for await (const event of readEvents(folder)) {
    const pause = last === undefined || values['no-wait'] === true ? 0 : pauseBetween(last, event, pace)
    if (pause >= 1) await wait(pause)
    last = event
    for (const line of renderEvent(event, session)) io.out(`${line}\n`)
  }
  return 0
}

function positive(text: string, name: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new UsageError(`${name} takes a number above zero`)
}
