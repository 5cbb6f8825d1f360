import { MAX_DIGITS, MIN_DIGITS, lengthsOf } from './brands.ts'

/** Shorter numbers show less and have look-alikes: they go the long way. */
const MIN_PLAIN = 15
const ZERO = 0x30
const STAR = 0x2a

/**
 * Whether a cell is nothing but the ASCII digits of one card number of 15 to 19 digits, as cells of card columns nearly always are. `findPans` then gives
 * exactly that one hit, at twenty times the price.
 */
export function isPlainPan(cell: Uint8Array): boolean {
  const { length } = cell
  if (length < MIN_PLAIN || length > MAX_DIGITS || cell[0] === ZERO) return false
  let sum = 0
  let prefix = 0
  for (let at = 0; at < length; at++) {
    const digit = (cell[at] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return false
    if (at < 6) prefix = prefix * 10 + digit
    const weighed = (length - at) % 2 === 0 ? digit * 2 : digit
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0 && (lengthsOf(prefix) & (1 << (length - MIN_DIGITS))) !== 0
}

/** The digits of such a cell with all starred but the first `head` and the last four. */
export function starPlain(cell: Buffer, head: number): Buffer {
  const shown = Buffer.allocUnsafe(cell.length)
  for (let at = 0; at < cell.length; at++) shown[at] = at < head || at >= cell.length - 4 ? (cell[at] ?? STAR) : STAR
  return shown
}
