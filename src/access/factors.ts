import { randomBytes } from 'node:crypto'
import type { Clock } from '../std/clock.ts'
import { Secret } from '../std/secret.ts'
import type { PersonName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import { base32 } from './base32.ts'
import type { TakenOffer } from './code-offer.ts'
import { noted } from './note.ts'
import { seal, unseal } from './sealed.ts'
import { matchingCounter, otpauthUri } from './totp.ts'

/** What `factors` needs of a store. */
export interface FactorStore {
  /** The sealed secret of a live account. */
  find(input: { person: PersonName }): Promise<{ readonly sealed: string } | undefined>
  /** False where the person has a factor already, or is no live account. */
  enrol(input: {
    person: PersonName
    sealed: string
    /** The step of a code that was shown already: it counts as used. */
    counter: number | undefined
    at: number
    note: LedgerNote
  }): Promise<boolean>
  /** Takes the secret, every passkey and every token of the person. False where there was no factor. */
  remove(input: { person: PersonName; note: LedgerNote }): Promise<boolean>
  /** Compare-and-set: true for exactly one caller, and only if no code of this or a later step was taken before. */
  consume(input: { person: PersonName; counter: number }): Promise<boolean>
}

/** Shown once, when the factor is made. */
export interface Enrolment {
  /** Base32, as people type it into an app. */
  readonly secret: Secret
  readonly uri: Secret
}

export interface Factors {
  /** A new secret, or undefined where there is one already (or no such live account): changing it is `reset`, by another person. */
  enrol(person: PersonName, actor: Actor): Promise<Enrolment | undefined>
  /** A secret that its owner has shown a right code for; the rules of `enrol`. */
  enrolTaken(person: PersonName, taken: TakenOffer, actor: Actor): Promise<boolean>
  /** A secret as it is kept. */
  sealed(person: PersonName, secret: Uint8Array): string
  /** Takes every factor away, passkeys too, so that one can be enrolled anew. Nobody resets their own (PCI DSS 8.3.3). */
  reset(person: PersonName, actor: Actor): Promise<boolean>
  isEnrolled(person: PersonName): Promise<boolean>
  /** The counter of a right code, without taking it; undefined for a wrong one and for people without a factor, in the same time. */
  check(person: PersonName, code: string): Promise<number | undefined>
  /** Takes a right code. Each is good once, at all doors together (PCI DSS 8.5.1). */
  consume(person: PersonName, counter: number): Promise<boolean>
}

export interface FactorDeps {
  readonly store: FactorStore
  readonly clock: Clock
  /** `deriveKey(master, 'factor')`. */
  readonly key: Uint8Array
}

const SECRET_BYTES = 20

/** Time-based one-time codes (RFC 6238), their secrets sealed at rest. */
export function createFactors({ store, clock, key }: FactorDeps): Factors {
  const decoy = randomBytes(SECRET_BYTES)
  const keep = (person: PersonName, taken: Pick<TakenOffer, 'secret'> & { counter?: number }, actor: Actor) => {
    const at = clock.now()
    const sealed = seal(key, person, taken.secret)
    return store.enrol({ person, sealed, counter: taken.counter, at, note: enrolledCode(person, actor, at) })
  }
  return {
    async enrol(person, actor) {
      const secret = randomBytes(SECRET_BYTES)
      if (!(await keep(person, { secret }, actor))) return undefined
      return { secret: new Secret(base32(secret)), uri: new Secret(otpauthUri(person, secret)) }
    },
    enrolTaken: keep,
    sealed: (person, secret) => seal(key, person, secret),
    async reset(person, actor) {
      if (actor.by === person) return false
      const note = noted(actor, { kind: 'factor.reset', at: clock.now(), resource: `person:${person}` })
      return store.remove({ person, note })
    },
    isEnrolled: async (person) => (await store.find({ person })) !== undefined,
    async check(person, code) {
      const row = await store.find({ person })
      const secret = row === undefined ? undefined : unseal(key, person, row.sealed)
      const counter = matchingCounter(secret ?? decoy, code, clock.now())
      return secret === undefined ? undefined : counter
    },
    consume: (person, counter) => store.consume({ person, counter }),
  }
}

/** The note of a one-time-code secret that came to a person. */
export const enrolledCode = (person: PersonName, actor: Actor, at: number): LedgerNote =>
  noted(actor, { kind: 'factor.enrolled', at, resource: `person:${person}`, detail: { factor: 'totp' } })
