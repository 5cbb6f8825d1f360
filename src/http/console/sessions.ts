import { Hono } from 'hono'
import { isName } from '../../model/ids.ts'
import { sessionId } from '../ids.ts'
import type { SessionRecord } from '../ports.ts'
import { Problem } from '../problem.ts'
import { TerminateBody } from '../schemas.ts'
import { listed } from '../session-list.ts'
import type { SessionList } from '../session-list.ts'
import { mayEnd, seesAllSessions, seesSession } from '../sight.ts'
import type { Viewer } from '../viewer.ts'
import { csv, csvHeaders, cutRow } from './csv.ts'
import { filtersOf, formOf, sentence } from './form.ts'
import { respondPage } from './frame.ts'
import { inTime } from './in-time.ts'
import { endOf, momentOf } from './moments.ts'
import { mayReplay, nothingHere } from './replay.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'
import { SessionFilters } from './session-filters.ts'
import { sessionBody } from './session-page.ts'
import type { SessionPage, Verified } from './session-page.ts'
import { CSV_HEAD, csvRow, sessionsBody } from './session-table.ts'

const PAGE = 50
/** Sessions of one export. */
const MOST_EXPORTED = 5000
/** Longest wait for a verification before the page says that it takes a while, in milliseconds. */
const VERIFY_MS = 1500

/** Sessions, live and past: the list, one of them, and the end of one. */
export function sessionPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get('/sessions', (c) => listHere(c, deps))
  app.get('/sessions/:id', (c) => sessionHere(c, deps))
  app.post('/sessions/:id/terminate', (c) => terminateHere(c, deps))
  return app
}

async function listHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { viewer } = c.get('seat')
  const filters = filtersOf(c, SessionFilters)
  if (filters.format !== undefined) return exported(c, filters, deps)
  const { sessions, next } = await pageOf(c, { ...filters, limit: PAGE }, deps)
  const body = sessionsBody({ sessions, next, filters, now: deps.now(), ...sightOf(viewer) })
  return respondPage(c, { title: 'Sessions', active: 'sessions', body, styles: ['sessions.css'] })
}

const sightOf = (viewer: Viewer) => ({
  everybody: seesAllSessions(viewer),
  mayReplay: (session: SessionRecord) => mayReplay(viewer, session),
})

function pageOf(
  c: ConsoleContext,
  filters: SessionFilters & { readonly limit: number },
  deps: ConsoleDeps,
): Promise<SessionList> {
  const { viewer, address } = c.get('seat')
  const { from, to, person, target, cursor, state, table, column, text, verdict, limit } = filters
  // A name that nobody can have finds nothing; left out, it would find everything.
  if ([person, target].some((name) => name !== undefined && !isName(name)))
    return Promise.resolve({ sessions: [], next: null })
  const content = { state, table, column, text, verdict }
  const period = { from: momentOf(from), to: endOf(to) }
  const place = cursor === undefined ? undefined : sessionId(cursor)
  return listed(deps, { viewer, address, query: { ...content, ...period, person, target, cursor: place, limit } })
}

async function exported(c: ConsoleContext, filters: SessionFilters, deps: ConsoleDeps): Promise<Response> {
  const all: SessionRecord[] = []
  let cursor: string | undefined
  do {
    const { sessions, next } = await pageOf(c, { ...filters, cursor, limit: 500 }, deps)
    all.push(...sessions)
    cursor = next ?? undefined
  } while (cursor !== undefined && all.length < MOST_EXPORTED)
  const cut = cursor !== undefined
  if (filters.format === 'json') return c.json({ sessions: all, cut })
  return c.body(csv([CSV_HEAD, ...all.map(csvRow), ...cutRow(all.length, cut)]), 200, csvHeaders('sessions'))
}

async function seenSession(c: ConsoleContext, deps: ConsoleDeps): Promise<SessionRecord | undefined> {
  const known = sessionId(c.req.param('id') ?? '')
  const session = known && (await deps.sessions.find(known))
  return session !== undefined && seesSession(c.get('seat').viewer, session) ? session : undefined
}

async function sessionHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const session = await seenSession(c, deps)
  if (session === undefined) return nothingHere(c)
  const { viewer, csrf } = c.get('seat')
  const [head, tally, verified] = await Promise.all([
    deps.evidence.head(session.id),
    deps.evidence.tally(session.id),
    verifiedInTime(session, deps),
  ])
  const rights = { mayReplay: mayReplay(viewer, session), mayEnd: mayEnd(viewer, session) }
  const page: SessionPage = { session, csrf, now: deps.now(), head, tally, verified, ...rights }
  const title = `${session.person} at ${session.target}`
  const self = `/sessions/${session.id}`
  return respondPage(c, { title, active: 'sessions', body: sessionBody(page), self, styles: ['sessions.css'] })
}

const verifiedInTime = (session: SessionRecord, deps: ConsoleDeps): Promise<Verified> =>
  inTime(deps.evidence.verify(session.id), { clock: deps.clock, ms: VERIFY_MS, late: 'slow' as const })

async function terminateHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { viewer, visit, address } = c.get('seat')
  const session = await seenSession(c, deps)
  if (session === undefined || !mayEnd(viewer, session)) return nothingHere(c)
  const form = formOf(c, TerminateBody)
  if (form instanceof Problem) deps.visits.say(visit, `Nothing was done. ${sentence(form)}`)
  else {
    const ended = await deps.sessions.terminate({
      id: session.id,
      by: viewer.person,
      origin: address,
      reason: form.reason,
    })
    deps.visits.say(
      visit,
      ended === 'terminated' ? `You ended it. ${session.person} is told why.` : 'It had already ended.',
    )
  }
  return c.redirect(`/sessions/${session.id}`, 303)
}
