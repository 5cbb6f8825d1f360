import { MAX_DIGITS, MIN_DIGITS, lengthsOf } from './brands.ts'

/** Shorter numbers show less and have look-alikes: they go the long way. */
const MIN_PLAIN = 15
const ZERO = 0x30
/** What hides a digit. */
export const STAR = 0x2a
/** Digits in front that each shape leaves readable, and those at the end that both do. */
export const SHOWN_HEAD = { 'bin+last4': 6, last4: 0 } as const
export const SHOWN_TAIL = 4

/** What a digit adds to Luhn's sum at every second place. */
const DOUBLED = Uint8Array.of(0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

/**
 * Whether bytes `start` to `end` are nothing but the ASCII digits of one card number of 15 to 19 digits, as cells of card columns nearly always are.
 * `findPans` then gives exactly that one hit, at twenty times the price.
 */
export function isPlainPan(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  const length = end - start
  if (length < MIN_PLAIN || length > MAX_DIGITS || bytes[start] === ZERO) return false
  let sum = 0
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return false
    sum += ((end - at) & 1) === 1 ? digit : (DOUBLED[digit] ?? 0)
  }
  return sum % 10 === 0 && (lengthsOf(prefixAt(bytes, start)) & (1 << (length - MIN_DIGITS))) !== 0
}

function prefixAt(bytes: Uint8Array, start: number): number {
  let prefix = 0
  for (let at = start; at < start + 6; at++) prefix = prefix * 10 + (bytes[at] ?? 0) - ZERO
  return prefix
}

/** The digits of such a cell with all starred but the first `head` and the last four. */
export const starPlain = (cell: Buffer, head: number): Buffer =>
  Buffer.from(cell).fill(STAR, head, cell.length - SHOWN_TAIL)
