import { timeOf } from './approval-view.ts'
import { askerOf } from './asker.ts'
import { sessionId } from './ids.ts'
import type { EvidencePort, SessionRecord, SessionsPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import { Done, EventsQuery, SessionEvents, Sessions, SessionsQuery, SessionView, TerminateBody } from './schemas.ts'
import { listed } from './session-list.ts'
import { mayEnd, seesSession } from './sight.ts'
import type { Viewer } from './viewer.ts'

export interface SessionDeps {
  readonly sessions: SessionsPort
  readonly evidence: EvidencePort
}

const PATH = '/api/v1/sessions'

/** The routes of sessions: an engineer sees their own, the watching roles all. */
export function sessionRoutes(deps: SessionDeps) {
  return {
    listSessions: route(
      {
        method: 'get',
        path: PATH,
        summary: 'Sessions that you may see, newest first',
        body: NO_BODY,
        query: SessionsQuery,
        answer: Sessions,
      },
      async ({ viewer, address, query }) => {
        const { sessions, next } = await listed(deps, { viewer, address, query })
        return { sessions: sessions.map(viewOf), next }
      },
    ),
    showSession: route(
      {
        method: 'get',
        path: `${PATH}/:id`,
        summary: 'One session',
        body: NO_BODY,
        query: NO_QUERY,
        answer: SessionView,
      },
      async ({ viewer, id }) => {
        const session = await findSession(id, viewer, deps)
        return session instanceof Problem ? session : viewOf(session)
      },
    ),
    ...watchedRoutes(deps),
  }
}

function watchedRoutes(deps: SessionDeps) {
  return {
    sessionEvents: route(
      {
        method: 'get',
        path: `${PATH}/:id/events`,
        summary: 'Recorded events; the viewing is recorded too',
        body: NO_BODY,
        query: EventsQuery,
        answer: SessionEvents,
      },
      async ({ viewer, id, address, query: { from, limit } }) => {
        const session = await findSession(id, viewer, deps)
        if (session instanceof Problem) return session
        const page = await deps.evidence.page({ recording: session.id, from, limit }, askerOf(viewer, address))
        return { events: page?.events ?? [], next: page?.next ?? null }
      },
    ),
    terminateSession: route(
      {
        method: 'post',
        path: `${PATH}/:id/terminate`,
        summary: 'End a session now',
        body: TerminateBody,
        query: NO_QUERY,
        answer: Done,
      },
      async ({ viewer, id, address, body: { reason } }) => {
        const session = await findSession(id, viewer, deps)
        if (session instanceof Problem) return session
        if (!mayEnd(viewer, session)) return new Problem('forbidden', 'only your own, unless you are admin or security')
        const ended = await deps.sessions.terminate({ id: session.id, by: viewer.person, origin: address, reason })
        return ended === 'terminated' ? { done: true as const } : new Problem('session-closed')
      },
    ),
  }
}

async function findSession(id: string, viewer: Viewer, { sessions }: SessionDeps): Promise<SessionRecord | Problem> {
  const known = sessionId(id)
  const session = known && (await sessions.find(known))
  return session !== undefined && seesSession(viewer, session) ? session : new Problem('not-found')
}

function viewOf({ startedAt, endedAt, ...session }: SessionRecord) {
  return { ...session, startedAt: timeOf(startedAt), endedAt: endedAt === undefined ? null : timeOf(endedAt) }
}
