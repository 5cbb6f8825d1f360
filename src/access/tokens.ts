import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../std/clock.ts'
import { Secret } from '../std/secret.ts'
import type { PersonName } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Person } from './person.ts'

/** A bearer token without the token: only its SHA-256 is kept, and 256 random bits need no slow hash. */
export interface TokenRow {
  readonly hash: string
  readonly person: PersonName
  readonly createdAt: number
  readonly usedAt: number
  readonly expiresAt: number
}

/** What `tokens` needs of a store. */
export interface TokenStore {
  /** Also marks the person's last login. False where the person is no live account. */
  issue(input: { token: TokenRow; note: LedgerNote }): Promise<boolean>
  /** The token and its person, unless it is revoked or the person disabled. Limits of time are the caller's. */
  find(input: { hash: string }): Promise<{ readonly token: TokenRow; readonly person: Person } | undefined>
  touch(input: { hash: string; at: number }): Promise<void>
  revoke(input: { hash: string; note: LedgerNote | undefined }): Promise<boolean>
}

export interface Tokens {
  issue(
    person: PersonName,
    note: LedgerNote,
  ): Promise<{ readonly token: Secret; readonly expiresAt: number } | undefined>
  /** The person behind a live token. `passive` use (a watching stream, a poll) does not count against idleness. */
  personOf(token: Secret, use?: 'active' | 'passive'): Promise<Person | undefined>
  /** When a live token was issued. */
  issuedAt(token: Secret): Promise<number | undefined>
  revoke(token: Secret, note?: LedgerNote): Promise<boolean>
}

/** A working day; then all factors again. */
const MAX_AGE_MS = 12 * 3_600_000
/** PCI DSS 8.2.8: fifteen minutes without use, and all factors again. The same for everyone: a token is not bound to one target. */
export const MAX_IDLE_MS = 15 * 60_000
/** Use is written down at most this often: the idle limit may come that much early, never late. */
const TOUCH_EVERY_MS = 20_000

/** Bearer tokens of the API: `cst_` and 256 bits in base64url. */
export function createTokens({ store, clock }: { store: TokenStore; clock: Clock }): Tokens {
  return {
    async issue(person, note) {
      const token = new Secret(`cst_${randomBytes(32).toString('base64url')}`)
      const now = clock.now()
      const row = { hash: hashOf(token), person, createdAt: now, usedAt: now, expiresAt: now + MAX_AGE_MS }
      return (await store.issue({ token: row, note })) ? { token, expiresAt: row.expiresAt } : undefined
    },
    async personOf(token, use = 'active') {
      const found = await store.find({ hash: hashOf(token) })
      if (found === undefined || !isLive(found.token, clock.now())) return undefined
      const due = clock.now() - found.token.usedAt >= TOUCH_EVERY_MS
      if (use === 'active' && due) await store.touch({ hash: found.token.hash, at: clock.now() })
      return found.person
    },
    async issuedAt(token) {
      const found = await store.find({ hash: hashOf(token) })
      return found !== undefined && isLive(found.token, clock.now()) ? found.token.createdAt : undefined
    },
    revoke: (token, note) => store.revoke({ hash: hashOf(token), note }),
  }
}

const hashOf = (token: Secret): string => createHash('sha256').update(token.reveal()).digest('hex')

const isLive = (token: TokenRow, now: number): boolean => now < token.expiresAt && now - token.usedAt < MAX_IDLE_MS
