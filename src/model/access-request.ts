import type { Brand, GrantId, PersonName, TargetName } from './ids.ts'
import type { Role } from './principal.ts'
import type { Rights } from './rights.ts'
import type { Escalation } from './verdict.ts'

/** `r_` and 12 characters. */
export type RequestId = Brand<string, 'RequestId'>

/**
 * `open` waits for people. `granted`: a grant stands behind it. `refused`: a rule said no. `denied`: a person did. `withdrawn` by whoever asked, `expired`:
 * nobody answered in time.
 */
export type RequestState = 'open' | 'granted' | 'refused' | 'denied' | 'withdrawn' | 'expired'

/** One group of people who must say yes. Stages are asked one after the other; all of them must be satisfied. */
export interface AccessStage {
  readonly from: readonly Role[]
  /** How many different people. */
  readonly need: number
  /** Channels of the configuration. */
  readonly notify: readonly string[]
  /** Who is asked as well when this stage is still open so many milliseconds after it began to be asked, soonest first. */
  readonly escalation: readonly Escalation[] | undefined
}

/** What the access rules say of a wish. */
export type AccessVerdict =
  | { readonly kind: 'grant'; readonly rule: string; readonly maxMs: number }
  | {
      readonly kind: 'ask'
      readonly rule: string
      readonly message: string
      readonly maxMs: number
      readonly stages: readonly AccessStage[]
      /** How long the request may wait for an answer. */
      readonly withinMs: number
    }
  | { readonly kind: 'refuse'; readonly rule: string; readonly message: string }

export interface AccessDecision {
  readonly person: PersonName
  /** The human behind `person`: what distinctness is counted by. */
  readonly human: PersonName
  readonly kind: 'approve' | 'deny'
  /** Index of the stage that it answers. */
  readonly stage: number
  /** An approver may shorten. */
  readonly forMs: number | undefined
  readonly reason: string | undefined
  readonly at: number
  /** Whoever said it was disabled since, or has lost the role: it does not count. Said of open requests only. */
  readonly gone?: boolean
}

/** Somebody asks for a target, for a while, for a reason. All times are milliseconds, instants since 1970. */
export interface AccessRequest {
  readonly id: RequestId
  readonly person: PersonName
  /** The human behind `person`; decides about none of their accounts. */
  readonly human: PersonName
  readonly target: TargetName
  /** What it asks to do there. */
  readonly rights: Rights
  readonly forMs: number
  /** Free text, scrubbed of card numbers. */
  readonly reason: string
  readonly ticket: string | undefined
  /** The live grant for the same rights that it asks to prolong. */
  readonly renews: GrantId | undefined
  readonly state: RequestState
  readonly rule: string
  readonly message: string
  readonly stages: readonly AccessStage[]
  /** Those whose roles count, frozen when it was asked: who joins later does not decide it. */
  readonly eligible: readonly { readonly person: PersonName; readonly roles: readonly Role[] }[]
  readonly decisions: readonly AccessDecision[]
  readonly createdAt: number
  /** When it stops waiting for an answer. */
  readonly expiresAt: number
  /** How many steps of escalation have been told, those of earlier stages included whether or not they came. */
  readonly escalated: number
  readonly settledAt: number | undefined
  readonly grant: GrantId | undefined
}
