import { html } from 'hono/html'
import type { CodeOffer } from '../../access/code-offer.ts'
import type { Passkey } from '../../access/passkey.ts'
import type { Viewer } from '../viewer.ts'
import type { SessionRecord } from '../ports.ts'
import { factorFields } from './factor-fields.ts'
import type { Html } from './frame.ts'
import { offerParts } from './offer-parts.ts'
import { inert } from './recorded-text.ts'
import { badge, dangerButton, empty, postForm, table, tags, time } from './parts.ts'

export interface AccountPage {
  readonly viewer: Viewer
  readonly csrf: string
  readonly passkeys: readonly Passkey[]
  /** Whether passkeys work at this address at all. */
  readonly available: boolean
  /** Whether an authenticator app is set up. */
  readonly hasCodes: boolean
  /** A secret for one, where it may be set up now. */
  readonly offer: CodeOffer | undefined
  /** A factor was proved just now: changes may be made without another. */
  readonly fresh: boolean
  readonly sessions: readonly SessionRecord[]
  readonly problem: string | undefined
}

/** What a person looks after themselves: passkeys, password, and what runs in their name. */
export function accountBody(page: AccountPage): Html {
  const { viewer, problem } = page
  return html`<h1>My account</h1>
    <p><b>${viewer.person}</b> ${tags(viewer.roles)}</p>
    ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
    ${page.fresh || !mayChange(page) ? '' : hasNone(page) ? firstFactor() : stepUp(page)}
    <h2 id="passkeys">Passkeys</h2>
    ${passkeys(page)}
    <h2 id="codes">One-time codes</h2>
    ${codes(page)}
    <h2>Your terminal</h2>
    <p>
      <a href="/account/terminal">Sign a terminal in</a> with the code that
      <code>countersign login --browser</code> shows.
    </p>
    <h2>Password</h2>
    ${passwordForm(page)}
    <h2>Your sessions</h2>
    ${sessionTable(page)}
    ${page.sessions.length === 0 ? '' : html`<p class="soft"><a href="/sessions">All of them</a></p>`}`
}

function passkeys(page: AccountPage): Html {
  if (!page.available)
    return empty(
      'Passkeys do not work at this address.',
      'They belong to a host name, and publicUrl names an IP address. One-time codes work everywhere.',
    )
  return html`${passkeyTable(page)} ${page.fresh ? newPasskey(page) : ''}`
}

const hasNone = ({ passkeys: all, hasCodes }: AccountPage): boolean => all.length === 0 && !hasCodes

/** Nobody can show what they do not have: a sign-in of this moment stands for it. */
const firstFactor = (): Html =>
  html`<section class="card">
    <p>
      You have no second factor here yet. Sign out and in again: in the minutes after a sign-in you set up your first
      one on this page. Without one you cannot countersign anything.
    </p>
  </section>`

/** Whether there is anything that a fresh factor would open. */
const mayChange = ({ available, hasCodes }: AccountPage): boolean => available || !hasCodes

function codes(page: AccountPage): Html {
  if (page.hasCodes)
    return html`<p>
      An authenticator app is set up.
      <span class="soft">A new phone? An administrator resets your factors, and you set up the new one by a link.</span>
    </p>`
  if (page.offer === undefined)
    return empty(
      'No authenticator app is set up.',
      'With one you sign in and countersign by a code wherever passkeys do not work. Show first that it is you.',
    )
  return codeForm(page.offer, page)
}

const codeForm = (offer: CodeOffer, { csrf }: AccountPage): Html =>
  postForm(
    { action: '/account/codes', csrf, className: 'card' },
    html`<p>
        Scan this with an authenticator app, or enter the secret there, then type the code that it shows. It is on this
        page only.
      </p>
      ${offerParts(offer)}
      <label
        >The code that the app shows
        <input
          name="code"
          required
          inputmode="numeric"
          pattern="[0-9]{6}"
          autocomplete="one-time-code"
          title="6 digits"
      /></label>
      <button>Set up one-time codes</button>`,
  )

const passkeyTable = ({ passkeys: all, fresh, csrf }: AccountPage): Html =>
  table({
    caption: 'Your passkeys',
    columns: ['Name', 'Added', 'Last used', ...(fresh ? ['Rename', 'Remove'] : [])],
    rows: all.map((one) => [
      html`${inert(one.name)}`,
      time(one.createdAt),
      one.usedAt === undefined ? 'never' : time(one.usedAt),
      ...(fresh ? [renameForm(one, csrf), removeForm(one, csrf)] : []),
    ]),
    empty: empty(
      'You have no passkey yet.',
      'With one you sign in and countersign with your fingerprint, face or device PIN instead of typing a code.',
    ),
  })

const renameForm = ({ id, name }: Passkey, csrf: string): Html =>
  postForm(
    { action: '/account/passkeys/rename', csrf, className: 'row' },
    html`<input type="hidden" name="id" value="${id}" />
      <input name="name" value="${name}" required maxlength="60" aria-label="New name of ${name}" class="short" />
      <button class="quiet">Rename</button>`,
  )

const removeForm = ({ id, name }: Passkey, csrf: string): Html =>
  dangerButton({
    action: '/account/passkeys/remove',
    csrf,
    label: 'Remove',
    says: `${name} will open nothing any more. Your last second factor cannot be removed.`,
    fields: html`<input type="hidden" name="id" value="${id}" />`,
  })

const newPasskey = ({ csrf }: AccountPage): Html =>
  html`<form
    method="post"
    action="/account/passkeys"
    class="card after"
    data-passkey="/account/passkeys/options"
    data-passkey-new
    data-script
  >
    <input type="hidden" name="csrf" value="${csrf}" />
    <input type="hidden" name="passkey" />
    <label>Name of the new passkey, e.g. the device <input name="name" required maxlength="60" /></label>
    <button>Add a passkey</button>
    <p class="problem" role="alert" data-passkey-problem></p>
  </form>`

const stepUp = ({ csrf }: AccountPage): Html =>
  postForm(
    { action: '/account/confirm', csrf, className: 'card after', passkey: 'account' },
    html`<p>To change your passkeys or set up codes, show first that it is you. It stands for five minutes.</p>
      ${factorFields({ fresh: false }, 'It is me', '')}`,
  )

const passwordForm = ({ csrf, viewer }: AccountPage): Html =>
  postForm(
    { action: '/account/password', csrf, className: 'card', passkey: 'password' },
    html`<input type="text" name="username" value="${viewer.person}" autocomplete="username" readonly hidden />
      <label
        >The one you have
        <input name="current" type="password" required maxlength="1024" autocomplete="current-password"
      /></label>
      <label
        >A new one: 12 characters at least, letters and digits, none of your last four
        <input name="next" type="password" required minlength="12" maxlength="1024" autocomplete="new-password"
      /></label>
      ${factorFields({ fresh: false }, 'Change it', '')}
      <p class="soft small">It signs you out everywhere.</p>`,
  )

const sessionTable = ({ sessions }: AccountPage): Html =>
  table({
    caption: 'Your newest sessions',
    columns: ['Session', 'State', 'Target', 'From', 'Began'],
    rows: sessions.map((one) => [
      html`<a href="/sessions/${one.id}"><code>${one.id}</code></a>`,
      badge(one.state === 'open' ? 'live' : 'closed'),
      one.target,
      html`${inert(one.address)}`,
      time(one.startedAt),
    ]),
    empty: empty('You have no session.', html`<a href="/access">See what you may reach and how to connect.</a>`),
  })
