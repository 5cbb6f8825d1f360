import { Hono } from 'hono'
import { z } from 'zod'
import type { CodeOffer } from '../../access/code-offer.ts'
import { Secret } from '../../std/secret.ts'
import { answerOfFactor, Code, Registration, registrationOf } from '../factor.ts'
import { spendFactor } from '../fresh-factor.ts'
import { ENROL_CODE_PURPOSE } from '../own-factors.ts'
import { Problem, PROBLEMS, respondProblem } from '../problem.ts'
import { accountBody } from './account-page.ts'
import { giveCookie, takeCookie } from './cookie.ts'
import { FACTOR_FIELDS, factorBodyOf, jsonOf } from './factor-fields.ts'
import { CSRF_HEADER } from './factor-route.ts'
import { formOf, sentence } from './form.ts'
import { notice, respondPage } from './frame.ts'
import { seatOf } from './gate.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv, Seat } from './seat.ts'
import { isCsrf } from './visits.ts'

const PATH = '/account'
/** What the challenge of a new passkey is made for. */
const PURPOSE = 'register passkey'
const Name = z.string().trim().min(1).max(60)
const Id = z.string().min(1).max(1400)
const Confirm = z.strictObject(FACTOR_FIELDS)
const Add = z.strictObject({ name: Name, passkey: z.string().max(40_000) })
const Rename = z.strictObject({ id: Id, name: Name })
const Remove = z.strictObject({ id: Id })
const Codes = z.strictObject({ ticket: z.string().max(500), code: Code })
const Password = z.strictObject({
  username: z.string().max(64).optional(),
  current: z.string().min(1).max(1024),
  next: z.string().min(1).max(1024),
  ...FACTOR_FIELDS,
})
const SESSIONS = 5

/** One's own account. Everything here is about the one who is signed in, whatever a form says. */
export function accountPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get(PATH, (c) => accountPage(c, deps))
  app.post(`${PATH}/confirm`, (c) => confirm(c, deps))
  app.post(`${PATH}/passkeys`, (c) => addPasskey(c, deps))
  app.post(`${PATH}/passkeys/rename`, (c) => renamePasskey(c, deps))
  app.post(`${PATH}/passkeys/remove`, (c) => removePasskey(c, deps))
  app.post(`${PATH}/codes`, (c) => setUpCodes(c, deps))
  app.post(`${PATH}/password`, (c) => changePassword(c, deps))
  return app
}

/** `POST /account/passkeys/options`: asked for by `app.js` with JSON, so it stands beside the gate of forms. */
export async function newPasskeyOptions(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const seat = await seatOf(c, deps)
  if (seat === undefined) return respondProblem(c, new Problem('not-signed-in'))
  if (!isCsrf(seat.visit, c.req.header(CSRF_HEADER))) return respondProblem(c, new Problem('cross-site'))
  if (!(await mayAdd(seat, deps))) return respondProblem(c, notConfirmed())
  return c.json({ options: await deps.passkeys.registrationOptions(seat.viewer.person, PURPOSE) })
}

const notConfirmed = (): Problem => new Problem('factor-refused', 'show first that it is you; five minutes have passed')

/** A factor was shown just now; or there is none at all yet, and the organisation has just vouched for the person. */
async function mayAdd({ visit, viewer, token }: Seat, deps: ConsoleDeps): Promise<boolean> {
  if (deps.visits.isFresh(visit, PATH)) return true
  const { person } = viewer
  const hasNone = !(await deps.factors.isEnrolled(person)) && (await deps.passkeys.listOf(person)).length === 0
  return hasNone && deps.login.isRecent(token)
}

async function accountPage(c: ConsoleContext, deps: ConsoleDeps, problem?: Problem): Promise<Response> {
  const { viewer, csrf } = c.get('seat')
  const { person } = viewer
  const wanted = { person, target: undefined, state: undefined, limit: SESSIONS }
  const [passkeys, sessions, hasCodes, fresh] = await Promise.all([
    deps.passkeys.listOf(person),
    deps.sessions.list(wanted),
    deps.factors.isEnrolled(person),
    mayAdd(c.get('seat'), deps),
  ])
  const body = accountBody({
    viewer,
    csrf,
    passkeys,
    available: deps.passkeys.available,
    ...{ fresh, hasCodes, offer: hasCodes || !fresh ? undefined : offerFor(c, deps) },
    sessions: sessions.slice(0, SESSIONS),
    problem: problem && sentence(problem),
  })
  const status = problem === undefined ? 200 : PROBLEMS[problem.code].status
  return respondPage(c, { title: 'My account', active: 'account', body, self: PATH }, status)
}

/** Back to the page, with a sentence about what was done. */
function done(c: ConsoleContext, text: string, deps: ConsoleDeps): Response {
  deps.visits.say(c.get('seat').visit, text)
  return c.redirect(PATH, 303)
}

async function confirm(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Confirm)
  const factor = form instanceof Problem ? form : factorBodyOf(form)
  if (factor instanceof Problem) return accountPage(c, deps, factor)
  const { viewer, address, visit } = c.get('seat')
  const objection = await spendFactor({ person: viewer.person, factor, purpose: 'account', address }, deps.login)
  if (objection !== undefined) return accountPage(c, deps, objection)
  giveCookie(c, deps.visits.rotate(visit), deps)
  deps.visits.freshen(visit, PATH)
  return c.redirect(`${PATH}#passkeys`, 303)
}

async function addPasskey(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Add)
  if (form instanceof Problem) return accountPage(c, deps, form)
  const { viewer, address } = c.get('seat')
  const { person } = viewer
  const parsed = Registration.safeParse(jsonOf(form.passkey))
  if (!parsed.success) return accountPage(c, deps, new Problem('passkey-refused'))
  if (!(await mayAdd(c.get('seat'), deps))) return accountPage(c, deps, notConfirmed())
  const wanted = { person, purpose: PURPOSE, response: registrationOf(parsed.data), name: form.name }
  const made = await deps.passkeys.register(wanted, { by: person, origin: address })
  if (made.outcome === 'registered') return done(c, `${made.passkey.name} is added. Try it at your next sign-in.`, deps)
  return accountPage(c, deps, new Problem(made.why === 'too-many' ? 'too-many-passkeys' : 'passkey-refused'))
}

const purposeOf = (person: string): string => `${ENROL_CODE_PURPOSE} ${person}`

/** A new secret, or the one of the form that was just sent: its picture may have been scanned already. */
function offerFor(c: ConsoleContext, { offers }: ConsoleDeps): CodeOffer {
  const { person } = c.get('seat').viewer
  const ticket = c.get('fields').get('ticket')
  const again = ticket === undefined ? undefined : offers.again(person, { ticket, purpose: purposeOf(person) })
  return again ?? offers.make(person, purposeOf(person))
}

async function setUpCodes(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Codes)
  if (form instanceof Problem) return accountPage(c, deps, form)
  const { viewer, address } = c.get('seat')
  const { person } = viewer
  if (!(await mayAdd(c.get('seat'), deps))) return accountPage(c, deps, notConfirmed())
  const taken = deps.offers.take({ ...form, purpose: purposeOf(person) })
  if (taken === undefined) return accountPage(c, deps, new Problem('factor-refused', 'the app shows another code now'))
  const kept = await deps.factors.enrolTaken(person, taken, { by: person, origin: address })
  if (!kept) return accountPage(c, deps, new Problem('has-codes'))
  return done(c, 'One-time codes are set up. Each code works once; wait for the next one.', deps)
}

async function renamePasskey(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Rename)
  if (form instanceof Problem) return accountPage(c, deps, form)
  const { viewer, address, visit } = c.get('seat')
  const { person } = viewer
  if (!deps.visits.isFresh(visit, PATH)) return accountPage(c, deps, notConfirmed())
  const renamed = await deps.passkeys.rename({ ...form, person }, { by: person, origin: address })
  return renamed ? done(c, `It is called ${form.name} now.`, deps) : accountPage(c, deps, new Problem('not-found'))
}

async function removePasskey(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Remove)
  if (form instanceof Problem) return accountPage(c, deps, form)
  const { viewer, address, visit } = c.get('seat')
  const { person } = viewer
  if (!deps.visits.isFresh(visit, PATH)) return accountPage(c, deps, notConfirmed())
  const removed = await deps.passkeys.remove({ id: form.id, person }, { by: person, origin: address })
  if (removed === 'removed') return done(c, 'It is removed and opens nothing any more.', deps)
  return accountPage(c, deps, new Problem(removed))
}

async function changePassword(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const form = formOf(c, Password)
  const factor = form instanceof Problem ? form : factorBodyOf(form)
  if (form instanceof Problem) return accountPage(c, deps, form)
  if (factor instanceof Problem) return accountPage(c, deps, factor)
  const { viewer, address, visit } = c.get('seat')
  const [current, next] = [new Secret(form.current), new Secret(form.next)]
  const change = { person: viewer.person, proof: answerOfFactor(factor), purpose: 'password', address, current, next }
  const outcome = await deps.login.changePassword(change)
  if (outcome === 'changed') {
    deps.visits.end(visit)
    takeCookie(c, deps)
    return c.html(notice('Your password is changed', 'You are signed out everywhere. Sign in with the new one.'))
  }
  if (outcome === 'locked') return accountPage(c, deps, new Problem('locked'))
  if (outcome === 'refused') return accountPage(c, deps, new Problem('login-refused'))
  return accountPage(c, deps, new Problem('password-refused', outcome.problem))
}
