import { html } from 'hono/html'
import type { SessionRecord } from '../ports.ts'
import type { CsvRow } from './csv.ts'
import type { Html } from './frame.ts'
import { endField, fieldOf } from './moments.ts'
import { badge, empty, exportLinks, filterForm, live, span, table, time } from './parts.ts'
import { queryOf, setOf } from './query.ts'
import { inert } from './recorded-text.ts'
import type { SessionFilters } from './session-filters.ts'

export interface SessionsPage {
  readonly sessions: readonly SessionRecord[]
  readonly next: string | null
  readonly filters: SessionFilters
  readonly now: number
  /** Whether the viewer reads what was recorded of a session. */
  readonly mayReplay: (session: SessionRecord) => boolean
  /** Others' sessions as well. */
  readonly everybody: boolean
}

const VERDICTS = [
  { value: 'allow', label: 'allowed' },
  { value: 'hold', label: 'held' },
  { value: 'deny', label: 'denied' },
  { value: 'cleared', label: 'held, then cleared' },
  { value: 'refused', label: 'held, then refused' },
]
const STATES = [
  { value: 'open', label: 'live' },
  { value: 'closed', label: 'ended' },
]

/** Live and past sessions with their search. */
export function sessionsBody(page: SessionsPage): Html {
  const { next, filters, everybody } = page
  const period = { from: fieldOf(filters.from), to: endField(filters.to) }
  const asked = setOf({ ...filters, ...period }, ['format', 'cursor'])
  const list = html`${tableOf(page, filtered(filters))} ${nextLink(next, asked)}`
  // Whoever looks into statements is noted in the ledger: such a list does not ask again by itself.
  const region = deep(filters) || filters.cursor !== undefined ? list : live({ id: 'sessions', on: ['session'] }, list)
  return html`<h1>Sessions</h1>
    <p class="soft">
      ${everybody ? 'Live and past, newest first.' : 'Your own, live and past, newest first.'} Looking for a table, a
      column, a text or a verdict looks into what was run, and is noted in the ledger.
    </p>
    ${filterForm('/sessions', [
      ...(everybody ? [{ name: 'person', label: 'Person', value: filters.person }] : []),
      { name: 'target', label: 'Target', value: filters.target },
      { name: 'state', label: 'State', value: filters.state, options: STATES },
      { name: 'text', label: 'Text of a statement', value: filters.text, type: 'search' },
      { name: 'table', label: 'Table', value: filters.table },
      { name: 'column', label: 'Column', value: filters.column },
      { name: 'verdict', label: 'Verdict', value: filters.verdict, options: VERDICTS },
      { name: 'from', label: 'From (UTC)', value: fieldOf(filters.from), type: 'datetime-local' },
      { name: 'to', label: 'Until (UTC)', value: endField(filters.to), type: 'datetime-local' },
    ])}
    ${region} ${exportLinks('/sessions', asked)}`
}

const deep = ({ table: tableName, column, text, verdict }: SessionFilters): boolean =>
  [tableName, column, text, verdict].some((part) => part !== undefined)

const filtered = (filters: SessionFilters): boolean => Object.keys(setOf(filters, ['format'])).length > 0

const tableOf = (page: SessionsPage, isFiltered: boolean): Html =>
  table({
    caption: 'Sessions, newest first',
    columns: ['Session', 'State', 'Began', 'Lasted', 'From', 'Statements', 'Look'],
    rows: page.sessions.map((one) => rowOf(one, page)),
    empty: isFiltered
      ? empty('No session fits.', html`Take a filter away, or <a href="/sessions">see all</a>.`)
      : empty(
          'No session yet.',
          html`Sessions appear here as soon as somebody connects: <a href="/access">how to connect</a>.`,
        ),
  })

function rowOf(one: SessionRecord, { now, mayReplay, filters }: SessionsPage): readonly (Html | string | number)[] {
  const path = `/sessions/${one.id}`
  return [
    html`<a href="${path}"><b>${one.person}</b> at <b>${one.target}</b></a>`,
    badge(one.state === 'open' ? 'live' : 'ended'),
    time(one.startedAt),
    span((one.endedAt ?? now) - one.startedAt),
    html`<code>${inert(one.address)}</code>`,
    one.statements,
    mayReplay(one)
      ? html`<span
          ><a href="${path}/replay${soughtIn(filters)}">Replay</a
          >${one.state === 'open' ? html` · <a href="${path}/watch">Watch</a>` : ''}</span
        >`
      : '',
  ]
}

/** What was looked for is looked for in the replay too: a text, and the verdicts that a replay tells apart. */
function soughtIn({ text, verdict }: SessionFilters): string {
  const sought = setOf({ text, verdict: verdict === 'allow' ? undefined : verdict })
  return Object.keys(sought).length === 0 ? '' : `?${queryOf(sought)}`
}

const nextLink = (next: string | null, asked: Readonly<Record<string, string>>): Html | string =>
  next === null
    ? ''
    : html`<p class="pager">
        <a class="quiet" rel="next" href="/sessions?${queryOf({ ...asked, cursor: next })}">Older sessions</a>
      </p>`

export const CSV_HEAD: CsvRow = [
  'session',
  'person',
  'target',
  'protocol',
  'address',
  'state',
  'started',
  'ended',
  'statements',
]

export const csvRow = (one: SessionRecord): CsvRow => [
  one.id,
  one.person,
  one.target,
  one.protocol,
  one.address,
  one.state,
  new Date(one.startedAt).toISOString(),
  one.endedAt === undefined ? null : new Date(one.endedAt).toISOString(),
  one.statements,
]
