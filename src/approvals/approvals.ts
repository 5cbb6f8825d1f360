import type { ApprovalId, PersonName, ReviewId, TargetName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import type { Escalation } from '../model/verdict.ts'
import type { Clock } from '../std/clock.ts'
import { deferred } from '../std/deferred.ts'
import type { Deferred } from '../std/deferred.ts'
import type { Approval, ApprovalState } from './approval.ts'
import type { BreakGlass, BreakGlassOutcome, BreakGlassUse } from './break-glass.ts'
import type { Favour, FavourAsked } from './reciprocal.ts'
import type { Review } from './review.ts'
import { opened, settlementOf } from './hold.ts'
import type { HoldRequest, OpenOutcome, Settlement } from './hold.ts'
import { noteOf } from './note.ts'
import type { Answer, DecisionOutcome } from './ruling.ts'
import type { ApprovalFilter, ApprovalStore, Quotas } from './store.ts'

/** Something changed; `approval` is as it stood right after. A hint for pages and messages, never the truth. */
export interface ApprovalEvent {
  readonly kind: 'opened' | 'escalated' | 'decided' | 'settled' | 'executing' | 'finished'
  readonly approval: Approval
  /** Whom an escalation asks as well. */
  readonly escalation?: Escalation
}

export interface Approvals<Shown> {
  /** Rejects where the store fails: the statement is then refused. */
  open(request: HoldRequest<Shown>): Promise<OpenOutcome>
  decide(answer: Answer): Promise<DecisionOutcome>
  /** The requester clears it alone, in an emergency, where the operator allows it; a review stays open. */
  breakGlass(use: BreakGlassUse): Promise<BreakGlassOutcome>
  /** The requester takes it back (`withdrawn`), or its session, grant or person ended (`void`). False where it was too late. */
  withdraw(id: ApprovalId, to: 'withdrawn' | 'void', by: Actor & { readonly reason: string }): Promise<boolean>
  /** Proof for one execution: true at most once. `fence` names the executor. False means: do not run it. */
  claim(id: ApprovalId, fence: string): Promise<boolean>
  /** What became of an executed statement. `detail` for `unknown` says how to find out. */
  finish(id: ApprovalId, to: 'done' | 'unknown', detail?: string): Promise<boolean>
  /** Asks more people where a rule says so and its time has come; called every second or so. Each step happens once, whoever calls, before or after a restart. */
  escalate(): Promise<void>
  /** Once at the server's start, before any listener. Other processes on the same store must not call it. */
  recoverAfterCrash(): Promise<readonly Approval[]>
  list(filter?: ApprovalFilter): Promise<readonly Approval[]>
  get(id: ApprovalId): Promise<Approval | undefined>
  /** The last thing that one human approved for another since a moment, if any. */
  favour(asked: FavourAsked): Promise<Favour | undefined>
  /** Those whose yes counts no longer: they are gone, or have no role left that was asked. */
  lapsed(id: ApprovalId): Promise<readonly PersonName[]>
  /** Present while the hold waits on this node. */
  shown(id: ApprovalId): Shown | undefined
  /** Compares every waiting hold with the store: after another process changed it, and now and then. */
  reconcile(): Promise<void>
  /** The store is lost: every waiting hold is void, without asking it. */
  abandon(reason: string): void
  subscribe(listener: (event: ApprovalEvent) => void): () => void
}

export interface ApprovalDeps {
  readonly store: ApprovalStore
  readonly clock: Clock
  /** 12 fresh characters behind `a_`. */
  readonly newId: () => ApprovalId
  /** Notes commit with their change; this only says that there are new ones to move into the ledger and to tell people of. */
  readonly journal: () => void
  /** Called like every subscriber, before them. */
  readonly notify: (event: ApprovalEvent) => void
  /** Free text of people may hold card numbers. */
  readonly scrub: (text: string) => string
  readonly quotas?: Quotas
  /** Absent: nobody may clear their own holds. */
  readonly breakGlass?: {
    readonly termsOf: (target: TargetName) => BreakGlass | undefined
    /** 12 fresh characters behind `v_`. */
    readonly newId: () => ReviewId
    /** For pages that show what waits for a review. */
    readonly opened?: (review: Review) => void
  }
}

/** One waiting hold on this node. */
interface Waiting<Shown> {
  readonly display: Shown
  readonly settlement: Deferred<Settlement>
  readonly alive: () => boolean
  cancelTimer: () => void
}

/** Ten waiting statements are more than one person at one keyboard makes; the rest keeps approvers from being worn down. */
export const DEFAULT_QUOTAS: Quotas = { openPerPerson: 10, openPerTarget: 100, perPersonAndHour: 120 }
/** A quarter of a megabyte is some four thousand lines: nobody reads more before signing. */
const MAX_DISPLAY_BYTES = 256 * 1024
const MAX_REASON = 500
/** The rest comes with the next call. */
const ESCALATED_AT_ONCE = 100
/** Without terms no use comes so far as to need one. */
const NO_REVIEW = '' as ReviewId
const ENDED_ELSEWHERE: readonly ApprovalState[] = ['void', 'withdrawn', 'expired']
const SYSTEM: Actor = { by: 'system', origin: 'local' }

/** The one place where a hold is opened, answered, claimed and ended. The store's state is the truth; what is here only waits for it. */
export function createApprovals<Shown>(deps: ApprovalDeps): Approvals<Shown> {
  return new WaitingRoom<Shown>(deps)
}

class WaitingRoom<Shown> implements Approvals<Shown> {
  readonly #deps: ApprovalDeps
  readonly #waiting = new Map<ApprovalId, Waiting<Shown>>()
  readonly #listeners = new Set<(event: ApprovalEvent) => void>()

  constructor(deps: ApprovalDeps) {
    this.#deps = deps
    this.#listeners.add(deps.notify)
  }

  async open(request: HoldRequest<Shown>): Promise<OpenOutcome> {
    if (request.displayBytes > MAX_DISPLAY_BYTES) return { outcome: 'refused', why: 'too-long' }
    if (request.holds.length === 0) return { outcome: 'refused', why: 'nobody-asked' }
    const { store, quotas = DEFAULT_QUOTAS } = this.#deps
    const approval = opened(request, this.#deps.newId(), this.#deps.clock.now())
    const note = noteOf(approval, {
      kind: 'approval.opened',
      at: approval.createdAt,
      by: request.person,
      origin: request.origin,
    })
    const answer = await store.open({ approval, quotas, note })
    if (answer !== 'opened') return { outcome: 'refused', why: answer }
    const settled = this.#wait(approval, request)
    this.#tell('opened', approval)
    return { outcome: 'held', id: approval.id, expiresAt: approval.expiresAt, settled }
  }

  async decide(answer: Answer): Promise<DecisionOutcome> {
    const { store, clock } = this.#deps
    const outcome = await store.decide({ answer: { ...answer, reason: this.#reason(answer.reason) }, now: clock.now() })
    if (outcome.outcome === 'refused') {
      if (outcome.state === 'expired') await this.#expire(answer.id)
      return outcome
    }
    if (!outcome.repeated) this.#tell('decided', outcome.approval)
    this.#follow(outcome.approval)
    return outcome
  }

  async breakGlass(use: BreakGlassUse): Promise<BreakGlassOutcome> {
    const { store, clock, breakGlass } = this.#deps
    const approval = await store.find({ id: use.id })
    const outcome = await store.breakGlass({
      use: { ...use, incident: this.#reason(use.incident) ?? '', reason: this.#reason(use.reason) ?? '' },
      terms: approval && breakGlass?.termsOf(approval.target),
      review: breakGlass?.newId() ?? NO_REVIEW,
      now: clock.now(),
    })
    if (outcome.outcome === 'refused') return outcome
    this.#tell('decided', outcome.approval)
    this.#follow(outcome.approval)
    breakGlass?.opened?.(outcome.review)
    return outcome
  }

  async withdraw(id: ApprovalId, to: 'withdrawn' | 'void', by: Actor & { readonly reason: string }): Promise<boolean> {
    return this.#end(id, to, { ...by, reason: this.#reason(by.reason) ?? to })
  }

  async claim(id: ApprovalId, fence: string): Promise<boolean> {
    const { store, clock } = this.#deps
    // Without the session on this node nothing can run it.
    if (this.#waiting.get(id)?.alive() !== true) return false
    const now = clock.now()
    const claimed = await store.claim({ id, fence, now, note: this.#note(id, 'approval.executing', now) })
    const approval = await store.find({ id })
    if (!claimed) {
      if (approval?.state === 'approved') await this.#tooLate(approval, now)
      return false
    }
    this.#forget(id)
    if (approval !== undefined) this.#tell('executing', approval)
    return true
  }

  async finish(id: ApprovalId, to: 'done' | 'unknown', detail?: string): Promise<boolean> {
    const { store, clock, scrub } = this.#deps
    const note = this.#note(id, `approval.${to}`, clock.now())
    const text = detail === undefined ? undefined : scrub(detail).slice(0, 2000)
    const finished = await store.finish({ id, to, detail: text, note })
    const approval = finished ? await store.find({ id }) : undefined
    this.#forget(id)
    if (approval !== undefined) this.#tell('finished', approval)
    return finished
  }

  async escalate(): Promise<void> {
    const { store, clock } = this.#deps
    const due = await store.escalate({ now: clock.now(), limit: ESCALATED_AT_ONCE })
    for (const { approval, escalation } of due) {
      this.#tell('escalated', approval, escalation)
      if (approval.state !== 'approved') continue
      this.#tell('decided', approval)
      this.#follow(approval)
    }
  }

  async recoverAfterCrash(): Promise<readonly Approval[]> {
    const changed = await this.#deps.store.recover({ at: this.#deps.clock.now() })
    for (const approval of changed) this.#tell('settled', approval)
    return changed
  }

  list(filter: ApprovalFilter = {}): Promise<readonly Approval[]> {
    return this.#deps.store.list({ filter })
  }

  get(id: ApprovalId): Promise<Approval | undefined> {
    return this.#deps.store.find({ id })
  }

  favour(asked: FavourAsked): Promise<Favour | undefined> {
    return this.#deps.store.favour(asked)
  }

  lapsed(id: ApprovalId): Promise<readonly PersonName[]> {
    return this.#deps.store.lapsed({ id })
  }

  shown(id: ApprovalId): Shown | undefined {
    return this.#waiting.get(id)?.display
  }

  async reconcile(): Promise<void> {
    for (const id of [...this.#waiting.keys()]) {
      const approval = await this.#deps.store.find({ id })
      if (approval === undefined || !this.#waiting.has(id)) continue
      this.#follow(approval)
      // By the kill switch or another process: nobody else on this node tells of it.
      if (ENDED_ELSEWHERE.includes(approval.state)) this.#tell('settled', approval)
    }
  }

  abandon(reason: string): void {
    for (const [id, waiting] of [...this.#waiting]) {
      waiting.settlement.resolve({ state: 'void', by: 'system', reason })
      this.#forget(id)
    }
  }

  subscribe(listener: (event: ApprovalEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #wait(approval: Approval, request: HoldRequest<Shown>): Promise<Settlement> {
    const settlement = deferred<Settlement>()
    const { id, createdAt, expiresAt } = approval
    const { display, alive } = request
    const waiting: Waiting<Shown> = { display, alive, settlement, cancelTimer: () => undefined }
    this.#waiting.set(id, waiting)
    waiting.cancelTimer = this.#deps.clock.after(expiresAt - createdAt, () => void this.#expire(id))
    return settlement.promise
  }

  /** Never rejects: a store that cannot say so leaves the hold void, which refuses the statement just as well. */
  async #expire(id: ApprovalId): Promise<void> {
    await this.#end(id, 'expired', { ...SYSTEM, reason: 'nobody answered in time' }).catch(() => {
      this.#waiting.get(id)?.settlement.resolve({ state: 'void', by: 'system', reason: 'the store failed' })
      this.#forget(id)
    })
  }

  /** A quorum that can no longer be used: it must not lie about, however short. */
  async #tooLate(approval: Approval, now: number): Promise<void> {
    const to = now >= approval.expiresAt ? 'expired' : 'void'
    const reason =
      to === 'expired'
        ? 'expired before execution'
        : 'the session, the grant, a person or a role ended before execution'
    await this.#end(approval.id, to, { ...SYSTEM, reason })
  }

  async #end(
    id: ApprovalId,
    to: 'expired' | 'withdrawn' | 'void',
    by: Actor & { readonly reason: string },
  ): Promise<boolean> {
    const { store, clock } = this.#deps
    const note = this.#note(id, `approval.${to}`, clock.now())
    const ended = await store.settle({ id, to, reason: by.reason, note: { ...note, by: by.by, origin: by.origin } })
    const approval = ended ?? (await store.find({ id }))
    if (approval !== undefined) this.#follow(approval)
    if (ended !== undefined) this.#tell('settled', ended)
    return ended !== undefined
  }

  /** Lets a waiting hold follow what the store says. A quorum settles it but keeps it waiting for the claim. */
  #follow(approval: Approval): void {
    const waiting = this.#waiting.get(approval.id)
    if (waiting === undefined || approval.state === 'open') return
    const settlement = settlementOf(approval)
    waiting.settlement.resolve(settlement)
    if (approval.state === 'approved') return
    this.#forget(approval.id)
    if (settlement.state === 'denied') this.#tell('settled', approval)
  }

  #forget(id: ApprovalId): void {
    this.#waiting.get(id)?.cancelTimer()
    this.#waiting.delete(id)
  }

  #note(id: ApprovalId, kind: string, at: number): LedgerNote {
    return { kind, at, ...SYSTEM, outcome: 'done', resource: `approval:${id}`, detail: {} }
  }

  #reason(text: string | undefined): string | undefined {
    return text === undefined ? undefined : this.#deps.scrub(text.slice(0, MAX_REASON))
  }

  #tell(kind: ApprovalEvent['kind'], approval: Approval, escalation?: Escalation): void {
    this.#deps.journal()
    const event = { kind, approval, ...(escalation !== undefined && { escalation }) }
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch {
        // A listener only tells people; its fault must not undo or hide what the store has committed.
      }
    }
  }
}
