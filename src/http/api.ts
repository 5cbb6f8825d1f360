import { Hono } from 'hono'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { accessRequestRoutes } from './access-requests.ts'
import { WHO } from './access-table.ts'
import type { RouteName } from './access-table.ts'
import { approvalRoutes } from './approvals.ts'
import { breakGlassRoutes } from './break-glass.ts'
import { browserLoginRoutes, type BrowserLoginPort } from './browser-login.ts'
import { admitWhole } from './bearer.ts'
import type { Turned } from './bearer.ts'
import { MAX_BODY } from './body.ts'
import { isForm } from './console/form.ts'
import { notice } from './console/frame.ts'
import { consoleRoutes } from './console/routes.ts'
import { credentialRoutes } from './credentials.ts'
import { eventsRoute } from './events.ts'
import { evidenceRoutes } from './evidence.ts'
import { grantRoutes } from './grants.ts'
import { healthRoutes } from './health.ts'
import { openapi } from './openapi.ts'
import { isOwnOrSilent } from './origin.ts'
import { ownFactorRoutes } from './own-factors.ts'
import { passkeyLoginRoutes } from './passkey-login.ts'
import { peopleRoutes } from './people.ts'
import { proposalRoutes } from './proposals.ts'
import type {
  AboutPort,
  ApprovalsPort,
  CredentialsPort,
  DeliveriesPort,
  EvidencePort,
  FactorsPort,
  GrantsPort,
  HealthPort,
  InvitesPort,
  LoginPort,
  MetricsPort,
  PoliciesPort,
  OffersPort,
  OidcPort,
  PasskeysPort,
  PeoplePort,
  RequestsPort,
  ReviewsPort,
  ScriptsPort,
  SessionsPort,
  SshPort,
  StopsPort,
  TargetsPort,
  TwoPersonPort,
  WatchPort,
  WelcomePort,
} from './ports.ts'
import { Problem, respondProblem } from './problem.ts'
import { NO_BODY, NO_QUERY } from './route.ts'
import type { Route } from './route.ts'
import { recordingRoutes } from './recordings.ts'
import { isScriptPath, scriptBodyLimit } from './script-body.ts'
import { scriptRoutes } from './scripts.ts'
import { sessionRoutes } from './sessions.ts'
import { sshKeyRoutes } from './ssh-keys.ts'
import { stopRoutes } from './stops.ts'

/** Where somebody knocked: a route of the API, or an area of the console. */
export type Place = RouteName | `console:${string}`

export interface ApiDeps {
  readonly login: LoginPort
  readonly browserLogins: BrowserLoginPort
  readonly passkeys: PasskeysPort
  readonly factors: FactorsPort
  readonly offers: OffersPort
  readonly twoPerson: TwoPersonPort
  readonly invites: InvitesPort
  readonly welcome: WelcomePort
  /** Undefined where the configuration names no provider. */
  readonly oidc: OidcPort | undefined
  readonly people: PeoplePort
  readonly targets: TargetsPort
  readonly grants: GrantsPort
  readonly requests: RequestsPort
  readonly approvals: ApprovalsPort
  readonly scripts: ScriptsPort
  readonly reviews: ReviewsPort
  readonly sessions: SessionsPort
  readonly stops: StopsPort
  readonly evidence: EvidencePort
  readonly watching: WatchPort
  readonly policies: PoliciesPort
  readonly credentials: CredentialsPort
  readonly ssh: SshPort
  readonly deliveries: DeliveriesPort
  readonly health: HealthPort
  readonly metrics: MetricsPort
  readonly about: AboutPort
  readonly clock: Clock
  readonly config: {
    /** What links point to and where our pages live; its origin is the only one that may post to us. */
    readonly publicUrl: string
    /** What a DSN names. */
    /** Undefined where no target speaks the protocol. */
    readonly postgres: { readonly host: string; readonly port: number } | undefined
  }
  /** Card numbers in a text become BIN and last four. */
  readonly scrub: (text: string) => string
  /** The peer's address of a request, e.g. by getConnInfo of @hono/node-server; a proxy's header is not trusted. */
  readonly addressOf: (c: Context) => string
  /** Told of everybody who was not let in. */
  readonly onTurned?: (turned: Turned & { readonly address: string; readonly route: Place }) => void
  /** Told of every fault behind a 500; nothing of it reaches the client. */
  readonly onFault: (error: Error) => void
}

/** The API and the console as one Hono app. Opens no port; `app.ts` listens. */
export function createApi(deps: ApiDeps): Hono {
  const app = new Hono()
  const fault = (error: unknown, c: Context): Response => {
    deps.onFault(asError(error))
    return respondProblem(c, new Problem('broken'))
  }
  app.onError(fault)
  app.notFound((c) => respondProblem(c, new Problem('not-found')))
  app.use(async (c, next) => {
    await next()
    // Hono answers a HEAD as a GET and leaves the body lying: what is made while it is sent would hold its place for ever.
    if (c.req.method === 'HEAD') await c.res.body?.cancel()
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store')
    c.res.headers.set('X-Content-Type-Options', 'nosniff')
    c.res.headers.set('Referrer-Policy', 'no-referrer')
  })
  const limited = (maxSize: number) => bodyLimit({ maxSize, onError: (c) => respondTooLarge(c, maxSize) })
  const [ordinary, script] = [limited(MAX_BODY), limited(scriptBodyLimit(deps.scripts.maxBytes))]
  app.use((c, next) => (isScriptPath(c.req.path) ? script : ordinary)(c, next))
  app.route('/', consoleRoutes(deps))
  mount(app, deps)
  return app
}

/** A form is answered with a page, everything else with a problem document. */
function respondTooLarge(c: Context, maxSize: number): Response | Promise<Response> {
  if (isForm(c)) return c.html(notice('That is too much', `A form may hold ${maxSize} bytes. Nothing was done.`), 413)
  return respondProblem(c, new Problem('too-large', `at most ${maxSize} bytes`))
}

const viewing = ({ config, clock }: ApiDeps) => ({ publicUrl: config.publicUrl, now: () => clock.now() })

function routesOf(deps: ApiDeps): Readonly<Record<RouteName, Route>> {
  const described = (): readonly { name: RouteName; who: (typeof WHO)[RouteName]; route: Route }[] => named(routes)
  const routes: Readonly<Record<RouteName, Route>> = {
    ...peopleRoutes(deps),
    ...passkeyLoginRoutes(deps),
    ...browserLoginRoutes({ ...deps, ...viewing(deps) }),
    ...ownFactorRoutes(deps),
    ...proposalRoutes({ ...deps, ...viewing(deps) }),
    ...credentialRoutes({ ...deps, postgres: deps.config.postgres }),
    ...sshKeyRoutes(deps),
    ...approvalRoutes({ ...deps, ...viewing(deps) }),
    ...accessRequestRoutes({ ...deps, ...viewing(deps) }),
    ...grantRoutes({ ...deps, ...viewing(deps) }),
    ...breakGlassRoutes({ ...deps, ...viewing(deps) }),
    ...scriptRoutes({ ...deps, ...viewing(deps) }),
    ...sessionRoutes(deps),
    ...stopRoutes(deps),
    ...evidenceRoutes(deps),
    ...recordingRoutes(deps),
    ...healthRoutes(deps),
    events: eventsRoute(deps),
    openapi: openapiRoute(() => openapi(described())),
  }
  return routes
}

const isRouteName = (name: string): name is RouteName => Object.hasOwn(WHO, name)

const named = (routes: Readonly<Record<RouteName, Route>>) =>
  Object.keys(WHO)
    .filter(isRouteName)
    .map((name) => ({ name, who: WHO[name], route: routes[name] }))

function openapiRoute(document: () => unknown): Route {
  return {
    method: 'get',
    path: '/api/v1/openapi.json',
    summary: 'This description',
    body: NO_BODY,
    query: NO_QUERY,
    answer: z.record(z.string(), z.unknown()),
    status: 200,
    respond: (c) => Promise.resolve(c.body(JSON.stringify(document()), 200, { 'Content-Type': 'application/json' })),
  }
}

function mount(app: Hono, deps: ApiDeps): void {
  const publicOrigin = new URL(deps.config.publicUrl).origin
  for (const { name, who, route } of named(routesOf(deps))) {
    app.on(route.method.toUpperCase(), route.path, async (c) => {
      const origin = { origin: c.req.header('origin'), fetchSite: c.req.header('sec-fetch-site') }
      const address = deps.addressOf(c)
      const onTurned = (turned: Turned): void => deps.onTurned?.({ ...turned, address, route: name })
      if (route.method !== 'get' && !isOwnOrSilent(origin, publicOrigin)) {
        onTurned({ by: undefined, why: 'cross-site' })
        return respondProblem(c, new Problem('cross-site'))
      }
      const viewer = await admitWhole(c, { who, login: deps.login, onTurned })
      if (viewer instanceof Problem) return respondProblem(c, viewer)
      // A wish that cannot even be read is a wish for access all the same.
      const onMalformed = (): void =>
        name === 'askAccess' ? onTurned({ by: viewer?.person, why: 'invalid' }) : undefined
      return route.respond(c, { viewer, address, onMalformed })
    })
  }
}
