import { randomBytes } from 'node:crypto'
import type { Clock } from '../std/clock.ts'
import { Secret } from '../std/secret.ts'
import { base32 } from './base32.ts'
import { seal, unseal } from './sealed.ts'
import { matchingCounter, otpauthUri } from './totp.ts'

/** A new one-time-code secret that nobody has confirmed yet: the ticket carries it, sealed, so that nothing is stored before the first right code. */
export interface CodeOffer {
  /** Base32, as people type it into an app. */
  readonly secret: Secret
  readonly uri: Secret
  readonly ticket: string
}

export interface CodeOffers {
  /** For the person of this name, to be taken up for the same purpose within a day. */
  make(name: string, purpose: string): CodeOffer
  /** The offer of a ticket once more, for a page that is shown again; undefined where the ticket is none of that purpose or too old. */
  again(name: string, given: { readonly ticket: string; readonly purpose: string }): CodeOffer | undefined
  /** The secret behind a ticket and the step of the code that was shown for it; undefined where ticket or code are wrong. */
  take(taken: { readonly ticket: string; readonly code: string; readonly purpose: string }): TakenOffer | undefined
}

export interface TakenOffer {
  readonly secret: Buffer
  readonly counter: number
}

const SECRET_BYTES = 20
const TIME_BYTES = 6
const OFFER_MS = 24 * 3_600_000

/** `key` is `deriveKey(master, 'enrolment')`. */
export function createCodeOffers({ key, clock }: { readonly key: Uint8Array; readonly clock: Clock }): CodeOffers {
  const secretOf = (ticket: string, purpose: string): Buffer | undefined => {
    const plain = unseal(key, purpose, ticket)
    if (plain?.length !== TIME_BYTES + SECRET_BYTES || plain.readUIntBE(0, TIME_BYTES) <= clock.now()) return undefined
    return plain.subarray(TIME_BYTES)
  }
  const offered = (name: string, secret: Buffer, ticket: string): CodeOffer => ({
    secret: new Secret(base32(secret)),
    uri: new Secret(otpauthUri(name, secret)),
    ticket,
  })
  return {
    make(name, purpose) {
      const secret = randomBytes(SECRET_BYTES)
      const until = Buffer.alloc(TIME_BYTES)
      until.writeUIntBE(clock.now() + OFFER_MS, 0, TIME_BYTES)
      return offered(name, secret, seal(key, purpose, Buffer.concat([until, secret])))
    },
    again(name, { ticket, purpose }) {
      const secret = secretOf(ticket, purpose)
      return secret && offered(name, secret, ticket)
    },
    take({ ticket, code, purpose }) {
      const secret = secretOf(ticket, purpose)
      if (secret === undefined) return undefined
      const counter = matchingCounter(secret, code, clock.now())
      return counter === undefined ? undefined : { secret, counter }
    },
  }
}
