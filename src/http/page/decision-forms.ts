import { html } from 'hono/html'
import type { Detail } from '../approval-view.ts'
import { verbs } from './effect-words.ts'
import type { Html } from './layout.ts'

/** What the forms need beside the approval. */
export interface FormState {
  readonly viewer: string
  /** Guards every form of the page. */
  readonly token: string
  /** The login just made counts as factor: no code is asked. */
  readonly fresh: boolean
  /** What went wrong with the last attempt. */
  readonly problem: string | undefined
}

/** Approve and deny, or why not. */
export function decisionForms(detail: Detail, form: FormState): Html | string {
  if (detail.state !== 'open') return ''
  if (detail.person === form.viewer)
    return html`<section><p>You asked for this. Another person has to countersign it.</p></section>`
  if (!detail.mayDecide && detail.shown !== null)
    return html`<section><p>The rule asks for another role than yours.</p></section>`
  return html`<div class="two">
    ${detail.shown === null ? '' : approveForm(detail, form)} ${denyForm(detail, form)}
  </div>`
}

function approveForm(detail: Detail, form: FormState): Html {
  const effect = verbs(detail.shown?.statements.flatMap(({ facts }) => facts) ?? [])
  return html`<form class="card" method="post" action="/approvals/${detail.id}/approve" autocomplete="off">
    ${hidden(detail, form)} ${codeField(form)}
    <button>Approve: ${effect}</button>
  </form>`
}

function denyForm(detail: Detail, form: FormState): Html {
  return html`<form class="card" method="post" action="/approvals/${detail.id}/deny" autocomplete="off">
    ${hidden(detail, form)}
    <label
      >Reason, which ${detail.person} will read <textarea name="reason" rows="2" required maxlength="500"></textarea>
    </label>
    ${codeField(form)}
    <button class="deny">Deny</button>
  </form>`
}

const hidden = ({ digest }: Detail, { token }: FormState): Html =>
  html`<input type="hidden" name="form" value="${token}" /><input type="hidden" name="digest" value="${digest}" />`

function codeField({ fresh }: FormState): Html | string {
  if (fresh) return ''
  return html`<label
    >A new one-time code
    <input name="totp" required inputmode="numeric" pattern="[0-9]{6,8}" autocomplete="one-time-code"
  /></label>`
}
