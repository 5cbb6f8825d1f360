import type { AccessRequest, AccessVerdict, RequestId } from '../model/access-request.ts'
import type { GrantId, PersonName, TargetName } from '../model/ids.ts'
import type { Actor } from '../model/ledger.ts'
import type { Principal } from '../model/principal.ts'
import type { Rights } from '../model/rights.ts'
import type { Target } from '../model/target.ts'
import type { Escalation } from '../model/verdict.ts'
import type { Clock } from '../std/clock.ts'
import { nearestFew } from '../std/nearest.ts'
import type { GrantStore } from './grants.ts'
import type { Scrub } from './note.ts'
import { reasonOf } from './note.ts'
import { humanOf } from './person.ts'
import type { Person } from './person.ts'
import { requestNote } from './request-note.ts'
import type { Stop, Stops } from './stops.ts'
import { LEAST_MS, openStage, stepsTaken, type RequestAnswer } from './request-ruling.ts'
import type { AddRefusal, RequestFilter, RequestOutcome, RequestQuotas, RequestStore } from './request-store.ts'

/** What somebody wants. */
export interface WantedAccess {
  readonly target: TargetName
  /** Everything that the rules allow, where nothing is said. */
  readonly rights?: Rights | undefined
  readonly forMs: number
  readonly reason: string
  readonly ticket?: string | undefined
}

/**
 * Why a wish was not even put to the rules, or not kept. `too-long` carries the longest that would do; `asked-already` the open request that
 * stands; `stopped` the order of the kill switch; `no-such-target` the nearest names among those that this person may ask for.
 */
export type WishFault =
  'no-such-target' | 'service' | 'bad-duration' | 'too-long' | 'no-reason' | 'long-reason' | 'bad-ticket' | AddRefusal

/** The request says by its state what became of it: `granted` at once, `open` while people are asked, `refused` by a rule. */
export type AskOutcome =
  | { readonly outcome: 'asked'; readonly request: AccessRequest }
  | {
      readonly outcome: 'invalid'
      readonly why: WishFault
      readonly longestMs?: number
      readonly standing?: RequestId
      readonly stop?: Stop
      readonly nearest?: readonly string[]
    }

/** Something changed; `request` is as it stood right after. A hint for pages and messages, never the truth. */
export interface RequestEvent {
  /** `settled` is any end, granted too. */
  readonly kind: 'opened' | 'decided' | 'escalated' | 'settled'
  readonly request: AccessRequest
  /** Channels that are to hear of it: those of the stage that is (or was last) asked, or of its escalation. Empty means every configured one. */
  readonly notify: readonly string[]
}

/** Just-in-time access: whoever wants to reach a target asks, rules answer first, people where a rule says so. */
export interface Requests {
  ask(wanted: WantedAccess, principal: Principal, actor: Actor): Promise<AskOutcome>
  /** The targets that some access rule could grant to this person, or ask somebody about. */
  askable(principal: Principal): readonly Target[]
  decide(answer: RequestAnswer, actor: Pick<Actor, 'origin'>): Promise<RequestOutcome>
  /** By whoever asked. Undefined where it was no longer open, or is not theirs. */
  withdraw(id: RequestId, actor: Actor): Promise<AccessRequest | undefined>
  find(id: RequestId): Promise<AccessRequest | undefined>
  /** Newest first. */
  list(filter?: RequestFilter): Promise<readonly AccessRequest[]>
  /** Expiry and escalation; called every second. One at a time: a call during another does nothing. */
  tick(): Promise<void>
  subscribe(listener: (event: RequestEvent) => void): () => void
}

/** What the access rules are asked. */
export interface AccessWish {
  readonly principal: Principal
  readonly target: Target
  readonly rights: Rights
  readonly forMs: number
  readonly ticket: string | undefined
  /** Milliseconds since 1970: rules may speak of hours and days. */
  readonly at: number
}

export interface RequestDeps {
  readonly store: RequestStore
  readonly grants: Pick<GrantStore, 'live' | 'list'>
  /** Every account: who may answer is frozen when it is asked. */
  readonly people: { list(): Promise<readonly Person[]> }
  readonly stops: Pick<Stops, 'of'>
  readonly clock: Clock
  /** 12 fresh characters behind `r_`. */
  readonly newId: () => RequestId
  /** 12 fresh characters behind `g_`. */
  readonly newGrantId: () => GrantId
  readonly scrub: Scrub
  /** A configured target and the longest that a grant for it may last, where that is configured. */
  readonly targetOf: (
    name: TargetName,
  ) => { readonly target: Target; readonly longestMs: number | undefined } | undefined
  readonly verdictOf: (wish: AccessWish) => AccessVerdict
  /** Every configured target. */
  readonly targets: () => readonly Target[]
  /** Whether rules leave any way for this person to this target. */
  readonly mayAsk: (who: Pick<AccessWish, 'principal' | 'target'>) => boolean
  /** Notes commit with their change; this only says that there are new ones to move into the ledger. */
  readonly journal: () => void
  /** Told of every wish that was not kept: what is refused by its shape leaves no request behind. */
  readonly onInvalid?: (refused: {
    readonly actor: Actor
    readonly target: TargetName
    readonly why: WishFault
  }) => void
  readonly quotas?: RequestQuotas
}

/** Ten waiting wishes are more than one person has; the rest keeps approvers from being worn down. */
const QUOTAS: RequestQuotas = { openPerPerson: 10, perPersonAndHour: 60 }
/** Longest reason, in UTF-16 units: whoever decides reads all of it. */
export const MAX_REQUEST_REASON = 2000
const TICKET = /^[A-Za-z0-9][A-Za-z0-9._/#:-]{0,63}$/
const SYSTEM: Actor = { by: 'system', origin: 'local' }
const MAX_OPEN = 500
/** For so long after a revocation no rule grants anything by itself: otherwise whoever was thrown out would be back at once. */
const REVOKED_MS = 24 * 3_600_000
/** More than one person is given within a day. */
const RECENT_GRANTS = 200
const MAX_NEAREST = 3

/** The one place where access is asked for and decided. The store's state is the truth. */
export function createRequests(deps: RequestDeps): Requests {
  return new RequestDesk(deps)
}

class RequestDesk implements Requests {
  readonly #deps: RequestDeps
  readonly #listeners = new Set<(event: RequestEvent) => void>()
  #ticking = false

  constructor(deps: RequestDeps) {
    this.#deps = deps
  }

  async ask(wanted: WantedAccess, principal: Principal, actor: Actor): Promise<AskOutcome> {
    const outcome = await this.#ask(wanted, principal, actor)
    if (outcome.outcome === 'invalid') this.#deps.onInvalid?.({ actor, target: wanted.target, why: outcome.why })
    return outcome
  }

  async #ask(wanted: WantedAccess, principal: Principal, actor: Actor): Promise<AskOutcome> {
    const { clock, store, newGrantId, quotas = QUOTAS, targetOf, verdictOf } = this.#deps
    const found = targetOf(wanted.target)
    const fault = principal.service ? 'service' : wishFault(wanted, this.#deps.scrub)
    if (fault !== undefined) return { outcome: 'invalid', why: fault }
    if (found === undefined)
      return { outcome: 'invalid', why: 'no-such-target', nearest: this.#near(wanted, principal) }
    const stop = await this.#stopOf(principal.person, wanted.target)
    if (stop !== undefined) return { outcome: 'invalid', why: 'stopped', stop }
    const { target, longestMs = Infinity } = found
    const { forMs, rights = 'all', ticket } = wanted
    const ruled = verdictOf({ principal, target, rights, forMs, ticket, at: clock.now() })
    const verdict = ruled.kind === 'grant' && (await this.#revokedLately(principal)) ? askedInstead(ruled) : ruled
    const longest = verdict.kind === 'refuse' ? Infinity : Math.min(verdict.maxMs, longestMs)
    if (forMs > longest) return { outcome: 'invalid', why: 'too-long', longestMs: longest }
    const request = await this.#born(wanted, principal, verdict)
    if (request === undefined) return { outcome: 'invalid', why: 'no-such-person' }
    const note = requestNote(request, actor, { kind: `request.${asked(request)}`, at: request.createdAt })
    const added = await store.add({ request, grant: newGrantId(), grantedBy: `rule ${request.rule}`, quotas, note })
    if (typeof added === 'string') return this.#notAdded(added, request)
    this.#tell(added.state === 'open' ? 'opened' : 'settled', added)
    return { outcome: 'asked', request: added }
  }

  askable(principal: Principal): readonly Target[] {
    const { targets, mayAsk } = this.#deps
    return principal.service ? [] : targets().filter((target) => mayAsk({ principal, target }))
  }

  /** Never a name that the person could not ask for: a guess must not list what there is. */
  #near({ target }: WantedAccess, principal: Principal): readonly string[] {
    const names = this.askable(principal).map(({ name }) => name)
    return nearestFew(target, names, MAX_NEAREST)
  }

  async decide(answer: RequestAnswer, { origin }: Pick<Actor, 'origin'>): Promise<RequestOutcome> {
    const { clock, newGrantId, scrub, store } = this.#deps
    const reason = answer.reason === undefined ? undefined : reasonOf(answer.reason, scrub)
    const said = { ...answer, reason }
    const outcome = await store.decide({ answer: said, origin, grant: newGrantId(), now: clock.now() })
    if (outcome.outcome === 'recorded' && !outcome.repeated)
      this.#tell(outcome.request.state === 'open' ? 'decided' : 'settled', outcome.request)
    return outcome
  }

  async withdraw(id: RequestId, actor: Actor): Promise<AccessRequest | undefined> {
    const { clock, store } = this.#deps
    const request = await store.find({ id })
    if (request?.person !== actor.by) return undefined
    const note = requestNote({ ...request, state: 'withdrawn' }, actor, { kind: 'request.withdrawn', at: clock.now() })
    const ended = await store.withdraw({ id, note })
    if (ended !== undefined) this.#tell('settled', ended)
    return ended
  }

  find(id: RequestId): Promise<AccessRequest | undefined> {
    return this.#deps.store.find({ id })
  }

  list(filter: RequestFilter = {}): Promise<readonly AccessRequest[]> {
    return this.#deps.store.list({ filter })
  }

  async tick(): Promise<void> {
    if (this.#ticking) return
    this.#ticking = true
    try {
      const { clock, store } = this.#deps
      for (const request of await store.expire({ now: clock.now() })) this.#tell('settled', request)
      for (const request of await store.list({ filter: { state: 'open', limit: MAX_OPEN } }))
        await this.#escalate(request)
    } finally {
      this.#ticking = false
    }
  }

  subscribe(listener: (event: RequestEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #born(
    { forMs, reason, rights = 'all', target, ticket }: WantedAccess,
    { person }: Principal,
    verdict: AccessVerdict,
  ): Promise<AccessRequest | undefined> {
    const { clock, grants, newId, people, scrub } = this.#deps
    const [everybody, live] = await Promise.all([people.list(), grants.live({ person, now: clock.now() })])
    const account = everybody.find((one) => one.name === person)
    if (account === undefined) return undefined
    const now = clock.now()
    // Other rights make another grant: what a live session may do does not change under it.
    const same = live.filter((grant) => grant.target === target && grant.rights === rights)
    const mine = same.toSorted((a, b) => b.expiresAt - a.expiresAt)
    return {
      ...{ id: newId(), person, human: humanOf(account), target, rights, forMs, ticket },
      reason: scrub(reason.trim()),
      renews: mine[0]?.id,
      ...outcomeOf(verdict, now),
      rule: verdict.rule,
      eligible: verdict.kind === 'ask' ? eligible(everybody) : [],
      ...{ decisions: [], createdAt: now, escalated: 0, grant: undefined },
    }
  }

  /** Somebody else took a grant of this person away. */
  async #revokedLately({ person }: Principal): Promise<boolean> {
    const { clock, grants } = this.#deps
    const since = clock.now() - REVOKED_MS
    const recent = await grants.list({ person, limit: RECENT_GRANTS })
    return recent.some(({ revokedAt = 0, revokedBy }) => revokedAt > since && revokedBy !== person)
  }

  async #stopOf(person: PersonName, target: TargetName): Promise<Stop | undefined> {
    const { people, stops } = this.#deps
    const account = (await people.list()).find((one) => one.name === person)
    return stops.of(target, { person, owner: account?.owner })
  }

  async #notAdded(why: AddRefusal, { person, target }: AccessRequest): Promise<AskOutcome> {
    const stop = why === 'stopped' ? await this.#stopOf(person, target) : undefined
    if (why !== 'asked-already') return { outcome: 'invalid', why, ...(stop !== undefined && { stop }) }
    const [standing] = await this.#deps.store.list({ filter: { state: 'open', person, target, limit: 1 } })
    return { outcome: 'invalid', why, ...(standing !== undefined && { standing: standing.id }) }
  }

  async #escalate(request: AccessRequest): Promise<void> {
    const { clock, store } = this.#deps
    const stage = openStage(request.stages, request.decisions)
    const steps = request.stages[stage]?.escalation ?? []
    const before = request.stages.slice(0, stage).reduce((sum, { escalation = [] }) => sum + escalation.length, 0)
    const now = clock.now()
    const told = Math.max(0, request.escalated - before)
    const due = steps.slice(told, stepsTaken(request, stage, now))
    if (due.length === 0) return
    const [from, notify] = [distinct(due.flatMap((step) => step.from)), channelsTold(due)]
    const note = requestNote(request, SYSTEM, { kind: 'request.escalated', at: now })
    const detail = { ...note.detail, stage, from, notify }
    const escalated = before + told + due.length
    if (await store.escalate({ id: request.id, stage, escalated, note: { ...note, detail } }))
      this.#tell('escalated', { ...request, escalated }, notify)
  }

  #tell(kind: RequestEvent['kind'], request: AccessRequest, notify = channelsOf(request)): void {
    this.#deps.journal()
    for (const listener of this.#listeners) {
      try {
        listener({ kind, request, notify })
      } catch {
        // A listener only tells people; its fault must not undo or hide what the store has committed.
      }
    }
  }
}

function wishFault({ forMs, reason, ticket }: WantedAccess, scrub: Scrub): WishFault | undefined {
  if (!Number.isSafeInteger(forMs) || forMs < LEAST_MS) return 'bad-duration'
  if (reason.trim() === '') return 'no-reason'
  if (reason.length > MAX_REQUEST_REASON) return 'long-reason'
  // A card number is no ticket, and nothing of it may be kept.
  return ticket === undefined || (TICKET.test(ticket) && scrub(ticket) === ticket) ? undefined : 'bad-ticket'
}

type Beginning = Pick<AccessRequest, 'state' | 'message' | 'stages' | 'expiresAt' | 'settledAt'>

/** A rule that asks nobody is a bug, and fails closed. */
function outcomeOf(verdict: AccessVerdict, now: number): Beginning {
  const settled = { stages: [], expiresAt: now, settledAt: now }
  switch (verdict.kind) {
    case 'grant':
      return { state: 'granted', message: '', ...settled }
    case 'refuse':
      return { state: 'refused', message: verdict.message, ...settled }
    case 'ask': {
      const { message, stages, withinMs } = verdict
      if (stages.length === 0) return { state: 'refused', message, ...settled }
      return { state: 'open', message, stages, expiresAt: now + withinMs, settledAt: undefined }
    }
  }
}

/** A step without a channel tells every one, and so do several of which one is such. */
const channelsTold = (steps: readonly Escalation[]): readonly string[] =>
  steps.some(({ notify }) => notify.length === 0) ? [] : distinct(steps.flatMap(({ notify }) => notify))

const distinct = <T>(items: readonly T[]): readonly T[] => [...new Set(items)]

/** A rule would grant, but a person has to. */
const askedInstead = ({ rule, maxMs }: Extract<AccessVerdict, { kind: 'grant' }>): AccessVerdict => ({
  kind: 'ask',
  rule: `${rule}, floor/revoked`,
  message: 'A grant of this person was revoked within the last day; an approver decides.',
  maxMs,
  stages: [{ from: ['approver'], need: 1, notify: [], escalation: undefined }],
  withinMs: 3_600_000,
})

const asked = ({ state }: AccessRequest): string => (state === 'open' ? 'opened' : state)

const eligible = (everybody: readonly Person[]): AccessRequest['eligible'] =>
  everybody
    .filter((one) => one.disabledAt === undefined && !one.service && one.roles.length > 0)
    .map(({ name, roles }) => ({ person: name, roles }))

/** Channels of the stage that is asked now, or of the last one. */
export function channelsOf({ stages, decisions }: Pick<AccessRequest, 'stages' | 'decisions'>): readonly string[] {
  const open = Math.min(openStage(stages, decisions), stages.length - 1)
  return stages[open]?.notify ?? []
}
