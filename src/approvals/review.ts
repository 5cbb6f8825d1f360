import type { ApprovalId, PersonName, ReviewId, TargetName } from '../model/ids.ts'

/** What somebody owes after a use of break-glass: another person looks at it afterwards and signs. */
export interface Review {
  readonly id: ReviewId
  /** Who cleared their own statement. */
  readonly person: PersonName
  /** The human behind `person`. */
  readonly human: PersonName
  readonly target: TargetName
  readonly approval: ApprovalId
  readonly incident: string
  readonly reason: string
  readonly openedAt: number
  readonly signedBy: PersonName | undefined
  readonly signedAt: number | undefined
  readonly remark: string | undefined
}
