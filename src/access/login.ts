import { isName, personName } from '../model/ids.ts'
import type { PersonName } from '../model/ids.ts'
import type { JournalStore } from '../model/ledger.ts'
import type { Principal } from '../model/principal.ts'
import type { Clock } from '../std/clock.ts'
import { createQuiet, type Quiet } from '../std/quiet.ts'
import type { Secret } from '../std/secret.ts'
import type { FactorAnswer, PasskeyAssertion } from './factor-answer.ts'
import type { Factors } from './factors.ts'
import type { Attempt, Lockout } from './lockout.ts'
import { factorNote, failureNote, loginNote } from './login-notes.ts'
import { noted, type Scrub } from './note.ts'
import { LOGIN_PURPOSE } from './passkeys.ts'
import type { Passkeys } from './passkeys.ts'
import { decoyVerifier, passwordMatches, passwordVerifier } from './password.ts'
import { newPasswordProblem } from './people.ts'
import type { PeopleStore } from './people.ts'
import { principalOf } from './person.ts'
import type { Person } from './person.ts'
import type { Tokens } from './tokens.ts'

export interface LoginAttempt {
  readonly person: string
  readonly password: Secret
  readonly totp: string
  /** One's own, where the password is still one that somebody else chose. */
  readonly newPassword?: Secret | undefined
  /** Where it comes from, for lockout and ledger. */
  readonly address: string
}

export interface PasskeyLogin {
  readonly response: PasskeyAssertion
  readonly address: string
}

/**
 * One answer for every wrong name, password and code. A lock is told: names that do not exist lock in the same way. `password-change`: all factors were right, but
 * the password is another person's choice; nothing was used up, and the same attempt with a `newPassword` goes on. `problem` says what is wrong with that one.
 */
export type LoginOutcome =
  | { readonly outcome: 'done'; readonly token: Secret; readonly expiresAt: number; readonly principal: Principal }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'locked'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'password-change'; readonly problem: string | undefined }

export interface FactorProof {
  readonly person: PersonName
  readonly proof: FactorAnswer
  /** What the factor is spent on, e.g. `approve a_…`; a passkey's challenge was made for exactly this. Kept in the ledger. */
  readonly purpose: string
  readonly address: string
}

export interface PasswordChange extends FactorProof {
  readonly current: Secret
  readonly next: Secret
}

export interface Login {
  /** All factors at once. Every failing attempt does the same work: the counters, one scrypt, the codes of three steps. */
  login(attempt: LoginAttempt): Promise<LoginOutcome>
  /** A passkey alone is both factors: the person has the device, and the device has verified the person. */
  loginWithPasskey(attempt: PasskeyLogin): Promise<LoginOutcome>
  /** Takes one fresh factor of a person who is logged in already. */
  verifyFactor(proof: FactorProof): Promise<'accepted' | 'refused' | 'locked'>
  /** One's own new password; it ends every token of the person. */
  changePassword(change: PasswordChange): Promise<'changed' | 'refused' | 'locked' | { readonly problem: string }>
  personOf(token: Secret, use?: 'active' | 'passive'): Promise<Person | undefined>
  principalOf(token: Secret, use?: 'active' | 'passive'): Promise<Principal | undefined>
  /** Whether the token was issued within the last ten minutes: who has no factor yet may then set up the first. */
  isRecent(token: Secret): Promise<boolean>
  /** `address` is for the ledger. */
  logout(token: Secret, address: string): Promise<void>
}

export interface LoginDeps {
  readonly people: Pick<PeopleStore, 'find' | 'passwords' | 'isTemporary' | 'isLinked' | 'setPassword'>
  readonly factors: Factors
  readonly passkeys: Pick<Passkeys, 'verify' | 'ownerOf'>
  readonly tokens: Tokens
  readonly lockout: Lockout
  readonly journal: Pick<JournalStore, 'append'>
  readonly clock: Clock
  readonly scrub: Scrub
}

interface LoginParts extends LoginDeps {
  readonly quiet: Quiet
}

const RECENT_MS = 10 * 60_000

/** The people's login: password and one-time code, or a passkey, against a short-lived token. Service accounts have none. */
export function createLogin(given: LoginDeps): Login {
  const { tokens, clock } = given
  const deps: LoginParts = { ...given, quiet: createQuiet({ now: () => clock.now() }) }
  const decoy = decoyVerifier()
  const personOf: Login['personOf'] = (token, use) => tokens.personOf(token, use)
  return {
    login: (attempt) =>
      counted(deps, { person: attempt.person, source: attempt.address }, () => enter(deps, attempt, decoy)),
    async loginWithPasskey(attempt) {
      const owner = await deps.passkeys.ownerOf(attempt.response.id)
      return counted(deps, { person: owner ?? '?', source: attempt.address }, () => enterByPasskey(deps, attempt))
    },
    verifyFactor: (proof) => proved(deps, proof, () => takesFactor(deps, proof)),
    async changePassword(change) {
      const problem = await newPasswordProblem(deps.people, change.person, change.next.reveal())
      const outcome = await proved(deps, change, async () => {
        const [current = decoy] = await deps.people.passwords({ name: change.person })
        // The password first, so that no code is spent beside a wrong one.
        return (
          (await passwordMatches(change.current.reveal(), current)) &&
          (problem !== undefined || (await takesFactor(deps, change)))
        )
      })
      if (outcome !== 'accepted') return outcome
      if (problem !== undefined) return { problem }
      await keepPassword(deps, change.next, { name: change.person, address: change.address })
      return 'changed'
    },
    personOf,
    async principalOf(token, use) {
      const person = await personOf(token, use)
      return person === undefined ? undefined : principalOf(person)
    },
    async isRecent(token) {
      const at = await tokens.issuedAt(token)
      return at !== undefined && clock.now() - at < RECENT_MS
    },
    async logout(token, address) {
      const person = await tokens.personOf(token, 'passive')
      const note =
        person && noted({ by: person.name, origin: address }, { kind: 'login.ended', at: clock.now(), resource: 'api' })
      await tokens.revoke(token, note)
    },
  }
}

/** Counts the attempt before it is looked at, and takes the failure back where it was none. */
async function counted(
  deps: LoginParts,
  tried: Attempt,
  enters: () => Promise<LoginOutcome | undefined>,
): Promise<LoginOutcome> {
  const { lockout, journal, clock, scrub, quiet } = deps
  const until = await lockout.reserve(tried)
  if (until !== undefined) {
    const retryAfterSeconds = Math.max(1, Math.ceil((until - clock.now()) / 1000))
    // Nothing counts these any more: whoever goes on must not fill the disk.
    const detail = quiet(JSON.stringify(failureNote(tried, { at: 0, outcome: 'locked', scrub })))
    if (detail !== undefined)
      await journal.append({ note: failureNote(tried, { at: clock.now(), outcome: 'locked', scrub, detail }) })
    return { outcome: 'locked', retryAfterSeconds }
  }
  const done = await enters()
  if (done === undefined) {
    await journal.append({ note: failureNote(tried, { at: clock.now(), outcome: 'refused', scrub }) })
    return { outcome: 'refused' }
  }
  if (done.outcome === 'done') await lockout.succeeded(tried)
  else await lockout.forgiveOne(tried)
  return done
}

/** The same for somebody who is logged in: what is proved is less than a login and takes back its own failure alone. */
async function proved(
  { lockout, journal, clock, quiet }: LoginParts,
  proof: FactorProof,
  fits: () => Promise<boolean>,
): Promise<'accepted' | 'refused' | 'locked'> {
  const tried = { person: proof.person, source: proof.address }
  if ((await lockout.reserve(tried)) !== undefined) {
    const untold = quiet(JSON.stringify(factorNote(proof, { at: 0, outcome: 'locked' })))
    if (untold !== undefined)
      await journal.append({ note: factorNote(proof, { at: clock.now(), outcome: 'locked', untold }) })
    return 'locked'
  }
  const outcome = (await fits()) ? 'accepted' : 'refused'
  await journal.append({ note: factorNote(proof, { at: clock.now(), outcome }) })
  if (outcome === 'accepted') await lockout.forgiveOne(tried)
  return outcome
}

async function takesFactor(
  { factors, passkeys }: LoginDeps,
  { person, proof, purpose, address }: FactorProof,
): Promise<boolean> {
  if (proof.kind === 'passkey') return (await passkeys.verify(proof.response, { person, purpose, address })) === person
  const counter = await factors.check(person, proof.code)
  return counter !== undefined && factors.consume(person, counter)
}

interface Proved {
  readonly person: Person
  readonly counter: number
}

/** Looks at every factor before it judges any (PCI DSS 8.5.1), and does the same work for names that do not exist. */
async function proveAll(deps: LoginDeps, attempt: LoginAttempt, decoy: string): Promise<Proved | undefined> {
  const name = personName(isName(attempt.person) ? attempt.person : '-')
  const [person, verifiers, counter] = await Promise.all([
    deps.people.find({ name }),
    deps.people.passwords({ name }),
    deps.factors.check(name, attempt.totp),
  ])
  const passwordFits = await passwordMatches(attempt.password.reveal(), verifiers[0] ?? decoy)
  const known =
    person !== undefined && person.name === attempt.person && person.disabledAt === undefined && !person.service
  return known && passwordFits && counter !== undefined ? { person, counter } : undefined
}

async function enter(deps: LoginDeps, attempt: LoginAttempt, decoy: string): Promise<LoginOutcome | undefined> {
  const all = await proveAll(deps, attempt, decoy)
  if (all === undefined) return undefined
  const { name } = all.person
  if (await deps.people.isTemporary({ name })) {
    const { newPassword } = attempt
    const problem = newPassword && (await newPasswordProblem(deps.people, name, newPassword.reveal()))
    if (newPassword === undefined || problem !== undefined) return { outcome: 'password-change', problem }
    if (!(await deps.factors.consume(name, all.counter))) return undefined
    await keepPassword(deps, newPassword, { name, address: attempt.address })
  } else if (!(await deps.factors.consume(name, all.counter))) return undefined
  return admit(deps, all.person, { address: attempt.address, factors: ['password', 'totp'] })
}

async function enterByPasskey(deps: LoginDeps, { response, address }: PasskeyLogin): Promise<LoginOutcome | undefined> {
  const name = await deps.passkeys.verify(response, { purpose: LOGIN_PURPOSE, address })
  const person = name && (await deps.people.find({ name }))
  // Whoever belongs to an organisation enters through it: the account may have ended there. Their passkey is a fresh factor and no more.
  if (person === undefined || (await deps.people.isLinked({ name: person.name }))) return undefined
  return admit(deps, person, { address, factors: ['passkey'] })
}

async function admit(
  { tokens, clock }: LoginDeps,
  person: Person,
  by: { readonly address: string; readonly factors: readonly string[] },
): Promise<LoginOutcome | undefined> {
  const note = loginNote({ person: person.name, address: by.address }, { at: clock.now(), factors: by.factors })
  const issued = await tokens.issue(person.name, note)
  return issued && { outcome: 'done', ...issued, principal: principalOf(person) }
}

async function keepPassword(
  { people, clock }: LoginDeps,
  password: Secret,
  { name, address }: { readonly name: PersonName; readonly address: string },
): Promise<void> {
  const verifier = await passwordVerifier(password.reveal())
  const at = clock.now()
  const note = noted({ by: name, origin: address }, { kind: 'person.password', at, resource: `person:${name}` })
  await people.setPassword({ name, verifier, temporary: false, at, note })
}
