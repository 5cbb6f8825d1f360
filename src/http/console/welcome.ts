import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { Invite } from '../../access/invites.ts'
import type { WelcomeFactor } from '../../access/welcome.ts'
import { isName } from '../../model/ids.ts'
import { Secret } from '../../std/secret.ts'
import { check, readJson } from '../body.ts'
import { Code, Registration, registrationOf } from '../factor.ts'
import { Problem, respondProblem } from '../problem.ts'
import { jsonOf } from './factor-fields.ts'
import { readFields, sentence } from './form.ts'
import type { ConsoleDeps, ConsoleEnv } from './seat.ts'
import { goneAway, namePage, welcomed, welcomePage } from './welcome-page.ts'

const PATH = '/welcome/:token'
const Name = z.string().max(32)
const Form = z.strictObject({
  name: Name,
  password: z.string().min(1).max(1024),
  again: z.string().max(1024).optional(),
  ticket: z.string().max(500),
  totp: z.union([Code, z.literal('')]),
  passkey: z.string().max(40_000),
})
const Asked = z.strictObject({ name: Name })

/** The pages behind an invite. A GET, a scanner or a preview uses up nothing; the POST is what counts, once. */
export function welcomeRoutes(app: Hono<ConsoleEnv>, deps: ConsoleDeps): void {
  app.get(PATH, async (c) => {
    const invite = await deps.invites.look(tokenOf(c))
    return invite === undefined ? gone(c) : show(c, { invite, name: c.req.query('name') }, deps)
  })
  app.post(`${PATH}/options`, (c) => options(c, deps))
  app.post(PATH, (c) => accept(c, deps))
}

interface Shown {
  readonly invite: Invite
  /** As chosen, where the invite leaves it open. */
  readonly name: string | undefined
  readonly problem?: string
}

function show(c: Context, { invite, name: chosen, problem }: Shown, deps: ConsoleDeps): Response | Promise<Response> {
  const token = tokenOf(c)
  const name = invite.person ?? chosen
  const status = problem === undefined ? 200 : 400
  if (name === undefined) return c.html(namePage({ token, problem }), status)
  if (!isName(name)) return c.html(namePage({ token, problem: NO_NAME }), 400)
  const offer = deps.welcome.offer(token, name)
  return c.html(welcomePage({ token, invite, name, offer, problem, passkeys: deps.passkeys.available }), status)
}

const NO_NAME = 'A name is 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen.'

/** For the browser's own dialogue about a new passkey. */
async function options(c: Context, deps: ConsoleDeps): Promise<Response> {
  const body = await readJson(c, Asked)
  if (body instanceof Problem) return respondProblem(c, body)
  const invite = await deps.invites.look(tokenOf(c))
  if (invite === undefined) return respondProblem(c, new Problem('not-found'))
  const made = await deps.welcome.passkeyOptions(tokenOf(c), invite.person ?? body.name)
  return made === undefined ? respondProblem(c, new Problem('invalid', NO_NAME)) : c.json(made)
}

async function accept(c: Context, deps: ConsoleDeps): Promise<Response> {
  const token = tokenOf(c)
  const invite = await deps.invites.look(token)
  if (invite === undefined) return gone(c)
  const fields = await readFields(c)
  const form = fields instanceof Problem ? fields : check(Form, Object.fromEntries(fields))
  if (form instanceof Problem) return show(c, { invite, name: undefined, problem: sentence(form) }, deps)
  const again = (problem: string): Response | Promise<Response> => show(c, { invite, name: form.name, problem }, deps)
  if (invite.purpose !== 'factor' && form.again !== form.password) return again('The two passwords differ.')
  const factor = factorOf(form)
  if (factor === undefined) return again('A code of the app or a passkey is needed.')
  const password = new Secret(form.password)
  const done = await deps.welcome.accept({ token, name: form.name, password, factor, address: deps.addressOf(c) })
  if (done.outcome === 'gone') return gone(c)
  if (done.outcome === 'refused') return again(`${done.problem.charAt(0).toUpperCase()}${done.problem.slice(1)}.`)
  return c.html(welcomed(done.person))
}

function factorOf({ totp, ticket, passkey }: z.output<typeof Form>): WelcomeFactor | undefined {
  if (totp !== '') return { kind: 'totp', ticket, code: totp }
  const parsed = Registration.safeParse(jsonOf(passkey))
  return parsed.success ? { kind: 'passkey', response: registrationOf(parsed.data), name: 'first passkey' } : undefined
}

const gone = (c: Context): Response | Promise<Response> => c.html(goneAway(), 404)

/** What has no token's form gets one that belongs to nobody: nothing odd reaches a page or the store. */
function tokenOf(c: Context): string {
  const token = c.req.param('token') ?? ''
  return /^[A-Za-z0-9_-]{43}$/.test(token) ? token : '-'
}
