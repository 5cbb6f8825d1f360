import { existsSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { ChainCheck } from './chain-check.ts'
import type { Envelope } from './envelope.ts'
import { LEDGER_FILE, ledgerChain, LedgerLine, NOTHING_BEFORE } from './ledger-scan.ts'
import { readLines } from './lines.ts'
import type { Problem, ProblemCode } from './problem.ts'
import { sealText } from './seal.ts'
import { signatureProblem, type TrustedKeys } from './verify-keys.ts'

/** What the ledger says of one session. */
export interface LedgerSession {
  readonly seq: number
  /** Head of the ledger when the session began. */
  readonly prev: string
  /** SHA-256 of its `session.json`. */
  readonly header: string
  /** Belongs to the run that has not stopped. */
  live: boolean
  end: LedgerEnd | undefined
}

export interface LedgerEnd {
  /** `closed`; after a crash `unknown`, `damaged` or `lost`. */
  readonly outcome: string
  readonly events: number
  readonly head: string
  readonly summary: string | null
}

/** The verdict on a ledger. */
export interface LedgerReport {
  readonly problems: readonly Problem[]
  readonly sessions: ReadonlyMap<string, LedgerSession>
  readonly events: number
  readonly head: string
  /** The last run has not written its stop: it lives, or was killed, or the ledger was cut. */
  readonly running: boolean
  readonly keys: readonly string[]
}

/** Checks the ledger of a recordings folder; undefined where there is none. */
export async function verifyLedger(folder: string, trusted: TrustedKeys): Promise<LedgerReport | undefined> {
  const file = path.join(folder, LEDGER_FILE)
  if (!existsSync(file)) return undefined
  const check = new LedgerCheck(trusted)
  for await (const lines of readLines(file)) for (const line of lines) check.line(line)
  return check.finish()
}

const Start = z.looseObject({ session: z.string(), header: z.string() })
const End = z.looseObject({ session: z.string(), events: z.number(), head: z.string(), summary: z.string().nullable() })
const Seal = z.looseObject({ key: z.string(), signature: z.string() })

class LedgerCheck {
  readonly #trusted: TrustedKeys
  readonly #problems: Problem[] = []
  readonly #sessions = new Map<string, LedgerSession>()
  readonly #keys = new Set<string>()
  readonly #chain: ChainCheck
  #running = false
  #isSealed = true

  constructor(trusted: TrustedKeys) {
    this.#trusted = trusted
    this.#chain = new ChainCheck({
      where: 'ledger',
      start: NOTHING_BEFORE,
      found: (problem) => this.#problems.push(problem),
    })
  }

  line(line: Parameters<ChainCheck['line']>[0]): void {
    const envelope = this.#chain.line(line)
    if (envelope === undefined) return
    const entry = LedgerLine.safeParse(envelope).data
    if (entry === undefined) {
      this.#found('unreadable', `line ${line.number} is no ledger entry`, line.number)
      return
    }
    this.#isSealed = entry.kind === 'seal'
    this.#entry(envelope, entry, line.number)
  }

  finish(): LedgerReport {
    this.#chain.finish()
    if (!this.#running && !this.#isSealed) this.#found('ledger-cut', 'the last stop has lost its signature')
    const { events, head } = this.#chain
    return {
      problems: this.#problems,
      sessions: this.#sessions,
      events,
      head,
      running: this.#running,
      keys: [...this.#keys],
    }
  }

  #entry(envelope: Envelope, entry: LedgerLine, line: number): void {
    if (entry.kind === 'seal') {
      this.#seal(envelope, entry, line)
      return
    }
    if (entry.kind === 'node.start') this.#nodeStart()
    if (entry.kind === 'node.stop') this.#running = false
    if (entry.kind === 'session.start') this.#start(envelope, entry)
    if (entry.kind === 'session.end') this.#end(envelope, entry)
  }

  #nodeStart(): void {
    this.#running = true
    for (const session of this.#sessions.values()) session.live = false
  }

  #start(envelope: Envelope, entry: LedgerLine): void {
    const start = Start.safeParse(entry.detail).data
    if (start === undefined) return
    const { seq, prev } = envelope
    this.#sessions.set(start.session, { seq, prev, header: start.header, live: true, end: undefined })
  }

  #end(envelope: Envelope, entry: LedgerLine): void {
    const end = End.safeParse(entry.detail).data
    if (end === undefined) return
    const { session, events, head, summary } = end
    const listed = this.#sessions.get(session)
    if (listed !== undefined) listed.end = { outcome: envelope.outcome, events, head, summary }
  }

  #seal(envelope: Envelope, entry: LedgerLine, line: number): void {
    const seal = Seal.safeParse(entry.detail).data
    if (seal === undefined) {
      this.#found('signature', `line ${line} is a checkpoint without its signature`, line)
      return
    }
    this.#keys.add(seal.key)
    const { seq, at, mono, prev } = envelope
    const text = sealText({ chain: ledgerChain(entry.node), seq, at, mono, prev })
    const problem = signatureProblem(this.#trusted, { ...seal, text, expected: undefined })
    if (problem === undefined) this.#chain.vouch()
    else this.#found(problem.code, `line ${line}: ${problem.text}`, line)
  }

  #found(code: ProblemCode, text: string, line?: number): void {
    this.#problems.push({ code, where: 'ledger', text: `ledger: ${text}`, ...(line === undefined ? {} : { line }) })
  }
}
