import { html } from 'hono/html'
import { layout } from './layout.ts'
import type { Html } from './layout.ts'

/** The login that stands before every approval. The same for ids that exist and ids that do not: it tells nothing. */
export function loginForm(id: string, problem?: string): Html {
  const told = problem === undefined ? '' : html`<p class="bad" role="alert">${problem}</p>`
  return layout(
    'Log in - Countersign',
    html`<header><b>Countersign</b></header>
      <form class="card" method="post" action="/approvals/${id}/login" autocomplete="off">
        <h1>Somebody asks for a countersignature</h1>
        <p class="soft">
          Log in to see what it is. Your login counts for one decision about this request, and for ten minutes.
        </p>
        ${told}
        <label>Name <input name="person" required maxlength="64" autocapitalize="none" spellcheck="false" /></label>
        <label>Password <input name="password" type="password" required maxlength="1024" autocomplete="off" /></label>
        <label
          >One-time code
          <input name="totp" required inputmode="numeric" pattern="[0-9]{6,8}" autocomplete="one-time-code"
        /></label>
        <button>Log in</button>
      </form>`,
  )
}
