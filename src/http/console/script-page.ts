import { html } from 'hono/html'
import type { z } from 'zod'
import type { ScriptDetail } from '../script-schemas.ts'
import { whyCard } from './approval-detail.ts'
import { countersignatures, sessionName } from './approval-where.ts'
import { asksWords } from './ask-words.ts'
import { decidedSentence, endedSentence, stopped, unfolded } from './decision-words.ts'
import { factorFields } from './factor-fields.ts'
import type { Html } from './frame.ts'
import { badge, dangerButton, live, postForm, tags, time, until } from './parts.ts'
import { statementCard } from './statement-card.ts'

type Detail = z.infer<typeof ScriptDetail>

export interface ScriptPage {
  readonly script: Detail
  readonly viewer: string
  readonly csrf: string
  readonly fresh: boolean
  readonly now: number
  readonly problem: string | undefined
  /** Whether the viewer may follow the link to the session that ran it. */
  readonly maySeeSession: boolean
}

/** A script that somebody wants to run as a whole: all of its text, part by part, and the decision at its end. */
export function scriptBody(page: ScriptPage): Html {
  const { script, problem, now } = page
  const open = script.state === 'open'
  return html`${live({ id: 'state', on: ['script'] }, headline(script, now))}
  ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
  ${script.rules.length === 0 ? '' : whyCard(script.rules, open)} ${about(page)} ${parts(script)}
  ${countersignatures(script)} ${live({ id: 'decide', on: ['script'] }, decision(page), { force: !open })}`
}

const headline = (script: Detail, now: number): Html =>
  html`<h1>${script.person} wants to run a script of ${script.statements} statements at ${script.target}</h1>
    <p role="status">
      ${badge(script.state)}
      ${
        script.state === 'open'
          ? html`<span class="soft">waits for</span> ${asksWords(script.needs)}
              <span class="soft">- good for another</span>
              <b>${until(Date.parse(script.expiresAt), { now, over: 'moment' })}</b>`
          : howItStands(script)
      }
    </p>`

/** Who decided what and when, in one sentence. */
export function howItStands({ decisions, ended, state }: Detail): string {
  if (decisions.length > 0) return stopped(decisions.map(decidedSentence).join('; '))
  if (ended === null) return `It is ${state}.`
  return stopped(endedSentence(state, ended))
}

const about = ({ script, maySeeSession }: ScriptPage): Html =>
  html`<section class="card">
    <h2 class="first">Who, where and why</h2>
    <p>${script.reason}</p>
    <dl>
      ${
        script.ticket === null
          ? ''
          : html`<dt>Ticket</dt>
              <dd><b>${script.ticket}</b></dd>`
      }
      <dt>Person</dt>
      <dd><b>${script.person}</b></dd>
      <dt>Target</dt>
      <dd>
        <b>${script.target}</b>, database
        ${script.database}${script.shown === null ? '' : ` as ${script.shown.account}`}
      </dd>
      ${
        script.shown === null
          ? ''
          : html`<dt>Schemas</dt>
              <dd>${script.shown.searchPath.join(', ')}</dd>`
      }
      <dt>Submitted</dt>
      <dd>${time(Date.parse(script.createdAt))}</dd>
      <dt>May run until</dt>
      <dd>${time(Date.parse(script.expiresAt))}</dd>
      ${
        script.session === null
          ? ''
          : html`<dt>Ran in</dt>
              <dd>
                ${sessionName(script.session, maySeeSession)}, ${script.position} of ${script.statements} statements
                passed
              </dd>`
      }
      <dt>Script</dt>
      <dd><code>${script.id}</code></dd>
      <dt>Digest</dt>
      <dd><code class="small">${script.digest}</code></dd>
    </dl>
  </section>`

function parts({ shown, statement }: Detail): Html {
  if (shown !== null)
    return html`${shown.parts.map(
      (part) =>
        html`${statementCard(part, ` ${part.number} of ${shown.parts.length}`)}
        ${part.rules.length === 0 ? '' : html`<p class="soft small">Alone it would wait: ${tags(part.rules)}</p>`}`,
    )}`
  return html`<section class="card">
    <h2 class="first">Its beginning</h2>
    <pre>${unfolded(statement, '\n')}</pre>
    <p class="soft">It cannot be shown whole, so nobody can approve it here. It can be denied.</p>
  </section>`
}

function decision(page: ScriptPage): Html | string {
  const { script, viewer, csrf } = page
  if (script.person === viewer)
    return script.state === 'open' || script.state === 'approved'
      ? html`<section class="card">
          <p>
            ${
              script.state === 'open'
                ? 'You submitted this. Another person has to countersign it.'
                : html`Run it with <code>countersign run ${script.id}</code>: once, and byte for byte as it stands here.`
            }
          </p>
          ${dangerButton({
            action: `/scripts/${script.id}/withdraw`,
            csrf,
            label: 'Withdraw it',
            says: 'Nobody can approve or run this script any more. Submitting it again asks anew.',
          })}
        </section>`
      : ''
  if (!script.mayDecide) return ''
  return html`<h2>Your decision</h2>
    <div class="split">
      ${script.state === 'open' && script.shown !== null ? approveForm(page) : ''} ${denyForm(page)}
    </div>`
}

const approveForm = ({ script, csrf, fresh }: ScriptPage): Html =>
  postForm(
    { action: `/scripts/${script.id}/approve`, csrf, className: 'card', passkey: `approve ${script.id}` },
    html`<input type="hidden" name="digest" value="${script.digest}" />
      <p>
        This lets all <b>${script.statements} statements</b> run at <b>${script.target}</b> once, in one go, without
        further holds, as long as nothing of it changes.
      </p>
      <label class="check"
        ><input type="checkbox" name="read" value="yes" required /> <span>I have read it to the end.</span></label
      >
      ${factorFields({ fresh }, `Approve the script of ${script.person}`, '')}`,
  )

const denyForm = ({ script, csrf, fresh }: ScriptPage): Html =>
  postForm(
    { action: `/scripts/${script.id}/deny`, csrf, className: 'card', passkey: `deny ${script.id}` },
    html`<input type="hidden" name="digest" value="${script.digest}" />
      <p>The script will not run${script.state === 'approved' ? ', though it was approved' : ''}. One no is enough.</p>
      <label
        >Reason, which ${script.person} will read
        <textarea name="reason" rows="2" required maxlength="500"></textarea>
      </label>
      ${factorFields({ fresh }, 'Deny', 'stop')}`,
  )
