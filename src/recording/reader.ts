import { readFileSync } from 'node:fs'
import path from 'node:path'
import { CodedError } from '../std/errors.ts'
import { parseEnvelope, type Envelope } from './envelope.ts'
import { readLines } from './lines.ts'
import { EVENTS_FILE, SESSION_FILE } from './session-file.ts'
import { StoredEvent, StoredSession } from './stored.ts'

/** Reads `session.json`; throws `E_RECORDING_UNREADABLE` with a sentence for a person. */
export function readSession(folder: string): StoredSession {
  const parsed = StoredSession.safeParse(parseFile(path.join(folder, SESSION_FILE)))
  if (parsed.success) return parsed.data
  throw unreadable(`${path.join(folder, SESSION_FILE)} is not the head of a recording that this version can read`)
}

/** The events of a recording in order. Reading proves nothing: `verify` does. */
export async function* readEvents(folder: string): AsyncGenerator<StoredEvent> {
  for await (const envelope of readEnvelopes(folder)) yield toEvent(envelope)
}

/** A page of the lines as they stand in the file: from sequence number `from`, at most `limit`. */
export async function readPage(
  folder: string,
  page: { readonly from: number; readonly limit: number },
): Promise<Envelope[]> {
  const found: Envelope[] = []
  for await (const envelope of readEnvelopes(folder)) {
    if (envelope.seq < page.from) continue
    if (found.length >= page.limit) break
    found.push(envelope)
  }
  return found
}

/** Every whole line of `events.ndjson`; a half-written last line of a live or crashed session is passed over. */
export async function* readEnvelopes(folder: string): AsyncGenerator<Envelope> {
  const file = path.join(folder, EVENTS_FILE)
  for await (const lines of readLines(file)) {
    for (const line of lines) {
      if (!line.complete) return
      const envelope = parseEnvelope(line.bytes)
      if (envelope === undefined) throw unreadable(`line ${line.number} of ${file} is no event; verify tells more`)
      yield envelope
    }
  }
}

function toEvent(envelope: Envelope): StoredEvent {
  const parsed = StoredEvent.safeParse(envelope)
  if (parsed.success) return parsed.data
  const { seq, at, mono, outcome, kind } = envelope
  return { kind: 'other', seq, at, mono, outcome, name: kind }
}

function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw unreadable(`${file} cannot be read`, cause)
  }
}

const unreadable = (message: string, cause?: unknown): CodedError =>
  new CodedError('E_RECORDING_UNREADABLE', { clientMessage: message, cause })
