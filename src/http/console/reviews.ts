import { Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import { reviewViewOf, seesReview, sign, SignBody } from '../break-glass.ts'
import { summaryOf } from '../approval-view.ts'
import { reviewId } from '../ids.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import { seesApproval } from '../sight.ts'
import type { Viewer } from '../viewer.ts'
import { giveCookie } from './cookie.ts'
import { csv, csvHeaders } from './csv.ts'
import { FACTOR_FIELDS, factorBodyOf } from './factor-fields.ts'
import { filterOf, FilterText, filtersOf, formOf, sentence } from './form.ts'
import { respondPage } from './frame.ts'
import { empty } from './parts.ts'
import { REVIEW_HEAD, reviewBody, reviewRow, reviewsBody } from './review-page.ts'
import type { Review, ReviewFilters } from './review-page.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'

const Sign = z.strictObject({ remark: SignBody.shape.remark, ...FACTOR_FIELDS })
const Filters = z.object({
  text: FilterText,
  person: FilterText,
  target: FilterText,
  state: filterOf(['open', 'signed']),
  format: filterOf(['csv', 'json']),
})

/** The reviews of what was cleared alone: the list, one of them, and the signature under it. */
export function reviewPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get('/reviews', (c) => reviewsHere(c, deps))
  app.get('/reviews/:id', (c) => reviewHere(c, deps))
  app.post('/reviews/:id/sign', (c) => signHere(c, deps))
  return app
}

async function reviewsFor(viewer: Viewer, unsigned: boolean, deps: ConsoleDeps): Promise<readonly Review[]> {
  const all = await deps.reviews.list({ unsigned })
  return all.filter((one) => seesReview(viewer, one)).map((one) => reviewViewOf(one, viewer, deps))
}

/** Reviews that wait for this viewer's signature. */
export const reviewsToSign = async (viewer: Viewer, deps: ConsoleDeps): Promise<readonly Review[]> =>
  (await reviewsFor(viewer, true, deps)).filter(({ maySign }) => maySign)

async function reviewsHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { format, ...filters } = filtersOf(c, Filters)
  const { viewer } = c.get('seat')
  const seen = (await reviewsFor(viewer, filters.state === 'open', deps)).filter((one) => fits(one, filters))
  if (format === 'csv') return c.body(csv([REVIEW_HEAD, ...seen.map(reviewRow)]), 200, csvHeaders('reviews'))
  if (format === 'json') return c.json({ reviews: seen })
  return respondPage(c, { title: 'Reviews', active: 'approvals', body: reviewsBody(seen, filters) })
}

const fits = (one: Review, { state, person, target, text }: ReviewFilters): boolean =>
  (state === undefined || one.state === state) &&
  (person === undefined || one.person === person) &&
  (target === undefined || one.target === target) &&
  (text === undefined ||
    [one.id, one.approval, one.incident, one.reason, one.remark].join(' ').toLowerCase().includes(text.toLowerCase()))

async function reviewHere(c: ConsoleContext, deps: ConsoleDeps, problem?: Problem): Promise<Response> {
  const { viewer, csrf } = c.get('seat')
  const known = reviewId(c.req.param('id') ?? '')
  const found = known && (await deps.reviews.find(known))
  if (found === undefined || !seesReview(viewer, found)) return noReview(c)
  const review = reviewViewOf(found, viewer, deps)
  const approval = await deps.approvals.get(found.approval)
  const body = reviewBody({
    ...{ review, csrf, ran: approval && summaryOf(approval, deps), problem: problem && sentence(problem) },
    maySeeApproval: approval !== undefined && seesApproval(viewer, approval),
  })
  const status = problem === undefined ? 200 : PROBLEMS[problem.code].status
  const page = {
    title: `Review of ${review.person}`,
    active: 'approvals' as const,
    body,
    self: `/reviews/${review.id}`,
  }
  return respondPage(c, page, status)
}

const noReview = (c: ConsoleContext): Response | Promise<Response> =>
  respondPage(
    c,
    {
      title: 'Not found',
      active: 'approvals',
      body: html`<h1>Not found</h1>
        ${empty('There is no such review, or it is not yours to see.', html`<a href="/reviews">Reviews</a>`)}`,
    },
    404,
  )

async function signHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Sign)
  if (form instanceof Problem) return reviewHere(c, deps, form)
  const factor = factorBodyOf(form)
  if (factor instanceof Problem) return reviewHere(c, deps, factor)
  const { viewer, address, visit } = c.get('seat')
  const id = c.req.param('id') ?? ''
  const after = await sign({ viewer, id, address, body: { remark: form.remark, factor } }, deps)
  if (after instanceof Problem) return reviewHere(c, deps, after)
  giveCookie(c, deps.visits.rotate(visit), deps)
  deps.visits.say(visit, `Signed. ${after.person} may break the glass again in an emergency.`)
  return c.redirect(`/reviews/${after.id}`, 303)
}
