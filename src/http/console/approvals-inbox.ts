import { html } from 'hono/html'
import type { z } from 'zod'
import type { Detail } from '../approval-view.ts'
import type { ScriptSummary } from '../script-schemas.ts'
import { askWords } from './ask-words.ts'
import { effectOf } from './approval-detail.ts'
import { DECIDED, unfolded } from './decision-words.ts'
import type { Html } from './frame.ts'
import { badge, empty, live, table, time, until } from './parts.ts'

export interface Inbox {
  readonly viewer: string
  readonly open: readonly Detail[]
  /** Scripts that the viewer may decide. */
  readonly scripts: readonly z.infer<typeof ScriptSummary>[]
  /** How many uses of break-glass wait for the viewer's signature. */
  readonly reviews: number
  readonly now: number
}

/** What waits: first what the viewer may decide, then what they asked for, then the rest that they may see. */
export function inboxBody({ viewer, open, scripts, reviews, now }: Inbox): Html {
  const mine = open.filter(({ person }) => person === viewer)
  const toDecide = open.filter((one) => one.mayDecide && one.person !== viewer)
  const others = open.filter((one) => !mine.includes(one) && !toDecide.includes(one))
  return html`<h1>Approvals</h1>
    <p class="soft">
      Statements that wait inside an open connection. <a href="/approvals/history">History</a>,
      <a href="/scripts">scripts</a>, <a href="/reviews">reviews</a>
    </p>
    ${live(
      { id: 'inbox', on: ['approval', 'script'] },
      html`<h2>Waits for you</h2>
        ${scripts.map((one) => scriptCard(one, now))} ${reviewLine(reviews)}
        ${
          toDecide.length + scripts.length + reviews === 0
            ? empty('Nothing waits for you.', 'When somebody needs your countersignature it appears here by itself.')
            : toDecide.map((one) => askCard(one, now))
        }
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
    )}`
}

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
      one.needs.map(askWords).join('; '),
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
