import { Hono } from 'hono'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { WHO } from './access-table.ts'
import type { RouteName } from './access-table.ts'
import { approvalRoutes } from './approvals.ts'
import { admit } from './bearer.ts'
import { MAX_BODY } from './body.ts'
import { credentialRoutes } from './credentials.ts'
import { eventsRoute } from './events.ts'
import { healthRoutes } from './health.ts'
import { openapi } from './openapi.ts'
import { isOwnOrSilent } from './origin.ts'
import { createApprovalPage } from './page/approval-page.ts'
import { peopleRoutes } from './people.ts'
import type {
  ApprovalsPort,
  CredentialsPort,
  GrantsPort,
  HealthPort,
  LoginPort,
  MetricsPort,
  PeoplePort,
  RecordingsPort,
  SessionsPort,
  TargetsPort,
} from './ports.ts'
import { Problem, respondProblem } from './problem.ts'
import { NO_BODY, NO_QUERY } from './route.ts'
import type { Route } from './route.ts'
import { sessionRoutes } from './sessions.ts'

export interface ApiDeps {
  readonly login: LoginPort
  readonly people: PeoplePort
  readonly targets: TargetsPort
  readonly grants: GrantsPort
  readonly approvals: ApprovalsPort
  readonly sessions: SessionsPort
  readonly recordings: RecordingsPort
  readonly credentials: CredentialsPort
  readonly health: HealthPort
  readonly metrics: MetricsPort
  readonly clock: Clock
  readonly config: {
    /** What links point to and where our pages live; its origin is the only one that may post to us. */
    readonly publicUrl: string
    /** What a DSN names. */
    readonly postgres: { readonly host: string; readonly port: number }
  }
  /** Card numbers in a text become BIN and last four. */
  readonly scrub: (text: string) => string
  /** The peer's address of a request, e.g. by getConnInfo of @hono/node-server; a proxy's header is not trusted. */
  readonly addressOf: (c: Context) => string
  /** Told of every fault behind a 500; nothing of it reaches the client. */
  readonly onFault: (error: Error) => void
}

/** The API and the plain approval page as one Hono app. Opens no port; `app.ts` listens. */
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
    c.res.headers.set('Cache-Control', 'no-store')
    c.res.headers.set('X-Content-Type-Options', 'nosniff')
    c.res.headers.set('Referrer-Policy', 'no-referrer')
  })
  app.use(
    bodyLimit({
      maxSize: MAX_BODY,
      onError: (c) => respondProblem(c, new Problem('too-large', `at most ${MAX_BODY} bytes`)),
    }),
  )
  app.route(
    '/approvals',
    createApprovalPage({ ...deps, ...viewing(deps), publicOrigin: new URL(deps.config.publicUrl).origin }),
  )
  mount(app, deps)
  return app
}

const viewing = ({ config, clock }: ApiDeps) => ({ publicUrl: config.publicUrl, now: () => clock.now() })

function routesOf(deps: ApiDeps): Readonly<Record<RouteName, Route>> {
  const described = (): readonly { name: RouteName; who: (typeof WHO)[RouteName]; route: Route }[] => named(routes)
  const routes: Readonly<Record<RouteName, Route>> = {
    ...peopleRoutes(deps),
    ...credentialRoutes({ ...deps, postgres: deps.config.postgres }),
    ...approvalRoutes({ ...deps, ...viewing(deps) }),
    ...sessionRoutes(deps),
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
  for (const { who, route } of named(routesOf(deps))) {
    app.on(route.method.toUpperCase(), route.path, async (c) => {
      const origin = { origin: c.req.header('origin'), fetchSite: c.req.header('sec-fetch-site') }
      if (route.method !== 'get' && !isOwnOrSilent(origin, publicOrigin))
        return respondProblem(c, new Problem('cross-site'))
      const viewer = await admit(c, { who, login: deps.login })
      if (viewer instanceof Problem) return respondProblem(c, viewer)
      return route.respond(c, { viewer, address: deps.addressOf(c) })
    })
  }
}
