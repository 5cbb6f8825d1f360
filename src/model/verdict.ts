import type { Role } from './principal.ts'

/** What a rule does; the worst of all that match wins: deny over hold over allow. */
export type RuleEffect = 'allow' | 'hold' | 'deny'

/** What one hold rule asks for before the statement may run. */
export interface HoldTerms {
  readonly rule: string
  /** Roles of which an approver must have one. */
  readonly from: readonly Role[]
  /** How many different persons. */
  readonly need: number
  readonly withinMs: number
  /** Names of notification channels; empty means every configured one. */
  readonly notify: readonly string[]
  /** Nobody counts for it whom the requester approved something for within so many milliseconds. */
  readonly notReciprocalMs?: number
  /** Who is asked as well once nobody has answered for so long, soonest first. */
  readonly escalation?: readonly Escalation[]
}

/** One step of asking more people. It adds to who was asked before; it takes nobody away. */
export interface Escalation {
  /** Milliseconds after the statement was held, or the stage of a request began to be asked. */
  readonly afterMs: number
  readonly from: readonly Role[]
  /** Channels that are told then; empty means every configured one. */
  readonly notify: readonly string[]
}

/** One rule that matched and its words for the person. */
export interface RuleMatch {
  readonly rule: string
  readonly effect: RuleEffect
  readonly severity: 'low' | 'medium' | 'high' | 'critical'
  readonly message: string
}

/** What the policy says of a frame. */
export interface Verdict {
  readonly effect: RuleEffect
  /** The rules that decided, worst first; floors of the product appear as rules named `floor/...`. */
  readonly matches: readonly RuleMatch[]
  /** All must be satisfied; empty unless `effect` is hold. */
  readonly holds: readonly HoldTerms[]
  /** Hash of the packs that decided, 16 hex characters. */
  readonly policyVersion: string
  /** How many rows of the result packs ask to keep, masked; where it is absent only their count is kept. */
  readonly recordRows?: number
}
