import { html } from 'hono/html'
import type { Detail } from '../approval-view.ts'
import type { deliveryView } from '../delivery-view.ts'
import { lapsedWords, type Surroundings } from '../surroundings-schema.ts'
import type { ApprovalPage } from './approval-detail.ts'
import { DECIDED, unfolded } from './decision-words.ts'
import type { Html } from './frame.ts'
import { badge, rightsTag, span, tags, time, timeInline } from './parts.ts'

type Delivery = ReturnType<typeof deliveryView>
type Shown = NonNullable<Detail['shown']>

/** Who asks, by which right, where it would run, and what hangs on it. */
export const whereCard = (detail: Detail, { targetTags, now }: Pick<ApprovalPage, 'targetTags' | 'now'>): Html =>
  html`<section class="card">
    <h2 class="first">Who and where</h2>
    <dl>
      <dt>Person</dt>
      <dd><b>${detail.person}</b> ${tags(detail.shown?.roles ?? [])}</dd>
      <dt>Target</dt>
      <dd><b>${detail.target}</b> ${tags(targetTags)}</dd>
      ${detail.shown === null ? '' : html`${grantRow(detail.shown)} ${placeRows(detail.shown, now)}`}
    </dl>
  </section>`

/** What identifies it: for whoever asks later, and for whoever compares. */
export const recordCard = (detail: Detail, { maySeeSession }: Pick<ApprovalPage, 'maySeeSession'>): Html =>
  html`<section class="card">
    <h2 class="first">For the record</h2>
    <dl>
      <dt>Asked</dt>
      <dd>${time(Date.parse(detail.createdAt))}</dd>
      <dt>Expires</dt>
      <dd>${time(Date.parse(detail.expiresAt))}</dd>
      <dt>Session</dt>
      <dd>${sessionName(detail.session, maySeeSession)}</dd>
      <dt>Approval</dt>
      <dd><code>${detail.id}</code></dd>
      <dt>Digest</dt>
      <dd><code class="small">${detail.digest}</code></dd>
    </dl>
  </section>`

/** A session's id, as a link for whoever may follow it. */
export const sessionName = (id: string, maySee: boolean): Html =>
  maySee ? html`<a href="/sessions/${id}"><code>${id}</code></a>` : html`<code>${id}</code>`

function grantRow({ grant }: Shown): Html | string {
  if (grant === null) return ''
  const { rights, by, expiresAt } = grant
  return html`<dt>Grant</dt>
    <dd>by ${by}, until ${timeInline(Date.parse(expiresAt))} ${rightsTag(rights)}</dd>`
}

/** A host has accounts; schemas and transactions are a database's. */
const placeRows = (shown: Shown, now: number): Html =>
  shown.statements.every(({ facts }) => facts.length === 0)
    ? html`<dt>Account</dt>
        <dd>${shown.account}</dd>`
    : html`<dt>Database</dt>
        <dd>${shown.database} as ${shown.account}</dd>
        <dt>Schemas</dt>
        <dd>${shown.searchPath?.join(', ') ?? 'unknown'}</dd>
        <dt>Transaction</dt>
        <dd>${TRANSACTION[shown.transaction]}${soFarWords(shown, now)}</dd>`

function soFarWords({ soFar }: Shown, now: number): Html | string {
  if (soFar === null) return ''
  const { statements, since } = soFar
  return html`: ${statements} ${statements === 1 ? 'statement' : 'statements'} so far,
    <b>its locks may be held for ${span(now - Date.parse(since))}</b>`
}

const TRANSACTION: Readonly<Record<Shown['transaction'], string>> = {
  idle: 'none open',
  open: 'inside one that is open',
  failed: 'inside one that has failed',
}

/** What whoever decides should be wary of. */
export function warnings({ nearDenied, returnsFavour, lapsed }: Surroundings): Html | string {
  if (nearDenied === null && returnsFavour === null && lapsed.length === 0) return ''
  return html`${
    nearDenied === null
      ? ''
      : html`<section class="warn">
          <p>
            Nearly this was denied before:
            ${nearDenied.told}${nearDenied.reason === null ? '' : `: ${nearDenied.reason}`}.
            <a href="/approvals/${nearDenied.approval}">Compare</a>
          </p>
          <pre>${unfolded(nearDenied.statement, '\n')}</pre>
        </section>`
  }
  ${
    returnsFavour === null
      ? ''
      : html`<p class="warn">
          Whoever asks approved something of yours (<a href="/approvals/${returnsFavour.of}">${returnsFavour.of}</a>,
          ${timeInline(Date.parse(returnsFavour.at))}). Do not return a favour: read as for a stranger.
        </p>`
  }
  ${lapsed.length === 0 ? '' : html`<p class="warn">${lapsedWords(lapsed)}</p>`}`
}

/** Who has said what, and what came of it. */
export function countersignatures({
  decisions: made,
  detail,
  state,
}: Pick<Detail, 'decisions' | 'detail'> & { readonly state: string }): Html {
  return html`${
    made.length === 0
      ? ''
      : html`<section class="card">
          <h2 class="first">Countersignatures</h2>
          <ul>
            ${made.map(
              ({ person, kind, reason, at }) =>
                html`<li>
                  <b>${person}</b> ${badge(DECIDED[kind], kind === 'approve' ? 'good' : 'bad')} ${reason ?? ''}
                  <span class="soft small">${timeInline(Date.parse(at))}</span>
                </li>`,
            )}
          </ul>
        </section>`
  }
  ${detail === null ? '' : becameOf(detail, state)}`
}

/** What came of it; where nobody here knows, how to find out. */
const becameOf = (detail: string, state: string): Html =>
  state === 'unknown'
    ? html`<p class="warn">How to find out what became of it: ${detail}</p>`
    : html`<section class="card">
        <h2 class="first">What came of it</h2>
        <p>${detail}</p>
      </section>`

/** What a message tells, by the second word of its kind. */
const TOLD: Readonly<Record<string, string>> = {
  opened: 'that it waits',
  escalated: 'that it still waits',
  decided: 'what was decided',
  closed: 'that it is over',
  granted: 'that it was granted',
  refused: 'that it was refused',
  settled: 'what became of it',
  signed: 'that it was signed',
}

/** Who was told, and whether it arrived. */
export const deliveriesCard = (deliveries: readonly Delivery[]): Html | string =>
  deliveries.length === 0
    ? ''
    : html`<section class="card">
        <h2 class="first">Who was told</h2>
        <ul>
          ${deliveries.map(
            ({ channel, kind, message, state, attempts, at, reason }) =>
              html`<li>
                <b>${channel}</b> <span class="soft">(${kind}) ${TOLD[message.split('.')[1] ?? ''] ?? message}</span>
                ${badge(state)}
                <span class="soft small"
                  >${timeInline(Date.parse(at))}${attempts > 1 ? `, ${attempts} attempts` : ''}${
                    reason === null ? '' : `: ${reason}`
                  }</span
                >
              </li>`,
          )}
        </ul>
      </section>`
