import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { castsOf, firstCast } from '../recording/casts.ts'
import { toScreenCast } from '../recording/export-screen.ts'
import { toAsciicast, toHtml } from '../recording/export.ts'
import { readEnvelopes, readEvents, readSession } from '../recording/reader.ts'
import { COMMON, parsed, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { noteReading } from './local-reading.ts'
import { recordingFolder, RECORDINGS } from './recordings.ts'

const USAGE = 'export ID|DIR --format jsonl|asciicast|html [--channel N] [--output FILE] [--recordings DIR] [--json]'

const OPTIONS = {
  ...COMMON,
  ...RECORDINGS,
  format: { type: 'string' },
  output: { type: 'string' },
  // Of a session over SSH: whose screen an asciicast is made of; the first terminal's without it.
  channel: { type: 'string' },
} as const

/** Writes one recording as lines of JSON, as a terminal recording (asciicast v2) or as one page of HTML. */
export function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, () => exportOne(argv, io))
}

async function exportOne(argv: readonly string[], io: Io): Promise<ExitCode> {
  const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 1 } })
  const folder = recordingFolder(positionals[0] ?? '', values.recordings)
  const format = values.format ?? 'jsonl'
  const lines = linesOf(folder, { format, channel: values.channel })
  const resource = `session:${readSession(folder).session}`
  await noteReading({ kind: 'recording.exported', folder, resource, detail: { format } })
  if (values.output === undefined) {
    for await (const line of lines) io.out(`${line}\n`)
    return 0
  }
  const count = await writeLines(values.output, lines)
  if (values.json === true) io.out(`${JSON.stringify({ file: values.output, lines: count })}\n`)
  return 0
}

function linesOf(
  folder: string,
  { format, channel }: { readonly format: string; readonly channel: string | undefined },
): AsyncGenerator<string> {
  const session = readSession(folder)
  switch (format) {
    case 'jsonl':
      return jsonLines(folder)
    case 'asciicast':
      return asciicast(folder, channel)
    case 'html':
      return toHtml({ session, events: readEvents(folder), folder })
    default:
      throw new UsageError('--format is jsonl, asciicast or html')
  }
}

function asciicast(folder: string, channel: string | undefined): AsyncGenerator<string> {
  const recorded = { session: readSession(folder), events: readEvents(folder) }
  const casts = castsOf(folder)
  const cast = channel === undefined ? firstCast(casts) : casts.find((one) => String(one.channel) === channel)
  if (cast !== undefined) return toScreenCast({ ...recorded, cast })
  if (channel !== undefined) throw new UsageError(`nothing was kept of a channel ${channel}`)
  return toAsciicast(recorded)
}

async function* jsonLines(folder: string): AsyncGenerator<string> {
  yield JSON.stringify(readSession(folder))
  for await (const event of readEnvelopes(folder)) yield JSON.stringify(event)
}

/** Never over a file that is there; a file with masked values is still for its owner alone. */
async function writeLines(file: string, lines: AsyncIterable<string>): Promise<number> {
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  await once(stream, 'open')
  let count = 0
  for await (const line of lines) {
    count += 1
    if (!stream.write(`${line}\n`)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'finish')
  return count
}
