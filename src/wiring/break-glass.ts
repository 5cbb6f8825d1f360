import type { ApprovalDeps } from '../approvals/approvals.ts'
import { createReviews, type Reviews } from '../approvals/reviews.ts'
import type { Review } from '../approvals/review.ts'
import type { Config } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import type { ReviewId } from '../model/ids.ts'
import type { Clock } from '../std/clock.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'

/** Who may clear their own holds where; `opened` hears of the review that each use opens. */
export const breakingGlass = (
  config: Config,
  opened: (review: Review) => void,
): NonNullable<ApprovalDeps['breakGlass']> => ({
  opened,
  termsOf: (target) => config.targets.get(target)?.breakGlass,
  newId: () => newId('v_', 12) as ReviewId,
})

export interface ReviewingDeps {
  readonly store: Store
  readonly clock: Clock
  readonly journal: () => void
}

export const openReviews = ({ store, clock, journal }: ReviewingDeps): Reviews =>
  createReviews({ store: store.reviews, clock, journal, scrub })
