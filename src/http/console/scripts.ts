import { Hono } from 'hono'
import { z } from 'zod'
import type { Script } from '../../approvals/script.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import { ApproveScriptBody, DenyScriptBody } from '../script-body.ts'
import { scriptDetail, scriptSummary } from '../script-view.ts'
import { decideScript, findScript, mayDenyScript, withdrawScript } from '../scripts.ts'
import { seesScript, seesSession } from '../sight.ts'
import type { Viewer } from '../viewer.ts'
import { giveCookie } from './cookie.ts'
import { FACTOR_FIELDS, factorBodyOf } from './factor-fields.ts'
import { formOf, sentence } from './form.ts'
import { respondNotFound, respondPage } from './frame.ts'
import { howItStands, scriptBody } from './script-page.ts'
import { scriptsHere } from './scripts-list.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'

const Approve = z.strictObject({
  digest: ApproveScriptBody.shape.digest,
  read: z.literal('yes').optional(),
  ...FACTOR_FIELDS,
})
const Deny = z.strictObject({
  digest: DenyScriptBody.shape.digest,
  reason: DenyScriptBody.shape.reason,
  ...FACTOR_FIELDS,
})
const LIST_LIMIT = 500

/** Scripts ahead of time: the list, and the whole of one with its decision. */
export function scriptPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get('/scripts', (c) => scriptsHere(c, deps))
  app.get('/scripts/:id', (c) => detailPage(c, deps))
  app.post('/scripts/:id/approve', (c) => approveHere(c, deps))
  app.post('/scripts/:id/deny', (c) => denyHere(c, deps))
  app.post('/scripts/:id/withdraw', async (c) => {
    const { viewer, address, visit } = c.get('seat')
    const after = await withdrawScript({ viewer, address, id: c.req.param('id') }, deps)
    if (after instanceof Problem) return detailPage(c, deps, after)
    deps.visits.say(visit, 'You withdrew it.')
    return c.redirect(`/scripts/${after.id}`, 303)
  })
  return app
}

async function scriptsFor(viewer: Viewer, deps: ConsoleDeps): Promise<readonly Script[]> {
  return (await deps.scripts.list({ limit: LIST_LIMIT })).filter((one) => seesScript(viewer, one))
}

/** Open scripts that this very viewer may decide. */
export async function scriptsToDecide(viewer: Viewer, deps: ConsoleDeps) {
  const all = await scriptsFor(viewer, deps)
  return all
    .filter((one) => one.state === 'open' && mayDenyScript(one, viewer, deps.now()))
    .map((one) => scriptSummary(one, deps))
}

async function detailPage(c: ConsoleContext, deps: ConsoleDeps, problem?: Problem): Promise<Response> {
  const { viewer, csrf } = c.get('seat')
  const found = await findScript(c.req.param('id') ?? '', viewer, deps)
  if (found instanceof Problem) return respondNotFound(c)
  const mayDecide = mayDenyScript(found, viewer, deps.now())
  const script = scriptDetail(found, { content: deps.scripts.content(found), mayDecide }, deps)
  const stale = problem?.code === 'decided' ? `Nothing was decided now. ${howItStands(script)}` : undefined
  const body = scriptBody({
    ...{ script, csrf, viewer: viewer.person, fresh: false, now: deps.now() },
    maySeeSession: seesSession(viewer, found),
    problem: stale ?? (problem && sentence(problem)),
  })
  const self = `/scripts/${script.id}`
  const status = problem === undefined ? 200 : PROBLEMS[problem.code].status
  return respondPage(c, { title: `Script of ${script.person}`, active: 'approvals', body, self }, status)
}

async function approveHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Approve)
  if (form instanceof Problem) return detailPage(c, deps, form)
  return decideHere(c, { form, decision: { kind: 'approve' } }, deps)
}

async function denyHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Deny)
  if (form instanceof Problem) return detailPage(c, deps, form)
  return decideHere(c, { form, decision: { kind: 'deny', reason: form.reason } }, deps)
}

interface Deciding {
  readonly form: z.infer<typeof Approve>
  readonly decision: { readonly kind: 'approve' | 'deny'; readonly reason?: string }
}

async function decideHere(c: ConsoleContext, { form, decision }: Deciding, deps: ConsoleDeps): Promise<Response> {
  const factor = factorBodyOf(form)
  if (factor instanceof Problem) return detailPage(c, deps, factor)
  const { viewer, address, visit } = c.get('seat')
  const call = { viewer, address, id: c.req.param('id') ?? '', body: { digest: form.digest, factor } }
  const after = await decideScript(call, decision, deps)
  if (after instanceof Problem) return detailPage(c, deps, after)
  giveCookie(c, deps.visits.rotate(visit), deps)
  deps.visits.say(visit, decision.kind === 'deny' ? `You denied it. ${after.person} is told so.` : approvedWords(after))
  return c.redirect(`/scripts/${after.id}`, 303)
}

const approvedWords = ({ state, person }: { readonly state: string; readonly person: string }): string =>
  state === 'open'
    ? 'You approved it. It waits for another person.'
    : `You approved it. ${person} may run it now, once.`
