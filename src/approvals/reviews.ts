import type { PersonName, ReviewId } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Role } from '../model/principal.ts'
import type { Clock } from '../std/clock.ts'
import type { Review } from './review.ts'

/** One signature as it arrives at any door. */
export interface Signature {
  readonly id: ReviewId
  readonly person: PersonName
  readonly owner?: PersonName | undefined
  readonly roles: readonly Role[]
  readonly service: boolean
  readonly remark: string
  readonly factorFresh: boolean
  /** The kill switch stands for this person. */
  readonly keptOut?: boolean
  readonly origin: string
}

export type SignRefusal = 'not-found' | 'own' | 'role' | 'factor' | 'signed' | 'kept-out'

export type SignOutcome =
  { readonly outcome: 'signed'; readonly review: Review } | { readonly outcome: 'refused'; readonly why: SignRefusal }

/** What reviews need of a store: signing is one atomic step, and its note commits with it. Reviews are opened by a use of break-glass alone. */
export interface ReviewStore {
  find(input: { id: ReviewId }): Promise<Review | undefined>
  /** Newest first. */
  list(input: { unsigned: boolean; limit: number }): Promise<readonly Review[]>
  /** Applies `ruleSignature` to the review as it stands. */
  sign(input: { signature: Signature; now: number; note: LedgerNote }): Promise<SignOutcome>
}

export interface Reviews {
  list(filter?: { readonly unsigned?: boolean }): Promise<readonly Review[]>
  find(id: ReviewId): Promise<Review | undefined>
  sign(signature: Signature): Promise<SignOutcome>
  /** Told of every review that was opened or signed; a hint for pages, never the truth. */
  subscribe(listener: (review: Review) => void): () => void
  /** A use of break-glass has opened one: whoever watches is told. */
  opened(review: Review): void
}

export interface ReviewsDeps {
  readonly store: ReviewStore
  readonly clock: Clock
  readonly journal: () => void
  readonly scrub: (text: string) => string
}

const LIST_LIMIT = 500
const MAX_REMARK = 500
/** Who may look back at what somebody cleared for themselves. */
export const REVIEWERS: readonly Role[] = ['approver', 'security']

export function createReviews({ store, clock, journal, scrub }: ReviewsDeps): Reviews {
  const listeners = new Set<(review: Review) => void>()
  const tell = (review: Review): void => {
    for (const listener of listeners) {
      try {
        listener(review)
      } catch {
        // A listener only tells people; its fault must not undo or hide what the store has committed.
      }
    }
  }
  return {
    list: ({ unsigned = false } = {}) => store.list({ unsigned, limit: LIST_LIMIT }),
    find: (id) => store.find({ id }),
    async sign(signature) {
      const now = clock.now()
      const remark = scrub(signature.remark.slice(0, MAX_REMARK))
      const { person: by, origin, id } = signature
      const note = { kind: 'review.signed', at: now, by, origin, outcome: 'signed', resource: `review:${id}` }
      const outcome = await store.sign({
        signature: { ...signature, remark },
        now,
        note: { ...note, detail: { remark } },
      })
      if (outcome.outcome === 'signed') {
        journal()
        tell(outcome.review)
      }
      return outcome
    },
    opened: tell,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Why a signature does not count; undefined where it does. Nobody signs what they did themselves, under any of their accounts. */
export function ruleSignature(review: Review | undefined, signature: Signature): SignRefusal | undefined {
  if (review === undefined) return 'not-found'
  const own = [review.person, review.human]
  if (own.includes(signature.person) || own.includes(signature.owner ?? signature.person)) return 'own'
  if (signature.service || !REVIEWERS.some((role) => signature.roles.includes(role))) return 'role'
  if (signature.keptOut === true) return 'kept-out'
  if (review.signedAt !== undefined) return 'signed'
  return signature.factorFresh ? undefined : 'factor'
}
