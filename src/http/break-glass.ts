import { z } from 'zod'
import type { BreakGlassRefusal } from '../approvals/break-glass.ts'
import type { Review } from '../approvals/review.ts'
import { REVIEWERS, ruleSignature, type Signature, type SignRefusal } from '../approvals/reviews.ts'
import { stateAt } from '../approvals/ruling.ts'
import { summaryOf, timeOf } from './approval-view.ts'
import { findVisible, keptOut, refusal, spent, type DecidingDeps } from './deciding.ts'
import { answerOfFactor, Factor } from './factor.ts'
import { reviewId } from './ids.ts'
import type { ReviewsPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route, type Call } from './route.ts'
import { ReviewList, ReviewView } from './review-schemas.ts'
import { ApprovalSummary } from './schemas.ts'
import type { Viewer } from './viewer.ts'
import { visibleLine } from './visible.ts'

export interface BreakGlassDeps extends DecidingDeps {
  readonly reviews: ReviewsPort
}

const Words = z.string().trim().min(1).max(500)
const Digest = z.string().regex(/^[A-Za-z0-9_:+/=-]{16,128}$/, 'must be the digest as it was shown')
/** As trackers name them. */
const Incident = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/#-]{0,63}$/, 'must be the name of an incident, e.g. INC-1')
export const BreakGlassBody = z.strictObject({ digest: Digest, incident: Incident, reason: Words, factor: Factor })
export const SignBody = z.strictObject({ remark: Words, factor: Factor })
const ReviewsQuery = z.strictObject({ state: z.enum(['open', 'signed']).optional() })

/** Clearing one's own hold in an emergency, and the reviews that follow. */
export function breakGlassRoutes(deps: BreakGlassDeps) {
  return {
    breakGlass: route(
      {
        ...{ method: 'post', path: '/api/v1/approvals/:id/break-glass', body: BreakGlassBody, query: NO_QUERY },
        ...{ summary: 'Clear your own statement in an emergency; everybody is told', answer: ApprovalSummary },
      },
      (call) => breakGlass(call, deps),
    ),
    listReviews: route(
      {
        ...{ method: 'get', path: '/api/v1/reviews', body: NO_BODY, query: ReviewsQuery, answer: ReviewList },
        summary: 'Uses of break-glass that were reviewed, or wait for it; newest first',
      },
      async ({ viewer, query }) => {
        const all = await deps.reviews.list({ unsigned: query.state === 'open' })
        const seen = all
          .filter((review) => seesReview(viewer, review))
          .filter((review) => (query.state ?? reviewState(review)) === reviewState(review))
        return { reviews: seen.map((review) => reviewViewOf(review, viewer, deps)) }
      },
    ),
    signReview: route(
      {
        ...{ method: 'post', path: '/api/v1/reviews/:id/sign', body: SignBody, query: NO_QUERY, answer: ReviewView },
        summary: 'Sign the review of what somebody else cleared alone',
      },
      (call) => sign(call, deps),
    ),
  }
}

/** Whoever owes it, and all who watch over such things. */
export const seesReview = (viewer: Viewer, { person }: Review): boolean =>
  person === viewer.person ||
  [...REVIEWERS, 'auditor' as const].some((role) => viewer.roles.includes(role) && !viewer.service)

export const reviewState = ({ signedAt }: Review): 'open' | 'signed' => (signedAt === undefined ? 'open' : 'signed')

/** One review as this viewer sees it. */
export function reviewViewOf(review: Review, viewer: Viewer, { scrub }: BreakGlassDeps): z.infer<typeof ReviewView> {
  const line = (text: string): string => visibleLine(scrub(text))
  const { id, person, target, approval, incident, signedBy, signedAt, remark } = review
  return {
    ...{
      id,
      person,
      target,
      approval,
      state: reviewState(review),
      incident: line(incident),
      reason: line(review.reason),
    },
    openedAt: timeOf(review.openedAt),
    signedBy: signedBy ?? null,
    signedAt: signedAt === undefined ? null : timeOf(signedAt),
    remark: remark === undefined ? null : line(remark),
    maySign: ruleSignature(review, signatureOf(review, { viewer, remark: '', address: '' })) === undefined,
  }
}

/** What either needs of a call, from the API or from the console. */
type Order<Body> = Pick<Call<Body, unknown>, 'viewer' | 'id' | 'address' | 'body'>

interface BreakGlassWords {
  readonly digest: string
  readonly incident: string
  readonly reason: string
  readonly factor: Factor
}

/** The machine is asked first without a fresh factor: whatever else is wrong comes out, and no code is spent for nothing. */
export async function breakGlass({ viewer, id, address, body }: Order<BreakGlassWords>, deps: BreakGlassDeps) {
  const approval = await findVisible(id, viewer, deps)
  if (approval instanceof Problem) return approval
  const { person, owner, roles, service } = viewer
  const { digest, incident, reason } = body
  const use = { ...{ id: approval.id, person, owner, roles, service, digest, incident, reason }, origin: address }
  const foreseen = await deps.approvals.breakGlass({ ...use, factorFresh: false })
  const state = stateAt(approval, deps.now())
  if (foreseen.outcome === 'refused' && foreseen.why !== 'factor')
    return refusedUse(foreseen.why, foreseen.state ?? state)
  const purpose = `break-glass ${approval.id}`
  const unproved = await spent({ proof: answerOfFactor(body.factor), by: viewer, address, purpose }, deps.login)
  if (unproved !== undefined) return unproved
  const outcome = await deps.approvals.breakGlass({ ...use, factorFresh: true })
  if (outcome.outcome === 'refused') return refusedUse(outcome.why, outcome.state ?? state)
  return summaryOf(outcome.approval, deps)
}

function refusedUse(why: BreakGlassRefusal, state: string): Problem {
  switch (why) {
    case 'not-own':
      return new Problem('forbidden', 'break-glass is for your own statement; approve or deny this one')
    case 'not-allowed':
      return new Problem('forbidden', 'break-glass is not enabled for you on this target')
    case 'unreviewed':
      return new Problem(
        'break-glass-refused',
        'your last use waits for its review: somebody else has to sign it first',
      )
    case 'over':
      return new Problem('break-glass-refused', 'the time for this incident is over')
    case 'not-found':
    case 'digest':
    case 'not-open':
    case 'factor':
      return refusal(why, state)
  }
}

const signatureOf = (
  { id }: Review,
  { viewer, remark, address }: { readonly viewer: Viewer; readonly remark: string; readonly address: string },
): Signature => {
  const { person, owner, roles, service } = viewer
  return { id, person, owner, roles, service, remark, factorFresh: true, origin: address }
}

interface SignWords {
  readonly remark: string
  readonly factor: Factor
}

/** The second person's signature under what was cleared alone. */
export async function sign({ viewer, id, address, body }: Order<SignWords>, deps: BreakGlassDeps) {
  const known = reviewId(id)
  const review = known && (await deps.reviews.find(known))
  if (review === undefined || !seesReview(viewer, review)) return new Problem('not-found')
  const signature = signatureOf(review, { viewer, remark: body.remark, address })
  const foreseen = ruleSignature(review, signature)
  if (foreseen !== undefined) return refusedSignature(foreseen)
  const purpose = `sign ${review.id}`
  const unproved = await spent({ proof: answerOfFactor(body.factor), by: viewer, address, purpose }, deps.login)
  if (unproved !== undefined) return unproved
  const outcome = await deps.reviews.sign(signature)
  return outcome.outcome === 'signed' ? reviewViewOf(outcome.review, viewer, deps) : refusedSignature(outcome.why)
}

function refusedSignature(why: SignRefusal): Problem {
  switch (why) {
    case 'not-found':
      return new Problem('not-found')
    case 'own':
      return new Problem('own-approval', 'somebody else signs the review')
    case 'role':
      return new Problem('forbidden', `this needs the role ${REVIEWERS.join(' or ')}`)
    case 'kept-out':
      return keptOut()
    case 'signed':
      return new Problem('decided', 'it is signed', { state: 'signed' })
    case 'factor':
      return new Problem('factor-refused')
  }
}
