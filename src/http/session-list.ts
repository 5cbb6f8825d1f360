import type { z } from 'zod'
import { personName } from '../model/ids.ts'
import { askerOf } from './asker.ts'
import { asTarget, sessionId } from './ids.ts'
import type { EvidencePort, SessionRecord, SessionsPort } from './ports.ts'
import type { SessionsQuery } from './schemas.ts'
import { seesAllSessions, seesSession } from './sight.ts'
import type { Viewer } from './viewer.ts'

export interface SessionListDeps {
  readonly sessions: SessionsPort
  readonly evidence: EvidencePort
}

export interface SessionListAsked {
  readonly viewer: Viewer
  readonly address: string
  readonly query: z.infer<typeof SessionsQuery>
}

/** A page of sessions; `next` is handed in as `cursor` for the one after it. */
export interface SessionList {
  readonly sessions: readonly SessionRecord[]
  readonly next: string | null
}

const EMPTY: SessionList = { sessions: [], next: null }

/** Sessions that this person may see, newest first. What is asked of their statements is asked of the index, and noted in the ledger. */
export async function listed(deps: SessionListDeps, asked: SessionListAsked): Promise<SessionList> {
  const { viewer, query } = asked
  const { table, column, class: classOf, text, verdict } = query
  const wanted = query.person === undefined ? undefined : personName(query.person)
  // Somebody else's name gives an engineer an empty list, the same as a name that nobody has.
  if (!seesAllSessions(viewer) && wanted !== undefined && wanted !== viewer.person) return EMPTY
  const hasContent = [table, column, classOf, text, verdict].some((part) => part !== undefined)
  return hasContent ? byContent(deps, asked) : byHead(deps, asked)
}

async function byHead({ sessions }: SessionListDeps, { viewer, query }: SessionListAsked): Promise<SessionList> {
  const { state, from, to, limit } = query
  const found = await sessions.list({
    person: personOf(viewer, query),
    target: query.target === undefined ? undefined : asTarget(query.target),
    after: query.cursor === undefined ? undefined : sessionId(query.cursor),
    ...{ state, from, to, limit },
  })
  const next = found.length < limit ? null : (found.at(-1)?.id ?? null)
  return { sessions: found.filter((session) => seesSession(viewer, session)), next }
}

/** With a state asked for as well, a page may hold fewer sessions than were found; `next` goes on all the same. */
async function byContent(deps: SessionListDeps, { viewer, address, query }: SessionListAsked): Promise<SessionList> {
  const { target, state, table, column, class: classOf, text, verdict, from, to, limit, cursor } = query
  const filter = {
    ...{ table, column, class: classOf, text, verdict, from, to, limit, cursor },
    person: personOf(viewer, query),
    target: target === undefined ? undefined : asTarget(target),
  }
  const { items, next } = await deps.evidence.sessions(filter, askerOf(viewer, address))
  const found = await Promise.all(items.map(({ session }) => deps.sessions.find(session)))
  const sessions = found
    .filter((session) => session !== undefined)
    .filter((session) => seesSession(viewer, session) && (state === undefined || session.state === state))
  return { sessions, next }
}

function personOf(viewer: Viewer, { person }: SessionListAsked['query']) {
  if (!seesAllSessions(viewer)) return viewer.person
  return person === undefined ? undefined : personName(person)
}
