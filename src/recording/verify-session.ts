import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ChainCheck } from './chain-check.ts'
import type { Envelope } from './envelope.ts'
import { readLines } from './lines.ts'
import type { Problem, ProblemCode } from './problem.ts'
import { sealText } from './seal.ts'
import { EVENTS_FILE, SESSION_FILE, SUMMARY_FILE, TORN_FILE, sha256 } from './session-file.ts'
import { constantOf, StoredEvent, StoredSession, type StoredSummary } from './stored.ts'
import { parseJson, parseSummary, summaryProblems } from './verify-summary.ts'
import { CastCheck } from './verify-cast.ts'
import { signatureProblem, type TrustedKeys } from './verify-keys.ts'

/** What a recording turned out to be. `open`: no end and no fault, in a run that may still live. */
export type SessionStatus = 'intact' | 'crashed' | 'open' | 'broken'

/** The verdict on one session's folder. */
export interface SessionReport {
  readonly session: string
  readonly status: SessionStatus
  readonly problems: readonly Problem[]
  readonly events: number
  readonly head: string
  /** SHA-256 of `session.json` and of `summary.json`, for the ledger's word on them. */
  readonly header: string
  readonly summary: string | undefined
  readonly ended: boolean
  /** Where the ledger stood when the session began, by its own account. */
  readonly ledger: { readonly seq: number; readonly head: string } | undefined
  readonly keys: readonly string[]
}

/** Checks one session's folder by itself: header, chain, checkpoints, end, summary. Constant memory. */
export async function verifySession(folder: string, trusted: TrustedKeys): Promise<SessionReport> {
  const check = new SessionCheck(folder, trusted)
  return check.run()
}

const FILES = new Set([SESSION_FILE, EVENTS_FILE, SUMMARY_FILE])

class SessionCheck {
  readonly #folder: string
  readonly #trusted: TrustedKeys
  readonly #problems: Problem[] = []
  readonly #keys = new Set<string>()
  readonly #session: string
  #header: StoredSession | undefined
  #headerHash = ''
  #constant: string | undefined
  #foreign: string | undefined
  #closed = false
  #sealedAfterClose = false
  #isLastSealed = false
  #crash: Extract<StoredEvent, { kind: 'crash' }> | undefined
  readonly #torn = new Map<string, number>()
  readonly #casts = new CastCheck()

  constructor(folder: string, trusted: TrustedKeys) {
    this.#folder = folder
    this.#trusted = trusted
    this.#session = path.basename(path.resolve(folder))
  }

  async run(): Promise<SessionReport> {
    this.#readHeader()
    const start = this.#header === undefined ? undefined : this.#headerHash
    const chain = new ChainCheck({ where: this.#session, start, found: (problem) => this.#problems.push(problem) })
    await this.#readEvents(chain)
    const summary = this.#readSummary()
    chain.finish(summary?.value.summary.head)
    this.#checkEnd(summary?.value, chain)
    if (summary !== undefined) this.#checkSummary(summary.value, chain)
    await this.#checkCasts(summary?.value)
    this.#checkFolder()
    return this.#report(chain, summary?.hash)
  }

  #report(chain: ChainCheck, summary: string | undefined): SessionReport {
    return {
      session: this.#session,
      status: this.#status(),
      problems: this.#problems,
      events: chain.events,
      head: chain.head,
      header: this.#headerHash,
      summary,
      ended: this.#closed,
      ledger: this.#header?.ledger,
      keys: [...this.#keys],
    }
  }

  #status(): SessionStatus {
    if (this.#problems.some(({ code }) => code !== 'unended')) return 'broken'
    if (!this.#closed) return 'open'
    return this.#crash === undefined ? 'intact' : 'crashed'
  }

  #readHeader(): void {
    const bytes = this.#read(SESSION_FILE)
    if (bytes === undefined) {
      this.#found('session-changed', 'session.json is missing')
      return
    }
    this.#headerHash = sha256(bytes)
    const header = StoredSession.safeParse(parseJson(bytes))
    if (!header.success) {
      this.#found('session-changed', 'session.json is not readable')
      return
    }
    this.#header = header.data
    this.#constant = constantOf(header.data)
    const { session } = header.data
    if (session !== this.#session) this.#found('folder', `session.json is of session ${session}`)
  }

  async #readEvents(chain: ChainCheck): Promise<void> {
    const file = path.join(this.#folder, EVENTS_FILE)
    if (!existsSync(file)) {
      this.#found('cut', `${EVENTS_FILE} is missing`)
      return
    }
    for await (const lines of readLines(file)) {
      for (const line of lines) {
        const envelope = chain.line(line)
        if (envelope !== undefined) this.#event(envelope, { number: line.number, bytes: line.bytes }, chain)
      }
    }
  }

  #event(envelope: Envelope, line: { number: number; bytes: Buffer }, chain: ChainCheck): void {
    this.#checkConstant(envelope, line)
    const isEnd = this.#closed
    this.#isLastSealed = false
    if (isEnd && (this.#sealedAfterClose || envelope.kind !== 'seal')) {
      this.#found('appended', `line ${line.number} stands behind the end`, line.number)
    }
    if (envelope.kind === 'close') this.#closed = true
    if (envelope.kind === 'crash') this.#noteCrash(envelope)
    if (envelope.kind === 'ssh.cast') this.#noteCast(envelope)
    if (envelope.kind !== 'seal') return
    if (this.#checkSeal(envelope, line.number)) chain.vouch()
    this.#isLastSealed = true
    this.#sealedAfterClose = isEnd
  }

  #checkConstant(envelope: Envelope, line: { number: number; bytes: Buffer }): void {
    if (this.#constant === undefined) return
    const session = envelope['session']
    if (session !== this.#header?.session) {
      const other = typeof session === 'string' ? session : 'another session'
      if (this.#foreign !== other) this.#found('spliced', `line ${line.number} is of session ${other}`, line.number)
      this.#foreign = other
    } else if (!line.bytes.includes(this.#constant)) {
      this.#found(
        'changed',
        `line ${line.number} names another person, origin or target than session.json`,
        line.number,
      )
    }
  }

  #checkSeal(envelope: Envelope, line: number): boolean {
    const seal = StoredEvent.safeParse(envelope).data
    if (seal?.kind !== 'seal') {
      this.#found('signature', `line ${line} is a checkpoint without its signature`, line)
      return false
    }
    this.#keys.add(seal.key)
    const { seq, at, mono, prev } = envelope
    const text = sealText({ chain: this.#header?.session ?? this.#session, seq, at, mono, prev })
    // After a crash the next run signs, and its key may be a newer one.
    const expected = this.#crash === undefined ? this.#header?.key : undefined
    const problem = signatureProblem(this.#trusted, { ...seal, text, expected })
    if (problem !== undefined) this.#found(problem.code, `line ${line}: ${problem.text}`, line)
    return problem === undefined
  }

  #noteCrash(envelope: Envelope): void {
    const event = StoredEvent.safeParse(envelope).data
    if (event?.kind !== 'crash') return
    this.#crash = event
    if (event.tornHash !== null) this.#torn.set(event.tornHash, event.torn)
  }

  #noteCast(envelope: Envelope): void {
    const event = StoredEvent.safeParse(envelope).data
    if (event?.kind === 'ssh.cast') this.#casts.note(event)
  }

  async #checkCasts(stored: StoredSummary | undefined): Promise<void> {
    const found = await this.#casts.problems(this.#folder, stored?.summary.files)
    this.#problems.push(...found.map((problem) => ({ where: this.#session, ...problem })))
  }

  #readSummary(): { value: StoredSummary; hash: string } | undefined {
    const bytes = this.#read(SUMMARY_FILE)
    if (bytes === undefined) return undefined
    const value = parseSummary(bytes)
    if (value === undefined) {
      this.#found('summary-changed', 'summary.json is not what was written')
      return undefined
    }
    return { value, hash: sha256(bytes) }
  }

  #checkEnd(summary: StoredSummary | undefined, chain: ChainCheck): void {
    if (this.#closed) {
      if (!this.#isLastSealed) this.#found('unsigned', 'the end is not signed')
      if (summary === undefined && !this.#has('summary-changed'))
        this.#found('summary-missing', 'summary.json is missing')
      return
    }
    if (summary === undefined) {
      this.#found('unended', 'no end: the session is live, or its node was killed, or it was cut')
      return
    }
    if (!this.#has('cut')) this.#found('cut', `cut off behind event ${chain.events - 1} of ${summary.summary.events}`)
  }

  #checkSummary(stored: StoredSummary, chain: ChainCheck): void {
    this.#keys.add(stored.summary.key)
    const key = this.#crash === undefined ? this.#header?.key : undefined
    const expected = { session: this.#header?.session, headerHash: this.#headerHash, key }
    for (const { code, text } of summaryProblems(stored, { trusted: this.#trusted, expected })) {
      if (code !== 'session-changed' || !this.#has(code)) this.#found(code, text)
    }
    const { head, events } = stored.summary
    if (this.#problems.length > 0 || head === chain.head) return
    if (events === chain.events) chain.blameLast()
    else this.#found('ledger-differs', `summary.json counts ${events} events, there are ${chain.events}`)
  }

  #checkFolder(): void {
    for (const name of readdirSync(this.#folder).sort()) {
      if (FILES.has(name) || this.#casts.names.has(name)) continue
      if (!name.startsWith(TORN_FILE)) this.#found('extra-file', `${name} does not belong here`)
      else this.#checkTorn(name)
    }
    for (const [hash, bytes] of this.#torn) this.#found('torn-changed', `${bytes} torn bytes (${hash}) are missing`)
  }

  #checkTorn(name: string): void {
    const hash = sha256(this.#read(name) ?? '')
    if (!this.#torn.delete(hash) && this.#closed) this.#found('torn-changed', `${name} is not what the crash left`)
  }

  #has(code: ProblemCode): boolean {
    return this.#problems.some((problem) => problem.code === code)
  }

  #found(code: ProblemCode, text: string, line?: number): void {
    this.#problems.push({ code, where: this.#session, text, ...(line === undefined ? {} : { line }) })
  }

  #read(name: string): Buffer | undefined {
    const file = path.join(this.#folder, name)
    return existsSync(file) ? readFileSync(file) : undefined
  }
}
