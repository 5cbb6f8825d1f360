import { Hono } from 'hono'
import { html } from 'hono/html'
import { z } from 'zod'
import type { PageStart } from '../../evidence/questions.ts'
import { askerOf } from '../asker.ts'
import type { SessionRecord } from '../ports.ts'
import { seesAllStatements, seesSession } from '../sight.ts'
import type { Viewer } from '../viewer.ts'
import { sessionId } from '../ids.ts'
import { filterOf, FilterText, filtersOf } from './form.ts'
import { respondPage } from './frame.ts'
import { createLiveStreams } from './live-stream.ts'
import { empty } from './parts.ts'
import type { FoundPlaces, Player, PlayerPage } from './player.ts'
import { SHOWN_TEXT } from './recorded-text.ts'
import { replayBody, watchBody } from './replay-page.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'
import { streamOf } from '../stream.ts'
import { chosenChannel, screenAnswer, ScreenAsked, seenOn } from './screens.ts'
import { rows, sqlPlayer } from './sql-player.ts'
import { sshPlayer } from './ssh-player.ts'

const PLAYERS: Readonly<Record<SessionRecord['protocol'], Player>> = {
  postgres: { body: sqlPlayer, rows, scripts: ['player.js'], styles: ['sessions.css'] },
  ssh: { body: sshPlayer, rows, scripts: ['screen.js', 'player.js'], styles: ['sessions.css', 'screen.css'] },
}

/** The player for a session's protocol. */
export const playerOf = ({ protocol }: Pick<SessionRecord, 'protocol'>): Player => PLAYERS[protocol]

/** Lines of one page: with what the script keeps around it, some hundreds of rows stand in a page at most. */
export const WINDOW = 100
/** Lines before the moment that a link points to. */
const BEFORE = 15
const Line = z.coerce.number().int().min(0).max(1e12).optional().catch(undefined)
const Asked = z.object({
  at: Line,
  from: Line,
  /** Milliseconds since the session began. */
  ms: Line,
  /** An instant, as reports name them. */
  time: FilterText,
  limit: z.coerce.number().int().min(1).max(WINDOW).optional().catch(undefined),
  text: FilterText,
  verdict: filterOf(['hold', 'deny', 'cleared', 'refused']),
})

/** Recordings that play, and live sessions that are watched. Whoever looks stands in the ledger before anything is shown. */
export function replayPages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  const stream = createLiveStreams(deps)
  app.get('/sessions/:id/replay', (c) => replayHere(c, deps))
  app.get('/sessions/:id/replay/rows', (c) => rowsHere(c, deps))
  app.get('/sessions/:id/replay/screens', (c) => screensHere(c, deps))
  app.get('/sessions/:id/events/:line', (c) => eventHere(c, deps))
  app.get('/sessions/:id/export', (c) => exportHere(c, deps))
  app.get('/sessions/:id/watch', (c) => watchHere(c, deps))
  app.get('/sessions/:id/watch/lines', async (c) => {
    const session = await recordedFor(c, deps)
    return session === undefined ? c.text('Not found', 404) : stream(c, session, playerOf(session))
  })
  return app
}

/** Who may read what a session did: those who watch everything, and whoever did it. */
export const mayReplay = (viewer: Viewer, session: SessionRecord): boolean =>
  seesSession(viewer, session) && (seesAllStatements(viewer) || session.person === viewer.person)

/** The session of a path, where this viewer may read its recording. */
async function recordedFor(c: ConsoleContext, deps: ConsoleDeps): Promise<SessionRecord | undefined> {
  const known = sessionId(c.req.param('id') ?? '')
  const session = known && (await deps.sessions.find(known))
  return session !== undefined && mayReplay(c.get('seat').viewer, session) ? session : undefined
}

export const nothingHere = (c: ConsoleContext): Response | Promise<Response> =>
  respondPage(
    c,
    {
      title: 'Not found',
      active: 'sessions',
      body: html`<h1>Not found</h1>
        ${empty('There is no such recording, or it is not yours to see.', html`<a href="/sessions">Sessions</a>`)}`,
    },
    404,
  )

async function replayHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const session = await recordedFor(c, deps)
  const asked = filtersOf(c, Asked)
  const page = session && (await pageFor(c, { session, asked }, deps))
  if (session === undefined || page === undefined) return nothingHere(c)
  const found = await placesFor(c, { session, asked }, deps)
  const player = playerOf(session)
  const screens = await screensFor(c, { session, text: asked.text }, deps)
  const body = replayBody(session, player.body({ ...page, found, ...screens }))
  const title = `Replay: ${session.person} at ${session.target}`
  return respondPage(c, { title, active: 'sessions', body, scripts: player.scripts, styles: player.styles })
}

interface Wanted {
  readonly session: SessionRecord
  readonly asked: z.infer<typeof Asked>
}

async function pageFor(
  c: ConsoleContext,
  { session, asked }: Wanted,
  deps: ConsoleDeps,
): Promise<PlayerPage | undefined> {
  const { viewer, address } = c.get('seat')
  const { at, limit = WINDOW, text, verdict } = asked
  const wanted = { recording: session.id, from: startOf({ session, asked }), limit }
  const page = await deps.evidence.page(wanted, askerOf(viewer, address))
  return (
    page && {
      ...page,
      path: `/sessions/${session.id}`,
      startedAt: session.startedAt,
      lengthMs: (session.endedAt ?? deps.now()) - session.startedAt,
      at,
      window: WINDOW,
      most: SHOWN_TEXT,
      live: false,
      asked: { text, verdict },
      found: undefined,
      ...NO_SCREENS,
    }
  )
}

/** The first line of a page: at an instant, some lines before the one that a link points to, or where it says. */
function startOf({ session, asked: { at, from, ms, time } }: Wanted): PageStart {
  const instant = ms === undefined ? Date.parse(time ?? '') : session.startedAt + ms
  if (!Number.isNaN(instant)) return { at: instant }
  return at === undefined ? (from ?? 0) : Math.max(0, at - BEFORE)
}

const NO_SCREENS = { channels: [], channel: undefined, ms: undefined, sights: undefined } as const

/** What a player with screens needs: the channels, the one to begin with, and where a text stood on them. */
async function screensFor(
  c: ConsoleContext,
  { session, text }: { readonly session: SessionRecord; readonly text: string | undefined },
  { evidence }: ConsoleDeps,
): Promise<Pick<PlayerPage, 'channels' | 'channel' | 'ms' | 'sights'>> {
  if (session.protocol !== 'ssh') return NO_SCREENS
  const asked = filtersOf(c, ScreenAsked)
  const channels = await evidence.channels(session.id)
  const { viewer, address } = c.get('seat')
  const wanted = { session, channels, asked, asker: askerOf(viewer, address) }
  const sights = text === undefined ? undefined : await seenOn(evidence, { ...wanted, text })
  return { channels, channel: chosenChannel(channels, asked, session.startedAt), ms: asked.ms, sights }
}

/** Frames of one channel's screen, as data: nothing of a recording becomes markup anywhere. */
async function screensHere(c: ConsoleContext, { evidence, ...deps }: ConsoleDeps): Promise<Response> {
  const session = await recordedFor(c, { evidence, ...deps })
  const { viewer, address } = c.get('seat')
  const asked = filtersOf(c, ScreenAsked)
  const answer = session && (await screenAnswer(evidence, { session, asked, asker: askerOf(viewer, address) }))
  return answer === undefined ? c.text('Not found', 404) : c.json(answer)
}

const PLACES = 100

/** Where a text stands in this very recording, or statements with a verdict do. */
async function placesFor(
  c: ConsoleContext,
  { session, asked: { text, verdict } }: Wanted,
  deps: ConsoleDeps,
): Promise<FoundPlaces | undefined> {
  if (text === undefined && verdict === undefined) return undefined
  const { viewer, address } = c.get('seat')
  const asker = askerOf(viewer, address)
  const { startedAt, id } = session
  if (verdict === undefined && text !== undefined) {
    const found = await deps.evidence.find({ recording: id, text, from: 0 }, asker)
    return found && { items: found.items, more: found.next !== null, complete: found.complete, startedAt }
  }
  const found = await deps.evidence.search(
    { session: id, verdict, text, limit: PLACES, from: undefined, to: undefined },
    asker,
  )
  const items = found.items.map(({ line, statement, at, text: excerpt }) => ({ line, statement, at, excerpt }))
  return { items: items.toReversed(), more: found.next !== null, complete: found.complete, startedAt }
}

/** Rows for the script: the same items as in the page, with where they stand. */
async function rowsHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const session = await recordedFor(c, deps)
  const page = session && (await pageFor(c, { session, asked: filtersOf(c, Asked) }, deps))
  if (session === undefined || page === undefined) return c.text('Not found', 404)
  const { from, next, lines } = page
  return c.html(
    html`<ol data-from="${from}" data-next="${next ?? ''}" data-lines="${lines}">
      ${playerOf(session).rows(page)}
    </ol>`,
  )
}

/** One event with nothing left out. */
async function eventHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const session = await recordedFor(c, deps)
  const line = Line.parse(c.req.param('line'))
  if (session === undefined || line === undefined) return nothingHere(c)
  const page = await pageFor(
    c,
    { session, asked: { ...filtersOf(c, Asked), from: line, at: undefined, limit: 1 } },
    deps,
  )
  if (page === undefined || page.events.length === 0) return nothingHere(c)
  const body = html`<h1>One event of ${session.person} at ${session.target}</h1>
    <p><a href="${page.path}/replay?at=${line}#e${line}">Back to the replay</a></p>
    <ol class="moments">
      ${playerOf(session).rows({ ...page, most: Infinity })}
    </ol>`
  return respondPage(c, { title: 'One event', active: 'sessions', body, styles: ['sessions.css'] })
}

const MEDIA = { jsonl: 'application/x-ndjson', html: 'text/html; charset=utf-8' } as const
const Export = z.object({ format: z.enum(['jsonl', 'html']).catch('jsonl') })

/** The whole recording as a file; it is made while it is sent. */
async function exportHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const session = await recordedFor(c, deps)
  const { format } = filtersOf(c, Export)
  const { viewer, address } = c.get('seat')
  const lines = session && (await deps.evidence.lines({ recording: session.id, format }, askerOf(viewer, address)))
  if (session === undefined || lines === undefined) return nothingHere(c)
  return c.body(streamOf(withNewlines(lines)), 200, {
    'Content-Type': MEDIA[format],
    'Content-Disposition': `attachment; filename="countersign-${session.id}.${format}"`,
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
  })
}

async function* withNewlines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}

async function watchHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const session = await recordedFor(c, deps)
  if (session === undefined) return nothingHere(c)
  if (session.state === 'closed') return c.redirect(`/sessions/${session.id}/replay`, 303)
  const player = playerOf(session)
  const { viewer, csrf } = c.get('seat')
  const page: PlayerPage = {
    ...{ path: `/sessions/${session.id}`, startedAt: session.startedAt, lengthMs: 0, events: [], from: 0, next: null },
    ...{ lines: 0, at: undefined, window: WINDOW, most: SHOWN_TEXT, live: true, asked: {}, found: undefined },
    ...(await screensFor(c, { session, text: undefined }, deps)),
  }
  const body = watchBody({ session, viewer, csrf, player: player.body(page) })
  const title = `Live: ${session.person} at ${session.target}`
  return respondPage(c, { title, active: 'sessions', body, scripts: player.scripts, styles: player.styles })
}
