import { isName, personName } from '../model/ids.ts'
import type { PersonName } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Clock } from '../std/clock.ts'
import type { Secret } from '../std/secret.ts'
import type { CodeOffer, CodeOffers } from './code-offer.ts'
import { enrolledCode } from './factors.ts'
import type { Factors } from './factors.ts'
import { hashOfInvite } from './invites.ts'
import type { Invite, InviteStore, NewFactor } from './invites.ts'
import type { Lockout } from './lockout.ts'
import { noted } from './note.ts'
import { decoyVerifier, passwordMatches, passwordProblem, passwordVerifier } from './password.ts'
import { enrolled } from './passkeys.ts'
import type { Passkeys } from './passkeys.ts'
import type { PasskeyRegistration } from './passkey.ts'
import { born } from './people.ts'
import type { PeopleStore } from './people.ts'
import type { CreationOptions } from './webauthn.ts'

/** What somebody who follows an invite brings. */
export interface WelcomeAnswer {
  readonly token: string
  /** Counts only where the invite leaves the name open. */
  readonly name: string
  /** A new one, or for a new factor the one that the account has. */
  readonly password: Secret
  readonly factor: WelcomeFactor
  readonly address: string
}

export type WelcomeFactor =
  | { readonly kind: 'totp'; readonly ticket: string; readonly code: string }
  | { readonly kind: 'passkey'; readonly response: PasskeyRegistration; readonly name: string }

export type WelcomeOutcome =
  | { readonly outcome: 'welcome'; readonly person: PersonName }
  /** Wrong, used or expired. */
  | { readonly outcome: 'gone' }
  | { readonly outcome: 'refused'; readonly problem: string }

export interface Welcome {
  /** A new one-time-code secret for the page of an invite. */
  offer(token: string, name: string): CodeOffer
  /** For `navigator.credentials.create()`; undefined for a name that is none. */
  passkeyOptions(token: string, name: string): Promise<CreationOptions | undefined>
  /** Makes the account, or gives it its new factor, in one step that uses the invite up. A refusal uses up nothing. */
  accept(answer: WelcomeAnswer): Promise<WelcomeOutcome>
}

export interface WelcomeDeps {
  readonly store: InviteStore
  readonly people: Pick<PeopleStore, 'passwords'>
  readonly factors: Pick<Factors, 'sealed'>
  readonly offers: CodeOffers
  readonly passkeys: Pick<Passkeys, 'registrationOptions' | 'attest'>
  readonly lockout: Lockout
  readonly clock: Clock
}

/** What following an invite does. */
export function createWelcome(deps: WelcomeDeps): Welcome {
  const { store, offers, passkeys, clock } = deps
  const decoy = decoyVerifier()
  return {
    offer: (token, name) => offers.make(name, purposeOf(token)),
    passkeyOptions: (token, name) =>
      isName(name) ? passkeys.registrationOptions(personName(name), purposeOf(token)) : Promise.resolve(undefined),
    async accept(answer) {
      const hash = hashOfInvite(answer.token)
      const invite = await store.find({ hash, now: clock.now() })
      if (invite === undefined) return { outcome: 'gone' }
      const name = invite.person ?? answer.name
      if (!isName(name)) return refused('a name is 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen')
      const person = personName(name)
      const problem = await passwordRefusal(deps, { invite, person, answer, decoy })
      if (problem !== undefined) return refused(problem)
      const factor = await factorOf(deps, person, answer)
      if (factor === undefined) return refused(WRONG_FACTOR[answer.factor.kind])
      const account = invite.purpose === 'factor' ? undefined : await accountOf(deps, { invite, person, answer })
      const notes = notesOf({ invite, person, answer, factor }, clock.now())
      const done = await store.accept({ hash, account, person, factor, at: clock.now(), notes })
      if (done === 'accepted') return { outcome: 'welcome', person }
      if (done === 'gone') return { outcome: 'gone' }
      return refused(done === 'name-taken' ? 'the name is taken' : WRONG_FACTOR[answer.factor.kind])
    },
  }
}

const refused = (problem: string): WelcomeOutcome => ({ outcome: 'refused', problem })

const WRONG_FACTOR = {
  totp: 'the one-time code is not the one that the app shows now',
  passkey: 'the passkey was not accepted; try again',
} as const

/** Tickets and challenges of one invite are good for no other. */
const purposeOf = (token: string): string => `welcome ${hashOfInvite(token)}`

interface Guest {
  readonly invite: Invite
  readonly person: PersonName
  readonly answer: WelcomeAnswer
}

/** A new password keeps the rules; for a new factor the link alone is not enough, and a wrong password counts like one at the login (PCI DSS 8.3.3). */
async function passwordRefusal(
  { people, lockout }: WelcomeDeps,
  { invite, person, answer, decoy }: Guest & { readonly decoy: string },
): Promise<string | undefined> {
  const password = answer.password.reveal()
  if (invite.purpose !== 'factor') return passwordProblem(password)
  const tried = { person, source: answer.address }
  if ((await lockout.reserve(tried)) !== undefined) return 'there were too many failed attempts; try again later'
  const [verifier = decoy] = await people.passwords({ name: person })
  if (!(await passwordMatches(password, verifier))) return 'the password is not that of this account'
  await lockout.forgiveOne(tried)
  return undefined
}

async function factorOf(deps: WelcomeDeps, person: PersonName, answer: WelcomeAnswer): Promise<NewFactor | undefined> {
  const { token, factor } = answer
  const purpose = purposeOf(token)
  if (factor.kind === 'passkey') {
    const made = await deps.passkeys.attest({ person, purpose, response: factor.response, name: factor.name })
    return made && { kind: 'passkey', ...made }
  }
  const taken = deps.offers.take({ ticket: factor.ticket, code: factor.code, purpose })
  return taken && { kind: 'totp', sealed: deps.factors.sealed(person, taken.secret), counter: taken.counter }
}

async function accountOf({ clock }: WelcomeDeps, { invite, person, answer }: Guest) {
  const verifier = await passwordVerifier(answer.password.reveal())
  return { person: born({ name: person, roles: invite.roles }, clock.now()), verifier }
}

function notesOf(
  { invite, person, answer, factor }: Guest & { readonly factor: NewFactor },
  at: number,
): readonly LedgerNote[] {
  const actor = { by: person, origin: answer.address }
  const detail = { roles: invite.roles, purpose: invite.purpose, invitedBy: invite.createdBy }
  const accepted = noted(actor, { kind: 'invite.accepted', at, resource: `person:${person}`, detail })
  const added = noted(actor, { kind: 'person.added', at, resource: `person:${person}`, detail })
  const got = factor.kind === 'passkey' ? enrolled(factor.passkey, actor) : enrolledCode(person, actor, at)
  return invite.purpose === 'factor' ? [accepted, got] : [accepted, added, got]
}
