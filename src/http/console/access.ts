import { Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import { bestOf } from '../../access/grants.ts'
import type { Target } from '../../model/target.ts'
import { parseDuration } from '../../std/duration.ts'
import { mint } from '../credentials.ts'
import { findGrant, revoke } from '../grants.ts'
import { asTarget, credentialId } from '../ids.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import { ask } from '../request-deciding.ts'
import { AskBody, RevokeBody } from '../request-schemas.ts'
import type { RequestView } from '../request-schemas.ts'
import { grantViewOf, requestViewOf } from '../request-view.ts'
import { seesRequest } from '../sight.ts'
import { accessBody } from './access-home.ts'
import type { Asked } from './access-home.ts'
import { connectBody } from './connect-page.ts'
import type { ConnectPage } from './connect-page.ts'
import { formOf, sentence } from './form.ts'
import { respondPage } from './frame.ts'
import { empty } from './parts.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv, Seat } from './seat.ts'

const Ask = z.strictObject({
  target: AskBody.shape.target,
  for: z.string().max(10),
  rights: AskBody.shape.rights,
  reason: AskBody.shape.reason,
  ticket: z.union([z.literal(''), AskBody.shape.ticket]).optional(),
})
const Credential = z.strictObject({
  for: z.coerce
    .number()
    .int()
    .min(60)
    .max(12 * 3600),
})
const Typed = z.object({
  target: z.string().catch(''),
  for: z.string().catch('1h'),
  rights: z.string().catch('all'),
  reason: z.string().catch(''),
  ticket: z.string().catch(''),
})
/** Enough for one person's own; the rest is history. */
const MINE = 8
const LIST_LIMIT = 500

/** What one may reach, how to connect there, and how to ask for more. */
export function accessPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get('/access', (c) => homePage(c, deps))
  app.post('/access', (c) => askHere(c, deps))
  app.get('/access/targets/:target', (c) => connectPage(c, deps))
  app.post('/access/targets/:target/credential', (c) => mintHere(c, deps))
  app.post('/access/grants/:id/revoke', (c) => revokeHere(c, deps))
  app.post('/access/credentials/:id/revoke', (c) => endCredential(c, deps))
  return app
}

/** Requests that this viewer may see, newest first. */
export async function requestsFor(
  { viewer }: Pick<Seat, 'viewer'>,
  deps: ConsoleDeps,
  filter: { readonly state?: 'open' } = {},
): Promise<readonly RequestView[]> {
  const all = await deps.requests.list({ ...filter, limit: LIST_LIMIT })
  return all.filter((one) => seesRequest(viewer, one)).map((one) => requestViewOf(one, viewer, deps))
}

/** Those that wait for a word of this very viewer. */
export const toAnswer = (all: readonly RequestView[]): readonly RequestView[] => all.filter((one) => one.mayApprove)

async function homePage(c: ConsoleContext, deps: ConsoleDeps, problem?: Problem): Promise<Response> {
  const seat = c.get('seat')
  const { person } = seat.viewer
  const [all, grants] = await Promise.all([requestsFor(seat, deps), deps.grants.liveOf(person)])
  const body = accessBody({
    csrf: seat.csrf,
    grants: grants.map((grant) => grantViewOf(grant, deps)),
    toDecide: toAnswer(all),
    mine: all.filter((one) => one.person === person).slice(0, MINE),
    targets: deps.targets.askable(seat.viewer),
    asked: typed(c),
    problem: problem && sentence(problem),
    now: deps.now(),
  })
  const status = problem === undefined ? 200 : PROBLEMS[problem.code].status
  return respondPage(c, { title: 'Access', active: 'access', body, self: '/access' }, status)
}

/** What stood in the form stands there again. */
const typed = (c: ConsoleContext): Asked => Typed.parse(Object.fromEntries(c.get('fields')))

async function askHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { viewer, address, visit } = c.get('seat')
  const malformed = (problem: Problem): Response | Promise<Response> => {
    deps.onTurned?.({ by: viewer.person, address, route: 'console:access', why: 'invalid' })
    return homePage(c, deps, problem)
  }
  const form = formOf(c, Ask)
  if (form instanceof Problem) return malformed(form)
  const [target, forMs] = [asTarget(form.target), parseDuration(form.for)]
  if (target === undefined || forMs === undefined) return malformed(new Problem('invalid'))
  const ticket = form.ticket === '' ? undefined : form.ticket
  const { reason, rights } = form
  const request = await ask({ target, rights, forMs, reason, ticket }, { viewer, address }, deps)
  if (request instanceof Problem) return homePage(c, deps, request)
  deps.visits.say(visit, ANSWERS[request.state](request.target, request.message))
  return c.redirect('/access', 303)
}

const ANSWERS: Readonly<Record<RequestView['state'], (target: string, message: string) => string>> = {
  granted: (target) => `A rule grants it: you may reach ${target} now.`,
  open: (target) => `Asked. Who decides about ${target} has been told.`,
  refused: (_, message) => `A rule refuses it: ${message}`,
  denied: () => 'It was denied.',
  withdrawn: () => 'It was withdrawn.',
  expired: () => 'It has expired.',
}

async function connectPage(c: ConsoleContext, deps: ConsoleDeps, minted?: ConnectPage['minted']): Promise<Response> {
  const { viewer, csrf } = c.get('seat')
  const target = targetOf(c, deps)
  const grants = (await deps.grants.liveOf(viewer.person)).filter((one) => one.target === target?.name)
  const grant = bestOf(grants)
  if (target === undefined || grant === undefined) return noGrant(c)
  const { postgres } = deps.config
  const credentials = (await deps.credentials.liveOf(viewer.person)).filter((one) => one.target === target.name)
  const named = { person: viewer.person, target, grant, postgres, ssh: deps.ssh.door(), csrf, credentials }
  const body = connectBody({ ...named, now: deps.now(), minted })
  const self = `/access/targets/${target.name}`
  return respondPage(c, { title: `Connect to ${target.name}`, active: 'access', body, self })
}

const targetOf = (c: ConsoleContext, deps: ConsoleDeps): Target | undefined =>
  deps.targets.all().find(({ name }) => name === c.req.param('target'))

const noGrant = (c: ConsoleContext): Response | Promise<Response> =>
  respondPage(
    c,
    {
      title: 'No access',
      active: 'access',
      body: html`<h1>No access</h1>
        ${empty('You have no live grant for this target.', html`<a href="/access#ask">Ask for it</a>.`)}`,
    },
    404,
  )

async function mintHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { viewer, address } = c.get('seat')
  const form = formOf(c, Credential)
  const target = targetOf(c, deps)
  if (form instanceof Problem || target === undefined) return noGrant(c)
  const grants = (await deps.grants.liveOf(viewer.person)).filter((one) => one.target === target.name)
  const left = Math.floor(((bestOf(grants)?.expiresAt ?? 0) - deps.now()) / 1000)
  // Never longer than the access itself: the list of lengths does not know how much of it is left.
  const body = { target: target.name, forSeconds: Math.max(60, Math.min(form.for, left)) }
  const made = await mint({ viewer, body, address }, { ...deps, postgres: deps.config.postgres })
  if (made instanceof Problem) return homePage(c, deps, made)
  return connectPage(c, deps, { secret: made.secret, dsn: made.dsn, expiresAt: Date.parse(made.expiresAt) })
}

const NOTHING = z.strictObject({})

/** A password of one's own that nobody is to use any more. */
async function endCredential(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { viewer, address, visit } = c.get('seat')
  const form = formOf(c, NOTHING)
  if (form instanceof Problem) return homePage(c, deps, form)
  const id = credentialId(c.req.param('id') ?? '')
  const own = (await deps.credentials.liveOf(viewer.person)).find((one) => one.id === id)
  const ended =
    own !== undefined && (await deps.credentials.revoke(own.id, { by: viewer.person, origin: address }, viewer.person))
  if (own === undefined || !ended) return homePage(c, deps, new Problem('not-found'))
  deps.visits.say(visit, 'That password opens nothing any more, and what it had opened is closed.')
  return c.redirect(`/access/targets/${own.target}`, 303)
}

async function revokeHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { viewer, address, visit } = c.get('seat')
  const form = formOf(c, RevokeBody)
  if (form instanceof Problem) return homePage(c, deps, form)
  const grant = await findGrant(c.req.param('id') ?? '', viewer, deps)
  const after = await revoke(grant, { viewer, address, reason: form.reason }, deps)
  if (after instanceof Problem) return homePage(c, deps, after)
  deps.visits.say(visit, `Access of ${after.person} to ${after.target} has ended; their sessions there are closed.`)
  // One's own stand on the one page, everybody's on the other.
  return c.redirect(after.person === viewer.person ? '/access' : '/access/grants', 303)
}
