import type { AccessRequest, RequestId, RequestState } from '../model/access-request.ts'
import type { GrantId, PersonName, TargetName } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { RequestAnswer, RequestRefusal } from './request-ruling.ts'

export interface RequestFilter {
  readonly state?: RequestState
  readonly person?: PersonName
  readonly target?: TargetName
  /** Only requests made before this moment: the next page. */
  readonly before?: number
  /** 1 to 500, default 100. */
  readonly limit?: number
}

/** How much one person may ask for. It bounds what a flood of requests can do to the people who answer. */
export interface RequestQuotas {
  readonly openPerPerson: number
  readonly perPersonAndHour: number
}

/** `asked-already`: an open request of this person for this target stands. `stopped`: by the kill switch. */
export type AddRefusal = 'no-such-person' | 'asked-already' | 'too-many' | 'stopped'

export type RequestOutcome =
  | { readonly outcome: 'recorded'; readonly request: AccessRequest; readonly repeated: boolean }
  | { readonly outcome: 'refused'; readonly why: RequestRefusal; readonly state?: RequestState }

/**
 * What requests need of a store. Each method is one atomic step, and its notes commit with it or not at all. A request that is granted makes
 * its grant, named `grant`, in that step; where it prolongs a live grant, that one's end moves instead and `grant` is not used.
 */
export interface RequestStore {
  add(input: {
    request: AccessRequest
    grant: GrantId
    grantedBy: string
    quotas: RequestQuotas
    note: LedgerNote
  }): Promise<AccessRequest | AddRefusal>
  find(input: { id: RequestId }): Promise<AccessRequest | undefined>
  /** Newest first. */
  list(input: { filter: RequestFilter }): Promise<readonly AccessRequest[]>
  /** Applies `ruleRequest` to the request as it stands, and writes what follows. */
  decide(input: { answer: RequestAnswer; origin: string; grant: GrantId; now: number }): Promise<RequestOutcome>
  /** Only an open one; undefined where it had left that state. */
  withdraw(input: { id: RequestId; note: LedgerNote }): Promise<AccessRequest | undefined>
  /** Ends those whose time is over, whose requester was disabled or whose grant to prolong was revoked. Returns those that changed. */
  expire(input: { now: number }): Promise<readonly AccessRequest[]>
  /** True for one caller a step, and only while that stage is asked. `escalated`: how many steps are told then. */
  escalate(input: { id: RequestId; stage: number; escalated: number; note: LedgerNote }): Promise<boolean>
}
