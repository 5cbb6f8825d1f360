import { html } from 'hono/html'
import type { Role } from '../../model/principal.ts'
import { RIGHTS_WORDS } from '../../model/rights.ts'
import { parseDuration, printDuration } from '../../std/duration.ts'
import type { deliveryView } from '../delivery-view.ts'
import type { RequestView } from '../request-schemas.ts'
import { deliveriesCard } from './approval-where.ts'
import { askWords } from './ask-words.ts'
import { decidedSentence, instant, stopped } from './decision-words.ts'
import { factorFields } from './factor-fields.ts'
import type { Html } from './frame.ts'
import { LENGTHS } from './lengths.ts'
import { badge, dangerButton, live, postForm, rightsTag, tags, time, timeInline, until } from './parts.ts'

export interface RequestPage {
  readonly request: RequestView
  readonly viewer: string
  readonly csrf: string
  readonly roles: readonly Role[]
  readonly targetTags: readonly string[]
  /** Whether the viewer may end the live grant that came of it. */
  readonly mayRevoke: boolean
  /** The sign-in just made counts as factor: no code is asked. */
  readonly fresh: boolean
  readonly deliveries: readonly ReturnType<typeof deliveryView>[]
  readonly now: number
  readonly problem: string | undefined
}

/** One request: who wants what and why, which rule asks whom, who has said what, and the decision. */
export function requestBody(page: RequestPage): Html {
  const { request, problem, now } = page
  const open = request.state === 'open'
  return html`${live({ id: 'state', on: ['request'] }, headline(request, now))}
  ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`} ${details(page)}
  ${live({ id: 'answers', on: ['request'] }, html`${answers(request)} ${deliveriesCard(page.deliveries)}`)}
  ${live({ id: 'decide', on: ['request'] }, open ? decision(page) : revoking(page), { force: !open })}`
}

const headline = (request: RequestView, now: number): Html =>
  html`<h1>
      ${request.person} wants ${request.target} for ${printDuration(request.forMs)} ${rightsTag(request.rights)}
    </h1>
    <p role="status">
      ${badge(request.state)}
      ${
        request.state === 'open'
          ? html`<b>${until(Date.parse(request.expiresAt), { now, over: 'no time' })}</b> left to answer`
          : howItEnded(request)
      }
    </p>`

/** Who decided what and when, in one sentence. */
export function howItEnded({ decisions, message, settledAt }: RequestView): string {
  if (decisions.length > 0) return stopped(decisions.map(decidedSentence).join('; '))
  return `${message === '' ? 'A rule decided' : message.replace(/\.$/, '')}${settledAt === null ? '' : `, ${instant(settledAt)}`}.`
}

const details = ({ request, roles, targetTags }: RequestPage): Html =>
  html`<section class="card">
    <h2 class="first">Why</h2>
    <p>${request.reason}</p>
    <dl>
      ${
        request.ticket === null
          ? ''
          : html`<dt>Ticket</dt>
              <dd><b>${request.ticket}</b></dd>`
      }
      <dt>Person</dt>
      <dd><b>${request.person}</b> ${tags(roles)}</dd>
      <dt>Target</dt>
      <dd><b>${request.target}</b> ${tags(targetTags)}</dd>
      <dt>For</dt>
      <dd>
        ${printDuration(request.forMs)}${
          request.renews === null ? '' : html`, prolongs grant <code>${request.renews}</code>`
        }
      </dd>
      <dt>Rights</dt>
      <dd>${RIGHTS_WORDS[request.rights]}</dd>
      <dt>Rule</dt>
      <dd>${request.message} <span class="soft small">(${request.rule})</span></dd>
      <dt>Asked</dt>
      <dd>${time(Date.parse(request.createdAt))}</dd>
      <dt>Request</dt>
      <dd><code>${request.id}</code></dd>
    </dl>
  </section>`

const answers = ({ stages, decisions, state }: RequestView): Html | string =>
  stages.length === 0
    ? ''
    : html`<section class="card">
        <h2 class="first">Who is asked</h2>
        <ol>
          ${stages.map((stage, at) =>
            stageItem(
              state === 'open' ? stage : { ...stage, state: stage.state === 'asked' ? 'waiting' : stage.state },
              decisions.filter((one) => one.stage === at),
            ),
          )}
        </ol>
      </section>`

const stageItem = (stage: RequestView['stages'][number], said: RequestView['decisions']): Html =>
  html`<li>
    ${askWords(stage)}
    ${stage.state === 'asked' ? badge('asked now', 'wait') : stage.state === 'satisfied' ? badge('satisfied', 'good') : ''}
    ${stage.notify.length === 0 ? '' : html`<span class="soft small">told by ${stage.notify.join(', ')}</span>`}
    ${stage.escalates.map(stepItem)}
    ${
      said.length === 0
        ? ''
        : html`<ul>
            ${said.map(answerItem)}
          </ul>`
    }
  </li>`

const stepItem = ({ afterMs, from, notify, done }: RequestView['stages'][number]['escalates'][number]): Html =>
  html`<span class="soft small"
    >${done ? 'escalated to' : `after ${printDuration(afterMs)} also`}
    ${[...from, ...(notify.length === 0 ? ['every channel'] : notify)].join(', ')}</span
  > `

const answerItem = ({ person, kind, forMs, reason, at, gone }: RequestView['decisions'][number]): Html =>
  html`<li>
    <b>${person}</b> ${badge(kind === 'approve' ? 'approved' : 'denied')}
    ${forMs === null ? '' : `for ${printDuration(forMs)}`} ${reason ?? ''}
    <span class="soft small">${timeInline(Date.parse(at))}</span>
    ${gone ? html`<span class="soft small">does not count any more: disabled since, or without the role</span>` : ''}
  </li>`

function decision(page: RequestPage): Html {
  const { request, viewer, csrf } = page
  if (request.person === viewer)
    return html`<section class="card">
      <p>You asked for this. Somebody else decides.</p>
      ${withdrawButton(request, csrf)}
    </section>`
  if (!request.mayApprove && !request.mayDeny)
    return html`<section class="card">
      <p>You can see this and not decide it: the rule asks for others now.</p>
    </section>`
  return html`<h2>Your decision</h2>
    <div class="split">${request.mayApprove ? approveForm(page) : ''} ${request.mayDeny ? denyForm(page) : ''}</div>`
}

/** Takes one's own request back, in two steps. */
export const withdrawButton = ({ id, target }: RequestView, csrf: string): Html =>
  dangerButton({
    action: `/access-requests/${id}/withdraw`,
    csrf,
    label: 'Withdraw it',
    says: `Nobody decides about it any more, and no access to ${target} comes of it. You may ask again.`,
  })

const approveForm = ({ request, csrf, fresh }: RequestPage): Html =>
  postForm(
    { action: `/access-requests/${request.id}/approve`, csrf, className: 'card', passkey: `approve ${request.id}` },
    html`<p>
        This lets <b>${request.person}</b> reach <b>${request.target}</b> for ${RIGHTS_WORDS[request.rights]}. What is
        risky there still waits for a second person, each time.
      </p>
      <label
        >For how long
        <select name="for">
          <option value="">${printDuration(request.forMs)}, as asked</option>
          ${LENGTHS.filter((one) => (parseDuration(one) ?? 0) < request.forMs).map(
            (one) => html`<option value="${one}">${one}</option>`,
          )}
        </select>
      </label>
      ${factorFields({ fresh }, `Approve: ${request.target} for ${request.person}`, '')}`,
  )

const denyForm = ({ request, csrf, fresh }: RequestPage): Html =>
  postForm(
    { action: `/access-requests/${request.id}/deny`, csrf, className: 'card', passkey: `deny ${request.id}` },
    html`<p>No access comes of it. One no is enough, and ${request.person} is told your reason.</p>
      <label
        >Reason, which ${request.person} will read
        <textarea name="reason" rows="2" required maxlength="500"></textarea>
      </label>
      ${factorFields({ fresh }, 'Deny', 'stop')}`,
  )

const revoking = ({ request, mayRevoke, csrf }: RequestPage): Html | string =>
  mayRevoke
    ? dangerButton({
        action: `/access/grants/${request.grant ?? ''}/revoke`,
        csrf,
        label: 'Revoke this access',
        says: `Ends ${request.person}'s access to ${request.target} now: open sessions are closed and what runs in them is cancelled.`,
        fields: html`<label>Reason <input name="reason" required maxlength="500" /></label>`,
      })
    : ''
