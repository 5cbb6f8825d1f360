import type { ApprovalId, PersonName, SessionId, TargetName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { HoldTerms, RuleMatch } from '../model/verdict.ts'

export const APPROVAL_STATES = [
  'open',
  'approved',
  'executing',
  'done',
  'unknown',
  'denied',
  'expired',
  'withdrawn',
  'void',
] as const
export type ApprovalState = (typeof APPROVAL_STATES)[number]

/**
 * What may follow each state. A denial, a withdrawal and the end of the session win over a complete quorum until the statement is claimed
 * for execution; after that only its own end counts.
 */
export const NEXT = {
  open: ['approved', 'denied', 'expired', 'withdrawn', 'void'],
  approved: ['executing', 'denied', 'expired', 'withdrawn', 'void'],
  executing: ['done', 'unknown'],
  done: [],
  unknown: [],
  denied: [],
  expired: [],
  withdrawn: [],
  void: [],
} as const satisfies Record<ApprovalState, readonly ApprovalState[]>

/** The states from which `to` can be reached in one step. */
export const before = (to: ApprovalState): readonly ApprovalState[] =>
  APPROVAL_STATES.filter((state) => NEXT[state].some((next) => next === to))

/** One person's word on an approval. */
export interface Decision {
  readonly person: PersonName
  /** The human behind `person`: what distinctness is counted by. */
  readonly human: PersonName
  /** `break-glass`: the requester cleared it alone, in an emergency. */
  readonly kind: 'approve' | 'deny' | 'break-glass'
  /** The roles that counted, held both when the statement was held and when it was decided. */
  readonly roles: readonly Role[]
  readonly reason: string | undefined
  readonly at: number
}

/** Somebody who could countersign when the statement was held. */
export interface Eligible {
  readonly person: PersonName
  readonly roles: readonly Role[]
}

/** What is durable of an approval. The held bytes, values and full text are not: they live in the session's memory. */
export interface Approval {
  readonly id: ApprovalId
  readonly state: ApprovalState
  readonly session: SessionId
  /** Who asked, by sending the statement. */
  readonly person: PersonName
  /** The human behind `person`. */
  readonly human: PersonName
  readonly target: TargetName
  /** HMAC over everything that an approver agrees to, 64 hex characters. See `digest.ts`. */
  readonly digest: string
  readonly matches: readonly RuleMatch[]
  /** All must be satisfied. */
  readonly holds: readonly HoldTerms[]
  readonly redacted: RedactedText
  readonly policyVersion: string
  /** Decisions need a fresh factor (card-data targets always do). */
  readonly needsFactor: boolean
  /** Those whose roles count, frozen when the statement was held: who joins later does not countersign it. */
  readonly eligible: readonly Eligible[]
  readonly createdAt: number
  readonly expiresAt: number
  readonly decisions: readonly Decision[]
  /** When and by whom it left `open` or `approved` for an end, and why. */
  readonly settledAt: number | undefined
  readonly settledBy: string | undefined
  readonly reason: string | undefined
  /** What the executor named itself when it claimed the statement. */
  readonly fence: string | undefined
  readonly claimedAt: number | undefined
  readonly finishedAt: number | undefined
  /** For `unknown`: how to find out, e.g. the transaction id. */
  readonly detail: string | undefined
}
