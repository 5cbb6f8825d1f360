import { html } from 'hono/html'
import type { Person } from '../../access/person.ts'
import { ROLES } from '../../model/principal.ts'
import type { Role } from '../../model/principal.ts'
import type { viewed } from '../proposals.ts'
import type { Passkey } from '../../access/passkey.ts'
import type { GrantView } from '../request-schemas.ts'
import { factorFields } from './factor-fields.ts'
import type { Html } from './frame.ts'
import { revokeButton } from './grants.ts'
import {
  badge,
  dangerButton,
  empty,
  exportLinks,
  filterForm,
  postForm,
  table,
  tags,
  time,
  timeInline,
} from './parts.ts'
import { inert } from './recorded-text.ts'

export type ProposalView = Awaited<ReturnType<typeof viewed>>

export interface PeopleFilters {
  readonly text?: string | undefined
  readonly role?: Role | undefined
  readonly state?: 'active' | 'disabled' | 'service' | undefined
}

export interface PeoplePage {
  readonly people: readonly Person[]
  readonly filters: PeopleFilters
  readonly proposals: readonly ProposalView[]
  /** Whether the viewer may invite and change. */
  readonly isAdmin: boolean
  readonly csrf: string
  readonly problem: string | undefined
  /** A link that was just made; shown on this page and never again. */
  readonly link: { readonly text: string; readonly href: string } | undefined
}

/** Everybody who has an account, what waits for a second admin, and the way in for new people. */
export function peopleBody(page: PeoplePage): Html {
  const { filters, problem, proposals, link } = page
  const open = proposals.filter(({ state }) => state === 'open')
  return html`<h1>People</h1>
    ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
    ${link === undefined ? '' : linkCard(link)}
    ${
      open.length === 0
        ? ''
        : html`<h2>Waits for a second admin</h2>
            ${open.map((one) => proposalCard(one, page))}`
    }
    ${filterForm('/people', [
      { name: 'text', label: 'Name', value: filters.text, type: 'search' },
      { name: 'role', label: 'Role', value: filters.role, options: ROLES.map((one) => ({ value: one, label: one })) },
      {
        name: 'state',
        label: 'Accounts',
        value: filters.state,
        options: [
          { value: 'active', label: 'people who can sign in' },
          { value: 'service', label: 'programs' },
          { value: 'disabled', label: 'disabled' },
        ],
      },
    ])}
    ${peopleTable(page)} ${page.isAdmin ? inviteForm(page) : ''}`
}

/** Shown once: whoever has it chooses a password and a factor for that account. */
const linkCard = ({ text, href }: NonNullable<PeoplePage['link']>): Html =>
  html`<section class="card asks" role="status">
    <p>${text}</p>
    <pre id="link">${href}</pre>
    <p><button type="button" class="second" data-copy="link" data-script>Copy the link</button></p>
    <p class="soft small">It works once, within a day. Hand it over where only that person reads it.</p>
  </section>`

function peopleTable({ people, filters }: PeoplePage): Html {
  const { text, role, state } = filters
  return html`${table({
    caption: 'People',
    columns: ['Name', 'Roles', 'State', 'Owner', 'Last sign-in', 'Since'],
    rows: people.map((one) => [
      html`<a href="/people/${one.name}">${one.name}</a>`,
      html`${tags(one.roles)}`,
      badge(stateOf(one)),
      one.owner ?? '',
      one.lastLoginAt === undefined ? 'never' : time(one.lastLoginAt),
      time(one.createdAt),
    ]),
    empty: empty('Nobody fits.', html`Take a filter away, or <a href="/people">see all</a>.`),
  })}
  ${exportLinks('/people', { text, role, state })}`
}

export const stateOf = ({ disabledAt, service }: Person): 'disabled' | 'service' | 'active' =>
  disabledAt !== undefined ? 'disabled' : service ? 'service' : 'active'

export function proposalCard(one: ProposalView, { csrf, isAdmin }: Pick<PeoplePage, 'csrf' | 'isAdmin'>): Html {
  const what = proposalWords(one)
  return html`<article class="card asks">
    <p><b>${inert(one.proposedBy)}</b> proposes: ${what}. ${inert(one.reason)}</p>
    <p class="soft small">
      ${timeInline(Date.parse(one.proposedAt))}, good until ${timeInline(Date.parse(one.expiresAt))}
    </p>
    ${
      isAdmin
        ? html`<div class="row">
            ${one.mayConfirm ? settleButton(one, { verb: 'confirm', csrf }) : html`<span class="soft">Another admin confirms it.</span>`}
            ${settleButton(one, { verb: 'reject', csrf })}
          </div>`
        : ''
    }
  </article>`
}

const proposalWords = ({ kind, person, roles }: ProposalView): string =>
  kind === 'roles'
    ? `${person} gets exactly these roles: ${roles.length === 0 ? 'none' : roles.join(', ')}`
    : `${person} loses every second factor and sets up a new one`

const settleButton = (
  one: ProposalView,
  { verb, csrf }: { readonly verb: 'confirm' | 'reject'; readonly csrf: string },
): Html =>
  dangerButton({
    action: `/people/proposals/${one.id}/${verb}`,
    csrf,
    label: verb === 'confirm' ? 'Confirm' : 'Reject',
    passkey: `${verb} ${one.id}`,
    says: verb === 'confirm' ? `From now on: ${proposalWords(one)}.` : 'Nothing changes, and the proposal is closed.',
    fields: factorFields({ fresh: false }, verb === 'confirm' ? 'Confirm' : 'Reject', 'stop'),
  })

const inviteForm = ({ csrf }: PeoplePage): Html =>
  html`<h2 id="invite">Invite somebody</h2>
    ${postForm(
      { action: '/people/invite', csrf, className: 'card', passkey: 'invite' },
      html`<label
          >Name, as they will sign in
          <input
            name="person"
            required
            pattern="[a-z0-9._\\-]{1,32}"
            title="a-z, 0-9, dot, underscore, hyphen"
            autocapitalize="none"
            spellcheck="false"
        /></label>
        ${roleBoxes([])}
        <p class="soft small">
          They choose their own password and factor by a one-time link. Roles that decide for others may wait for a
          second admin.
        </p>
        ${factorFields({ fresh: false }, 'Make the link', '')}`,
    )}`

/** One box a role; a form's fields stand once each, so each has a name of its own. */
const roleBoxes = (held: readonly Role[]): Html =>
  html`<fieldset>
    <legend>Roles</legend>
    ${ROLES.map(
      (role) =>
        html`<label class="check"
          ><input type="checkbox" name="role-${role}" value="yes" ${held.includes(role) ? html`checked` : ''} />
          <span>${role} <span class="soft small">${ROLE_WORDS[role]}</span></span></label
        >`,
    )}
  </fieldset>`

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  engineer: 'asks for access and works at targets',
  approver: 'decides about access and statements of others',
  auditor: 'sees everything, changes nothing',
  security: 'sees everything, ends sessions and access',
  admin: 'invites, changes and disables people',
}

export interface PersonPage {
  readonly person: Person
  readonly grants: readonly GrantView[]
  readonly passkeys: readonly Passkey[]
  readonly hasCodes: boolean
  readonly proposals: readonly ProposalView[]
  readonly isAdmin: boolean
  readonly isSelf: boolean
  readonly mayStop: boolean
  readonly csrf: string
  readonly problem: string | undefined
  readonly link: PeoplePage['link']
}

/** One person: what they may do, what they sign in with, what they may reach, and the changes an admin can make. */
export function personBody(page: PersonPage): Html {
  const { person, problem, link, proposals } = page
  const open = proposals.filter((one) => one.state === 'open' && one.person === person.name)
  return html`<h1>${person.name}</h1>
    <p>${badge(stateOf(person))} ${tags(person.roles)}</p>
    ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
    ${link === undefined ? '' : linkCard(link)} ${open.map((one) => proposalCard(one, page))} ${facts(page)}
    <h2>May reach now</h2>
    ${grantTable(page)} ${page.isAdmin && person.disabledAt === undefined ? changes(page) : ''}
    ${page.mayStop && person.disabledAt === undefined ? stopForm(page) : ''}`
}

const facts = ({ person, passkeys, hasCodes }: PersonPage): Html =>
  html`<section class="card">
    <dl>
      ${
        person.owner === undefined
          ? ''
          : html`<dt>Owner</dt>
              <dd><a href="/people/${person.owner}">${person.owner}</a></dd>`
      }
      ${
        person.target === undefined
          ? ''
          : html`<dt>Its target</dt>
              <dd>${person.target}</dd>`
      }
      <dt>Since</dt>
      <dd>${timeInline(person.createdAt)}</dd>
      <dt>Last sign-in</dt>
      <dd>${person.lastLoginAt === undefined ? 'never' : timeInline(person.lastLoginAt)}</dd>
      ${
        person.disabledAt === undefined
          ? ''
          : html`<dt>Disabled</dt>
              <dd>${timeInline(person.disabledAt)}</dd>`
      }
      <dt>Factors</dt>
      <dd>
        ${hasCodes ? html`<span class="tag">one-time codes</span>` : ''}
        ${passkeys.map(
          ({ name, usedAt }) =>
            html`<span class="tag">passkey ${inert(name)}</span>
              <span class="soft small"
                >${usedAt === undefined ? 'never used' : html`last used ${timeInline(usedAt)}`}</span
              > `,
        )}
        ${!hasCodes && passkeys.length === 0 ? html`<span class="soft">none</span>` : ''}
      </dd>
      <dt>Did</dt>
      <dd>
        <a href="/sessions?person=${person.name}">sessions</a>,
        <a href="/approvals/history?person=${person.name}">approvals</a>,
        <a href="/access/history?person=${person.name}">requests</a>,
        <a href="/access/grants?person=${person.name}">grants</a>
      </dd>
    </dl>
  </section>`

const grantTable = ({ grants, mayStop, csrf }: PersonPage): Html =>
  table({
    caption: 'Live grants',
    columns: ['Target', 'Until', 'Reason', 'Granted by', ...(mayStop ? ['End'] : [])],
    rows: grants.map((grant) => [
      grant.target,
      time(Date.parse(grant.expiresAt)),
      grant.reason,
      grant.grantedBy,
      ...(mayStop ? [revokeButton(grant, csrf)] : []),
    ]),
    empty: empty('Nothing.', 'Access is asked for under Access, and closes by itself.'),
  })

const changes = (page: PersonPage): Html =>
  html`<h2>Change</h2>
    <div class="split">
      ${page.person.service ? '' : rolesForm(page)}
      <section class="card">
        <h3>Account</h3>
        ${page.isSelf || page.person.service ? '' : resetForm(page)}
        ${page.isSelf ? html`<p class="soft">Another admin disables or resets you.</p>` : disableForm(page)}
      </section>
    </div>`

const rolesForm = ({ person, csrf }: PersonPage): Html =>
  postForm(
    { action: `/people/${person.name}/roles`, csrf, className: 'card', passkey: 'propose' },
    html`<p>${person.name} has exactly these roles from now on. What decides for others may wait for a second admin.</p>
      ${roleBoxes(person.roles)}
      <label>Reason <input name="reason" maxlength="500" /></label>
      ${factorFields({ fresh: false }, `Give ${person.name} these roles`, '')}`,
  )

const resetForm = ({ person, csrf }: PersonPage): Html =>
  dangerButton({
    action: `/people/${person.name}/reset`,
    csrf,
    label: 'Reset factors',
    passkey: 'propose',
    says: `Takes every second factor of ${person.name} away. They set up a new one by a one-time link. Where card data is at stake a second admin confirms it first.`,
    fields: html`<label>Reason <input name="reason" maxlength="500" /></label>
      ${factorFields({ fresh: false }, 'Reset factors', 'stop')}`,
  })

const disableForm = ({ person, csrf }: PersonPage): Html =>
  dangerButton({
    action: `/people/${person.name}/disable`,
    csrf,
    label: `Disable ${person.name}`,
    passkey: `disable ${person.name}`,
    says: `Ends the account of ${person.name} for good: sign-ins, grants, credentials and live sessions end now, and those of programs that ${person.name} owns. The name is never given again.`,
    fields: factorFields({ fresh: false }, `Disable ${person.name}`, 'stop'),
  })

const stopForm = ({ person, csrf }: PersonPage): Html =>
  html`<h2>Stop</h2>
    ${dangerButton({
      action: `/people/${person.name}/stop`,
      csrf,
      label: `Stop ${person.name}`,
      passkey: `stop person ${person.name}`,
      says: `Ends every session and hold of ${person.name} within two seconds and revokes grants, credentials and sign-ins. The account stays: they may sign in, and reach, ask for and mint nothing until somebody resumes them under Health.`,
      fields: html`<label>Reason <input name="reason" required maxlength="500" /></label>
        ${factorFields({ fresh: false }, `Stop ${person.name}`, 'stop')}`,
    })}`
