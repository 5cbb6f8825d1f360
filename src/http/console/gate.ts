import type { Context, MiddlewareHandler } from 'hono'
import { html } from 'hono/html'
import type { Turned } from '../bearer.ts'
import { isOwn } from '../origin.ts'
import { Problem } from '../problem.ts'
import { viewerOf } from '../viewer.ts'
import type { Viewer } from '../viewer.ts'
import { readCookie } from './cookie.ts'
import { readFields } from './form.ts'
import { AREAS, notice, plainPage } from './frame.ts'
import type { Html } from './frame.ts'
import { landing, loginPath } from './landing.ts'
import type { ConsoleDeps, ConsoleEnv, Seat, Waiting } from './seat.ts'
import { isCsrf } from './visits.ts'

/** Sent by `app.js` when it looks for news: that does not count against idleness. */
export const REFRESH_HEADER = 'x-countersign-refresh'

/** Headers of every page: nothing runs or loads but our own files, nobody frames it, and forms post only home. */
export const headers: MiddlewareHandler = async (c, next) => {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) c.header(name, value)
  await next()
}

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'camera=(), microphone=(), geolocation=(), payment=(), publickey-credentials-get=(self), publickey-credentials-create=(self)',
}

/** No unsafe request passes that a browser does not call our own page's. */
export function sameOrigin(deps: ConsoleDeps): MiddlewareHandler {
  const { publicOrigin } = deps
  return async (c, next) => {
    const origin = { origin: c.req.header('origin'), fetchSite: c.req.header('sec-fetch-site') }
    const unsafe = c.req.method !== 'GET' && c.req.method !== 'HEAD'
    if (!unsafe || isOwn(origin, publicOrigin)) return next()
    turned(c, deps, { by: undefined, why: 'cross-site' })
    return c.html(
      notice(
        'Not from here',
        `A form has to be sent from ${publicOrigin} itself. Nothing was done. Open the page anew.`,
      ),
      403,
    )
  }
}

/** Behind it there is always a seat: somebody signed in, and for a POST the fields of a form of theirs. */
export function gate(deps: ConsoleDeps, waitingFor: (seat: Seat) => Promise<Waiting>): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    // A stream comes back by itself, too.
    const passive = c.req.header(REFRESH_HEADER) !== undefined || c.req.header('accept') === 'text/event-stream'
    // Before the seat: a form may trickle in for as long as it takes to lose a sign-in or a role.
    const fields = c.req.method === 'POST' ? await readFields(c) : new Map<string, string>()
    const seat = await seatOf(c, deps, passive ? 'passive' : 'active')
    if (seat === undefined) {
      // Without any cookie nobody has tried anything, and a tab that was left open only looks for news.
      if (!passive && readCookie(c, deps) !== undefined) turned(c, deps, { by: undefined, why: 'token' })
      return away(c, deps)
    }
    const by = seat.viewer.person
    c.set('turned', false)
    c.set('seat', seat)
    c.set('fields', new Map())
    c.set('now', deps.now())
    if (c.req.method === 'POST') {
      if (fields instanceof Problem) return c.html(notice('No form of ours', 'Nothing was done.'), 400)
      if (!isCsrf(seat.visit, fields.get('csrf'))) {
        turned(c, deps, { by, why: 'cross-site' })
        return c.html(notice('Not from here', 'This form is not of your sign-in. Nothing was done.'), 403)
      }
      c.set('fields', new Map([...fields].filter(([name]) => name !== 'csrf')))
    }
    c.set('waiting', await waitingFor(seat))
    c.set('said', c.req.method === 'GET' && !passive ? deps.visits.takeSaid(seat.visit) : undefined)
    await next()
    if (c.get('turned')) turned(c, deps, { by, why: 'role' })
    return undefined
  }
}

/** Invalid attempts at the console are evidence as those at the API are (PCI DSS 10.2.1.4). */
function turned(c: Context, deps: ConsoleDeps, who: Turned): void {
  const area = Object.entries(AREAS).find(([, { path }]) => c.req.path === path || c.req.path.startsWith(`${path}/`))
  deps.onTurned?.({ ...who, address: deps.addressOf(c), route: `console:${area?.[0] ?? 'other'}` })
}

/** Who sits behind the cookie of a request, if the sign-in still counts. */
export async function seatOf(
  c: Context,
  deps: ConsoleDeps,
  use: 'active' | 'passive' = 'active',
): Promise<Seat | undefined> {
  const visit = deps.visits.find(readCookie(c, deps))
  const person = visit && (await deps.login.personOf(visit.token, use))
  if (visit === undefined || person === undefined) return undefined
  const viewer = viewerOf(person)
  const factors = await factorsOf(viewer, deps)
  return { viewer, visit, token: visit.token, csrf: visit.csrf, address: deps.addressOf(c), factors }
}

async function factorsOf({ person }: Viewer, { factors, passkeys }: ConsoleDeps): Promise<Seat['factors']> {
  const [codes, keys] = await Promise.all([factors.isEnrolled(person), passkeys.listOf(person)])
  return { codes, passkeys: keys.length > 0 && passkeys.available }
}

/** To the sign-in, and from there back to where one wanted to go. */
function away(c: Context, deps: ConsoleDeps): Response | Promise<Response> {
  if (c.req.header(REFRESH_HEADER) !== undefined) return c.text('signed out', 401)
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD')
    return c.html(notice('You are signed out', 'Nothing was done. Open the page anew and sign in.'), 401)
  const url = new URL(c.req.url)
  const login = loginPath(landing(`${url.pathname}${url.search}`, deps.publicOrigin))
  const site = c.req.header('sec-fetch-site')
  return site === 'cross-site' || site === 'same-site' ? c.html(stepInside(login)) : c.redirect(login, 303)
}

/**
 * A strict cookie stays at home when a link in a chat or a mail leads here. This page, which says nothing, goes on from our own origin, and
 * the cookie comes along.
 */
const stepInside = (login: string): Html =>
  plainPage(
    'One moment',
    html`<meta http-equiv="refresh" content="0; url=${login}" />
      <p><a href="${login}">Go on</a></p>`,
  )
