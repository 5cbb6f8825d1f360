import { html } from 'hono/html'
import { plainPage } from './frame.ts'
import type { Html } from './frame.ts'

export interface SignInForm {
  /** Where it leads afterwards. */
  readonly next: string | undefined
  readonly problem?: string | undefined
  /** Whether an organisation's sign-in is configured. */
  readonly hasOidc: boolean
  readonly hasPasskeys: boolean
  /** The name that was typed before, so that a wrong code costs no second typing of it. */
  readonly person?: string | undefined
  /** Somebody else chose the password: this person has to choose their own now. */
  readonly renewing?: { readonly person: string } | undefined
}

/** The sign-in. The same for ids that exist and ids that do not: it tells nothing. */
export function signInPage(form: SignInForm): Html {
  const { next, problem, renewing } = form
  const asked = ASKED.find(([path]) => next?.startsWith(path) === true)?.[1]
  return plainPage(
    'Sign in',
    html`<h1>${renewing !== undefined ? 'Choose your own password' : (asked ?? 'Sign in')}</h1>
      ${
        asked !== undefined && renewing === undefined
          ? html`<p class="soft">
              Sign in to see what it is. This sign-in counts for one decision about it, for ten minutes.
            </p>`
          : ''
      }
      ${
        renewing === undefined
          ? ''
          : html`<p class="soft">
              Somebody else set the one you have. Sign in once more with it and choose one of your own: at least 12
              characters, with letters and digits, none of your last four.
            </p>`
      }
      ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`} ${passwordForm(form)}
      ${renewing === undefined ? otherWays(form) : ''}`,
  )
}

/** What the link of a message leads to. Nothing is looked up: whoever is not signed in learns only what the address says. */
const ASKED = [
  ['/approvals/a_', 'Somebody asks for a countersignature'],
  ['/scripts/x_', 'Somebody asks for a countersignature'],
  ['/access-requests/r_', 'Somebody asks for access'],
] as const

const passwordForm = ({ next, renewing, person = renewing?.person }: SignInForm): Html =>
  html`<form method="post" action="/login" class="card" data-once>
    ${nextField(next)} ${nameField(person)}
    <label
      >Password
      <input
        name="password"
        type="password"
        required
        maxlength="1024"
        autocomplete="current-password"
        ${person === undefined ? '' : html`autofocus`}
    /></label>
    <label
      >One-time code
      <input
        name="totp"
        required
        inputmode="numeric"
        pattern="[0-9]{6,8}"
        autocomplete="one-time-code"
        title="6 to 8 digits"
    /></label>
    ${renewing === undefined ? '' : newPasswordField}
    <button>Sign in</button>
  </form>`

const nameField = (person: string | undefined): Html =>
  html`<label
    >Name
    <input
      name="person"
      required
      maxlength="64"
      value="${person ?? ''}"
      autocomplete="username"
      autocapitalize="none"
      spellcheck="false"
      ${person === undefined ? html`autofocus` : ''}
  /></label>`

const newPasswordField = html`<label
  >New password
  <input name="newPassword" type="password" required minlength="12" maxlength="1024" autocomplete="new-password"
/></label>`

const otherWays = ({ next, hasOidc, hasPasskeys }: SignInForm): Html =>
  html`${
    hasPasskeys
      ? html`<form method="post" action="/login/passkey" data-passkey="/api/v1/login/passkey/options" data-script>
          ${nextField(next)}
          <input type="hidden" name="passkey" />
          <button class="second">Sign in with a passkey</button>
          <p class="problem" role="alert" data-passkey-problem></p>
        </form>`
      : ''
  }
  ${
    hasOidc
      ? html`<p>
          <a class="button second" href="/login/oidc${next === undefined ? '' : `?next=${encodeURIComponent(next)}`}"
            >Sign in with your organisation</a
          >
        </p>`
      : ''
  }`

const nextField = (next: string | undefined): Html | string =>
  next === undefined ? '' : html`<input type="hidden" name="next" value="${next}" />`
