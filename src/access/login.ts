import { isName, personName } from '../model/ids.ts'
import type { PersonName } from '../model/ids.ts'
import type { JournalStore, LedgerNote } from '../model/ledger.ts'
import type { Principal } from '../model/principal.ts'
import type { Clock } from '../std/clock.ts'
import type { Secret } from '../std/secret.ts'
import type { Factors } from './factors.ts'
import type { Attempt, Lockout } from './lockout.ts'
import { noted, type Scrub } from './note.ts'
import { decoyVerifier, passwordMatches } from './password.ts'
import type { PeopleStore } from './people.ts'
import { principalOf } from './person.ts'
import type { Person } from './person.ts'
import type { Tokens } from './tokens.ts'

export interface LoginAttempt {
  readonly person: string
  readonly password: Secret
  readonly totp: string
  /** Where it comes from, for lockout and ledger. */
  readonly address: string
}

/** One answer for every wrong name, password and code. A lock is told: names that do not exist lock in the same way. */
export type LoginOutcome =
  | { readonly outcome: 'done'; readonly token: Secret; readonly expiresAt: number; readonly principal: Principal }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'locked'; readonly retryAfterSeconds: number }

export interface FactorProof {
  readonly person: PersonName
  readonly totp: string
  /** What the code is spent on, e.g. `approve a_…`; kept in the ledger. */
  readonly purpose: string
  readonly address: string
}

export interface Login {
  /** All factors at once. Every failing attempt does the same work: the counters, one scrypt, the codes of three steps. */
  login(attempt: LoginAttempt): Promise<LoginOutcome>
  /** Takes one fresh code of a person who is logged in already. */
  verifyFactor(proof: FactorProof): Promise<'accepted' | 'refused' | 'locked'>
  personOf(token: Secret, use?: 'active' | 'passive'): Promise<Person | undefined>
  principalOf(token: Secret, use?: 'active' | 'passive'): Promise<Principal | undefined>
  logout(token: Secret): Promise<void>
}

export interface LoginDeps {
  readonly people: Pick<PeopleStore, 'find' | 'passwords'>
  readonly factors: Factors
  readonly tokens: Tokens
  readonly lockout: Lockout
  readonly journal: Pick<JournalStore, 'append'>
  readonly clock: Clock
  readonly scrub: Scrub
}

/** The people's login: password and one-time code against a short-lived token. Service accounts have none. */
export function createLogin(deps: LoginDeps): Login {
  const { tokens, clock } = deps
  const decoy = decoyVerifier()
  const personOf: Login['personOf'] = (token, use) => tokens.personOf(token, use)
  return {
    async login(attempt) {
      const tried = { person: attempt.person, source: attempt.address }
      const lockedUntil = await deps.lockout.reserve(tried)
      if (lockedUntil !== undefined) return locked(deps, { attempt: tried, lockedUntil })
      const proved = await proveAll(deps, attempt, decoy)
      const done = proved === undefined ? undefined : await admit(deps, proved, attempt)
      if (done === undefined) return refused(deps, tried)
      await deps.lockout.succeeded(tried)
      return done
    },
    async verifyFactor(proof) {
      const tried = { person: proof.person, source: proof.address }
      if ((await deps.lockout.reserve(tried)) !== undefined) return 'locked'
      const counter = await deps.factors.check(proof.person, proof.totp)
      const accepted = counter !== undefined && (await deps.factors.consume(proof.person, counter))
      const outcome = accepted ? 'accepted' : 'refused'
      await deps.journal.append({ note: factorNote(proof, outcome, clock.now()) })
      // A code alone proves less than a login: it takes back its own failure but not those of the name.
      if (accepted) await deps.lockout.forgiveOne(tried)
      return outcome
    },
    personOf,
    async principalOf(token, use) {
      const person = await personOf(token, use)
      return person === undefined ? undefined : principalOf(person)
    },
    async logout(token) {
      const person = await tokens.personOf(token, 'passive')
      const note =
        person && noted({ by: person.name, origin: 'api' }, { kind: 'login.ended', at: clock.now(), resource: 'api' })
      await tokens.revoke(token, note)
    },
  }
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

async function admit(deps: LoginDeps, proved: Proved, attempt: LoginAttempt): Promise<LoginOutcome | undefined> {
  const { person, counter } = proved
  if (!(await deps.factors.consume(person.name, counter))) return undefined
  const actor = { by: person.name, origin: attempt.address }
  const event = { kind: 'login', at: deps.clock.now(), resource: 'api', detail: { factors: ['password', 'totp'] } }
  const issued = await deps.tokens.issue(person.name, noted(actor, event))
  return issued && { outcome: 'done', ...issued, principal: principalOf(person) }
}

async function refused(deps: LoginDeps, attempt: Attempt): Promise<LoginOutcome> {
  await deps.journal.append({ note: failureNote(deps, attempt, 'refused') })
  return { outcome: 'refused' }
}

async function locked(deps: LoginDeps, lock: { attempt: Attempt; lockedUntil: number }): Promise<LoginOutcome> {
  const now = deps.clock.now()
  await deps.journal.append({ note: failureNote(deps, lock.attempt, 'locked') })
  return { outcome: 'locked', retryAfterSeconds: Math.max(1, Math.ceil((lock.lockedUntil - now) / 1000)) }
}

/** People type passwords and card numbers into the name's field: what is no name is not written down. */
const failureNote = ({ scrub, clock }: LoginDeps, { person, source }: Attempt, outcome: string): LedgerNote =>
  noted(
    { by: isName(person) ? scrub(person) : '?', origin: source },
    { kind: 'login', at: clock.now(), resource: 'api', outcome },
  )

const factorNote = (proof: FactorProof, outcome: string, at: number): LedgerNote =>
  noted(
    { by: proof.person, origin: proof.address },
    { kind: 'factor', at, resource: `person:${proof.person}`, outcome, detail: { purpose: proof.purpose } },
  )
