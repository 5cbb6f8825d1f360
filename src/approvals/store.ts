import type { ApprovalId, PersonName, ReviewId, SessionId, TargetName } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Escalation } from '../model/verdict.ts'
import type { Approval, ApprovalState } from './approval.ts'
import type { BreakGlass, BreakGlassOutcome, BreakGlassUse } from './break-glass.ts'
import type { Favour, FavourAsked } from './reciprocal.ts'
import type { Answer, DecisionOutcome } from './ruling.ts'

/** How many holds may wait at once. They bound what a flood of requests can do to the people who answer. */
export interface Quotas {
  readonly openPerPerson: number
  readonly openPerTarget: number
  readonly perPersonAndHour: number
}

export type QuotaRefusal = 'person-quota' | 'target-quota' | 'hour-quota'

export interface ApprovalFilter {
  readonly state?: ApprovalState
  readonly person?: PersonName
  readonly target?: TargetName
  readonly session?: SessionId
  /** Only approvals made before this moment: the next page. */
  readonly before?: number
  /** 1 to 500, default 100. */
  readonly limit?: number
}

/**
 * What approvals need of a store. Each method is one atomic step, and its note commits with it or not at all; times are compared inside
 * that step. A store that fails rejects, and then nothing has happened.
 */
export interface ApprovalStore {
  open(input: { approval: Approval; quotas: Quotas; note: LedgerNote }): Promise<'opened' | QuotaRefusal>
  find(input: { id: ApprovalId }): Promise<Approval | undefined>
  /** Newest first. */
  list(input: { filter: ApprovalFilter }): Promise<readonly Approval[]>
  /** Applies `rule` of ruling.ts to the approval as it stands, and writes what follows. */
  decide(input: { answer: Answer; now: number }): Promise<DecisionOutcome>
  /**
   * Marks every open one whose next escalation has come as escalated, once, whoever asks first; each with its note. One that now asks a role in which enough people
   * have said yes already is approved by that. Answers those with the steps that came.
   */
  escalate(input: { now: number; limit: number }): Promise<readonly { approval: Approval; escalation: Escalation }[]>
  /** Applies `ruleBreakGlass` to the approval as it stands, opens the review, and writes what follows. `terms` are those of the approval's target. */
  breakGlass(input: {
    use: BreakGlassUse
    terms: BreakGlass | undefined
    review: ReviewId
    now: number
  }): Promise<BreakGlassOutcome>
  /** The last thing that one human approved for another since a moment. */
  favour(input: FavourAsked): Promise<Favour | undefined>
  /** Those whose yes counts no longer: they are gone, or have no role left that was asked. */
  lapsed(input: { id: ApprovalId }): Promise<readonly PersonName[]>
  /** Ends an open or approved one; undefined where it had left those states. */
  settle(input: {
    id: ApprovalId
    to: 'expired' | 'withdrawn' | 'void'
    reason: string
    note: LedgerNote
  }): Promise<Approval | undefined>
  /**
   * One statement that takes approved to executing, if at `now`: it has not expired, its session has not ended, the session's grant is live,
   * its person is not disabled, and enough of those who approved are still here, in a role that counts. True for one caller at most.
   */
  claim(input: { id: ApprovalId; fence: string; now: number; note: LedgerNote }): Promise<boolean>
  finish(input: {
    id: ApprovalId
    to: 'done' | 'unknown'
    detail: string | undefined
    note: LedgerNote
  }): Promise<boolean>
  /** What an earlier process left: executing becomes unknown, open and approved become void. Returns those that changed. */
  recover(input: { at: number }): Promise<readonly Approval[]>
}
