import { randomBytes } from 'node:crypto'
import type { Clock } from '../std/clock.ts'
import { Secret } from '../std/secret.ts'
import type { CredentialId, GrantId, PersonName, TargetName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import { base32 } from './base32.ts'
import { noted } from './note.ts'
import { decoyScramVerifier, saltOf, scramVerifier, SCRAM_ITERATIONS } from './scram-verifier.ts'
import { sourceOf } from './source.ts'

/** A minted login secret without the secret. */
export interface Credential {
  readonly id: CredentialId
  readonly person: PersonName
  readonly target: TargetName
  readonly grant: GrantId
  /** The only client address it works from, or undefined for any. */
  readonly source: string | undefined
  readonly createdAt: number
  readonly expiresAt: number
  readonly revokedAt: number | undefined
}

/** A live credential that a client's proof is tried against. */
export interface Candidate {
  readonly credential: Credential
  /** `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`. */
  readonly verifier: string
}

/** What `credentials` needs of a store. */
export interface CredentialStore {
  /** In one transaction: nothing is stopped, the grant is live, belongs to person and target, and fewer than `limit` credentials of them are live. */
  add(input: {
    credential: Credential
    verifier: string
    limit: number
    note: LedgerNote
  }): Promise<'added' | 'no-grant' | 'too-many' | 'stopped'>
  /** Neither revoked nor expired, the grant live, the person not disabled. Newest first. */
  live(input: { person: PersonName; target: TargetName | undefined; now: number }): Promise<readonly Candidate[]>
  /** Only of `person` where one is given. */
  revoke(input: { id: CredentialId; person: PersonName | undefined; at: number; note: LedgerNote }): Promise<boolean>
}

export interface NewCredential {
  readonly person: PersonName
  readonly target: TargetName
  readonly grant: { readonly id: GrantId; readonly expiresAt: number }
  /** Wanted life in milliseconds; the grant's end and the caps below cut it. */
  readonly ttlMs: number
  /** Binds it to this client address. */
  readonly source?: string
  readonly service: boolean
}

export type MintOutcome =
  | { readonly outcome: 'minted'; readonly credential: Credential; readonly secret: Secret }
  | { readonly outcome: 'refused'; readonly why: 'no-grant' | 'too-many' | 'bad-duration' | 'stopped' }

/** What a SCRAM exchange needs; it looks the same whether or not the login exists. */
export interface ScramOffer {
  readonly salt: Buffer
  readonly iterations: number
  /** Empty for unknown logins; the exchange then goes on with `decoy` and fails at its end. */
  readonly candidates: readonly Candidate[]
  readonly decoy: string
}

export interface Credentials {
  /** The secret is shown this once: `cs_` and 24 characters of base32, 120 bits. */
  mint(wanted: NewCredential, actor: Actor): Promise<MintOutcome>
  /** `login` as parsed with its target resolved, or the raw text where that failed; `source` is the client's address. */
  verifiersFor(login: { person: PersonName; target: TargetName } | string, source: string): Promise<ScramOffer>
  liveOf(person: PersonName): Promise<readonly Credential[]>
  /** With `person`, only a credential of theirs. */
  revoke(id: CredentialId, actor: Actor, person?: PersonName): Promise<boolean>
}

export interface CredentialDeps {
  readonly store: CredentialStore
  readonly clock: Clock
  /** 12 fresh characters behind `c_`. */
  readonly newId: () => CredentialId
  /** `deriveKey(master, 'scram-salt')`. */
  readonly key: Uint8Array
}

/** A person's working day: a credential never outlives the second factor by more (PCI DSS 8.4). */
const MAX_TTL_MS = 12 * 3_600_000
/** A program cannot type a code; its credential is rotated by its owner, within its grant. */
const MAX_SERVICE_TTL_MS = 90 * 24 * 3_600_000
/** A login tries the proof against each: this bounds the work. */
const MAX_LIVE = 20

/** Short-lived login secrets, each of one person, target and grant. Only verifiers are kept. */
export function createCredentials({ store, clock, newId, key }: CredentialDeps): Credentials {
  return {
    async mint(wanted, actor) {
      const at = clock.now()
      const expiresAt = Math.min(
        at + Math.min(wanted.ttlMs, wanted.service ? MAX_SERVICE_TTL_MS : MAX_TTL_MS),
        wanted.grant.expiresAt,
      )
      if (!(wanted.ttlMs > 0) || expiresAt <= at) return { outcome: 'refused', why: 'bad-duration' }
      const credential = minted(wanted, { id: newId(), at, expiresAt })
      const secret = `cs_${base32(randomBytes(15)).toLowerCase()}`
      const verifier = await scramVerifier(secret, saltOf(key, wanted))
      const note = noted(actor, {
        kind: 'credential.minted',
        at,
        resource: `target:${wanted.target}`,
        detail: shown(credential),
      })
      const added = await store.add({ credential, verifier, limit: MAX_LIVE, note })
      return added === 'added'
        ? { outcome: 'minted', credential, secret: new Secret(secret) }
        : { outcome: 'refused', why: added }
    },
    async verifiersFor(login, source) {
      const salt = saltOf(key, login)
      const rows = typeof login === 'string' ? [] : await store.live({ ...login, now: clock.now() })
      const candidates = rows.filter(({ credential }) => (credential.source ?? sourceOf(source)) === sourceOf(source))
      return { salt, iterations: SCRAM_ITERATIONS, candidates, decoy: decoyScramVerifier(salt) }
    },
    async liveOf(person) {
      return (await store.live({ person, target: undefined, now: clock.now() })).map(
        (candidate) => candidate.credential,
      )
    },
    revoke(id, actor, person) {
      const at = clock.now()
      const note = noted(actor, { kind: 'credential.revoked', at, resource: `credential:${id}` })
      return store.revoke({ id, person, at, note })
    },
  }
}

const shown = (credential: Credential) => ({
  credential: credential.id,
  person: credential.person,
  grant: credential.grant,
  until: credential.expiresAt,
  source: credential.source ?? null,
})

const minted = (wanted: NewCredential, made: { id: CredentialId; at: number; expiresAt: number }): Credential => ({
  id: made.id,
  person: wanted.person,
  target: wanted.target,
  grant: wanted.grant.id,
  source: wanted.source === undefined ? undefined : sourceOf(wanted.source),
  createdAt: made.at,
  expiresAt: made.expiresAt,
  revokedAt: undefined,
})
