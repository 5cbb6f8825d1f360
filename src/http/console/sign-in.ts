import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { LoginOutcome } from '../../access/login.ts'
import { Secret } from '../../std/secret.ts'
import { check } from '../body.ts'
import { LOGIN_HINT } from '../passkey-login.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import { LoginBody } from '../schemas.ts'
import { giveCookie, readCookie, takeCookie } from './cookie.ts'
import { FACTOR_FIELDS, factorOf } from './factor-fields.ts'
import { readFields, sentence } from './form.ts'
import { notice } from './frame.ts'
import { seatOf } from './gate.ts'
import { landing } from './landing.ts'
import type { ConsoleDeps, ConsoleEnv } from './seat.ts'
import { signInPage } from './sign-in-page.ts'
import type { SignInForm } from './sign-in-page.ts'

const Next = { next: z.string().max(2000).optional() }
const PasswordForm = z.strictObject({
  person: LoginBody.shape.person,
  password: LoginBody.shape.password,
  totp: LoginBody.shape.totp,
  newPassword: z.string().min(1).max(1024).optional(),
  ...Next,
})
const PasskeyForm = z.strictObject({ passkey: FACTOR_FIELDS.passkey, ...Next })

/** Signing in and out. The password's form works without script. */
export function signInRoutes(app: Hono<ConsoleEnv>, deps: ConsoleDeps): void {
  app.get('/login', async (c) => {
    const next = landing(c.req.query('next'), deps.publicOrigin)
    if ((await seatOf(c, deps)) !== undefined) return c.redirect(next ?? '/', 303)
    return c.html(signInPage({ next, ...waysOf(deps) }))
  })
  app.post('/login', (c) => withPassword(c, deps))
  app.post('/login/passkey', (c) => withPasskey(c, deps))
  app.post('/logout', async (c) => {
    const seat = await seatOf(c, deps)
    if (seat !== undefined) {
      deps.visits.end(seat.visit)
      await deps.login.logout(seat.token, seat.address)
    }
    takeCookie(c, deps)
    return c.html(notice('Signed out', 'You can close this page.'))
  })
}

const waysOf = ({ hasOidc, passkeys }: ConsoleDeps): Pick<SignInForm, 'hasOidc' | 'hasPasskeys'> => ({
  hasOidc,
  hasPasskeys: passkeys.available,
})

async function withPassword(c: Context, deps: ConsoleDeps): Promise<Response> {
  const fields = await readFields(c)
  const form = fields instanceof Problem ? fields : check(PasswordForm, Object.fromEntries(fields))
  if (form instanceof Problem) return signInAgain(c, { problem: form, ...typedIn(fields, deps) }, deps)
  const { person, totp } = form
  const next = landing(form.next, deps.publicOrigin)
  const newPassword = form.newPassword === undefined ? undefined : new Secret(form.newPassword)
  const password = new Secret(form.password)
  const done = await deps.login.login({ person, password, totp, newPassword, address: deps.addressOf(c) })
  if (done.outcome !== 'password-change') return signedIn(c, { done, next, person }, deps)
  return c.html(signInPage({ next, problem: done.problem, renewing: { person }, ...waysOf(deps) }), 403)
}

async function withPasskey(c: Context, deps: ConsoleDeps): Promise<Response> {
  const fields = await readFields(c)
  const form = fields instanceof Problem ? fields : check(PasskeyForm, Object.fromEntries(fields))
  if (form instanceof Problem) return signInAgain(c, { problem: form, next: undefined }, deps)
  const next = landing(form.next, deps.publicOrigin)
  const answer = factorOf(form)
  if (answer instanceof Problem || answer?.kind !== 'passkey')
    return signInAgain(c, { problem: new Problem('login-refused'), next }, deps)
  const done = await deps.login.loginWithPasskey({ response: answer.response, address: deps.addressOf(c) })
  return signedIn(c, { done, next }, deps)
}

/** What of a form that was not taken stands in the next one: where it leads and who it was, never a secret. */
function typedIn(fields: ReadonlyMap<string, string> | Problem, deps: ConsoleDeps): Omit<Again, 'problem'> {
  if (fields instanceof Problem) return { next: undefined }
  return { next: landing(fields.get('next'), deps.publicOrigin), person: fields.get('person')?.slice(0, 64) }
}

export interface SignedIn {
  readonly done: LoginOutcome
  readonly next: string | undefined
  /** The name that was typed, where one was. */
  readonly person?: string
  /** The organisation's provider vouched, perhaps without asking the person anything: that is no fresh factor for a decision. */
  readonly elsewhere?: boolean
}

const refusalOf = (isLocked: boolean): Problem =>
  isLocked ? new Problem('locked') : new Problem('login-refused', LOGIN_HINT)

/** After a login of any kind: the cookie under a new key and back to where one wanted to go, or the form again with the reason. */
export async function signedIn(
  c: Context,
  { done, next, person, elsewhere = false }: SignedIn,
  deps: ConsoleDeps,
): Promise<Response> {
  if (done.outcome !== 'done')
    return signInAgain(c, { problem: refusalOf(done.outcome === 'locked'), next, person }, deps)
  const before = deps.visits.find(readCookie(c, deps))
  if (before !== undefined) {
    deps.visits.end(before)
    await deps.login.logout(before.token, deps.addressOf(c))
  }
  giveCookie(c, deps.visits.begin({ token: done.token, path: elsewhere ? undefined : next }), deps)
  return c.redirect(next ?? '/', 303)
}

interface Again {
  readonly problem: Problem
  readonly next: string | undefined
  readonly person?: string | undefined
}

function signInAgain(c: Context, { problem, next, person }: Again, deps: ConsoleDeps): Response | Promise<Response> {
  const told = problem.code === 'locked' ? LOCKED : sentence(problem)
  return c.html(signInPage({ next, person, problem: told, ...waysOf(deps) }), PROBLEMS[problem.code].status)
}

const LOCKED =
  'Too many failed attempts: this name or this place is locked for up to 30 minutes. An administrator can see why.'
