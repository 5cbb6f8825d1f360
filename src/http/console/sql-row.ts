import { html } from 'hono/html'
import type { RecordedLine } from '../../evidence/questions.ts'
import type { RedactedText } from '../../model/redacted.ts'
import type { StoredEvent } from '../../recording/stored.ts'
import { visible } from '../../recording/visible.ts'
import { askWords } from './ask-words.ts'
import type { Html } from './frame.ts'
import { offset } from './moments.ts'
import { badge, span, utc } from './parts.ts'
import { cut, inert, recorded, SHOWN_TEXT } from './recorded-text.ts'
import { channelOf, isSsh, sshContent } from './ssh-row.ts'
import { shownEvent } from './recorded-event.ts'
import type { RecordedFacts, Shown } from './recorded-event.ts'

type Of<Kind extends StoredEvent['kind']> = Extract<StoredEvent, { kind: Kind }>

/** What a row needs to know of its recording. */
export interface RowPlace {
  /** Path of the session, e.g. `/sessions/s_…`. */
  readonly path: string
  readonly startedAt: number
  /** Line of the event: a damaged one has no number of its own. */
  readonly line: number
  /** Since the event before it, where that is known. */
  readonly pauseMs: number
  /** Characters of a text that are shown; `Infinity` for all of it. */
  readonly most: number
}

/** A silence that is worth a word. */
const SHOWN_PAUSE_MS = 2000
/** Rows of a result that stand in the list; the page of one event shows all that were kept. */
const SHOWN_ROWS = 10

/** One event as an item of the transcript. All that was recorded is text of text nodes. */
export function sqlRow(line: RecordedLine, place: RowPlace): Html {
  const shown = shownEvent(line)
  if (shown === undefined) return unreadable(place)
  const { event } = shown
  const at = Date.parse(event.at)
  const ms = Math.max(0, at - place.startedAt)
  return html`<li
    id="e${place.line}"
    class="moment ${kindClass(event)}"
    data-line="${place.line}"
    data-ms="${ms}"
    ${screenOf(event)}
  >
    <a class="when" href="${place.path}/replay?at=${place.line}#e${place.line}" title="${utc(at)}" data-moment
      ><span class="unseen">Moment </span>${offset(ms)}</a
    >
    <div class="what">
      ${place.pauseMs >= SHOWN_PAUSE_MS ? html`<p class="soft small pause">${span(place.pauseMs)} later</p>` : ''}
      ${content(shown, place)}
    </div>
  </li>`
}

/** Whose screen goes with it, for the script. */
function screenOf(event: StoredEvent): Html | string {
  const channel = channelOf(event)
  if (channel === undefined) return ''
  const hasBegun = event.kind === 'ssh.cast' && event.state === 'begun'
  return html`data-channel="${channel}" ${hasBegun ? html`data-began` : ''}`
}

const unreadable = ({ line, path }: RowPlace): Html =>
  html`<li id="e${line}" class="moment fault" data-line="${line}">
    <a class="when" href="${path}/replay?at=${line}#e${line}" data-moment>line ${line}</a>
    <div class="what">
      <p class="bad"><b>This line is no event any more:</b> the recording was changed. Verification tells more.</p>
    </div>
  </li>`

function kindClass(event: StoredEvent): string {
  const kind = event.kind.replace('.', '-')
  if (event.kind === 'statement') return `${kind} ${STANDS[event.verdict.effect] ?? ''}`
  if (event.kind === 'result' && event.end !== 'done') return `${kind} is-failed`
  if (event.kind === 'ssh.exit' && event.code !== 0) return `${kind} is-failed`
  return kind
}

const STANDS: Readonly<Record<string, string>> = { hold: 'is-hold', deny: 'is-deny' }

function content({ event, facts }: Shown, place: RowPlace): Html {
  if (isSsh(event)) return sshContent(event)
  switch (event.kind) {
    case 'statement':
      return statement(event, facts, place)
    case 'hold':
      return hold(event)
    case 'ruling':
      return ruling(event)
    case 'result':
      return result(event)
    case 'rows':
      return rows(event, place)
    case 'pg.notice':
      return html`<p>${badge(visible(event.severity.toLowerCase()), 'plain')}</p>
        <pre>${inert(event.text)}</pre>`
    case 'pg.notification':
      return html`<p>Notification on <code>${inert(event.channel)}</code></p>
        <pre>${inert(event.payload)}</pre>`
    case 'pg.parameter':
      return html`<p class="soft">
        The target reports <code>${inert(event.name)}</code> = <code>${inert(event.value)}</code>
      </p>`
    case 'find':
      return html`<p class="bad">
        <b>${event.count} card ${event.count === 1 ? 'number' : 'numbers'} found</b> where none was expected:
        ${visible(event.where)}. Cut down before anybody saw it.
      </p>`
    default:
      return frameOf(event)
  }
}

/** Beginning, end and checkpoints. */
function frameOf(event: Of<'open' | 'close' | 'seal' | 'crash' | 'other'>): Html {
  switch (event.kind) {
    case 'open':
      return html`<p class="soft">Session opened under policy <code>${visible(event.policyVersion)}</code></p>`
    case 'close':
      return html`<p>
        <b>Session ended:</b> ${visible(event.reason)}${event.text === null ? '' : html` (${inert(event.text)})`}
      </p>`
    case 'seal':
      return html`<p class="soft">Signed checkpoint, key <code>${visible(event.key.slice(0, 16))}</code></p>`
    case 'crash':
      return crash(event)
    case 'other':
      return html`<p class="soft">${inert(event.name)} (an event that this version does not know)</p>`
  }
}

const MESSAGES: Readonly<Record<string, string>> = {
  parse: 'prepared',
  bind: 'bound',
  execute: 'executed again',
  copy: 'copy',
  exec: 'command',
  line: 'line of the prompt',
  shell: 'shell',
  subsystem: 'subsystem',
  sftp: 'file',
  forward: 'forward',
}

function statement(event: Of<'statement'>, facts: readonly RecordedFacts[], place: RowPlace): Html {
  const { text, left } = cut(event.text, place.most)
  const { effect, rules } = event.verdict
  const way = MESSAGES[event.message]
  return html`<p class="head">
      <span class="number">#${event.statement}</span> ${badge(VERDICTS[effect] ?? visible(effect))}
      ${way === undefined ? '' : html`<span class="tag">${way}</span>`}
      <span class="soft small">${visible(rules.join(', '))}</span>
    </p>
    ${directoryOf(event)}
    <pre>${recorded(text)}</pre>
    ${left === 0 ? '' : whole(left, place)} ${values(event)} ${facts.map(factsLine)}`
}

function directoryOf({ place }: Of<'statement'>): Html | string {
  if (place?.directory === undefined || place.directory === null) return ''
  return html`<p class="soft small">in <code>${inert(place.directory)}</code></p>`
}

const VERDICTS: Readonly<Record<string, string>> = { allow: 'allowed', hold: 'held', deny: 'denied' }

const whole = (left: number, { path, line }: RowPlace): Html =>
  html`<p><a href="${path}/events/${line}">Show it whole</a> <span class="soft">(${left} more characters)</span></p>`

function values({ values: bound }: Of<'statement'>): Html | string {
  if (bound.length === 0) return ''
  return html`<p class="small values">
    ${bound.map(
      (value, at) => html`<span><code>$${at + 1}</code> = ${value === null ? html`<i>NULL</i>` : cell(value)}</span> `,
    )}
  </p>`
}

const cell = (value: RedactedText): Html => html`<code>${recorded(cut(value, 200).text)}</code>`

function factsLine({ verbs, tables, classes, complete, gaps }: RecordedFacts): Html | string {
  if (tables.length === 0 && classes.length === 0 && complete) return ''
  return html`<p class="small soft facts">
    ${visible(verbs.join(', '))}${tables.length === 0 ? '' : html` · ${tables.map((name) => html`<code>${inert(name)}</code> `)}`}
    ${classes.map((name) => html`<span class="tag">${visible(name)}</span>`)}
    ${complete ? '' : html`<span class="bad">not everything is known: ${inert(gaps.join('; '))}</span>`}
  </p>`
}

function hold({ approval, terms }: Of<'hold'>): Html {
  return html`<p>
    Held as <a href="/approvals/${encodeURIComponent(approval.toWellFormed())}"><code>${visible(approval)}</code></a
    >:
    ${terms
      .map(
        ({ rule, withinMs, ...asked }) =>
          `needs ${visible(askWords(asked))} within ${span(withinMs)} (${visible(rule)})`,
      )
      .join('; ')}
  </p>`
}

function ruling({ ruling: word, by, reason }: Of<'ruling'>): Html {
  // A refusal's own sentence begins with who it was.
  const isNamed = by.length === 0 || by.some((name) => reason.startsWith(`${name} `))
  return html`<p>
    ${badge(word)} ${isNamed ? '' : html`by <b>${visible(by.join(', '))}</b>`}
    <span class="text">${inert(reason)}</span>
  </p>`
}

function result(event: Of<'result'>): Html {
  const { end, tag, sqlstate, rows: count, ms, masked, pans } = event
  const said = end === 'done' ? html`${tag === null ? 'done' : html`<code>${inert(tag)}</code>`}` : badge(end)
  const parts = [
    ...(sqlstate === null ? [] : [`SQLSTATE ${visible(sqlstate)}`]),
    ...(count > 0 ? [`${count} ${count === 1 ? 'row' : 'rows'}`] : []),
    `${ms} ms`,
  ]
  return html`<p>
    <span class="number">#${event.statement}</span> ${said} <span class="soft">${parts.join(' · ')}</span>
    ${masked > 0 ? html`<span class="tag">${masked} ${masked === 1 ? 'cell' : 'cells'} masked</span>` : ''}
    ${pans > 0 ? html`<span class="tag bad">${pans} card ${pans === 1 ? 'number' : 'numbers'} caught</span>` : ''}
  </p>`
}

function rows({ columns, rows: kept }: Of<'rows'>, place: RowPlace): Html {
  const shown = place.most > SHOWN_TEXT ? kept : kept.slice(0, SHOWN_ROWS)
  const more = kept.length - shown.length
  return html`<div class="grid" tabindex="0" role="region" aria-label="Rows as they were shown">
      <table class="plain">
        <thead>
          <tr>
            ${columns.map((name) => html`<th scope="col">${inert(name)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (row) =>
              html`<tr>
                ${row.map((value) => html`<td>${value === null ? html`<i>NULL</i>` : cell(value)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${more > 0 ? html`<p><a href="${place.path}/events/${place.line}">${more} more rows</a></p>` : ''}`
}

function crash({ torn, unknown }: Of<'crash'>): Html {
  return html`<p class="bad">
    <b>Cut off:</b> the node stopped in the middle of
    it.${unknown.length === 0 ? '' : ` Nobody knows whether statement ${unknown.join(', ')} ran.`}${torn === 0 ? '' : ` ${torn} bytes of a half-written line were set aside.`}
  </p>`
}
