import type { ApprovalId, PersonName, SessionId, TargetName } from '../model/ids.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { HoldTerms, RuleMatch } from '../model/verdict.ts'
import type { Approval, Eligible } from './approval.ts'
import type { QuotaRefusal } from './store.ts'

/** What the guard asks for when a statement has to wait. */
export interface HoldRequest<Shown> {
  readonly session: SessionId
  readonly person: PersonName
  /** The owner of the requesting account, where it has one; may no more countersign than the account itself. */
  readonly owner?: PersonName | undefined
  readonly target: TargetName
  /** `digestOf` everything that is agreed to. */
  readonly digest: string
  readonly matches: readonly RuleMatch[]
  readonly holds: readonly HoldTerms[]
  readonly redacted: RedactedText
  readonly policyVersion: string
  readonly needsFactor: boolean
  /** Who may answer, with the roles they have now. */
  readonly eligible: readonly Eligible[]
  /** The statement in full for those who decide. Kept in memory until the end of the hold, never stored. */
  readonly display: Shown
  /** Length of text and values together, in bytes: more than a person can read is refused, not cut. */
  readonly displayBytes: number
  /** Source address of the client, for the ledger. */
  readonly origin: string
  /** Whether the session is still there; asked again at the moment of the claim. */
  readonly alive: () => boolean
}

export type Settlement =
  | { readonly state: 'approved'; readonly approval: Approval }
  | {
      readonly state: 'denied' | 'expired' | 'withdrawn' | 'void'
      readonly by: string | undefined
      readonly reason: string | undefined
    }

export interface Hold {
  readonly outcome: 'held'
  readonly id: ApprovalId
  readonly expiresAt: number
  /** Settles once and never rejects: trouble with the store is `void`. */
  readonly settled: Promise<Settlement>
}

export type OpenOutcome =
  Hold | { readonly outcome: 'refused'; readonly why: QuotaRefusal | 'too-long' | 'nobody-asked' }

/** What a waiting hold is told of an approval that is no longer open. */
export function settlementOf(approval: Approval): Settlement {
  const { state, settledBy: by, reason } = approval
  if (state === 'approved') return { state, approval }
  if (state === 'denied' || state === 'expired' || state === 'withdrawn') return { state, by, reason }
  return { state: 'void', by, reason: reason ?? `it is ${state}` }
}

/** A new approval; the shortest `within` of its rules counts. */
export function opened<Shown>(request: HoldRequest<Shown>, id: ApprovalId, now: number): Approval {
  const { session, person, target, digest, matches, holds, redacted, policyVersion, needsFactor, eligible } = request
  return {
    ...{ id, session, person, target, digest, matches, holds, redacted, policyVersion, needsFactor, eligible },
    state: 'open',
    human: request.owner ?? person,
    createdAt: now,
    expiresAt: now + Math.min(...holds.map((terms) => terms.withinMs)),
    decisions: [],
    settledAt: undefined,
    settledBy: undefined,
    reason: undefined,
    fence: undefined,
    claimedAt: undefined,
    finishedAt: undefined,
    detail: undefined,
  }
}
