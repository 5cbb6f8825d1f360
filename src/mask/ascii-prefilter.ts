import { MIN_DIGITS } from './brands.ts'
import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { MAX_GAP } from './runs.ts'

/** Most bytes between the first and the last digit of a number in ASCII, both included. */
export const ASCII_REACH = 64

const KIND = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? kindOf(byte) : OTHER))

/**
 * Whether 13 digits of ASCII stand in a row, no more than two separators between two of them. For content that is no text: digits of other scripts are not looked
 * for in it, as nearly every byte might begin one.
 */
export function mayHoldAsciiPan(bytes: Uint8Array): boolean {
  for (let at = MIN_DIGITS - 1; at < bytes.length; at += MIN_DIGITS) {
    if (KIND[bytes[at] ?? 0] !== OTHER && digitsAround(bytes, at) >= MIN_DIGITS) return true
  }
  return false
}

function digitsAround(bytes: Uint8Array, at: number): number {
  return digitsFrom(bytes, at, 1) + digitsFrom(bytes, at - 1, -1)
}

function digitsFrom(bytes: Uint8Array, from: number, step: 1 | -1): number {
  let digits = 0
  for (let at = from, gap = 0; at >= 0 && at < bytes.length && digits < MIN_DIGITS; at += step) {
    const kind = KIND[bytes[at] ?? 0] ?? OTHER
    if (kind === OTHER) break
    gap = kind === SEPARATOR ? gap + 1 : 0
    if (gap > MAX_GAP) break
    if (gap === 0) digits++
  }
  return digits
}
