import { html } from 'hono/html'
import type { CodeOffer } from '../../access/code-offer.ts'
import type { Invite } from '../../access/invites.ts'
import { plainPage } from './frame.ts'
import type { Html } from './frame.ts'
import { offerParts } from './offer-parts.ts'

export interface WelcomeForm {
  /** Of the link. */
  readonly token: string
  readonly invite: Invite
  readonly name: string
  readonly offer: CodeOffer
  readonly passkeys: boolean
  readonly problem: string | undefined
}

/** Where the invite leaves the name open, it is asked for first. */
export function namePage({ token, problem }: Pick<WelcomeForm, 'token' | 'problem'>): Html {
  return plainPage(
    'Welcome',
    html`<h1>The first administrator</h1>
      <p>
        This node has no people yet. Whoever follows this link becomes its first administrator. It works once, for a
        day.
      </p>
      ${told(problem)}
      <form method="get" action="/welcome/${token}" class="card">
        <label
          >Your name here: it stands in every record and never changes
          <input
            name="name"
            required
            maxlength="32"
            pattern="[a-z0-9._\\-]{1,32}"
            title="a-z, 0-9, dot, underscore and hyphen, at most 32"
            autocapitalize="none"
            autocomplete="username"
            spellcheck="false"
            autofocus
        /></label>
        <button>Go on</button>
      </form>`,
  )
}

/** Password and second factor of a new account, or a new factor for one that has a password. */
export function welcomePage(form: WelcomeForm): Html {
  const { token, invite, name, problem } = form
  const again = invite.purpose === 'factor'
  return plainPage(
    'Welcome',
    html`<h1>Welcome, ${name}</h1>
      <p>
        ${
          again
            ? 'Your second factor was taken away. Set up a new one here, with the password that you have.'
            : `You get an account here with ${rolesOf(invite)}. Choose a password and a second factor that only you know.`
        }
      </p>
      ${told(problem)}
      <form
        method="post"
        action="/welcome/${token}"
        class="card"
        autocomplete="off"
        data-once
        data-passkey="/welcome/${token}/options"
        data-passkey-body="${JSON.stringify({ name })}"
        data-passkey-new
      >
        <input type="text" name="name" value="${name}" autocomplete="username" readonly hidden />
        ${again ? ownPassword() : newPassword()} ${codes(form)}
      </form>`,
  )
}

/** The account works. */
export const welcomed = (name: string): Html =>
  plainPage(
    'Welcome',
    html`<h1>You are all set, ${name}</h1>
      <p>The link has done its work and opens nothing any more. Sign in with your password and your second factor.</p>
      <p><a class="button" href="/login">Sign in</a></p>`,
  )

/** A link that is wrong, used or too old: one answer. */
export const goneAway = (): Html =>
  plainPage(
    'No such link',
    html`<h1>This link opens nothing</h1>
      <p>It was used already, is older than a day, or was never made. Ask an administrator for a new one.</p>`,
  )

const rolesOf = ({ roles }: Invite): string =>
  roles.length === 0 ? 'no role yet' : `the role${roles.length === 1 ? '' : 's'} ${roles.join(', ')}`

const told = (problem: string | undefined): Html | string =>
  problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`

const ownPassword = (): Html =>
  html`<label
    >Your password <input name="password" type="password" required maxlength="1024" autocomplete="current-password"
  /></label>`

const newPassword = (): Html =>
  html`<label
      >A password: 12 characters at least, letters and digits
      <input name="password" type="password" required minlength="12" maxlength="1024" autocomplete="new-password"
    /></label>
    <label
      >The same again
      <input name="again" type="password" required minlength="12" maxlength="1024" autocomplete="new-password"
    /></label>`

const codes = ({ offer, passkeys }: WelcomeForm): Html =>
  html`<h2>Second factor</h2>
    <p>
      Scan this with an authenticator app, or enter the secret there, then type the code that it shows. Both are on this
      page only.
    </p>
    ${offerParts(offer)}
    <label
      >The code that the app shows
      <input
        name="totp"
        required
        data-required
        inputmode="numeric"
        pattern="[0-9]{6}"
        autocomplete="one-time-code"
        title="6 digits"
    /></label>
    <input type="hidden" name="passkey" />
    <div class="row">
      <button>Set up</button>
      ${passkeys ? html`<button type="button" class="second" data-use-passkey data-script>Use a passkey instead</button>` : ''}
    </div>
    <p class="problem" role="alert" data-passkey-problem></p>`
