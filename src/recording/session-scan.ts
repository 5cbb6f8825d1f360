import path from 'node:path'
import type { ChainHead } from './chain-file.ts'
import { parseEnvelope, type Envelope } from './envelope.ts'
import { readLines, type Line } from './lines.ts'
import { EVENTS_FILE, sha256 } from './session-file.ts'
import { parseJson } from './verify-summary.ts'
import { constantOf, StoredEvent, StoredSession } from './stored.ts'

/** What recovery needs to know of a recording that may lack its end. */
export interface SessionScan {
  readonly session: string
  readonly startedAt: string
  readonly constant: string
  readonly head: ChainHead
  /** Length of the whole lines that continue the chain. */
  readonly goodBytes: number
  readonly counts: Readonly<Record<string, number>>
  readonly closed: boolean
  readonly reason: string
  /** Its last line is a checkpoint. */
  readonly sealed: boolean
  readonly lastAt: string
  /** Statements that may run and have no result. */
  readonly unknown: readonly number[]
  /** The last checkpoint over each cast file. */
  readonly casts: ReadonlyMap<string, Checkpoint>
  /** More is wrong than a half-written end. */
  readonly damage: string | undefined
}

/** What a chain says of a cast file. */
export type Checkpoint = Extract<StoredEvent, { kind: 'ssh.cast' }>

/** Reads a session's recording up to the last line that continues the chain. */
export async function scanSession(folder: string, headerText: Buffer): Promise<SessionScan> {
  const header = StoredSession.safeParse(parseJson(headerText)).data
  const scan = new Scan(sha256(headerText))
  for await (const lines of readLines(path.join(folder, EVENTS_FILE))) for (const line of lines) scan.line(line)
  return scan.finish(header, path.basename(folder))
}

class Scan {
  #head: ChainHead
  #goodBytes = 0
  readonly #counts: Record<string, number> = {}
  readonly #open = new Set<number>()
  readonly #casts = new Map<string, Checkpoint>()
  #reason: string | undefined
  #last: Envelope | undefined
  #bad = false
  #damage: string | undefined

  constructor(start: string) {
    this.#head = { seq: 0, hash: start }
  }

  line(line: Line): void {
    const envelope = line.complete ? parseEnvelope(line.bytes) : undefined
    if (envelope === undefined) {
      this.#bad = true
      return
    }
    // Half a line can only be the last one; an event behind it means that somebody was here.
    if (this.#bad || envelope.seq !== this.#head.seq || envelope.prev !== this.#head.hash) {
      this.#damage ??= `line ${line.number} does not continue the chain`
      return
    }
    this.#head = { seq: envelope.seq + 1, hash: sha256(line.bytes) }
    this.#goodBytes = line.offset + line.bytes.length
    this.#counts[envelope.kind] = (this.#counts[envelope.kind] ?? 0) + 1
    this.#last = envelope
    this.#follow(envelope)
  }

  finish(header: StoredSession | undefined, session: string): SessionScan {
    const isOwn = header?.session === session
    return {
      session,
      startedAt: header?.startedAt ?? '',
      constant: header === undefined ? '' : constantOf(header),
      head: this.#head,
      goodBytes: this.#goodBytes,
      counts: this.#counts,
      closed: this.#reason !== undefined,
      reason: this.#reason ?? 'crash',
      sealed: this.#last?.kind === 'seal',
      lastAt: this.#last?.at ?? '',
      unknown: [...this.#open],
      casts: this.#casts,
      damage: isOwn ? this.#damage : 'session.json is not of this session',
    }
  }

  // A parsed statement runs nothing; a refused one never runs.
  #follow(envelope: Envelope): void {
    const event = StoredEvent.safeParse(envelope).data
    if (event?.kind === 'statement' && event.message !== 'parse' && event.verdict.effect !== 'deny')
      this.#open.add(event.statement)
    if (event?.kind === 'result' || event?.kind === 'ssh.exit') this.#open.delete(event.statement)
    if (event?.kind === 'ssh.forward') this.#open.delete(event.statement)
    // Files of an scp end while its command goes on.
    if (event?.kind === 'ssh.file' && event.by === 'sftp' && event.statement !== null)
      this.#open.delete(event.statement)
    if (event?.kind === 'ruling' && event.ruling === 'refused') this.#open.delete(event.statement)
    if (event?.kind === 'ssh.cast') this.#casts.set(event.file, event)
    if (event?.kind === 'close') this.#reason = event.reason
  }
}
