import { Hono } from 'hono'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import type { Clock } from '../../std/clock.ts'
import { Secret } from '../../std/secret.ts'
import { decide, detailFor, findVisible } from '../deciding.ts'
import type { DecidingDeps, Intent, Proof } from '../deciding.ts'
import { isOwn } from '../origin.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import { ApproveBody, DenyBody, LoginBody } from '../schemas.ts'
import { viewerOf } from '../viewer.ts'
import type { Viewer } from '../viewer.ts'
import { approvalDetail } from './approval-detail.ts'
import { readForm } from './form.ts'
import { notice, PAGE_HEADERS } from './layout.ts'
import { loginForm } from './login-form.ts'
import { STYLE } from './style.ts'
import { createVisits, VISIT_MS } from './visits.ts'
import type { Visit, Visits } from './visits.ts'

export interface PageDeps extends DecidingDeps {
  readonly clock: Clock
  readonly publicOrigin: string
  readonly addressOf: (c: Context) => string
}

type Deps = PageDeps & { readonly visits: Visits }

const Guarded = z.strictObject({ form: z.string().min(1).max(100) })
const Approve = z.strictObject({
  ...Guarded.shape,
  digest: ApproveBody.shape.digest,
  totp: LoginBody.shape.totp.optional(),
})
const Deny = z.strictObject({ ...Approve.shape, reason: DenyBody.shape.reason })

/**
 * The plain page behind the link of a notification, without script. A GET shows a login or, with the cookie of that login, the
 * approval; it decides nothing. Every decision is a POST from this page, with a factor that was proved for it.
 */
export function createApprovalPage(given: PageDeps): Hono {
  const deps: Deps = { ...given, visits: createVisits(given) }
  const app = new Hono()
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) c.header(name, value)
    const origin = { origin: c.req.header('origin'), fetchSite: c.req.header('sec-fetch-site') }
    const unsafe = c.req.method !== 'GET' && c.req.method !== 'HEAD'
    if (!unsafe || isOwn(origin, deps.publicOrigin)) return next()
    return c.html(
      notice('Not from here', `This form has to be sent from ${deps.publicOrigin} itself. Open the link anew.`),
      403,
    )
  })
  app.get('/style.css', (c) => c.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  app.get('/:id', (c) => show(c, deps))
  app.post('/:id/login', (c) => logIn(c, deps))
  app.post('/:id/approve', (c) => decideHere(c, { schema: Approve, decision: () => ({ kind: 'approve' }) }, deps))
  app.post('/:id/deny', (c) =>
    decideHere(c, { schema: Deny, decision: ({ reason }) => ({ kind: 'deny', reason }) }, deps),
  )
  app.post('/:id/logout', (c) => logOut(c, deps))
  return app
}

interface Visitor {
  readonly visit: Visit
  readonly viewer: Viewer
}

/** Who looks, if the cookie belongs to a visit of this approval and the login behind it still counts. */
async function visitorOf(c: Context, { visits, login }: Deps): Promise<Visitor | undefined> {
  const visit = visits.find(getCookie(c, COOKIE), idOf(c))
  const person = visit && (await login.personOf(visit.token))
  return visit === undefined || person === undefined ? undefined : { visit, viewer: viewerOf(person) }
}

async function show(c: Context, deps: Deps): Promise<Response> {
  const visitor = await visitorOf(c, deps)
  return visitor === undefined ? c.html(loginForm(idOf(c))) : detailPage(c, visitor, deps)
}

async function detailPage(
  c: Context,
  { visit, viewer }: Visitor,
  deps: Deps & { readonly problem?: Problem },
): Promise<Response> {
  const approval = await findVisible(visit.approval, viewer, deps)
  if (approval instanceof Problem)
    return c.html(notice('Not found', 'There is no such request, or it is not yours to see.'), 404)
  const detail = detailFor(approval, viewer, deps)
  const token = deps.visits.formToken(visit, approval.digest)
  const problem = deps.problem === undefined ? undefined : sentence(deps.problem)
  const status = deps.problem === undefined ? 200 : PROBLEMS[deps.problem.code].status
  return c.html(approvalDetail(detail, { viewer: viewer.person, token, fresh: visit.fresh, problem }), status)
}

async function logIn(c: Context, deps: Deps): Promise<Response> {
  const form = await readForm(c, LoginBody)
  const again = (problem: Problem): Response | Promise<Response> =>
    c.html(loginForm(idOf(c), sentence(problem)), PROBLEMS[problem.code].status)
  if (form instanceof Problem) return again(form)
  const { person, password, totp } = form
  const done = await deps.login.login({ person, password: new Secret(password), totp, address: deps.addressOf(c) })
  if (done.outcome !== 'done') return again(new Problem(done.outcome === 'locked' ? 'locked' : 'login-refused'))
  const before = deps.visits.find(getCookie(c, COOKIE), idOf(c))
  if (before !== undefined) await endVisit(before, deps)
  giveCookie(c, deps.visits.begin({ approval: idOf(c), token: done.token }), deps)
  return c.redirect(`/approvals/${idOf(c)}`, 303)
}

interface DecidingForm<Form> {
  readonly schema: z.ZodType<Form>
  readonly decision: (form: Form) => Intent['decision']
}

async function decideHere<Form extends z.infer<typeof Approve>>(
  c: Context,
  { schema, decision }: DecidingForm<Form>,
  deps: Deps,
): Promise<Response> {
  const visitor = await visitorOf(c, deps)
  if (visitor === undefined) return loginAgain(c)
  const form = await readForm(c, schema)
  if (form instanceof Problem) return detailPage(c, visitor, { ...deps, problem: form })
  if (!deps.visits.isFormToken(form.form, { visit: visitor.visit, digest: form.digest }))
    return c.html(notice('Not from here', 'This form is not of your visit. Nothing was decided.'), 403)
  const proof = proofOf(visitor.visit, form.totp)
  if (proof instanceof Problem) return detailPage(c, visitor, { ...deps, problem: proof })
  const { id, by, address } = { id: idOf(c), by: visitor.viewer, address: deps.addressOf(c) }
  // The key changes before the decision is tried, so that two posts with one cookie cannot both use the login.
  const visit = deps.visits.rotate(visitor.visit)
  if (visit === undefined) return loginAgain(c)
  giveCookie(c, visit, deps)
  const after = await decide({ id, by, address, digest: form.digest, decision: decision(form), proof }, deps)
  if (after instanceof Problem) return detailPage(c, { ...visitor, visit }, { ...deps, problem: after })
  return c.redirect(`/approvals/${id}`, 303)
}

const loginAgain = (c: Context): Response | Promise<Response> =>
  c.html(loginForm(idOf(c), 'Your login has ended. Log in again; this form decided nothing.'), 401)

/** A login counts once, for the approval it was made for; after that every decision needs its own code. */
function proofOf(visit: Visit, totp: string | undefined): Proof | Problem {
  if (totp !== undefined) return { kind: 'totp', code: totp }
  return visit.fresh ? { kind: 'login' } : new Problem('factor-refused', 'a new one-time code is needed')
}

async function logOut(c: Context, deps: Deps): Promise<Response> {
  const visitor = await visitorOf(c, deps)
  if (visitor !== undefined) await endVisit(visitor.visit, deps)
  return c.html(notice('Logged out', 'You can close this page.'))
}

async function endVisit(visit: Visit, { visits, login }: Deps): Promise<void> {
  visits.end(visit)
  await login.logout(visit.token)
}

const COOKIE = 'countersign_visit'

/** Limited to this approval's page, so that no other page of ours ever receives it. */
function giveCookie(c: Context, { key, approval }: Visit, { publicOrigin }: Deps): void {
  const secure = publicOrigin.startsWith('https:')
  setCookie(c, COOKIE, key, {
    path: `/approvals/${approval}`,
    httpOnly: true,
    sameSite: 'Strict',
    secure,
    maxAge: VISIT_MS / 1000,
  })
}

/** What has no id's form gets a fixed one that belongs to nobody: the page answers alike and nothing odd reaches a path or a header. */
function idOf(c: Context): string {
  const id = c.req.param('id') ?? ''
  return /^a_[0-9a-z]{12}$/.test(id) ? id : 'a_000000000000'
}

const sentence = ({ code, detail }: Problem): string =>
  detail === undefined ? `${PROBLEMS[code].title}.` : `${PROBLEMS[code].title}: ${detail}.`
