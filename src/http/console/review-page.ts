import { html } from 'hono/html'
import type { z } from 'zod'
import type { ReviewView } from '../review-schemas.ts'
import type { Summary } from '../approval-view.ts'
import type { CsvRow } from './csv.ts'
import { unfolded } from './decision-words.ts'
import { factorFields } from './factor-fields.ts'
import type { Html } from './frame.ts'
import { isFiltered } from './history.ts'
import { badge, empty, exportLinks, filterForm, live, postForm, table, time } from './parts.ts'
import { setOf } from './query.ts'

export type Review = z.infer<typeof ReviewView>

export interface ReviewFilters {
  readonly text?: string | undefined
  readonly person?: string | undefined
  readonly target?: string | undefined
  readonly state?: Review['state'] | undefined
}

const STATES = [
  { value: 'open', label: 'waiting for a signature' },
  { value: 'signed', label: 'signed' },
]

/** Every use of break-glass, newest first. */
export const reviewsBody = (all: readonly Review[], filters: ReviewFilters): Html =>
  html`<h1>Reviews of broken glass</h1>
    <p class="soft">
      What somebody cleared alone in an emergency, for somebody else to look at. <a href="/approvals">Approvals</a>
    </p>
    ${filterForm('/reviews', [
      { name: 'text', label: 'Text or id', value: filters.text, type: 'search' },
      { name: 'person', label: 'Person', value: filters.person },
      { name: 'target', label: 'Target', value: filters.target },
      { name: 'state', label: 'State', value: filters.state, options: STATES },
    ])}
    ${live({ id: 'reviews', on: ['review'] }, reviewTable(all, filters))} ${exportLinks('/reviews', setOf(filters))}`

const reviewTable = (all: readonly Review[], filters: ReviewFilters): Html =>
  table({
    caption: 'Uses of break-glass, newest first',
    columns: ['Review', 'State', 'Person', 'Target', 'Incident', 'Reason', 'Used'],
    rows: all.map((one) => [
      html`<a href="/reviews/${one.id}"><code>${one.id}</code></a>`,
      stateBadge(one),
      one.person,
      one.target,
      one.incident,
      one.reason,
      time(Date.parse(one.openedAt)),
    ]),
    empty: isFiltered(filters)
      ? empty('There is nothing to review.', html`Take a filter away, or <a href="/reviews">see all</a>.`)
      : empty(
          'Nobody has broken the glass.',
          html`Where the operator enabled it, whoever clears a statement alone in an emergency appears here, and
          somebody else signs it afterwards.`,
        ),
  })

const stateBadge = ({ state }: Review): Html =>
  badge(state === 'open' ? 'waiting' : 'signed', state === 'open' ? 'wait' : 'good')

export interface ReviewPage {
  readonly review: Review
  readonly csrf: string
  readonly problem: string | undefined
  /** What was cleared, literals withheld; undefined where it is gone. */
  readonly ran: Summary | undefined
  /** Whether the viewer may follow the link to the approval. */
  readonly maySeeApproval: boolean
}

/** One use of break-glass: what happened, a way to what was run, and the signature. */
export function reviewBody(page: ReviewPage): Html {
  const { review, csrf, problem } = page
  const { person, target, incident, reason, openedAt } = review
  return html`<h1>${person} broke the glass at ${target}</h1>
    <p role="status">
      ${stateBadge(review)}
      ${review.state === 'open' ? html`<span class="soft">another person looks at it and signs</span>` : ''}
    </p>
    ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
    <section class="card">
      <h2 class="first">What happened</h2>
      <p>${reason}</p>
      <dl>
        <dt>Incident</dt>
        <dd><b>${incident}</b></dd>
        <dt>When</dt>
        <dd>${time(Date.parse(openedAt))}</dd>
        <dt>Review</dt>
        <dd><code>${review.id}</code></dd>
      </dl>
    </section>
    ${whatRan(page)}
    ${live(
      { id: 'sign', on: ['review'] },
      html`${review.signedBy === null ? '' : signature(review)}
      ${review.maySign ? signForm(review, csrf) : notYours(review)}`,
      { force: review.signedBy !== null },
    )}
    <p><a href="/reviews">All reviews</a></p>`
}

function whatRan({ review: { approval }, ran, maySeeApproval }: ReviewPage): Html {
  const name = html`<code>${approval}</code>`
  return html`<section class="card">
    <h2 class="first">What was run, values withheld</h2>
    ${ran === undefined ? html`<p class="soft">Nothing more is known of it.</p>` : html`<pre>${unfolded(ran.statement, '\n')}</pre>`}
    <dl>
      ${
        ran === undefined
          ? ''
          : html`<dt>Held by</dt>
              <dd>
                ${ran.rules.map(({ rule, message }) => html`<p>${message} <span class="soft small">(rule ${rule})</span></p>`)}
              </dd>
              <dt>Became</dt>
              <dd>${badge(ran.state)} ${ran.detail ?? ''}</dd>`
      }
      <dt>Approval</dt>
      <dd>${maySeeApproval ? html`<a href="/approvals/${approval}">${name}</a>` : name}</dd>
    </dl>
  </section>`
}

const signature = ({ signedBy, signedAt, remark }: Review): Html =>
  html`<section class="card">
    <h2 class="first">Signed</h2>
    <p><b>${signedBy}</b> signed it${remark === null ? '' : html`: ${remark}`}</p>
    ${signedAt === null ? '' : html`<p>${time(Date.parse(signedAt))}</p>`}
  </section>`

const notYours = ({ state, person }: Review): Html | string =>
  state === 'signed'
    ? ''
    : html`<section class="card">
        <p>
          An approver or somebody of security signs it, and never ${person}. Until then ${person} cannot break the glass
          for anything else.
        </p>
      </section>`

const signForm = ({ id, person }: Review, csrf: string): Html =>
  html`<h2>Your signature</h2>
    ${postForm(
      { action: `/reviews/${id}/sign`, csrf, className: 'card', passkey: `sign ${id}` },
      html`<p>Look at what was run first. Once it is signed, ${person} may break the glass again.</p>
        <label>What you found <textarea name="remark" rows="2" required maxlength="500"></textarea></label>
        ${factorFields({ fresh: false }, 'Sign the review', '')}`,
    )}`

export const REVIEW_HEAD: CsvRow = [
  ...['id', 'state', 'person', 'target', 'approval', 'incident', 'reason', 'used', 'signed by', 'signed', 'remark'],
]

export const reviewRow = (one: Review): CsvRow => [
  ...[one.id, one.state, one.person, one.target, one.approval, one.incident, one.reason, one.openedAt],
  ...[one.signedBy, one.signedAt, one.remark],
]
