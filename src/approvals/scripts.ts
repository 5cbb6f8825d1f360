import type { PersonName, ScriptId, SessionId, TargetName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { HoldTerms, RuleMatch } from '../model/verdict.ts'
import type { Clock } from '../std/clock.ts'
import type { Eligible } from './approval.ts'
import { scriptNote, submittedNote } from './script-note.ts'
import type { Script, ScriptStatement } from './script.ts'
import type { ScriptAnswer, ScriptDecision, ScriptEnd, ScriptFilter, ScriptStore } from './script-store.ts'

/** Something changed; `script` is as it stood right after. A hint for pages and messages, never the truth. */
export interface ScriptEvent {
  readonly kind: 'submitted' | 'decided' | 'settled' | 'running' | 'finished'
  readonly script: Script
}

/** A script that was read, judged statement by statement, and may be asked for. */
export interface ScriptRequest {
  readonly id: ScriptId
  readonly person: PersonName
  /** The owner of the submitting account, where it has one. */
  readonly owner?: PersonName | undefined
  readonly target: TargetName
  readonly database: string
  readonly account: string
  readonly sealed: string
  readonly redacted: RedactedText
  readonly statements: readonly ScriptStatement[]
  readonly digest: string
  readonly policyVersion: string
  readonly matches: readonly RuleMatch[]
  readonly holds: readonly HoldTerms[]
  readonly eligible: readonly Eligible[]
  readonly reason: string
  readonly ticket: string | undefined
  /** How long it may be approved and begun, in milliseconds. */
  readonly forMs: number
  readonly origin: string
}

export interface Scripts {
  /** `full`: too many of this person's wait already. `bad-duration`: outside a minute to a day. Without a hold to ask for it is approved at once. */
  submit(request: ScriptRequest): Promise<Script | 'full' | 'bad-duration'>
  decide(answer: ScriptAnswer): Promise<ScriptDecision>
  /** The submitter takes it back. False where it was too late. */
  withdraw(id: ScriptId, by: Actor): Promise<boolean>
  /** What was approved is not so any more: it will never run. False where it had ended, or has begun. */
  revoke(id: ScriptId, why: string): Promise<boolean>
  /** The one run of it: true for one session at most. */
  claim(id: ScriptId, session: SessionId, by: Actor): Promise<boolean>
  /** Before its statement number `position` (from 1) is let through. False: it may not run. */
  advance(id: ScriptId, session: SessionId, position: number): Promise<boolean>
  finish(id: ScriptId, to: ScriptEnd, detail: string): Promise<boolean>
  find(id: ScriptId): Promise<Script | undefined>
  list(filter?: ScriptFilter): Promise<readonly Script[]>
  /** Approves what widened to people who said yes already, and expires what waited too long. Called now and then. */
  tick(): Promise<void>
  /** Once at the server's start, before any listener. */
  recoverAfterCrash(): Promise<readonly Script[]>
  subscribe(listener: (event: ScriptEvent) => void): () => void
}

export interface ScriptsDeps {
  readonly store: ScriptStore
  readonly clock: Clock
  /** Notes commit with their change; this only says that there are new ones to move into the ledger. */
  readonly journal: () => void
  /** Free text of people may hold card numbers. */
  readonly scrub: (text: string) => string
}

const SHORTEST_MS = 60_000
/** What was read a day ago is not what stands there now. */
const LONGEST_MS = 24 * 3_600_000
/** Scripts of one person that wait at once. */
const MOST_OPEN = 10
const MAX_REASON = 500
const MAX_TICKET = 100
const SYSTEM: Actor = { by: 'system', origin: 'local' }

/** Scripts that are approved ahead of time: submitted, decided, claimed once and ended. The store's state is the truth. */
export function createScripts(deps: ScriptsDeps): Scripts {
  return new Desk(deps)
}

class Desk implements Scripts {
  readonly #deps: ScriptsDeps
  readonly #listeners = new Set<(event: ScriptEvent) => void>()

  constructor(deps: ScriptsDeps) {
    this.#deps = deps
  }

  async submit(request: ScriptRequest): Promise<Script | 'full' | 'bad-duration'> {
    const { forMs, origin } = request
    if (!Number.isSafeInteger(forMs) || forMs < SHORTEST_MS || forMs > LONGEST_MS) return 'bad-duration'
    const script = this.#made(request)
    const note = submittedNote(script, { by: request.person, origin })
    const answer = await this.#deps.store.open({ script, most: MOST_OPEN, note })
    if (answer === 'full') return answer
    this.#tell('submitted', script)
    return script
  }

  async decide(answer: ScriptAnswer): Promise<ScriptDecision> {
    const { store, clock } = this.#deps
    const reason = answer.reason === undefined ? undefined : this.#text(answer.reason, MAX_REASON)
    const outcome = await store.decide({ answer: { ...answer, reason }, now: clock.now() })
    if (outcome.outcome === 'recorded' && !outcome.repeated) this.#tell('decided', outcome.script)
    return outcome
  }

  withdraw(id: ScriptId, by: Actor): Promise<boolean> {
    return this.#settle(id, { to: 'withdrawn', why: 'taken back by the submitter', by })
  }

  revoke(id: ScriptId, why: string): Promise<boolean> {
    return this.#settle(id, { to: 'void', why, by: SYSTEM })
  }

  async claim(id: ScriptId, session: SessionId, by: Actor): Promise<boolean> {
    const { store, clock } = this.#deps
    const now = clock.now()
    const note = scriptNote(
      { id, state: 'running' },
      { kind: 'script.running', at: now, actor: by, detail: { session } },
    )
    if (!(await store.claim({ id, session, now, note }))) return false
    await this.#tellOf('running', id)
    return true
  }

  advance(id: ScriptId, session: SessionId, position: number): Promise<boolean> {
    return this.#deps.store.advance({ id, session, position, now: this.#deps.clock.now() })
  }

  async finish(id: ScriptId, to: ScriptEnd, detail: string): Promise<boolean> {
    const { store } = this.#deps
    const text = this.#text(detail, 2000)
    const note = this.#note({ id, state: to }, `script.${to}`, text)
    const finished = await store.finish({ id, to, detail: text, note })
    if (finished !== undefined) this.#tell('finished', finished)
    return finished !== undefined
  }

  find(id: ScriptId): Promise<Script | undefined> {
    return this.#deps.store.find({ id })
  }

  list(filter: ScriptFilter = {}): Promise<readonly Script[]> {
    return this.#deps.store.list({ filter })
  }

  async tick(): Promise<void> {
    const { store, clock } = this.#deps
    for (const script of await store.widen({ now: clock.now() })) this.#tell('decided', script)
    const why = 'nobody ran it in time'
    for (const id of await store.due({ now: clock.now() })) await this.#settle(id, { to: 'expired', why, by: SYSTEM })
  }

  async recoverAfterCrash(): Promise<readonly Script[]> {
    const changed = await this.#deps.store.recover({ at: this.#deps.clock.now() })
    for (const script of changed) this.#tell('finished', script)
    return changed
  }

  subscribe(listener: (event: ScriptEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #settle(
    id: ScriptId,
    { to, why, by }: { to: 'expired' | 'withdrawn' | 'void'; why: string; by: Actor },
  ): Promise<boolean> {
    const note = { ...this.#note({ id, state: to }, `script.${to}`, why), by: by.by, origin: by.origin }
    const settled = await this.#deps.store.settle({ id, to, why: this.#text(why, MAX_REASON), note })
    if (settled !== undefined) this.#tell('settled', settled)
    return settled !== undefined
  }

  #made(request: ScriptRequest): Script {
    const { id, person, owner, target, database, account, sealed, redacted, statements, forMs, reason, ticket } =
      request
    const { digest, policyVersion, matches, holds, eligible } = request
    const now = this.#deps.clock.now()
    const free = request.holds.length === 0
    return {
      ...{ id, person, target, database, account, sealed, redacted, statements },
      ...{ digest, policyVersion, matches, holds, eligible },
      state: free ? 'approved' : 'open',
      human: owner ?? request.person,
      reason: this.#text(reason, MAX_REASON),
      ticket: ticket === undefined ? undefined : this.#text(ticket, MAX_TICKET),
      createdAt: now,
      expiresAt: now + forMs,
      decisions: [],
      settledAt: free ? now : undefined,
      settledBy: free ? 'policy' : undefined,
      why: free ? 'no rule holds any of its statements' : undefined,
      session: undefined,
      runAt: undefined,
      position: 0,
      finishedAt: undefined,
      detail: undefined,
    }
  }

  #note(script: Pick<Script, 'id' | 'state'>, kind: string, why: string): LedgerNote {
    return scriptNote(script, {
      kind,
      at: this.#deps.clock.now(),
      actor: SYSTEM,
      detail: { why: this.#text(why, 2000) },
    })
  }

  #text(text: string, most: number): string {
    return this.#deps.scrub(text.slice(0, most))
  }

  async #tellOf(kind: ScriptEvent['kind'], id: ScriptId): Promise<void> {
    const script = await this.#deps.store.find({ id })
    if (script !== undefined) this.#tell(kind, script)
  }

  #tell(kind: ScriptEvent['kind'], script: Script): void {
    this.#deps.journal()
    for (const listener of this.#listeners) {
      try {
        listener({ kind, script })
      } catch {
        // A listener only tells people; its fault must not undo or hide what the store has committed.
      }
    }
  }
}
