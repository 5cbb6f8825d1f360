import { Hono } from 'hono'
import type { ApiDeps } from '../api.ts'
import { mayDeny } from '../deciding.ts'
import { createEventStreams } from '../events.ts'
import type { Viewer } from '../viewer.ts'
import { accessPages, requestsFor, toAnswer } from './access.ts'
import { approvalPages, openFor } from './approvals.ts'
import { accountPages, newPasskeyOptions } from './account.ts'
import { respondAsset } from './assets.ts'
import { reviewPages, reviewsToSign } from './reviews.ts'
import { factorOptions } from './factor-route.ts'
import { AREAS, notice, respondNotFound } from './frame.ts'
import { gate, headers, sameOrigin, seatOf } from './gate.ts'
import { grantPages } from './grants.ts'
import { evidencePages } from './evidence.ts'
import { healthPages } from './health.ts'
import { oidcRoutes } from './oidc-sign-in.ts'
import { peoplePages } from './people.ts'
import { policyPages } from './policies.ts'
import { replayPages } from './replay.ts'
import { requestPages } from './requests.ts'
import type { ConsoleDeps, ConsoleEnv, Seat, Waiting } from './seat.ts'
import { sessionPages } from './sessions.ts'
import { scriptPages, scriptsToDecide } from './scripts.ts'
import { signInRoutes } from './sign-in.ts'
import { TERMINAL_PATH } from '../browser-login.ts'
import { terminalPages } from './terminal.ts'
import { PATH as TERMINAL_PAGE } from './terminal-page.ts'
import { createVisits } from './visits.ts'
import { welcomeRoutes } from './welcome.ts'

/** The console: every page of it is made here on the server and works without script; the script adds news, times and passkeys. */
export function consoleRoutes(given: ApiDeps): Hono<ConsoleEnv> {
  const deps = depsOf(given)
  const app = new Hono<ConsoleEnv>()
  const inside = [
    ...Object.values(AREAS).map(({ path }) => `${path}/*`),
    '/access-requests/*',
    '/scripts/*',
    '/reviews/*',
  ]
  for (const path of ['/', '/login/*', '/logout', '/welcome/*', '/console/*', TERMINAL_PATH, ...inside])
    app.use(path, headers, sameOrigin(deps))
  app.post('/account/passkeys/options', (c) => newPasskeyOptions(c, deps))
  for (const path of ['/', ...inside])
    app.use(
      path,
      gate(deps, (seat) => waitingFor(seat, deps)),
    )
  const stream = createEventStreams(deps)
  app.get('/console/events', async (c) => {
    const seat = await seatOf(c, deps, 'passive')
    return seat === undefined ? c.text('signed out', 401) : stream(c, seat.token, seat.viewer)
  })
  app.post('/console/factor', (c) => factorOptions(c, deps))
  app.get('/console/:name', respondAsset)
  signInRoutes(app, deps)
  oidcRoutes(app, deps)
  welcomeRoutes(app, deps)
  app.get(TERMINAL_PATH, (c) => c.redirect(TERMINAL_PAGE, 303))
  app.get('/', (c) => c.redirect(home(c.get('seat').viewer), 303))
  for (const pages of [
    approvalPages,
    accessPages,
    requestPages,
    grantPages,
    healthPages,
    accountPages,
    terminalPages,
    peoplePages,
    scriptPages,
    reviewPages,
    ...WATCHING,
  ])
    app.route('/', pages(deps))
  for (const path of inside) app.all(path, (c) => respondNotFound(c))
  app.onError((error, c) => {
    deps.onFault(error)
    return c.html(notice('Something failed on our side', 'It was noted for the operator. Go back and try again.'), 500)
  })
  return app
}

function depsOf(given: ApiDeps): ConsoleDeps {
  const { clock, config } = given
  return {
    ...given,
    publicUrl: config.publicUrl,
    publicOrigin: new URL(config.publicUrl).origin,
    now: () => clock.now(),
    visits: createVisits({ clock }),
    hasOidc: given.oidc !== undefined,
  }
}

/** Sessions, what they did, and by which rules. */
const WATCHING = [sessionPages, replayPages, policyPages, evidencePages]

/** What waits for this very person: what would count if they decided it now. */
async function waitingFor(seat: Seat, deps: ConsoleDeps): Promise<Waiting> {
  const { viewer } = seat
  const [open, requests, scripts, reviews] = await Promise.all([
    openFor(seat, deps),
    requestsFor(seat, deps, { state: 'open' }),
    scriptsToDecide(viewer, deps),
    reviewsToSign(viewer, deps),
  ])
  const mine = open.filter((one) => mayDeny(one, viewer, deps.now()))
  return { approvals: mine.length + scripts.length + reviews.length, requests: toAnswer(requests).length }
}

/** Where a person begins: whoever only asks for access, with that. */
function home({ roles }: Viewer): string {
  if (roles.includes('approver')) return AREAS.approvals.path
  if (roles.includes('engineer')) return AREAS.access.path
  return roles.includes('auditor') || roles.includes('security') ? AREAS.sessions.path : AREAS.people.path
}
