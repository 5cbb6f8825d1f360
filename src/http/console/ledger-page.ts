import { html } from 'hono/html'
import type { LedgerEntry } from '../../evidence/questions.ts'
import type { CsvRow } from './csv.ts'
import type { Html } from './frame.ts'
import { endField, fieldOf } from './moments.ts'
import { badge, empty, exportLinks, filterForm, table, time } from './parts.ts'
import { queryOf, setOf } from './query.ts'
import { excerpt, inert } from './recorded-text.ts'

export interface LedgerPage {
  readonly entries: readonly LedgerEntry[]
  readonly next: string | null
  readonly asked: { readonly [Name in 'text' | 'kind' | 'by' | 'from' | 'to' | 'cursor']?: string | undefined }
}

/** Every act of a person and every session's start and end, newest first. */
export function ledgerBody({ entries, next, asked }: LedgerPage): Html {
  const filters = setOf(asked, ['cursor'])
  return html`<h1>Ledger</h1>
    <p class="soft">
      Every act, chained and signed: who, what, when, from where, how it ended. Looking at it is an entry, too.
      <a href="/evidence">Reports</a>
    </p>
    ${filterForm('/evidence/ledger', [
      { name: 'text', label: 'Text, person or id', value: asked.text, type: 'search' },
      { name: 'kind', label: 'Kind, e.g. approval.', value: asked.kind },
      { name: 'by', label: 'By', value: asked.by },
      { name: 'from', label: 'From (UTC)', value: fieldOf(asked.from), type: 'datetime-local' },
      { name: 'to', label: 'Until (UTC)', value: endField(asked.to), type: 'datetime-local' },
    ])}
    <div class="wide-table" tabindex="0" role="region" aria-label="Entries">
      ${table({
        caption: 'Entries of the ledger, newest first',
        columns: ['Entry', 'At', 'By, from', 'What', 'More'],
        rows: entries.map(rowOf),
        empty: empty('No entry fits.', html`Take a filter away, or <a href="/evidence/ledger">see all</a>.`),
      })}
    </div>
    ${next === null ? '' : olderLink(next, filters)} ${exportLinks('/evidence/ledger', filters)}`
}

const olderLink = (next: string, filters: Readonly<Record<string, string>>): Html =>
  html`<p class="pager">
    <a class="quiet" rel="next" href="/evidence/ledger?${queryOf({ ...filters, cursor: next })}">Older entries</a>
  </p>`

function rowOf(one: LedgerEntry): readonly (Html | string)[] {
  return [
    html`<code>${one.kind}</code><br />${badge(one.outcome)} <span class="soft small">#${one.line}</span>`,
    time(Date.parse(one.at)),
    html`<span>${inert(one.by)}<br /><code class="small soft">${inert(one.origin)}</code></span>`,
    resource(one.resource),
    details(one.detail),
  ]
}

/** A session is a link; everything else is its name. */
function resource(text: string): Html {
  const session = /^session:(s_[0-9a-z]{20})$/.exec(text)?.[1]
  return session === undefined
    ? html`<code>${inert(text)}</code>`
    : html`<a href="/sessions/${session}"><code>${session}</code></a>`
}

function details(detail: LedgerEntry['detail']): Html | string {
  const parts = Object.entries(detail).filter(([, value]) => value !== null && value !== undefined)
  if (parts.length === 0) return ''
  return html`<span class="small any"
    >${parts.map(([name, value]) => html`<span class="soft">${name}</span> ${excerpt(valueText(value))} `)}</span
  >`
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

export const LEDGER_HEAD: CsvRow = [
  'line',
  'at',
  'written',
  'kind',
  'outcome',
  'by',
  'origin',
  'resource',
  'node',
  'detail',
]

export const ledgerRow = (one: LedgerEntry): CsvRow => [
  ...[one.line, one.at, one.writtenAt, one.kind, one.outcome, one.by, one.origin, one.resource, one.node],
  JSON.stringify(one.detail),
]
