import { html } from 'hono/html'
import { RIGHTS, RIGHTS_WORDS } from '../../model/rights.ts'
import type { Target } from '../../model/target.ts'
import { printDuration } from '../../std/duration.ts'
import type { GrantView, RequestView } from '../request-schemas.ts'
import { askWords } from './ask-words.ts'
import type { Html } from './frame.ts'
import { LENGTHS } from './lengths.ts'
import { withdrawButton } from './request-page.ts'
import { badge, dangerButton, empty, live, postForm, rightsTag, table, time, timeInline, until } from './parts.ts'

/** What was typed into the form, to stand there again when it was wrong. */
export interface Asked {
  readonly target: string
  readonly for: string
  readonly rights: string
  readonly reason: string
  readonly ticket: string
}

export interface AccessHome {
  readonly csrf: string
  readonly grants: readonly GrantView[]
  /** Those that this viewer may decide. */
  readonly toDecide: readonly RequestView[]
  readonly mine: readonly RequestView[]
  readonly targets: readonly Target[]
  readonly asked: Asked
  readonly problem: string | undefined
  readonly now: number
}

/** What one may reach now and for how long, what waits, and the form to ask. */
export function accessBody(home: AccessHome): Html {
  const { toDecide, now } = home
  return html`<h1>Access</h1>
    <p class="soft">
      Access opens for a while and closes by itself. <a href="/access/history">History of requests</a>,
      <a href="/access/grants">grants</a>
    </p>
    ${live(
      { id: 'requests', on: ['request'] },
      html`${
          toDecide.length === 0
            ? ''
            : html`<h2>Waits for you</h2>
                ${toDecide.map((one) => requestCard(one, now))}`
        }
        <h2>You may reach</h2>
        ${grantTable(home)}`,
    )}
    <div class="split">
      <section>
        <h2 id="ask">Ask for access</h2>
        ${askForm(home)}
      </section>
      <section>
        <h2>Your requests</h2>
        ${live({ id: 'mine', on: ['request'] }, myRequests(home))}
      </section>
    </div>`
}

const requestCard = (one: RequestView, now: number): Html =>
  html`<article class="card asks">
    <p class="row">
      <a href="/access-requests/${one.id}"><b>${one.person} wants ${one.target} for ${printDuration(one.forMs)}</b></a>
      ${rightsTag(one.rights)}
      <span class="soft">${until(Date.parse(one.expiresAt), { now, over: 'no time' })} left to answer</span>
    </p>
    <p>${one.reason}${one.ticket === null ? '' : html` <span class="tag">${one.ticket}</span>`}</p>
    <p><a class="button second" href="/access-requests/${one.id}">Look at it</a></p>
  </article>`

const grantTable = ({ grants, targets, now, csrf }: AccessHome): Html =>
  table({
    caption: 'Your grants',
    columns: ['Target', 'Time left', 'Until', 'Reason', 'Granted by', 'Connect', 'Give back'],
    rows: grants.map((grant) => [
      html`${grant.target} ${rightsTag(grant.rights)}`,
      until(Date.parse(grant.expiresAt), { now, over: 'over' }),
      time(Date.parse(grant.expiresAt)),
      grant.reason,
      grant.grantedBy,
      html`<a href="/access/targets/${grant.target}">How to connect</a>`,
      dangerButton({
        action: `/access/grants/${grant.id}/revoke`,
        csrf,
        label: 'Give it back',
        says: `Ends your access to ${grant.target} now: open sessions are closed and what runs in them is cancelled.`,
        fields: html`<input type="hidden" name="reason" value="given back" />`,
      }),
    ]),
    empty: empty(
      'You may reach nothing now.',
      targets.length === 0
        ? 'What you may reach stands here, with the time that is left.'
        : html`<a href="#ask">Ask for a target</a>: rules answer at once where they can.`,
    ),
  })

function askForm({ csrf, targets, asked, problem }: AccessHome): Html {
  if (targets.length === 0)
    return empty(
      'There is no target that you may ask for.',
      'Rules say who may; security writes them, and an admin gives roles.',
    )
  return postForm(
    { action: '/access', csrf, className: 'card' },
    html`${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
      <label
        >Target
        <select name="target" required>
          ${targets.map((target) => targetOption(target, asked))}
        </select>
      </label>
      <label
        >For how long
        <select name="for" required>
          ${LENGTHS.map(
            (one) => html`<option value="${one}" ${one === asked.for ? html`selected` : ''}>${one}</option>`,
          )}
        </select>
      </label>
      <label
        >For what
        <select name="rights">
          ${RIGHTS.toReversed().map(
            (one) =>
              html`<option value="${one}" ${one === asked.rights ? html`selected` : ''}>${RIGHTS_WORDS[one]}</option>`,
          )}
        </select>
      </label>
      <label
        >Reason, which those who decide will read
        <textarea name="reason" rows="3" required maxlength="2000">${asked.reason}</textarea>
      </label>
      <label
        >Ticket, if there is one
        <input name="ticket" value="${asked.ticket}" maxlength="64" autocapitalize="none" spellcheck="false"
      /></label>
      <button>Ask</button>`,
  )
}

const targetOption = ({ name, tags }: Target, asked: Asked): Html =>
  html`<option value="${name}" ${name === asked.target ? html`selected` : ''}>
    ${name}${tags.length === 0 ? '' : ` (${tags.join(', ')})`}
  </option>`

const myRequests = ({ mine, csrf, now }: AccessHome): Html =>
  mine.length === 0
    ? empty('You have asked for nothing yet.', 'What you ask for appears here with its answer.')
    : html`${mine.map((one) => myRequest(one, { csrf, now }))}`

function myRequest(one: RequestView, { csrf, now }: { readonly csrf: string; readonly now: number }): Html {
  return html`<article class="card">
    <p class="row">
      ${badge(one.state)}
      <a href="/access-requests/${one.id}"><b>${one.target}</b> for ${printDuration(one.forMs)}</a>
      ${rightsTag(one.rights)}
      <span class="soft small">${timeInline(Date.parse(one.createdAt))}</span>
    </p>
    ${
      one.state !== 'open'
        ? html`<p class="soft">${answerOf(one)}</p>`
        : html`<p class="soft">
              Waits for ${askedWords(one)}, ${until(Date.parse(one.expiresAt), { now, over: 'no time' })} left.
            </p>
            ${withdrawButton(one, csrf)}`
    }
  </article>`
}

const answerOf = ({ decisions, message }: RequestView): string => {
  const last = decisions.at(-1)
  if (last === undefined) return message
  return `${last.person} ${last.kind === 'approve' ? 'approved' : 'denied'} it${last.reason === null ? '' : `: ${last.reason}`}`
}

/** `1 approver`, of the stage that is asked now. */
export const askedWords = ({ stages }: Pick<RequestView, 'stages'>): string =>
  stages
    .filter(({ state }) => state === 'asked')
    .map(askWords)
    .join(', ')
