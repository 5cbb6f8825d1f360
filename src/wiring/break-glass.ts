import type { Approval } from '../approvals/approval.ts'
import type { ApprovalDeps } from '../approvals/approvals.ts'
import { createReviews, type Reviews } from '../approvals/reviews.ts'
import type { Review } from '../approvals/review.ts'
import type { Config } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import type { ReviewId } from '../model/ids.ts'
import type { Occasion } from '../model/occasion.ts'
import type { Clock } from '../std/clock.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'

type TellOf = (occasion: Occasion) => void

/** Who may clear their own holds where, and who hears of it: every channel. */
export function breakingGlass(config: Config, tellOf: TellOf): NonNullable<ApprovalDeps['breakGlass']> {
  return {
    termsOf: (target) => config.targets.get(target)?.breakGlass,
    newId: () => newId('v_', 12) as ReviewId,
    used(approval, review) {
      tellOf(used(approval, review))
      tellOf(reviewed(review, 'review.opened'))
    },
  }
}

export interface ReviewingDeps {
  readonly store: Store
  readonly clock: Clock
  readonly journal: () => void
  readonly tellOf: TellOf
}

export const openReviews = ({ store, clock, journal, tellOf }: ReviewingDeps): Reviews =>
  createReviews({
    ...{ store: store.reviews, clock, journal, scrub },
    signed: (review) => tellOf(reviewed(review, 'review.signed')),
  })

const used = ({ id, matches }: Approval, { person, target, incident }: Review): Occasion => ({
  ...{ kind: 'break-glass.used', subject: `approval:${id}`, by: person, person, target },
  facts: [
    { label: 'Incident', text: incident },
    { label: 'Rules', text: matches.map(({ rule }) => rule).join(', ') },
  ],
  path: `/approvals/${id}`,
  channels: [],
})

const reviewed = (review: Review, kind: 'review.opened' | 'review.signed'): Occasion => ({
  ...{ kind, subject: `review:${review.id}`, person: review.person, target: review.target },
  by: review.signedBy ?? review.person,
  facts: [{ label: 'Incident', text: review.incident }],
  path: '/reviews',
  channels: [],
})
