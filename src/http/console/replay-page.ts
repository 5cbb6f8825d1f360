import { html } from 'hono/html'
import type { SessionRecord } from '../ports.ts'
import { mayEnd } from '../sight.ts'
import type { Viewer } from '../viewer.ts'
import type { Html } from './frame.ts'
import { badge, timeInline } from './parts.ts'
import { terminateForm } from './session-page.ts'

/** A recording with its player. */
export const replayBody = (session: SessionRecord, player: Html): Html =>
  html`<h1>Replay: ${session.person} at ${session.target}</h1>
    <p class="soft">
      <a href="/sessions/${session.id}">${session.id}</a> · from ${session.address} ·
      ${timeInline(session.startedAt)}${
        session.endedAt === undefined
          ? html` · ${badge('live')} <a href="/sessions/${session.id}/watch">Watch it live</a>`
          : html` to ${timeInline(session.endedAt)}`
      }
      · your looking at it is recorded
    </p>
    ${player}`

export interface WatchPage {
  readonly session: SessionRecord
  readonly viewer: Viewer
  readonly csrf: string
  readonly player: Html
}

/** A live session, read-only. */
export const watchBody = ({ session, viewer, csrf, player }: WatchPage): Html =>
  html`<h1>Live: ${session.person} at ${session.target}</h1>
    <p class="soft">
      <a href="/sessions/${session.id}">${session.id}</a> · from ${session.address} · since
      ${timeInline(session.startedAt)} · your watching is recorded ·
      <a href="/sessions/${session.id}/replay">Replay from the beginning</a>
    </p>
    ${mayEnd(viewer, session) ? terminateForm(session, csrf) : ''} ${player}
    <noscript
      ><p class="warn">
        Watching live needs the console's script. The replay shows what was recorded so far.
      </p></noscript
    >`
