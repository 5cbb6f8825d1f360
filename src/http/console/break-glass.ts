import { Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import type { Approval } from '../../approvals/approval.ts'
import { breakGlass, BreakGlassBody, reviewViewOf, seesReview, sign, SignBody } from '../break-glass.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import type { ReviewView } from '../review-schemas.ts'
import type { Viewer } from '../viewer.ts'
import { giveCookie } from './cookie.ts'
import { FACTOR_FIELDS, factorBodyOf, factorFields } from './factor-fields.ts'
import { filterOf, filtersOf, formOf, sentence } from './form.ts'
import { respondPage } from './frame.ts'
import type { Html } from './frame.ts'
import { badge, dangerButton, empty, filterForm, postForm, timeInline } from './parts.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'

const { digest, incident, reason } = BreakGlassBody.shape
const Break = z.strictObject({ digest, incident, reason, ...FACTOR_FIELDS })
const Sign = z.strictObject({ remark: SignBody.shape.remark, ...FACTOR_FIELDS })
const Filters = z.object({ state: filterOf(['open', 'signed']) })
type Review = z.infer<typeof ReviewView>

/** Whether this viewer could clear this statement of their own alone. Asked without a factor, it changes nothing. */
export async function mayBreakGlass(approval: Approval, viewer: Viewer, deps: ConsoleDeps): Promise<boolean> {
  const { person, owner, roles, service } = viewer
  if (approval.person !== person || approval.state !== 'open') return false
  const use = { id: approval.id, person, owner, roles, service, digest: approval.digest }
  const words = { incident: 'asked', reason: 'asked', factorFresh: false, origin: '' }
  const outcome = await deps.approvals.breakGlass({ ...use, ...words })
  return outcome.outcome === 'refused' && outcome.why === 'factor'
}

/** The way past the second person, for those whom the operator trusts with it. */
export const breakGlassForm = ({ id, digest: shown }: Approval, csrf: string): Html =>
  dangerButton({
    action: `/approvals/${id}/break-glass`,
    csrf,
    label: 'Break the glass',
    passkey: `break-glass ${id}`,
    says: 'Clears this statement without a second person. Everybody is told at once, masks and refusals stand, and until somebody else has signed the review you cannot do it again.',
    fields: html`<input type="hidden" name="digest" value="${shown}" />
      <label>Incident <input name="incident" required maxlength="64" autocapitalize="none" spellcheck="false" /></label>
      <label
        >What happens, and why it cannot wait <textarea name="reason" rows="2" required maxlength="500"></textarea>
      </label>
      ${factorFields({ fresh: false }, 'Break the glass', 'stop')}`,
  })

/** `POST /approvals/:id/break-glass`. A problem goes back to the approval's page. */
export async function breakGlassHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response | Problem> {
  const form = formOf(c, Break)
  if (form instanceof Problem) return form
  const factor = factorBodyOf(form)
  if (factor instanceof Problem) return factor
  const { viewer, address, visit } = c.get('seat')
  const body = { digest: form.digest, incident: form.incident, reason: form.reason, factor }
  const after = await breakGlass({ viewer, id: c.req.param('id') ?? '', address, body }, deps)
  if (after instanceof Problem) return after
  giveCookie(c, deps.visits.rotate(visit), deps)
  deps.visits.say(visit, 'The glass is broken: the statement runs, and everybody has been told.')
  return c.redirect(`/approvals/${after.id}`, 303)
}

/** The reviews of what was cleared alone. */
export function reviewPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get('/reviews', (c) => reviewsPage(c, deps))
  app.post('/reviews/:id/sign', (c) => signHere(c, deps))
  return app
}

/** Reviews that wait for this viewer's signature. */
export async function reviewsToSign(viewer: Viewer, deps: ConsoleDeps): Promise<readonly Review[]> {
  const open = await deps.reviews.list({ unsigned: true })
  return open
    .filter((one) => seesReview(viewer, one))
    .map((one) => reviewViewOf(one, viewer, deps))
    .filter(({ maySign }) => maySign)
}

async function reviewsPage(c: ConsoleContext, deps: ConsoleDeps, problem?: Problem): Promise<Response> {
  const { viewer, csrf } = c.get('seat')
  const { state } = filtersOf(c, Filters)
  const all = await deps.reviews.list({ unsigned: state === 'open' })
  const seen = all
    .filter((one) => seesReview(viewer, one))
    .map((one) => reviewViewOf(one, viewer, deps))
    .filter((one) => state === undefined || one.state === state)
  const body = reviewsBody(seen, { csrf, state, problem: problem && sentence(problem) })
  const status = problem === undefined ? 200 : PROBLEMS[problem.code].status
  return respondPage(c, { title: 'Reviews', active: 'approvals', body, self: '/reviews' }, status)
}

async function signHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Sign)
  if (form instanceof Problem) return reviewsPage(c, deps, form)
  const factor = factorBodyOf(form)
  if (factor instanceof Problem) return reviewsPage(c, deps, factor)
  const { viewer, address, visit } = c.get('seat')
  const id = c.req.param('id') ?? ''
  const after = await sign({ viewer, id, address, body: { remark: form.remark, factor } }, deps)
  if (after instanceof Problem) return reviewsPage(c, deps, after)
  giveCookie(c, deps.visits.rotate(visit), deps)
  deps.visits.say(visit, `Signed. ${after.person} may break the glass again in an emergency.`)
  return c.redirect('/reviews', 303)
}

interface Reviews {
  readonly csrf: string
  readonly state: 'open' | 'signed' | undefined
  readonly problem: string | undefined
}

const reviewsBody = (all: readonly Review[], { csrf, state, problem }: Reviews): Html =>
  html`<h1>Reviews of broken glass</h1>
    <p class="soft">
      What somebody cleared alone in an emergency, for somebody else to look at. <a href="/approvals">Approvals</a>
    </p>
    ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
    ${filterForm('/reviews', [
      {
        name: 'state',
        label: 'State',
        value: state,
        options: [
          { value: 'open', label: 'wait for a signature' },
          { value: 'signed', label: 'signed' },
        ],
      },
    ])}
    ${all.length === 0 ? empty('There is nothing to review.', 'Nobody has broken the glass.') : all.map((one) => reviewCard(one, csrf))}`

const reviewCard = (one: Review, csrf: string): Html =>
  html`<article class="card ${one.state === 'open' ? 'asks' : ''}" id="${one.id}">
    <h2 class="first">${one.person} at ${one.target}, incident ${one.incident}</h2>
    <p>${badge(one.state === 'open' ? 'waiting' : 'signed', one.state === 'open' ? 'wait' : 'good')} ${one.reason}</p>
    <p class="soft small">
      ${timeInline(Date.parse(one.openedAt))}, <a href="/approvals/${one.approval}">what was run</a>
    </p>
    ${
      one.signedBy === null || one.signedAt === null
        ? ''
        : html`<p><b>${one.signedBy}</b> signed ${timeInline(Date.parse(one.signedAt))}: ${one.remark ?? ''}</p>`
    }
    ${one.maySign ? signForm(one, csrf) : ''}
  </article>`

const signForm = ({ id }: Review, csrf: string): Html =>
  postForm(
    { action: `/reviews/${id}/sign`, csrf, passkey: `sign ${id}` },
    html`<label>What you found <textarea name="remark" rows="2" required maxlength="500"></textarea></label>
      ${factorFields({ fresh: false }, 'Sign the review', '')}`,
  )
