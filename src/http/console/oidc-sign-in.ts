import type { Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { OidcRefusal } from '../../access/oidc.ts'
import { notice } from './frame.ts'
import { landing } from './landing.ts'
import type { ConsoleDeps, ConsoleEnv } from './seat.ts'
import { signedIn } from './sign-in.ts'

const BASE = '/login/oidc'
const FLOW_SECONDS = 600

/** Sign-in by the organisation's provider: out by one redirect, back by another. What is remembered meanwhile lies sealed in the browser. */
export function oidcRoutes(app: Hono<ConsoleEnv>, deps: ConsoleDeps): void {
  const { oidc } = deps
  if (oidc === undefined) return
  app.get(BASE, async (c) => {
    const begun = await oidc.begin().catch(() => undefined)
    if (begun === undefined) return refused(c, 'provider')
    giveFlow(c, { flow: begun.flow, next: landing(c.req.query('next'), deps.publicOrigin) }, deps)
    return c.redirect(begun.url, 303)
  })
  app.get(`${BASE}/callback`, async (c) => {
    const { flow, next } = takeFlow(c, deps)
    const done = await oidc.finish({ url: new URL(c.req.url), flow, address: deps.addressOf(c) })
    if (done.outcome === 'refused') return refused(c, done.why)
    return signedIn(c, { done, next: landing(next, deps.publicOrigin), elsewhere: true }, deps)
  })
}

const WHY: Readonly<Record<OidcRefusal, string>> = {
  provider: 'Your organisation did not confirm the sign-in, or it took too long. Try again from the sign-in page.',
  'no-name': 'Your organisation sent no name that can be used here. An administrator can see why.',
  'no-role': 'None of your groups has access here. Ask an administrator.',
  'name-taken': 'Somebody else has your name here already. Ask an administrator.',
  disabled: 'Your account here is disabled. Ask an administrator.',
  locked: 'There were too many failed attempts. Wait half an hour and try again.',
}

const refused = (c: Context, why: OidcRefusal): Response | Promise<Response> =>
  c.html(notice('You are not signed in', WHY[why]), 403)

const isSecure = ({ publicOrigin }: ConsoleDeps): boolean => publicOrigin.startsWith('https:')
const nameOf = (deps: ConsoleDeps): string => (isSecure(deps) ? '__Secure-countersign-oidc' : 'countersign-oidc')

/** Lax, because the browser comes back from another site; readable by this path alone. */
function giveFlow(
  c: Context,
  { flow, next = '' }: { readonly flow: string; readonly next: string | undefined },
  deps: ConsoleDeps,
): void {
  setCookie(c, nameOf(deps), `${flow}|${next}`, {
    ...{ path: BASE, httpOnly: true, sameSite: 'Lax', secure: isSecure(deps), maxAge: FLOW_SECONDS },
  })
}

/** What the browser remembered, once. */
function takeFlow(c: Context, deps: ConsoleDeps): { readonly flow: string; readonly next: string | undefined } {
  const [flow = '', next = ''] = (getCookie(c, nameOf(deps)) ?? '').split('|')
  deleteCookie(c, nameOf(deps), { path: BASE, secure: isSecure(deps) })
  return { flow, next: next === '' ? undefined : next }
}
