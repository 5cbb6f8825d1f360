import { html } from 'hono/html'
import type { Html } from './frame.ts'
import { offset } from './moments.ts'
import { filterForm } from './parts.ts'
import type { FoundPlaces, PlayerPage, PlayerRows } from './player.ts'
import { queryOf, setOf } from './query.ts'
import { excerpt } from './recorded-text.ts'
import { sqlRow } from './sql-row.ts'

/** The transcript of a SQL session with its controls. Without script it is a list with pages. */
export function sqlPlayer(page: PlayerPage): Html {
  const { path, lengthMs, lines, live } = page
  return html`${live ? '' : search(page)} ${page.below ?? ''}
    <section
      class="player${page.above === undefined ? '' : ' with-screen'}"
      aria-label="Player"
      tabindex="0"
      data-player
      data-path="${path}"
      data-length="${lengthMs}"
      data-lines="${lines}"
      ${page.next === null ? '' : html`data-next="${page.next}"`}
      ${page.at === undefined ? '' : html`data-at="${page.at}"`}
      ${live ? html`data-live-from` : ''}
    >
      ${live ? liveControls() : controls(page)} ${page.above ?? ''}
      <div class="transcript">
        ${live ? '' : earlier(page)}
        <ol class="moments" data-moments>
          ${rows(page)}
        </ol>
        ${live ? '' : later(page)}
      </div>
    </section>`
}

/** The rows alone, as the script asks for them. */
export const rows = ({ events, from, path, startedAt, most }: PlayerRows): readonly Html[] =>
  events.map((line, at) => sqlRow(line, { path, startedAt, line: from + at, most, pauseMs: pauseBefore(events, at) }))

function pauseBefore(events: PlayerRows['events'], at: number): number {
  const [before, now] = [momentIn(events[at - 1]), momentIn(events[at])]
  return before === undefined || now === undefined ? 0 : Math.max(0, now - before)
}

const momentIn = (line: PlayerRows['events'][number] | undefined): number | undefined =>
  typeof line?.['at'] === 'string' ? Date.parse(line['at']) : undefined

const SPEEDS = [
  ['1', '1×'],
  ['4', '4×'],
  ['16', '16×'],
  ['0', 'no wait'],
] as const

function controls({ lengthMs }: PlayerPage): Html {
  return html`<div class="controls" data-script>
    <div class="row">
      <button type="button" data-play>Play</button>
      <button type="button" class="quiet" data-step="-1" aria-label="Previous event">‹</button>
      <button type="button" class="quiet" data-step="1" aria-label="Next event">›</button>
      <label class="speed"
        ><span class="unseen">Speed</span>
        <select data-speed>
          ${SPEEDS.map(([value, label]) => html`<option value="${value}">${label}</option>`)}
        </select></label
      >
      <span class="clock"><output data-clock>0:00.0</output> <span class="soft">of ${offset(lengthMs)}</span></span>
      <button type="button" class="quiet link" data-link>Copy link</button>
    </div>
    <label class="seek"
      ><span class="unseen">Position in the session</span>
      <input type="range" min="0" max="${Math.max(1, lengthMs)}" step="1" value="0" data-seek />
    </label>
    <p class="soft small status" role="status" data-status></p>
    <details class="keys">
      <summary>Keys</summary>
      <p class="small">
        <kbd>Space</kbd> play or pause, <kbd>J</kbd> <kbd>K</kbd> next and previous event, <kbd>←</kbd> <kbd>→</kbd> ten
        seconds back and on, <kbd>Home</kbd> <kbd>End</kbd>, <kbd>1</kbd>-<kbd>4</kbd> speed, <kbd>/</kbd> search. They
        work while the player has the focus.
      </p>
    </details>
  </div>`
}

const liveControls = (): Html =>
  html`<div class="controls" data-script>
    <div class="row">
      <span class="badge live" data-live-badge>connecting</span>
      <button type="button" class="quiet" data-follow aria-pressed="true">Follow</button>
      <p class="soft small status" role="status" data-status>Nothing that you do here reaches the session.</p>
    </div>
  </div>`

const earlier = ({ from, path, window }: PlayerPage): Html =>
  html`<p class="pager" data-earlier-room ${from === 0 ? html`hidden` : ''}>
    <a class="quiet" rel="prev" href="${path}/replay?from=${Math.max(0, from - window)}" data-earlier>Earlier events</a>
  </p>`

const later = ({ next, path }: PlayerPage): Html =>
  html`<p class="pager" data-later-room ${next === null ? html`hidden` : ''}>
    <a class="quiet" rel="next" href="${path}/replay?from=${next ?? 0}" data-later>Later events</a>
  </p>`

const VERDICTS = [
  { value: 'hold', label: 'held' },
  { value: 'deny', label: 'denied' },
  { value: 'cleared', label: 'held, then cleared' },
  { value: 'refused', label: 'held, then refused' },
]

function search({ path, asked, found }: PlayerPage): Html {
  return html`${filterForm(`${path}/replay`, [
    { name: 'text', label: 'Search in this session', value: asked.text, type: 'search' },
    { name: 'verdict', label: 'Verdict', value: asked.verdict, options: VERDICTS },
  ])}
  ${found === undefined ? '' : foundList(found, path, asked)}`
}

function foundList({ items, startedAt, more, complete }: FoundPlaces, path: string, asked: PlayerPage['asked']): Html {
  const query = queryOf(setOf(asked))
  const again = query === '' ? '' : `&${query}`
  return html`<section class="card found" aria-label="Found">
    <h2>${items.length === 0 ? 'Nothing in this session fits' : `${items.length}${more ? ' first' : ''} found`}</h2>
    ${complete ? '' : html`<p class="soft">Recordings are still being read; there may be more.</p>`}
    <ol>
      ${items.map(
        ({ line, statement, at, excerpt: text }) =>
          html`<li>
            <a href="${path}/replay?at=${line}${again}#e${line}"
              >#${statement} at ${offset(Date.parse(at) - startedAt)}</a
            >
            <code class="one-line">${excerpt(text)}</code>
          </li>`,
      )}
    </ol>
  </section>`
}
