import type { Clock } from '../std/clock.ts'
import type { PersonName, TargetName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import type { Role } from '../model/principal.ts'
import type { InactivityStore } from './inactivity.ts'
import { noted } from './note.ts'
import { passwordMatches, passwordProblem, passwordVerifier } from './password.ts'
import type { Person } from './person.ts'

/** What `people` needs of a store. Every change carries its note and commits with it. */
export interface PeopleStore extends InactivityStore {
  /** False where the name is or ever was taken. */
  add(input: {
    person: Person
    verifier: string | undefined
    /** The password is another person's choice and works only to choose one's own. */
    temporary: boolean
    note: LedgerNote
  }): Promise<boolean>
  find(input: { name: PersonName }): Promise<Person | undefined>
  setRoles(input: { name: PersonName; roles: readonly Role[]; note: LedgerNote }): Promise<boolean>
  /** Ends the account, its tokens, its credentials and its grants at once; owned accounts too. False where it was no live account. */
  disable(input: { name: PersonName; at: number; note: LedgerNote }): Promise<boolean>
  /** The newest four verifiers, newest first. */
  passwords(input: { name: PersonName }): Promise<readonly string[]>
  /** Whether the person signs in through an organisation's provider, and so by nothing else. */
  isLinked(input: { name: PersonName }): Promise<boolean>
  /** Whether the newest password is one that somebody else chose. */
  isTemporary(input: { name: PersonName }): Promise<boolean>
  setPassword(input: {
    name: PersonName
    verifier: string
    temporary: boolean
    at: number
    note: LedgerNote
  }): Promise<boolean>
}

export interface NewPerson {
  readonly name: PersonName
  readonly roles: readonly Role[]
  /** Initial password; a service account has none. */
  readonly password?: string
  /** The password was not chosen by the person: it has to be changed at first use (PCI DSS 8.3.5). */
  readonly temporary?: boolean
  /** Why nobody else was asked about these roles, where a second admin should have been; for the ledger. */
  readonly alone?: string | undefined
  readonly owner?: PersonName
  /** Makes a service account of this one target; needs an owner and no role but engineer. */
  readonly serviceOf?: TargetName
}

export type PeopleOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string }

export interface People {
  add(person: NewPerson, actor: Actor): Promise<PeopleOutcome>
  find(name: PersonName): Promise<Person | undefined>
  list(): Promise<readonly Person[]>
  setRoles(name: PersonName, roles: readonly Role[], actor: Actor): Promise<PeopleOutcome>
  disable(name: PersonName, actor: Actor): Promise<PeopleOutcome>
  /** Takes a password that keeps the rules and is none of the last four (PCI DSS 8.3.6, 8.3.7). Somebody else's choice is temporary. */
  setPassword(name: PersonName, password: string, actor: Actor): Promise<PeopleOutcome>
}

const refused = (reason: string): PeopleOutcome => ({ ok: false, reason })
const outcome = (done: boolean, reason: string): PeopleOutcome => (done ? { ok: true } : refused(reason))
const NO_SUCH = 'no such live account'

/** Accounts, their roles and passwords. Refusals are values; a broken store rejects. */
export function createPeople({ store, clock }: { store: PeopleStore; clock: Clock }): People {
  return {
    find: (name) => store.find({ name }),
    list: () => store.list(),
    async add(person, actor) {
      const problem = newPersonProblem(person) ?? (await ownerProblem(store, person))
      if (problem !== undefined) return refused(problem)
      const verifier = person.password === undefined ? undefined : await passwordVerifier(person.password)
      const alone = person.alone === undefined ? {} : { alone: person.alone }
      const service = person.serviceOf !== undefined
      const detail = { roles: person.roles, service, owner: person.owner ?? null, ...alone }
      const note = noted(actor, { kind: 'person.added', at: clock.now(), resource: `person:${person.name}`, detail })
      const account = { person: born(person, clock.now()), verifier, temporary: person.temporary ?? false }
      return outcome(await store.add({ ...account, note }), 'the name is taken')
    },
    async setRoles(name, roles, actor) {
      const service = (await store.find({ name }))?.service ?? false
      if (service && !onlyEngineer(roles)) return refused('a service account has no role but engineer')
      const event = { kind: 'person.roles', at: clock.now(), resource: `person:${name}`, detail: { roles } }
      return outcome(await store.setRoles({ name, roles, note: noted(actor, event) }), NO_SUCH)
    },
    async disable(name, actor) {
      const at = clock.now()
      const note = noted(actor, { kind: 'person.disabled', at, resource: `person:${name}` })
      return outcome(await store.disable({ name, at, note }), NO_SUCH)
    },
    async setPassword(name, password, actor) {
      const problem = await newPasswordProblem(store, name, password)
      if (problem !== undefined) return refused(problem)
      const verifier = await passwordVerifier(password)
      const at = clock.now()
      const note = noted(actor, { kind: 'person.password', at, resource: `person:${name}` })
      const temporary = actor.by !== name
      return outcome(await store.setPassword({ name, verifier, temporary, at, note }), NO_SUCH)
    },
  }
}

const onlyEngineer = (roles: readonly Role[]): boolean => roles.every((role) => role === 'engineer')

function newPersonProblem(person: NewPerson): string | undefined {
  if (person.owner === person.name) return 'an account cannot own itself'
  if (person.serviceOf === undefined)
    return person.password === undefined ? undefined : passwordProblem(person.password)
  if (person.owner === undefined) return 'a service account needs an owner'
  if (person.password !== undefined) return 'a service account has no password'
  return onlyEngineer(person.roles) ? undefined : 'a service account has no role but engineer'
}

async function ownerProblem(store: PeopleStore, person: NewPerson): Promise<string | undefined> {
  if (person.owner === undefined) return undefined
  const owner = await store.find({ name: person.owner })
  if (owner === undefined || owner.disabledAt !== undefined) return 'the owner is no live account'
  // Owners are humans: a chain of owners would let two accounts of one human look like two.
  return owner.owner === undefined ? undefined : 'the owner is itself owned by another account'
}

/** Why somebody may not take this password, or undefined. */
export async function newPasswordProblem(
  store: Pick<PeopleStore, 'passwords'>,
  name: PersonName,
  password: string,
): Promise<string | undefined> {
  const problem = passwordProblem(password)
  if (problem !== undefined) return problem
  for (const verifier of await store.passwords({ name })) {
    if (await passwordMatches(password, verifier)) return 'the password is one of the last four'
  }
  return undefined
}

/** A new account as it is kept. */
export const born = (person: Omit<NewPerson, 'password'>, at: number): Person => ({
  name: person.name,
  roles: person.roles,
  service: person.serviceOf !== undefined,
  owner: person.owner,
  target: person.serviceOf,
  createdAt: at,
  disabledAt: undefined,
  lastLoginAt: undefined,
})
