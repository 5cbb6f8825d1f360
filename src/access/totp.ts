import { createHmac, timingSafeEqual } from 'node:crypto'
import { base32 } from './base32.ts'

const STEP_MS = 30_000
const DIGITS = 6
/** One step to either side: clocks of phones drift, and a person types slowly. */
const WINDOW = 1

/** Number of the 30-second step that `timeMs` lies in (RFC 6238 4.2). */
export const counterAt = (timeMs: number): number => Math.floor(timeMs / STEP_MS)

/** The six digits that an authenticator shows at `timeMs`. */
export const codeAt = (secret: Uint8Array, timeMs: number): string => codeOf(secret, counterAt(timeMs))

/** The counter whose code this is, within one step of `timeMs`; undefined for a wrong code. Always computes every candidate. */
export function matchingCounter(secret: Uint8Array, code: string, timeMs: number): number | undefined {
  const given = Buffer.from(/^\d{6}$/.test(code) ? code : 'xxxxxx')
  const now = counterAt(timeMs)
  let match: number | undefined
  for (let counter = now - WINDOW; counter <= now + WINDOW; counter += 1) {
    if (timingSafeEqual(given, Buffer.from(codeOf(secret, counter)))) match = counter
  }
  return match
}

/** What an authenticator app reads from a QR code. It holds the secret: print it once, never log it. */
export function otpauthUri(person: string, secret: Uint8Array): string {
  const label = encodeURIComponent(`Countersign:${person}`)
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=Countersign&algorithm=SHA1&digits=${DIGITS}&period=30`
}

/** HOTP (RFC 4226 5.3) with SHA-1: what every authenticator app understands; HMAC does not suffer from SHA-1's collisions. */
function codeOf(secret: Uint8Array, counter: number): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const mac = createHmac('sha1', secret).update(message).digest()
  const offset = mac.readUInt8(19) & 15
  const number = mac.readUInt32BE(offset) & 0x7fffffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}
