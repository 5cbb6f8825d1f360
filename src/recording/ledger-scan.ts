import { createHash, type Hash } from 'node:crypto'
import { z } from 'zod'
import type { ChainHead } from './chain-file.ts'
import { readLines, type Line } from './lines.ts'
import { parseEnvelope, type Envelope } from './envelope.ts'
import { sha256 } from './session-file.ts'

/** The node's chain, beside the sessions' folders. */
export const LEDGER_FILE = 'ledger.ndjson'
/** `prev` of a ledger's first line. */
export const NOTHING_BEFORE = '0'.repeat(64)
/** What a ledger's checkpoints are bound to, as a session's are to its id. */
export const ledgerChain = (node: string): string => `ledger ${node}`

/** A session that has a start in the ledger and no end. */
export interface Unended {
  readonly session: string
  readonly by: string
  readonly origin: string
  readonly resource: string
}

/** Bytes at the end that are no line. They stay where they are; a `torn` entry names them. */
export interface Torn {
  readonly bytes: number
  readonly sha256: string
}

/** What a ledger that is about to be continued holds. */
export interface LedgerScan {
  readonly head: ChainHead
  readonly unended: readonly Unended[]
  readonly torn: Torn | undefined
  /** The last line lacks its newline. */
  readonly needsNewline: boolean
  readonly damage: string | undefined
}

export const LEDGER_START: LedgerScan = {
  head: { seq: 0, hash: NOTHING_BEFORE },
  unended: [],
  torn: undefined,
  needsNewline: false,
  damage: undefined,
}

/** The fields of a ledger line that recovery and verification read. */
export const LedgerLine = z.looseObject({
  kind: z.string(),
  by: z.string(),
  origin: z.string(),
  resource: z.string(),
  node: z.string(),
  detail: z.record(z.string(), z.unknown()),
})
export type LedgerLine = z.infer<typeof LedgerLine>

/** Reads a ledger once, in constant memory but for the sessions that have no end. */
export async function scanLedger(file: string): Promise<LedgerScan> {
  const scan = new Scan()
  for await (const lines of readLines(file)) for (const line of lines) scan.line(line)
  return scan.finish()
}

class Scan {
  #head: ChainHead = LEDGER_START.head
  readonly #unended = new Map<string, Unended>()
  #torn: { bytes: number; hash: Hash } | undefined
  #whole = true
  #damage: string | undefined

  line(line: Line): void {
    this.#whole = line.complete
    // A line that only lost its newline is whole in every other byte; it gets one.
    const bytes = line.complete ? line.bytes : Buffer.concat([line.bytes, Buffer.from('\n')])
    const envelope = parseEnvelope(bytes)
    if (envelope === undefined) {
      this.#unreadable(bytes)
      return
    }
    if (this.#torn !== undefined && !this.#isMarked(envelope)) this.#damaged(line, 'unreadable lines before it')
    this.#torn = undefined
    if (envelope.prev !== this.#head.hash || envelope.seq !== this.#head.seq) this.#damaged(line, 'breaks the chain')
    this.#head = { seq: envelope.seq + 1, hash: sha256(bytes) }
    this.#follow(envelope)
  }

  finish(): LedgerScan {
    const torn = this.#torn && { bytes: this.#torn.bytes, sha256: this.#torn.hash.digest('hex') }
    const unended = [...this.#unended.values()]
    return { head: this.#head, unended, torn, needsNewline: !this.#whole, damage: this.#damage }
  }

  #unreadable(bytes: Buffer): void {
    this.#torn ??= { bytes: 0, hash: createHash('sha256') }
    this.#torn.bytes += bytes.length
    this.#torn.hash.update(bytes)
  }

  #isMarked(envelope: Envelope): boolean {
    return envelope.kind === 'torn'
  }

  #damaged(line: Line, what: string): void {
    this.#damage ??= `line ${line.number} ${what}`
  }

  #follow(envelope: Envelope): void {
    if (!envelope.kind.startsWith('session.')) return
    const entry = LedgerLine.safeParse(envelope)
    const session = entry.data?.detail['session']
    if (!entry.success || typeof session !== 'string') return
    const { kind, by, origin, resource } = entry.data
    if (kind === 'session.start') this.#unended.set(session, { session, by, origin, resource })
    if (kind === 'session.end') this.#unended.delete(session)
  }
}
