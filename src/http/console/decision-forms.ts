import { html } from 'hono/html'
import type { Detail } from '../approval-view.ts'
import { effectWords } from './effect-words.ts'
import { factorFields } from './factor-fields.ts'
import type { Html } from './frame.ts'
import { dangerButton, postForm } from './parts.ts'

/** What the forms need beside the approval. */
export interface DecisionForm {
  readonly viewer: string
  readonly csrf: string
  /** The sign-in just made counts as factor: no code is asked. */
  readonly fresh: boolean
  /** For one's own statement: the form that clears it alone, where one may. */
  readonly alone: Html | string
}

/** Approve and deny, or why not. */
export function decisionForms(detail: Detail, form: DecisionForm): Html | string {
  if (detail.state !== 'open') return detail.state === 'approved' && detail.mayDecide ? lateDenial(detail, form) : ''
  if (detail.person === form.viewer)
    return html`<section class="card">
      <p>You asked for this. Another person has to countersign it.</p>
      ${dangerButton({
        action: `/approvals/${detail.id}/withdraw`,
        csrf: form.csrf,
        label: 'Withdraw it',
        says: 'The statement does not run: your client gets an error for it, and your session lives on.',
      })}
      ${form.alone}
    </section>`
  if (detail.decisions.some(({ person, kind }) => person === form.viewer && kind === 'approve'))
    return html`<section class="card"><p>You approved it. It waits for another person.</p></section>
      ${detail.mayDecide ? denyForm(detail, form) : ''}`
  if (!detail.mayDecide && detail.shown !== null)
    return html`<section class="card">
      <p>You can see this and not decide it: the rule asks for another role than yours had when it was held.</p>
    </section>`
  return html`<h2>Your decision</h2>
    <div class="split">${detail.shown === null ? '' : approveForm(detail, form)} ${denyForm(detail, form)}</div>`
}

function approveForm(detail: Detail, form: DecisionForm): Html {
  const facts = detail.shown?.statements.flatMap((one) => one.facts) ?? []
  const actions = detail.shown?.statements.flatMap((one) => one.actions) ?? []
  const effect = effectWords(detail.shown?.statements ?? [])
  const risks = [
    ...(facts.some(({ filtered }) => !filtered) ? ['it may reach every row'] : []),
    ...([...facts, ...actions].some(({ complete }) => !complete) ? ['not everything about it is known'] : []),
    ...(detail.shown?.statements.some(({ warnings }) => warnings.length > 0) === true
      ? ['the text holds characters that deceive']
      : []),
  ]
  return decision(
    { detail, form, kind: 'approve' },
    html`<p>
        This lets <b>${effect}</b> run at <b>${detail.target}</b>, once, in ${detail.person}'s open session. Nothing
        else is approved.
      </p>
      ${
        risks.length === 0
          ? ''
          : html`<label class="check"
              ><input type="checkbox" name="read" value="yes" required />
              <span>I have read it to the end: ${risks.join(', and ')}.</span></label
            >`
      }
      ${factorFields(form, `Approve: ${effect}`, '')}`,
  )
}

const denyForm = (detail: Detail, form: DecisionForm): Html =>
  decision(
    { detail, form, kind: 'deny' },
    html`<p>It does not run. One no is enough: ${detail.person}'s client gets an error with your reason.</p>
      <label
        >Reason, which ${detail.person} will read <textarea name="reason" rows="2" required maxlength="500"></textarea>
      </label>
      ${factorFields(form, 'Deny', 'stop')}`,
  )

/** Approved and not yet claimed by its session: a denial still wins. */
const lateDenial = (detail: Detail, form: DecisionForm): Html =>
  html`<h2>It has not begun to run</h2>
    ${denyForm(detail, form)}`

interface Decided {
  readonly detail: Detail
  readonly form: DecisionForm
  readonly kind: 'approve' | 'deny'
}

const decision = ({ detail, form, kind }: Decided, body: Html): Html =>
  postForm(
    {
      action: `/approvals/${detail.id}/${kind}`,
      csrf: form.csrf,
      className: 'card',
      passkey: `${kind} ${detail.id}`,
    },
    html`<input type="hidden" name="digest" value="${detail.digest}" />${body}`,
  )
