import { Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import type { AccessRequest } from '../../model/access-request.ts'
import { parseDuration } from '../../std/duration.ts'
import { deliveryView } from '../delivery-view.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import { decideRequest, findRequest, withdrawRequest } from '../request-deciding.ts'
import type { RequestIntent } from '../request-deciding.ts'
import { DenyRequestBody } from '../request-schemas.ts'
import { requestViewOf } from '../request-view.ts'
import { mayRevoke } from '../sight.ts'
import { requestHistory } from './access-history.ts'
import { giveCookie } from './cookie.ts'
import { FACTOR_FIELDS, proofOf } from './factor-fields.ts'
import { formOf, sentence } from './form.ts'
import { respondPage } from './frame.ts'
import { empty } from './parts.ts'
import { howItEnded, requestBody } from './request-page.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'

const Approve = z.strictObject({ for: z.string().max(10).optional(), ...FACTOR_FIELDS })
const Deny = z.strictObject({ reason: DenyRequestBody.shape.reason, ...FACTOR_FIELDS })
/** One access request, its decision, and the history of all. */
export function requestPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get('/access/history', (c) => requestHistory(c, deps))
  app.get('/access-requests/:id', (c) => detailPage(c, deps))
  app.post('/access-requests/:id/approve', (c) => decideHere(c, { schema: Approve, decision: approval }, deps))
  app.post('/access-requests/:id/deny', (c) =>
    decideHere(c, { schema: Deny, decision: ({ reason }) => ({ kind: 'deny', reason }) }, deps),
  )
  app.post('/access-requests/:id/withdraw', async (c) => {
    const { viewer, address, visit } = c.get('seat')
    const after = await withdrawRequest(c.req.param('id'), { viewer, address }, deps)
    if (after instanceof Problem) return detailPage(c, deps, after)
    deps.visits.say(visit, 'You withdrew it.')
    return c.redirect('/access', 303)
  })
  return app
}

/** A length that cannot be read shortens to nothing, which the machine refuses. */
const approval = ({ for: length = '' }: z.infer<typeof Approve>): RequestIntent['decision'] =>
  length === '' ? { kind: 'approve' } : { kind: 'approve', forMs: parseDuration(length) ?? 0 }

async function detailPage(c: ConsoleContext, deps: ConsoleDeps, problem?: Problem): Promise<Response> {
  const { viewer, csrf, visit } = c.get('seat')
  const found = await findRequest(c.req.param('id') ?? '', viewer, deps)
  if (found instanceof Problem) return notFound(c)
  const request = requestViewOf(found, viewer, deps)
  const path = `/access-requests/${request.id}`
  const stale = problem?.code === 'settled' ? `Nothing was decided now. ${howItEnded(request)}` : undefined
  const body = requestBody({
    ...(await askerOf(found, deps)),
    request,
    viewer: viewer.person,
    csrf,
    mayRevoke: await isRevocable(found, c, deps),
    fresh: deps.visits.isFresh(visit, path),
    deliveries: (await deps.deliveries.of(`request:${request.id}`)).map(deliveryView),
    now: deps.now(),
    problem: stale ?? (problem && sentence(problem)),
  })
  const title = `${request.person} wants ${request.target}`
  const status = problem === undefined ? 200 : PROBLEMS[problem.code].status
  return respondPage(c, { title, active: 'access', body, self: path }, status)
}

async function askerOf({ person, target }: AccessRequest, deps: ConsoleDeps) {
  const known = (await deps.people.list()).find(({ name }) => name === person)
  const tags = deps.targets.all().find(({ name }) => name === target)?.tags ?? []
  return { roles: known?.roles ?? [], targetTags: tags }
}

async function isRevocable({ grant }: AccessRequest, c: ConsoleContext, deps: ConsoleDeps): Promise<boolean> {
  const made = grant === undefined ? undefined : await deps.grants.find(grant)
  if (made === undefined || !mayRevoke(c.get('seat').viewer, made)) return false
  return made.revokedAt === undefined && made.expiresAt > deps.now()
}

const notFound = (c: ConsoleContext): Response | Promise<Response> =>
  respondPage(
    c,
    {
      title: 'Not found',
      active: 'access',
      body: html`<h1>Not found</h1>
        ${empty('There is no such request, or it is not yours to see.', html`<a href="/access">Your access</a>`)}`,
    },
    404,
  )

interface Deciding<Form> {
  readonly schema: z.ZodType<Form>
  readonly decision: (form: Form) => RequestIntent['decision']
}

async function decideHere<Form extends { totp?: string | undefined; passkey?: string | undefined }>(
  c: ConsoleContext,
  { schema, decision }: Deciding<Form>,
  deps: ConsoleDeps,
): Promise<Response> {
  const form = formOf(c, schema)
  if (form instanceof Problem) return detailPage(c, deps, form)
  const { viewer: by, visit, address } = c.get('seat')
  const id = c.req.param('id') ?? ''
  const proof = proofOf(form, () => deps.visits.use(visit, `/access-requests/${id}`))
  if (proof instanceof Problem) return detailPage(c, deps, proof)
  const made = decision(form)
  const after = await decideRequest({ id, by, address, decision: made, proof }, deps)
  if (after instanceof Problem) return detailPage(c, deps, after)
  giveCookie(c, deps.visits.rotate(visit), deps)
  deps.visits.say(visit, saidOf(made.kind, after))
  return c.redirect(`/access-requests/${after.id}`, 303)
}

function saidOf(kind: 'approve' | 'deny', { person, target, state }: AccessRequest): string {
  if (kind === 'deny') return `You denied it. ${person} is told so, with your reason.`
  return state === 'open' ? 'You approved it. It waits for another person.' : `${person} may reach ${target} now.`
}
