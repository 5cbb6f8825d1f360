import { Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import type { Person } from '../../access/person.ts'
import { isName, personName } from '../../model/ids.ts'
import { ROLES } from '../../model/principal.ts'
import type { Role } from '../../model/principal.ts'
import { mayCall, WHO } from '../access-table.ts'
import type { Factor } from '../factor.ts'
import { spendFactor } from '../fresh-factor.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import { invite, propose, settle, viewed } from '../proposals.ts'
import { grantViewOf } from '../request-view.ts'
import { stop } from '../stops.ts'
import { giveCookie } from './cookie.ts'
import { csv, csvHeaders } from './csv.ts'
import { FACTOR_FIELDS, factorBodyOf } from './factor-fields.ts'
import { filterOf, FilterText, filtersOf, formOf, sentence } from './form.ts'
import { AREAS, respondForbidden, respondPage } from './frame.ts'
import { empty } from './parts.ts'
import { peopleBody, personBody, stateOf } from './people-page.ts'
import type { PeoplePage, PeopleFilters } from './people-page.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'

const Reason = z.string().trim().max(500)
const Box = z.literal('yes').optional()
const ROLE_BOXES = {
  'role-engineer': Box,
  'role-approver': Box,
  'role-auditor': Box,
  'role-security': Box,
  'role-admin': Box,
} satisfies Record<`role-${Role}`, typeof Box>
const Invite = z.strictObject({
  person: z.string().refine(isName, 'must be 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen'),
  ...ROLE_BOXES,
  ...FACTOR_FIELDS,
})
const Roles = z.strictObject({ reason: Reason.default(''), ...ROLE_BOXES, ...FACTOR_FIELDS })
const Reset = z.strictObject({ reason: Reason.default(''), ...FACTOR_FIELDS })
const Confirm = z.strictObject(FACTOR_FIELDS)
const Stop = z.strictObject({ reason: Reason.min(1), ...FACTOR_FIELDS })
const Filters = z.object({
  text: FilterText,
  role: filterOf(ROLES),
  state: filterOf(['active', 'disabled', 'service']),
  format: filterOf(['csv', 'json']),
})

/** People for those who watch and those who administer. Every change costs the admin a fresh factor. */
export function peoplePages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.use('/people/*', async (c: ConsoleContext, next) =>
    mayCall(AREAS.people.who, c.get('seat').viewer.roles) ? next() : respondForbidden(c, 'people'),
  )
  app.get('/people', (c) => peoplePage(c, deps))
  app.get('/people/:person', (c) => personPage(c, deps))
  app.post('/people/invite', (c) => inviteHere(c, deps))
  app.post('/people/proposals/:id/confirm', (c) => settleHere(c, 'confirm', deps))
  app.post('/people/proposals/:id/reject', (c) => settleHere(c, 'reject', deps))
  app.post('/people/:person/roles', (c) => rolesHere(c, deps))
  app.post('/people/:person/reset', (c) => resetHere(c, deps))
  app.post('/people/:person/disable', (c) => disableHere(c, deps))
  app.post('/people/:person/stop', (c) => stopHere(c, deps))
  return app
}

interface Outcome {
  readonly problem?: Problem
  readonly link?: NonNullable<PeoplePage['link']>
}

async function peoplePage(c: ConsoleContext, deps: ConsoleDeps, { problem, link }: Outcome = {}): Promise<Response> {
  const { viewer, csrf } = c.get('seat')
  const { format, ...filters } = filtersOf(c, Filters)
  const people = (await deps.people.list()).filter((one) => fits(one, filters))
  if (format === 'csv') return c.body(asCsv(people), 200, csvHeaders('people'))
  if (format === 'json') return c.json({ people: people.map(plain) })
  const body = peopleBody({
    ...{ people, filters, csrf, link },
    proposals: await proposalsFor(c, deps),
    isAdmin: viewer.roles.includes('admin'),
    problem: problem && sentence(problem),
  })
  return respondPage(c, { title: 'People', active: 'people', body, self: '/people' }, statusOf(problem))
}

const statusOf = (problem: Problem | undefined) => (problem === undefined ? 200 : PROBLEMS[problem.code].status)

const proposalsFor = async (c: ConsoleContext, deps: ConsoleDeps) =>
  Promise.all((await deps.twoPerson.list()).map((one) => viewed(one, c.get('seat').viewer, deps)))

const fits = (one: Person, { text, role, state }: PeopleFilters): boolean =>
  (text === undefined || one.name.includes(text.toLowerCase())) &&
  (role === undefined || one.roles.includes(role)) &&
  (state === undefined || stateOf(one) === state)

const plain = (one: Person) => ({
  person: one.name,
  roles: one.roles,
  state: stateOf(one),
  owner: one.owner ?? null,
  target: one.target ?? null,
  since: new Date(one.createdAt).toISOString(),
  lastSignIn: one.lastLoginAt === undefined ? null : new Date(one.lastLoginAt).toISOString(),
})

const asCsv = (people: readonly Person[]): string =>
  csv([
    ['person', 'roles', 'state', 'owner', 'target', 'since', 'last sign-in'],
    ...people
      .map(plain)
      .map((one) => [one.person, one.roles.join(' '), one.state, one.owner, one.target, one.since, one.lastSignIn]),
  ])

async function personPage(c: ConsoleContext, deps: ConsoleDeps, { problem, link }: Outcome = {}): Promise<Response> {
  const { viewer, csrf } = c.get('seat')
  const person = await named(c, deps)
  if (person === undefined) return nobody(c)
  const [grants, passkeys, hasCodes, proposals] = await Promise.all([
    deps.grants.liveOf(person.name),
    deps.passkeys.listOf(person.name),
    deps.factors.isEnrolled(person.name),
    proposalsFor(c, deps),
  ])
  const body = personBody({
    ...{ person, passkeys, hasCodes, proposals, csrf, link },
    grants: grants.map((grant) => grantViewOf(grant, deps)),
    isAdmin: viewer.roles.includes('admin'),
    isSelf: viewer.person === person.name,
    mayStop: mayCall(WHO.stop, viewer.roles),
    problem: problem && sentence(problem),
  })
  return respondPage(
    c,
    { title: person.name, active: 'people', body, self: `/people/${person.name}` },
    statusOf(problem),
  )
}

const named = async (c: ConsoleContext, deps: ConsoleDeps): Promise<Person | undefined> =>
  (await deps.people.list()).find(({ name }) => name === c.req.param('person'))

const nobody = (c: ConsoleContext): Response | Promise<Response> =>
  respondPage(
    c,
    {
      title: 'Nobody',
      active: 'people',
      body: html`<h1>Nobody of that name</h1>
        ${empty('There is no such account.', html`<a href="/people">Everybody who has one</a>`)}`,
    },
    404,
  )

/** A form of an admin: its fields and the factor in it. What is asked without the role is refused before any factor is spent. */
function adminForm<Form extends z.infer<typeof Confirm>>(
  c: ConsoleContext,
  schema: z.ZodType<Form>,
): { readonly form: Form; readonly factor: Factor } | Problem {
  if (!c.get('seat').viewer.roles.includes('admin')) return new Problem('forbidden', 'this needs another role')
  const form = formOf(c, schema)
  if (form instanceof Problem) return form
  const factor = factorBodyOf(form)
  return factor instanceof Problem ? factor : { form, factor }
}

const rolesOf = (form: z.infer<z.ZodObject<typeof ROLE_BOXES>>): Role[] =>
  ROLES.filter((role) => form[`role-${role}`] === 'yes')

/** A factor was spent: the key of the cookie changes. */
const rotated = (c: ConsoleContext, deps: ConsoleDeps): void =>
  giveCookie(c, deps.visits.rotate(c.get('seat').visit), deps)

async function inviteHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const given = adminForm(c, Invite)
  if (given instanceof Problem) return peoplePage(c, deps, { problem: given })
  const { viewer, address } = c.get('seat')
  const { person } = given.form
  const wanted = { person, roles: rolesOf(given.form), factor: given.factor }
  const made = await invite({ viewer, address, body: wanted }, deps)
  if (made instanceof Problem) return peoplePage(c, deps, { problem: made })
  rotated(c, deps)
  const waits = made.proposal === null ? '' : ' The other roles wait for a second admin, above.'
  const text = `${person} comes in by this link${made.roles.length === 0 ? '' : ` as ${made.roles.join(', ')}`}.${waits}`
  return peoplePage(c, deps, { link: { text, href: made.link } })
}

async function settleHere(c: ConsoleContext, verb: 'confirm' | 'reject', deps: ConsoleDeps): Promise<Response> {
  const given = adminForm(c, Confirm)
  if (given instanceof Problem) return peoplePage(c, deps, { problem: given })
  const { viewer, address, visit } = c.get('seat')
  const body = { factor: given.factor }
  const done = await settle({ viewer, address, id: c.req.param('id') ?? '', body }, verb, deps)
  if (done instanceof Problem) return peoplePage(c, deps, { problem: done })
  rotated(c, deps)
  if (done.link !== null) return peoplePage(c, deps, { link: { text: enrolWords(done.person), href: done.link } })
  deps.visits.say(visit, verb === 'confirm' ? 'Confirmed: it is so from now on.' : 'Rejected: nothing changes.')
  return c.redirect('/people', 303)
}

const enrolWords = (person: string): string => `${person} sets up a new second factor by this link.`

async function rolesHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const given = adminForm(c, Roles)
  const person = await named(c, deps)
  if (given instanceof Problem || person === undefined) return personPage(c, deps, problemOf(given))
  const { viewer, address, visit } = c.get('seat')
  const { form, factor } = given
  const body = { kind: 'roles' as const, person: person.name, roles: rolesOf(form), reason: form.reason, factor }
  const done = await propose({ viewer, address, body }, deps)
  if (done instanceof Problem) return personPage(c, deps, { problem: done })
  rotated(c, deps)
  deps.visits.say(visit, done.proposal === null ? `The roles of ${person.name} are changed.` : WAITS)
  return c.redirect(`/people/${person.name}`, 303)
}

const WAITS = 'It waits for a second admin: on a node with card data two people give such a right.'
const problemOf = (given: object): Outcome => (given instanceof Problem ? { problem: given } : {})

async function resetHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const given = adminForm(c, Reset)
  const person = await named(c, deps)
  if (given instanceof Problem || person === undefined) return personPage(c, deps, problemOf(given))
  const { viewer, address, visit } = c.get('seat')
  const { form, factor } = given
  const body = { kind: 'reset-factor' as const, person: person.name, reason: form.reason, factor }
  const done = await propose({ viewer, address, body }, deps)
  if (done instanceof Problem) return personPage(c, deps, { problem: done })
  rotated(c, deps)
  if (done.link !== null) return personPage(c, deps, { link: { text: enrolWords(person.name), href: done.link } })
  deps.visits.say(visit, WAITS)
  return c.redirect(`/people/${person.name}`, 303)
}

async function disableHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const given = adminForm(c, Confirm)
  const person = await named(c, deps)
  if (given instanceof Problem || person === undefined) return personPage(c, deps, problemOf(given))
  const { viewer, address, visit } = c.get('seat')
  if (viewer.person === person.name)
    return personPage(c, deps, { problem: new Problem('forbidden', 'another admin does') })
  const wanted = { person: viewer.person, factor: given.factor, purpose: `disable ${person.name}`, address }
  const objection = await spendFactor(wanted, deps.login)
  if (objection !== undefined) return personPage(c, deps, { problem: objection })
  const done = await deps.people.disable(person.name, { by: viewer.person, origin: address })
  if (!done.ok) return personPage(c, deps, { problem: new Problem('change-refused', done.reason) })
  rotated(c, deps)
  deps.visits.say(visit, `${person.name} is disabled: nothing of theirs opens anything any more.`)
  return c.redirect(`/people/${person.name}`, 303)
}

async function stopHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { viewer, address, visit } = c.get('seat')
  if (!mayCall(WHO.stop, viewer.roles)) return respondForbidden(c, 'people')
  const form = formOf(c, Stop)
  const factor = form instanceof Problem ? form : factorBodyOf(form)
  const person = await named(c, deps)
  if (form instanceof Problem) return personPage(c, deps, { problem: form })
  if (factor instanceof Problem || person === undefined)
    return personPage(c, deps, factor instanceof Problem ? { problem: factor } : {})
  const body = { scope: 'person' as const, name: personName(person.name), reason: form.reason, factor }
  const done = await stop({ viewer, address, body }, deps)
  if (done instanceof Problem) return personPage(c, deps, { problem: done })
  rotated(c, deps)
  deps.visits.say(
    visit,
    `${person.name} is stopped: ${done.sessions} sessions, ${done.holds} holds, ${done.grants} grants ended.`,
  )
  return c.redirect(`/people/${person.name}`, 303)
}
