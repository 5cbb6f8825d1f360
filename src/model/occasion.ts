import type { PersonName, TargetName } from './ids.ts'

export const OCCASIONS = [
  'break-glass.used',
  'review.opened',
  'review.signed',
  'script.opened',
  'script.decided',
  'script.settled',
  'grant.revoked',
  'stop.ordered',
  'stop.lifted',
] as const
export type OccasionKind = (typeof OCCASIONS)[number]

/**
 * Something that people are told besides approvals and access requests. Ids, names, numbers and fixed words: never the text of a statement, a value, or a reason
 * that somebody typed.
 */
export interface Occasion {
  readonly kind: OccasionKind
  /** What it is about and what its deliveries are found by: `approval:a_…`, `grant:g_…`, `target:cards`. */
  readonly subject: string
  /** Who did it. */
  readonly by: string
  /** Whom it concerns, where that is one person. */
  readonly person: PersonName | undefined
  readonly target: TargetName | undefined
  /** E.g. `{ label: 'Incident', text: 'INC-7' }`; made inert and scrubbed on the way. */
  readonly facts: readonly { readonly label: string; readonly text: string }[]
  /** Where to look, from the public address on: `/approvals/a_…`. */
  readonly path: string
  /** None means every configured channel. */
  readonly channels: readonly string[]
}
