import { html } from 'hono/html'
import type { z } from 'zod'
import type { Detail } from '../approval-view.ts'
import type { ScriptSummary } from '../script-schemas.ts'
import { asksWords } from './ask-words.ts'
import { effectOf } from './approval-detail.ts'
import { DECIDED, unfolded } from './decision-words.ts'
import type { Html } from './frame.ts'
import type { CsvRow } from './csv.ts'
import { isFiltered } from './history.ts'
import { badge, empty, exportLinks, filterForm, live, table, time, until } from './parts.ts'
import { setOf } from './query.ts'

export interface Inbox {
  readonly viewer: string
  readonly open: readonly Detail[]
  /** Scripts that the viewer may decide. */
  readonly scripts: readonly z.infer<typeof ScriptSummary>[]
  /** How many uses of break-glass wait for the viewer's signature. */
  readonly reviews: number
  /** How many access requests wait for the viewer's answer; they have an area of their own. */
  readonly requests: number
  readonly now: number
  readonly filters: WaitingFilters
}

/** What of the inbox is looked at. */
export interface WaitingFilters {
  readonly text?: string | undefined
  readonly person?: string | undefined
  readonly target?: string | undefined
}

/** What waits: first what the viewer may decide, then what they asked for, then the rest that they may see. */
export function inboxBody({ viewer, open, scripts, reviews, requests, now, filters }: Inbox): Html {
  const mine = open.filter(({ person }) => person === viewer)
  const toDecide = open.filter((one) => one.mayDecide && one.person !== viewer)
  const others = open.filter((one) => !mine.includes(one) && !toDecide.includes(one))
  return html`<h1>Approvals</h1>
    <p class="soft">
      Statements that wait inside an open connection. <a href="/approvals/history">History</a>,
      <a href="/scripts">scripts</a>, <a href="/reviews">reviews</a>
    </p>
    ${live(
      { id: 'inbox', on: ['approval', 'script', 'review'] },
      html`<h2>Waits for you</h2>
        ${
          toDecide.length + scripts.length + reviews + requests === 0
            ? nothingWaits(filters)
            : toDecide.map((one) => askCard(one, now))
        }
        ${scripts.map((one) => scriptCard(one, now))} ${requestsLine(requests)} ${reviewLine(reviews)}
        ${
          mine.length === 0
            ? ''
            : html`<h2>You asked for</h2>
                ${mine.map((one) => askCard(one, now))}`
        }
        ${
          others.length === 0
            ? ''
            : html`<h2>Waits for others</h2>
                ${listOf(others, now)}`
        }`,
    )}
    ${finder(filters)}`
}

const nothingWaits = (filters: WaitingFilters): Html =>
  isFiltered(filters)
    ? empty('Nothing that waits for you fits.', html`Take a filter away, or <a href="/approvals">see all</a>.`)
    : empty('Nothing waits for you.', 'When somebody needs your countersignature it appears here by itself.')

/** Below what waits: on a phone that comes first. */
const finder = (filters: WaitingFilters): Html =>
  html`<details class="finder" ${isFiltered(filters) ? html`open` : ''}>
    <summary>Search and export what waits</summary>
    ${filterForm('/approvals', [
      { name: 'text', label: 'Text, rule or id', value: filters.text, type: 'search' },
      { name: 'person', label: 'Person', value: filters.person },
      { name: 'target', label: 'Target', value: filters.target },
    ])}
    ${exportLinks('/approvals', setOf(filters))}
  </details>`

/** What lists of approvals and of scripts have in common. */
type Waiting = Pick<Detail, 'id' | 'person' | 'target' | 'statement' | 'rules'>

export const waitsLike = (one: Waiting, { text, person, target }: WaitingFilters): boolean =>
  (person === undefined || one.person === person) &&
  (target === undefined || one.target === target) &&
  (text === undefined ||
    `${one.id} ${one.statement} ${one.rules.map(({ rule, message }) => `${rule} ${message}`).join(' ')}`
      .toLowerCase()
      .includes(text.toLowerCase()))

export const WAITING_HEAD: CsvRow = [
  'id',
  'person',
  'target',
  'session',
  'statement',
  'rules',
  'asks',
  'asked',
  'expires',
]

export const waitingRow = (one: Detail): CsvRow => [
  ...[one.id, one.person, one.target, one.session, one.statement, one.rules.map(({ rule }) => rule).join(' ')],
  ...[asksWords(one.needs), one.createdAt, one.expiresAt],
]

const askCard = (one: Detail, now: number): Html =>
  html`<article class="card asks">
    <p class="row">
      <a href="/approvals/${one.id}"><b>${one.person}: ${effectOf(one)}</b></a>
      <span class="soft">at <b>${one.target}</b></span>
      <span class="soft">${until(Date.parse(one.expiresAt), { now, over: 'no time' })} left</span>
    </p>
    <pre><span class="one-line">${unfolded(one.statement, ' ')}</span></pre>
    <p class="soft small">${one.rules.map(({ message }) => message).join('; ')}</p>
    <p><a class="button second" href="/approvals/${one.id}">Look at it</a></p>
  </article>`

const reviewLine = (reviews: number): Html | string =>
  reviews === 0
    ? ''
    : html`<p class="warn"><a href="/reviews?state=open">Broken glass</a> waits for your review: ${reviews}.</p>`

const requestsLine = (requests: number): Html | string =>
  requests === 0
    ? ''
    : html`<p class="warn"><a href="/access">Requests for access</a> wait for your answer: ${requests}.</p>`

const scriptCard = (one: Inbox['scripts'][number], now: number): Html =>
  html`<article class="card asks">
    <p class="row">
      <a href="/scripts/${one.id}"><b>${one.person}: a script of ${one.statements} statements</b></a>
      <span class="soft">at <b>${one.target}</b></span>
      <span class="soft">${until(Date.parse(one.expiresAt), { now, over: 'no time' })} left</span>
    </p>
    <p>${one.reason}</p>
    <p><a class="button second" href="/scripts/${one.id}">Look at it</a></p>
  </article>`

const listOf = (all: readonly Detail[], now: number): Html =>
  table({
    caption: 'Approvals that wait for others',
    columns: ['Approval', 'Person', 'Target', 'Statement', 'Asks', 'Left'],
    rows: all.map((one) => [
      html`<a href="/approvals/${one.id}"><code>${one.id}</code></a>`,
      one.person,
      one.target,
      html`<code class="one-line">${unfolded(one.statement, ' ')}</code>`,
      asksWords(one.needs),
      until(Date.parse(one.expiresAt), { now, over: 'none' }),
    ]),
    empty: html``,
  })

/** A row of the history. */
export const historyRow = (one: {
  readonly id: string
  readonly state: string
  readonly person: string
  readonly target: string
  readonly statement: string
  readonly createdAt: string
  readonly decisions: readonly { readonly person: string; readonly kind: keyof typeof DECIDED }[]
}): readonly (Html | string)[] => [
  html`<a href="/approvals/${one.id}"><code>${one.id}</code></a>`,
  badge(one.state),
  one.person,
  one.target,
  html`<code class="one-line">${unfolded(one.statement, ' ')}</code>`,
  one.decisions.map(({ person, kind }) => `${person} ${DECIDED[kind]}`).join(', '),
  time(Date.parse(one.createdAt)),
]
