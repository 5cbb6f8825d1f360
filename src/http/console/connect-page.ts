import { html } from 'hono/html'
import type { Credential } from '../../access/credentials.ts'
import type { Grant } from '../../access/grants.ts'
import type { Target } from '../../model/target.ts'
import type { Html } from './frame.ts'
import { dangerButton, empty, postForm, table, tags, time, timeInline, until } from './parts.ts'

export interface ConnectPage {
  readonly person: string
  readonly target: Target
  readonly grant: Grant
  /** These two undefined where there is no such listener. */
  readonly postgres: { readonly host: string; readonly port: number } | undefined
  readonly ssh: { readonly host: string; readonly port: number } | undefined
  readonly csrf: string
  /** Passwords of the viewer's for this target that still open connections. */
  readonly credentials: readonly Credential[]
  readonly now: number
  /** Just minted: shown on this page and never again. */
  readonly minted: { readonly secret: string; readonly dsn: string; readonly expiresAt: number } | undefined
}

/** What to type to reach a target, and a password for programs that cannot ask for one. */
export function connectBody(page: ConnectPage): Html {
  const { target, grant, now, csrf, minted } = page
  const program = target.protocol === 'ssh' ? 'ssh' : 'psql'
  return html`<h1>Connect to ${target.name}</h1>
    <p>
      ${tags(target.tags)} <span class="soft">Your access ends in</span>
      <b>${until(grant.expiresAt, { now, over: 'a moment: it is over' })}</b>, ${timeInline(grant.expiresAt)}.
    </p>
    ${minted === undefined ? '' : mintedCard(minted)}
    <div class="split">
      <section class="card">
        <h3>With the command of this product</h3>
        <pre id="connect">countersign connect ${target.name}</pre>
        <p class="soft small">It gets a password by itself and starts the client that you know.</p>
        <h3>With ${program} or any other client</h3>
        <pre id="${program}">${program === 'ssh' ? sshLine(page) : psqlLine(page)}</pre>
        <p><button type="button" class="quiet" data-copy="${program}" data-script>Copy</button></p>
        <p class="soft small">The password it asks for is a short-lived one of ours, never the target's.</p>
      </section>
      <section class="card">
        <h3>A password for a while</h3>
        ${postForm(
          { action: `/access/targets/${target.name}/credential`, csrf },
          html`<label
              >Good for new connections during
              <select name="for">
                <option value="900">15 minutes</option>
                <option value="3600" selected>1 hour</option>
                <option value="14400">4 hours</option>
                <option value="28800">8 hours</option>
              </select>
            </label>
            <p class="soft small">It dies with your access. It is shown once.</p>
            <button>Show me a password</button>`,
        )}
      </section>
    </div>
    <h2>Passwords that work now</h2>
    ${credentialTable(page)}`
}

const credentialTable = ({ credentials, csrf, now }: ConnectPage): Html =>
  table({
    caption: 'Your passwords for this target',
    columns: ['Password', 'Made', 'Good for', 'End'],
    rows: credentials.map(({ id, createdAt, expiresAt }) => [
      html`<code>${id}</code>`,
      time(createdAt),
      until(expiresAt, { now, over: 'over' }),
      dangerButton({
        action: `/access/credentials/${id}/revoke`,
        csrf,
        label: 'End it',
        says: 'This password opens nothing any more. Connections that it opened are closed now, and what runs in them is cancelled.',
      }),
    ]),
    empty: empty(
      'None.',
      'The command of this product makes one for each connection; for other clients make one above.',
    ),
  })

const mintedCard = ({ secret, dsn, expiresAt }: NonNullable<ConnectPage['minted']>): Html =>
  html`<section class="card asks" role="status">
    <h3>Your password, shown this once</h3>
    <pre id="secret">${secret}</pre>
    <p><button type="button" class="second" data-copy="secret" data-script>Copy the password</button></p>
    <p class="soft small">
      Good until ${timeInline(expiresAt)}. Leave this page and it is gone; a new one costs nothing.
    </p>
    <h3>The whole address, for a program</h3>
    <pre id="dsn">${dsn}</pre>
    <p><button type="button" class="quiet" data-copy="dsn" data-script>Copy the address</button></p>
  </section>`

const sshLine = ({ person, target, ssh }: ConnectPage): string =>
  ssh === undefined ? 'There is no SSH listener.' : `ssh -p ${ssh.port} ${person}@${target.name}@${ssh.host}`

const psqlLine = ({ person, target, postgres }: ConnectPage): string =>
  postgres === undefined
    ? 'There is no Postgres listener.'
    : `psql -h ${postgres.host} -p ${postgres.port} -U ${person}@${target.name} ${target.database}`
