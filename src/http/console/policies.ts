import { Hono } from 'hono'
import { z } from 'zod'
import { isName, personName } from '../../model/ids.ts'
import type { Principal } from '../../model/principal.ts'
import type { Target } from '../../model/target.ts'
import { mayCall } from '../access-table.ts'
import type { Who } from '../access-table.ts'
import { Problem } from '../problem.ts'
import type { Viewer } from '../viewer.ts'
import { benchBody } from './bench.ts'
import type { BenchPage } from './bench.ts'
import { csv, csvHeaders } from './csv.ts'
import { filterOf, FilterText, filtersOf, formOf, sentence } from './form.ts'
import { respondForbidden, respondPage } from './frame.ts'
import { policiesBody } from './policy-page.ts'
import { entriesOf, fits, plainEntry, RULE_HEAD, ruleRow } from './policy-entries.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'

/** Who reads the packs: whoever decides by them, and whoever answers for them. */
const READERS: Who = ['approver', 'auditor', 'security', 'admin']
/** Who tries statements as anybody. */
const TRIERS: Who = ['auditor', 'security']

const Filters = z.object({
  text: FilterText,
  effect: filterOf(['allow', 'hold', 'deny', 'grant', 'ask', 'refuse']),
  severity: filterOf(['low', 'medium', 'high', 'critical']),
  kind: filterOf(['rule', 'mask', 'access']),
  format: filterOf(['csv', 'json']),
})
const Try = z.strictObject({
  target: z.string().max(32),
  person: z.string().max(32).optional(),
  sql: z.string().trim().min(1, 'write a statement').max(50_000),
})

/** The packs in force, and a bench to try a statement. Nothing is run and nothing is changed here. */
export function policyPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get('/policies', (c) => packsHere(c, deps))
  app.get('/policies/bench', (c) => benchHere(c, deps))
  app.post('/policies/bench', (c) => tryHere(c, deps))
  return app
}

function packsHere(c: ConsoleContext, deps: ConsoleDeps): Response | Promise<Response> {
  const { viewer } = c.get('seat')
  if (!mayCall(READERS, viewer.roles))
    return mayTry(viewer) ? c.redirect('/policies/bench', 303) : respondForbidden(c, 'policies')
  const { format, ...filters } = filtersOf(c, Filters)
  const policy = deps.policies.current()
  const entries = entriesOf(policy.packs).filter((entry) => fits(entry, filters))
  if (format === 'csv') return c.body(csv([RULE_HEAD, ...entries.map(ruleRow)]), 200, csvHeaders('policies'))
  if (format === 'json') return c.json({ version: policy.version, entries: entries.map(plainEntry) })
  const body = policiesBody({ policy, entries, filters, mayTry: mayTry(viewer) })
  return respondPage(c, { title: 'Policies', active: 'policies', body, styles: ['sessions.css'] })
}

const mayTry = ({ roles }: Viewer): boolean => mayCall(TRIERS, roles) || roles.includes('engineer')

async function benchHere(c: ConsoleContext, deps: ConsoleDeps, changes: Partial<BenchPage> = {}): Promise<Response> {
  const { viewer, csrf } = c.get('seat')
  if (!mayTry(viewer)) return respondForbidden(c, 'policies')
  const targets = await targetsFor(viewer, deps)
  const people = mayCall(TRIERS, viewer.roles) ? (await deps.people.list()).map(({ name }) => name) : [viewer.person]
  const given = { target: targets[0]?.name ?? '', person: viewer.person, sql: '' }
  const page: BenchPage = {
    ...{ csrf, targets, people, given, trial: undefined, problem: undefined },
    ...{ readsPacks: mayCall(READERS, viewer.roles), ...changes },
  }
  return respondPage(c, {
    title: 'Try a statement',
    active: 'policies',
    body: benchBody(page),
    styles: ['sessions.css'],
  })
}

/** Engineers try what they may reach anyway. */
async function targetsFor(viewer: Viewer, deps: ConsoleDeps): Promise<readonly Target[]> {
  const all = deps.targets.all()
  if (mayCall(TRIERS, viewer.roles)) return all
  const grants = await deps.grants.liveOf(viewer.person)
  return all.filter(({ name }) => grants.some(({ target }) => target === name))
}

async function tryHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { viewer } = c.get('seat')
  if (!mayTry(viewer)) return respondForbidden(c, 'policies')
  const form = formOf(c, Try)
  if (form instanceof Problem) return benchHere(c, deps, { problem: sentence(form) })
  const { sql } = form
  const target = (await targetsFor(viewer, deps)).find(({ name }) => name === form.target)?.name
  const principal = await principalOf(form.person ?? viewer.person, viewer, deps)
  const given = { target: form.target, person: form.person ?? viewer.person, sql }
  if (target === undefined || principal === undefined)
    return benchHere(c, deps, { given, problem: 'There is no such target or person, or it is not yours to try.' })
  const asker = { by: viewer.person, origin: c.get('seat').address }
  return benchHere(c, deps, { given, ...(await triedOn({ target, principal, sql, asker }, deps)) })
}

async function triedOn(
  question: Parameters<ConsoleDeps['policies']['judge']>[0],
  { policies }: ConsoleDeps,
): Promise<Pick<BenchPage, 'trial' | 'problem'>> {
  const trial = await policies.judge(question)
  if (trial === 'no-target') return { trial: undefined, problem: 'There is no such target.' }
  if (trial === 'no-catalog')
    return {
      trial: undefined,
      problem: 'The target does not answer, so names cannot be looked up there. Nothing was judged.',
    }
  return { trial, problem: undefined }
}

/** The person whose rights count; an engineer only tries as themselves. */
async function principalOf(name: string, viewer: Viewer, deps: ConsoleDeps): Promise<Principal | undefined> {
  if (!isName(name)) return undefined
  if (name === viewer.person) return { person: viewer.person, roles: viewer.roles, service: viewer.service }
  if (!mayCall(TRIERS, viewer.roles)) return undefined
  const found = (await deps.people.list()).find((one) => one.name === name)
  return found && { person: personName(name), roles: found.roles, service: found.service }
}
