import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { PersonName } from '../model/ids.ts'
import type { Clock } from '../std/clock.ts'
import type { SpentChallenge } from './passkey.ts'

/** Whose answer a challenge waits for, and to what end. Nobody's before a login. */
export interface Bound {
  readonly person: PersonName | undefined
  readonly purpose: string
}

export interface Challenges {
  /** A fresh challenge, base64url, good for two minutes. */
  make(bound: Bound): string
  /** The same challenge as it is to be kept once it was answered; undefined where it was made for something else, or is too old. */
  open(challenge: string, bound: Bound): SpentChallenge | undefined
}

/** How long a person may take to touch a key. */
export const CHALLENGE_MS = 2 * 60_000
const RANDOM_BYTES = 16
const TIME_BYTES = 6
const BYTES = RANDOM_BYTES + TIME_BYTES + 32

/**
 * Challenges that carry what they were made for under a key of the node, so that asking for one writes nothing: only an answered one is stored, and a flood of
 * requests before any login fills no table.
 */
export function createChallenges({ key, clock }: { readonly key: Uint8Array; readonly clock: Clock }): Challenges {
  const mac = (head: Uint8Array, { person, purpose }: Bound): Buffer =>
    createHmac('sha256', key)
      .update(head)
      .update(`${person ?? ''}\n${purpose}`)
      .digest()
  return {
    make(bound) {
      const head = Buffer.alloc(RANDOM_BYTES + TIME_BYTES)
      randomBytes(RANDOM_BYTES).copy(head)
      head.writeUIntBE(clock.now() + CHALLENGE_MS, RANDOM_BYTES, TIME_BYTES)
      return Buffer.concat([head, mac(head, bound)]).toString('base64url')
    },
    open(challenge, bound) {
      const bytes = Buffer.from(challenge, 'base64url')
      if (bytes.length !== BYTES || bytes.toString('base64url') !== challenge) return undefined
      const head = bytes.subarray(0, RANDOM_BYTES + TIME_BYTES)
      const expiresAt = head.readUIntBE(RANDOM_BYTES, TIME_BYTES)
      if (!timingSafeEqual(bytes.subarray(head.length), mac(head, bound)) || clock.now() >= expiresAt) return undefined
      return { challenge, ...bound, expiresAt }
    },
  }
}
