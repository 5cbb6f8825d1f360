import { personName } from '../model/ids.ts'
import { timeOf } from './approval-view.ts'
import { asTarget, sessionId } from './ids.ts'
import type { RecordingsPort, SessionRecord, SessionsPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import { Done, EventsQuery, SessionEvents, Sessions, SessionsQuery, SessionView, TerminateBody } from './schemas.ts'
import { seesAllSessions, seesSession } from './sight.ts'
import type { Viewer } from './viewer.ts'

export interface SessionDeps {
  readonly sessions: SessionsPort
  readonly recordings: RecordingsPort
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
      async ({ viewer, query }) => {
        const asked = query.person === undefined ? undefined : personName(query.person)
        // Somebody else's name gives an engineer an empty list, the same as a name that nobody has.
        if (!seesAllSessions(viewer) && asked !== undefined && asked !== viewer.person) return { sessions: [] }
        const person = seesAllSessions(viewer) ? asked : viewer.person
        const target = query.target === undefined ? undefined : asTarget(query.target)
        const found = await deps.sessions.list({ person, target, state: query.state, limit: query.limit })
        return { sessions: found.filter((session) => seesSession(viewer, session)).map(viewOf) }
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
      async ({ viewer, id, query: { from, limit } }) => {
        const session = await findSession(id, viewer, deps)
        if (session instanceof Problem) return session
        const events = await deps.recordings.events({ session: session.id, by: viewer.person, from, limit })
        return { events: [...events], next: events.length < limit ? null : from + events.length }
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
      async ({ viewer, id, body: { reason } }) => {
        const session = await findSession(id, viewer, deps)
        if (session instanceof Problem) return session
        const ended = await deps.sessions.terminate({ id: session.id, by: viewer.person, reason })
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
