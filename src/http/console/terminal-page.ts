import { html } from 'hono/html'
import type { BrowserWaiting } from '../../access/browser-login.ts'
import { factorFields } from './factor-fields.ts'
import type { Html } from './frame.ts'
import { postForm, timeInline, until } from './parts.ts'
import { inert } from './recorded-text.ts'

export const PATH = '/account/terminal'
/** What a factor is spent on here. */
export const PURPOSE = 'login terminal'

export interface CodePage {
  readonly csrf: string
  /** What was typed stands there again. */
  readonly typed: string
  readonly problem: string | undefined
}

/** Where the code of a terminal is typed. */
export const codeBody = ({ csrf, typed, problem }: CodePage): Html =>
  html`<h1>Sign a terminal in</h1>
    <p>
      Type the code that <code>countersign login --browser</code> shows at your own terminal. Somebody sent you a code?
      Do not type it: whoever asked would be signed in as you.
    </p>
    ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
    ${postForm(
      { action: PATH, csrf, className: 'card' },
      html`<label
          >Code
          <input
            name="code"
            value="${typed}"
            required
            maxlength="40"
            autocapitalize="characters"
            autocomplete="off"
            spellcheck="false"
            autofocus
        /></label>
        <button>Look at it</button>`,
    )}`

export interface WaitingPage {
  readonly csrf: string
  readonly waiting: BrowserWaiting
  readonly viewer: string
  /** The address of this very browser. */
  readonly here: string
  /** The sign-in is recent: it stands for a factor. */
  readonly fresh: boolean
  readonly hasFactors: boolean
  readonly now: number
  readonly problem: string | undefined
}

/** What asks and from where, and the two answers. */
export function waitingBody(page: WaitingPage): Html {
  const { waiting, viewer, here, now, problem } = page
  const elsewhere = waiting.address !== here
  return html`<h1>Sign a terminal in as ${viewer}?</h1>
    ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
    <section class="card">
      <dl>
        <dt>It says it is</dt>
        <dd>${inert(waiting.client)}</dd>
        <dt>It asks from</dt>
        <dd><code>${waiting.address}</code> ${elsewhere ? html`<b>which is not where you are (${here})</b>` : ''}</dd>
        <dt>Since</dt>
        <dd>${timeInline(waiting.askedAt)}</dd>
        <dt>Code</dt>
        <dd><code>${waiting.code}</code></dd>
        <dt>Left</dt>
        <dd>${until(waiting.expiresAt, { now, over: 'no time' })}</dd>
      </dl>
    </section>
    <p>
      It will be able to do what you can do, for up to twelve hours. Is the code on your own screen, and did you ask for
      it just now? If not, refuse.
    </p>
    <div class="${page.fresh ? 'row' : ''}">
      ${confirmForm(page)}
      ${postForm(
        { action: `${PATH}/deny`, csrf: page.csrf, className: page.fresh ? '' : 'after' },
        html`<input type="hidden" name="code" value="${waiting.code}" /> <button class="stop">Refuse</button>`,
      )}
    </div>`
}

function confirmForm({ csrf, waiting, fresh, hasFactors }: WaitingPage): Html {
  if (!fresh && !hasFactors)
    return html`<p class="card">
      Your sign-in is older than ten minutes. Sign out, sign in again and type the code anew.
    </p>`
  return postForm(
    { action: `${PATH}/confirm`, csrf, className: fresh ? '' : 'card', ...(fresh ? {} : { passkey: PURPOSE }) },
    html`<input type="hidden" name="code" value="${waiting.code}" /> ${factorFields({ fresh }, 'Sign it in', '')}`,
  )
}
