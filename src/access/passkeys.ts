import { isIP } from 'node:net'
import { createHmac } from 'node:crypto'
import type { PersonName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import type { Clock } from '../std/clock.ts'
import type { Challenges } from './challenges.ts'
import type { PasskeyAssertion } from './factor-answer.ts'
import { noted, type Scrub } from './note.ts'
import type { NewPasskey, Passkey, PasskeyRegistration, SpentChallenge } from './passkey.ts'
import { assertedBy, attested, creationOptions, requestOptions } from './webauthn.ts'
import type { CreationOptions, RelyingParty, RequestOptions } from './webauthn.ts'

/** What `passkeys` needs of a store. */
export interface PasskeyStore {
  /** Of a live account only. */
  find(input: { id: string }): Promise<Passkey | undefined>
  list(input: { person: PersonName }): Promise<readonly Passkey[]>
  /** In one transaction: the challenge is spent, the person is a live human account, the id is new and fewer than `limit` are kept. */
  add(input: NewPasskey & { limit: number; note: LedgerNote }): Promise<'added' | 'replayed' | 'refused' | 'too-many'>
  /**
   * In one transaction: the challenge is spent and the counter moves on. `note` is written only where it does not, as a sign that the key may have been copied.
   */
  use(input: {
    id: string
    counter: number
    spent: SpentChallenge
    at: number
    note: LedgerNote
  }): Promise<'used' | 'replayed' | 'regressed'>
  rename(input: { id: string; person: PersonName; name: string; note: LedgerNote }): Promise<boolean>
  /** Never a person's last factor. */
  remove(input: { id: string; person: PersonName; note: LedgerNote }): Promise<'removed' | 'not-found' | 'last-factor'>
}

export type RegisterOutcome =
  | { readonly outcome: 'registered'; readonly passkey: Passkey }
  | { readonly outcome: 'refused'; readonly why: 'not-valid' | 'too-many' }

export interface Passkeys {
  /** False where links point to an IP address: WebAuthn knows host names only. */
  readonly available: boolean
  /** For `navigator.credentials.create()`. */
  registrationOptions(person: PersonName, purpose: string): Promise<CreationOptions>
  /** Reads the browser's answer to `registrationOptions` of the same person and purpose, keeps nothing yet. */
  attest(wanted: NewPasskeyWish): Promise<NewPasskey | undefined>
  register(wanted: NewPasskeyWish, actor: Actor): Promise<RegisterOutcome>
  /** For a login: whose key it is, the device says. */
  loginOptions(): Promise<RequestOptions>
  /** For one purpose of a person who is signed in. */
  assertionOptions(person: PersonName, purpose: string): Promise<RequestOptions>
  /** Whose passkey an id is, before anything about it was proved. */
  ownerOf(id: string): Promise<PersonName | undefined>
  /** Takes an answer to a challenge of exactly this purpose, once: who signed, or undefined. */
  verify(
    answer: PasskeyAssertion,
    bound: { person?: PersonName; purpose: string; address: string },
  ): Promise<PersonName | undefined>
  listOf(person: PersonName): Promise<readonly Passkey[]>
  rename(wanted: { id: string; person: PersonName; name: string }, actor: Actor): Promise<boolean>
  remove(wanted: { id: string; person: PersonName }, actor: Actor): Promise<'removed' | 'not-found' | 'last-factor'>
}

export interface NewPasskeyWish {
  readonly person: PersonName
  readonly purpose: string
  readonly response: PasskeyRegistration
  readonly name: string
}

export interface PasskeyDeps {
  readonly store: PasskeyStore
  readonly clock: Clock
  readonly challenges: Challenges
  /** Origin of our pages; its host is the relying party, so a passkey works at that name alone. */
  readonly publicUrl: string
  /** `deriveKey(master, 'passkey-user')`: makes a person's user handle, which a device keeps and which shall not be a name. */
  readonly key: Uint8Array
  readonly scrub: Scrub
}

/** What a login's challenge is made for. */
export const LOGIN_PURPOSE = 'login'
const MAX_PASSKEYS = 20
const MAX_NAME = 60

/** WebAuthn credentials. Each use must have verified its owner on the device, so one is two factors in one. */
export function createPasskeys(deps: PasskeyDeps): Passkeys {
  const { store, clock, challenges, publicUrl, scrub } = deps
  const { hostname, origin } = new URL(publicUrl)
  const party: RelyingParty = { id: hostname, origin }
  const named = (name: string): string => scrub(name.slice(0, MAX_NAME))
  const handleOf = (person: PersonName): string => createHmac('sha256', deps.key).update(person).digest('base64url')
  const attest = async (wanted: NewPasskeyWish): Promise<NewPasskey | undefined> => {
    const { person, purpose, response, name } = wanted
    const read = await attested(party, response, (challenge) => challenges.open(challenge, { person, purpose }))
    if (read === undefined) return undefined
    const { spent, ...found } = read
    return { spent, passkey: { ...found, person, name: named(name), createdAt: clock.now(), usedAt: undefined } }
  }
  return {
    available: isIP(hostname.replace(/^\[|\]$/g, '')) === 0,
    attest,
    async registrationOptions(person, purpose) {
      const challenge = challenges.make({ person, purpose })
      const user = { name: person, handle: handleOf(person) }
      return creationOptions(party, { challenge, user, known: await store.list({ person }) })
    },
    async register(wanted, actor) {
      const made = await attest(wanted)
      if (made === undefined) return { outcome: 'refused', why: 'not-valid' }
      const added = await store.add({ ...made, limit: MAX_PASSKEYS, note: enrolled(made.passkey, actor) })
      if (added === 'added') return { outcome: 'registered', passkey: made.passkey }
      return { outcome: 'refused', why: added === 'too-many' ? 'too-many' : 'not-valid' }
    },
    loginOptions: () =>
      requestOptions(party, { challenge: challenges.make({ person: undefined, purpose: LOGIN_PURPOSE }), allowed: [] }),
    async assertionOptions(person, purpose) {
      return requestOptions(party, {
        challenge: challenges.make({ person, purpose }),
        allowed: await store.list({ person }),
      })
    },
    ownerOf: async (id) => (await store.find({ id }))?.person,
    verify: (answer, bound) => verify(deps, { answer, bound, party, handleOf }),
    ...keeping(deps, named),
  }
}

/** What a person does with passkeys that are kept already. */
function keeping(
  { store, clock }: PasskeyDeps,
  named: (name: string) => string,
): Pick<Passkeys, 'listOf' | 'rename' | 'remove'> {
  return {
    listOf: (person) => store.list({ person }),
    rename({ id, person, name }, actor) {
      const detail = { factor: 'passkey', passkey: short(id), name: named(name) }
      const event = { kind: 'factor.renamed', at: clock.now(), resource: `person:${person}`, detail }
      return store.rename({ id, person, name: named(name), note: noted(actor, event) })
    },
    remove({ id, person }, actor) {
      const detail = { factor: 'passkey', passkey: short(id) }
      const event = { kind: 'factor.removed', at: clock.now(), resource: `person:${person}`, detail }
      return store.remove({ id, person, note: noted(actor, event) })
    },
  }
}

interface Asserted {
  readonly answer: PasskeyAssertion
  readonly bound: { readonly person?: PersonName; readonly purpose: string; readonly address: string }
  readonly party: RelyingParty
  readonly handleOf: (person: PersonName) => string
}

async function verify(
  deps: PasskeyDeps,
  { answer, bound, party, handleOf }: Asserted,
): Promise<PersonName | undefined> {
  const { store, clock, challenges } = deps
  const { person, purpose, address } = bound
  const passkey = await store.find({ id: answer.id })
  if (passkey === undefined || (person ?? passkey.person) !== passkey.person) return undefined
  const handle = answer.response.userHandle ?? ''
  if (handle !== '' && handle !== handleOf(passkey.person)) return undefined
  const open = (challenge: string): SpentChallenge | undefined => challenges.open(challenge, { person, purpose })
  const read = await assertedBy(party, { answer, passkey, open })
  if (read === undefined) return undefined
  const note = regressed(passkey, { by: passkey.person, origin: address }, clock.now())
  const used = await store.use({ id: passkey.id, ...read, at: clock.now(), note })
  return used === 'used' ? passkey.person : undefined
}

/** The note of a passkey that came to a person. */
export const enrolled = ({ id, person, name, createdAt }: Passkey, actor: Actor): LedgerNote =>
  noted(actor, {
    kind: 'factor.enrolled',
    at: createdAt,
    resource: `person:${person}`,
    detail: { factor: 'passkey', passkey: short(id), name },
  })

/** The device's counter went back, or stood still: somebody may have a copy of the key. */
const regressed = ({ id, person }: Passkey, actor: Actor, at: number): LedgerNote =>
  noted(actor, {
    kind: 'factor.counter',
    at,
    resource: `person:${person}`,
    outcome: 'refused',
    detail: { factor: 'passkey', passkey: short(id) },
  })

/** Enough of an id to tell a person's passkeys apart in the ledger. */
const short = (id: string): string => id.slice(0, 16)
