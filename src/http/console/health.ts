import { Hono } from 'hono'
import { z } from 'zod'
import { LASTING_SCOPES } from '../../access/stops.ts'
import { mayCall, WHO } from '../access-table.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import { StopBody } from '../schemas.ts'
import { resume, stop } from '../stops.ts'
import { giveCookie } from './cookie.ts'
import { csv, csvHeaders } from './csv.ts'
import { FACTOR_FIELDS, factorBodyOf } from './factor-fields.ts'
import { filterOf, FilterText, filtersOf, formOf, sentence } from './form.ts'
import { AREAS, respondForbidden, respondPage } from './frame.ts'
import { healthBody, healthRows } from './health-page.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'

const Order = z.strictObject({
  scope: z.enum(LASTING_SCOPES),
  name: StopBody.shape.name,
  reason: StopBody.shape.reason,
  ...FACTOR_FIELDS,
})

const Filters = z.object({ text: FilterText, format: filterOf(['csv', 'json']) })

/** How this node is, and the kill switch for targets and for everything. */
export function healthPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get('/health', (c) => healthPage(c, deps))
  app.post('/health/stop', (c) => order(c, 'stop', deps))
  app.post('/health/resume', (c) => order(c, 'resume', deps))
  return app
}

async function healthPage(c: ConsoleContext, deps: ConsoleDeps, problem?: Problem): Promise<Response> {
  const { viewer, csrf } = c.get('seat')
  if (!mayCall(AREAS.health.who, viewer.roles)) return respondForbidden(c, 'health')
  const { format, text } = filtersOf(c, Filters)
  const [checks, stops] = await Promise.all([deps.health.checks(), deps.stops.standing()])
  const found = { checks, stops, about: deps.about.describe(), targets: deps.targets.all() }
  if (format === 'csv') return c.body(csv(healthRows(found)), 200, csvHeaders('health'))
  if (format === 'json') return c.json(found)
  const body = healthBody({
    ...{ ...found, text, csrf },
    mayStop: mayCall(WHO.stop, viewer.roles),
    problem: problem && sentence(problem),
  })
  const status = problem === undefined ? 200 : PROBLEMS[problem.code].status
  return respondPage(c, { title: 'Health', active: 'health', body, self: '/health' }, status)
}

async function order(c: ConsoleContext, verb: 'stop' | 'resume', deps: ConsoleDeps): Promise<Response> {
  const { viewer, address, visit } = c.get('seat')
  if (!mayCall(WHO[verb], viewer.roles)) return respondForbidden(c, 'health')
  const form = formOf(c, Order)
  if (form instanceof Problem) return healthPage(c, deps, form)
  const factor = factorBodyOf(form)
  if (factor instanceof Problem) return healthPage(c, deps, factor)
  const { scope, name, reason } = form
  const call = { viewer, address, body: { scope, name, reason, factor } }
  const done = verb === 'stop' ? await stop(call, deps) : await resume(call, deps)
  if (done instanceof Problem) return healthPage(c, deps, done)
  giveCookie(c, deps.visits.rotate(visit), deps)
  const what = name ?? 'Everything'
  deps.visits.say(
    visit,
    'sessions' in done
      ? `${what} is stopped: ${done.sessions} sessions, ${done.holds} holds, ${done.grants} grants and ${done.credentials} credentials ended.`
      : `${what} lets people in again.`,
  )
  return c.redirect('/health', 303)
}
