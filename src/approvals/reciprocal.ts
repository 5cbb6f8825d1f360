import type { PersonName } from '../model/ids.ts'
import type { HoldTerms } from '../model/verdict.ts'

/** A favour that would be returned: `of` approved something of `by` lately. */
export interface Favour {
  /** What was approved then: an approval, a script or an access request. */
  readonly of: string
  readonly at: number
}

export interface FavourAsked {
  /** The human whose word is looked for. */
  readonly by: PersonName
  /** The human for whom it was given. */
  readonly for: PersonName
  readonly since: number
}

/** Within this time it is shown to whoever decides. */
export const SHOWN_MS = 24 * 3_600_000

/** For how long none of these rules takes a favour in return; 0 where none minds. */
export const notReciprocalMs = (holds: readonly HoldTerms[]): number =>
  Math.max(0, ...holds.map((terms) => terms.notReciprocalMs ?? 0))
