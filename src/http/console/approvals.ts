import { Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import type { Approval } from '../../approvals/approval.ts'
import { deliveryView } from '../delivery-view.ts'
import { decide, detailFor, findVisible, withdraw } from '../deciding.ts'
import type { Intent } from '../deciding.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import { ApproveBody, DenyBody } from '../schemas.ts'
import { seesApproval, seesSession } from '../sight.ts'
import { surroundingsOf } from '../surroundings.ts'
import { approvalBody, effectOf } from './approval-detail.ts'
import { historyHere } from './approvals-history.ts'
import { inboxBody, WAITING_HEAD, waitingRow, waitsLike } from './approvals-inbox.ts'
import { breakGlassForm, breakGlassHere, mayBreakGlass } from './break-glass.ts'
import { giveCookie } from './cookie.ts'
import { csv, csvHeaders } from './csv.ts'
import { howItStands } from './decision-words.ts'
import { FACTOR_FIELDS, proofOf } from './factor-fields.ts'
import { filterOf, FilterText, filtersOf, formOf, sentence } from './form.ts'
import { respondPage } from './frame.ts'
import { isFiltered } from './history.ts'
import type { Html } from './frame.ts'
import { empty } from './parts.ts'
import { reviewsToSign } from './reviews.ts'
import { scriptsToDecide } from './scripts.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv, Seat } from './seat.ts'

const Approve = z.strictObject({
  digest: ApproveBody.shape.digest,
  /** Ticked where the page names a danger; the browser insists on it. */
  read: z.literal('yes').optional(),
  ...FACTOR_FIELDS,
})
const Deny = z.strictObject({ ...Approve.shape, reason: DenyBody.shape.reason })
/** What of the inbox is looked at. */
const Filters = z.object({
  text: FilterText,
  person: FilterText,
  target: FilterText,
  format: filterOf(['csv', 'json']),
})
/** The newest that are looked through for those that the viewer may see. */
const LIST_LIMIT = 500

/** Inbox, history and the page behind the link of a message. A GET decides nothing. */
export function approvalPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get('/approvals', (c) => inboxHere(c, deps))
  app.get('/approvals/history', (c) => historyHere(c, deps))
  app.get('/approvals/:id', (c) => detailPage(c, deps))
  app.post('/approvals/:id/approve', (c) =>
    decideHere(c, { schema: Approve, decision: () => ({ kind: 'approve' }) }, deps),
  )
  app.post('/approvals/:id/deny', (c) =>
    decideHere(c, { schema: Deny, decision: ({ reason }) => ({ kind: 'deny', reason }) }, deps),
  )
  app.post('/approvals/:id/break-glass', async (c) => {
    const done = await breakGlassHere(c, deps)
    return done instanceof Problem ? detailPage(c, deps, done) : done
  })
  app.post('/approvals/:id/withdraw', async (c) => {
    const { viewer, address, visit } = c.get('seat')
    const after = await withdraw(c.req.param('id'), { viewer, address }, deps)
    if (after instanceof Problem) return detailPage(c, deps, after)
    deps.visits.say(visit, 'You withdrew it. Your connection got a refusal and lives on.')
    return c.redirect(`/approvals/${after.id}`, 303)
  })
  return app
}

async function inboxHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { viewer } = c.get('seat')
  const { format, ...filters } = filtersOf(c, Filters)
  const all = (await openFor(c.get('seat'), deps)).map((one) => detailFor(one, viewer, deps))
  const open = all.filter((one) => waitsLike(one, filters))
  if (format === 'json') return c.json({ approvals: open.map((one) => ({ ...one, shown: null })) })
  if (format === 'csv') return c.body(csv([WAITING_HEAD, ...open.map(waitingRow)]), 200, csvHeaders('waiting'))
  const [scripts, reviews] = await Promise.all([scriptsToDecide(viewer, deps), reviewsToSign(viewer, deps)])
  const body = inboxBody({
    ...{ viewer: viewer.person, open, now: deps.now(), filters },
    ...(isFiltered(filters)
      ? { reviews: 0, requests: 0 }
      : { reviews: reviews.length, requests: c.get('waiting').requests }),
    scripts: scripts.filter((one) => waitsLike(one, filters)),
  })
  return respondPage(c, { title: 'Approvals', active: 'approvals', body })
}

/** The open approvals that a person sees: first what has the least time left. */
export async function openFor({ viewer }: Pick<Seat, 'viewer'>, deps: ConsoleDeps): Promise<readonly Approval[]> {
  const open = await deps.approvals.list({ state: 'open', limit: LIST_LIMIT })
  return open
    .filter((one) => seesApproval(viewer, one) && one.expiresAt > deps.now())
    .toSorted((a, b) => a.expiresAt - b.expiresAt || a.createdAt - b.createdAt)
}

async function detailPage(c: ConsoleContext, deps: ConsoleDeps, problem?: Problem): Promise<Response> {
  const { viewer, visit, csrf } = c.get('seat')
  const approval = await findVisible(c.req.param('id') ?? '', viewer, deps)
  if (approval instanceof Problem) return notFound(c)
  const detail = detailFor(approval, viewer, deps)
  const path = `/approvals/${approval.id}`
  const body = approvalBody({
    detail,
    surroundings: await surroundingsOf(approval, viewer, deps),
    maySeeSession: seesSession(viewer, approval),
    deliveries: (await deps.deliveries.of(`approval:${approval.id}`)).map(deliveryView),
    targetTags: deps.targets.all().find(({ name }) => name === approval.target)?.tags ?? [],
    form: {
      viewer: viewer.person,
      csrf,
      fresh: deps.visits.isFresh(visit, path),
      alone: await aloneForm(approval, c, deps),
    },
    now: deps.now(),
    problem:
      problem && (problem.code === 'decided' ? `Nothing was decided now. ${howItStands(detail)}` : sentence(problem)),
  })
  const title = detail.state === 'open' ? `${approval.person}: ${effectOf(detail)}` : `${detail.state} ${approval.id}`
  const status = problem === undefined ? 200 : PROBLEMS[problem.code].status
  return respondPage(c, { title, active: 'approvals', body, self: path }, status)
}

/** The way past the second person, where this viewer has it. */
async function aloneForm(approval: Approval, c: ConsoleContext, deps: ConsoleDeps): Promise<Html | string> {
  const { viewer, csrf } = c.get('seat')
  return (await mayBreakGlass(approval, viewer, deps)) ? breakGlassForm(approval, csrf) : ''
}

const notFound = (c: ConsoleContext): Response | Promise<Response> =>
  respondPage(
    c,
    {
      title: 'Not found',
      active: 'approvals',
      body: html`<h1>Not found</h1>
        ${empty('There is no such request, or it is not yours to see.', html`<a href="/approvals">What waits for you</a>`)}`,
    },
    404,
  )

interface Deciding<Form> {
  readonly schema: z.ZodType<Form>
  readonly decision: (form: Form) => Intent['decision']
}

async function decideHere<Form extends z.infer<typeof Approve>>(
  c: ConsoleContext,
  { schema, decision }: Deciding<Form>,
  deps: ConsoleDeps,
): Promise<Response> {
  const form = formOf(c, schema)
  if (form instanceof Problem) return detailPage(c, deps, form)
  const { viewer: by, visit, address } = c.get('seat')
  const id = c.req.param('id') ?? ''
  const proof = proofOf(form, () => deps.visits.use(visit, `/approvals/${id}`))
  if (proof instanceof Problem) return detailPage(c, deps, proof)
  const made = decision(form)
  const after = await decide({ id, by, address, digest: form.digest, decision: made, proof }, deps)
  if (after instanceof Problem) return detailPage(c, deps, after)
  giveCookie(c, deps.visits.rotate(visit), deps)
  deps.visits.say(visit, saidOf(made.kind, after))
  return c.redirect(`/approvals/${after.id}`, 303)
}

function saidOf(kind: 'approve' | 'deny', { person, state }: Approval): string {
  if (kind === 'deny') return `You denied it. ${person} is told so, with your reason.`
  return state === 'open'
    ? 'You approved it. It waits for another person.'
    : `You approved it. It runs in ${person}'s session now.`
}
