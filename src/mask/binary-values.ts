import { Cursor } from '../bytes/cursor.ts'
import { findPans } from './pan.ts'
import { mayHoldPan } from './prefilter.ts'
import { isPan } from './windows.ts'

// Every reader here answers for the binary form of one type whether a card number is in it. A value that is not of the form throws
// BytesError, which the caller takes for a yes.

/** Text in UTF-8, or bytes that may hold some. */
export const textHolds = (bytes: Buffer): boolean =>
  mayHoldPan(bytes, 0, bytes.length) && findPans(bytes.toString('utf8')).length > 0

/** Digits of a number, leading zeros aside. */
export const numberHolds = (digits: string): boolean => isPan(digits.replace(/^[-+]?0*/, ''))

/** int8, xid8. */
export const int8Holds = (bytes: Buffer): boolean => numberHolds(new Cursor(bytes).i64().toString())

/** Cents as int8: the amount and the cents are both looked at. */
export function moneyHolds(bytes: Buffer): boolean {
  const cents = new Cursor(bytes).i64()
  return numberHolds(cents.toString()) || numberHolds((cents / 100n).toString())
}

/** float8. Beyond 2^53 a double no longer holds all digits of an integer. */
export const float8Holds = (bytes: Buffer): boolean => floatHolds(new Cursor(bytes).take(8).readDoubleBE())

export const floatHolds = (value: number): boolean =>
  Number.isSafeInteger(value) && numberHolds(BigInt(value).toString())

/** point, box, circle and their like: doubles behind a short head. */
export function geometryHolds(bytes: Buffer): boolean {
  for (let at = bytes.length % 8; at < bytes.length; at += 8) if (floatHolds(bytes.readDoubleBE(at))) return true
  return false
}

// 19 digits fill at most five groups of four.
const MAX_WEIGHT = 4

/** numeric: groups of four decimal digits. Only what stands before the point is read, as 0.4111... is a fraction. */
export function numericHolds(bytes: Buffer): boolean {
  const cursor = new Cursor(bytes)
  const count = cursor.u16()
  const weight = cursor.i16()
  cursor.take(4)
  const groups = Array.from({ length: count }, () => cursor.u16())
  cursor.done()
  if (weight > MAX_WEIGHT) return false
  const whole = Array.from({ length: weight + 1 }, (_, place) => String(groups[place] ?? 0).padStart(4, '0'))
  return numberHolds(whole.join(''))
}

const BASE64 = /^[A-Za-z0-9+/_-]{18,}={0,2}\s*$/
// Packed decimal: two digits a byte, an odd last one padded with F.
const PACKED = /^0*[0-9]{13,19}f?$/

/** bytea: text in it, text in base64, or packed decimal. */
export function bytesHold(bytes: Buffer): boolean {
  if (textHolds(bytes)) return true
  if (bytes.length <= 12 && PACKED.test(bytes.toString('hex')))
    return numberHolds(bytes.toString('hex').replace('f', ''))
  const text = bytes.length > 16 && isBase64Start(bytes) ? bytes.toString('latin1') : ''
  return BASE64.test(text) && textHolds(Buffer.from(text, 'base64'))
}

const isBase64Start = (bytes: Buffer): boolean => BASE64.test(bytes.toString('latin1', 0, 18))

const ESCAPE = /\\u([0-9a-fA-F]{4})/g

/** JSON text: as it stands, and with its escapes resolved. */
export function jsonHolds(bytes: Buffer): boolean {
  if (textHolds(bytes)) return true
  if (!bytes.includes('\\u')) return false
  const plain = bytes
    .toString('utf8')
    .replace(ESCAPE, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  return findPans(plain).length > 0
}
