import { MAX_DIGITS, MIN_DIGITS, lengthsOf } from './brands.ts'
import { DOUBLED, isIn, type DigitRow } from './digit-row.ts'

/** Digits `first` to `last` are a card number, or, if `whole`, a group too long for one number that has one in it. */
export interface Window {
  readonly first: number
  readonly last: number
  readonly whole: boolean
}

/** Issuer prefix, a length of that issuer, and Luhn. `digits` is ASCII. */
export function isPan(digits: string): boolean {
  if (!/^[0-9]{13,19}$/.test(digits) || !isIn(lengthsOf(Number(digits.slice(0, 6))), digits.length)) return false
  let sum = 0
  for (let back = 1; back <= digits.length; back++) {
    const value = digits.charCodeAt(digits.length - back) - ZERO
    sum += back % 2 === 0 ? (DOUBLED[value] ?? 0) : value
  }
  return sum % 10 === 0
}

const ZERO = 0x30

/**
 * Card numbers among the digits, in order of their first digit; they may overlap. A number begins where a group of touching digits
 * begins (leading zeros aside) and ends where one ends: digits that touch others are order numbers far more often than cards. Only a
 * group of 20 and more, which no single number fills, is also searched at its two ends, and then counts as a whole.
 */
export function windowsOf(row: DigitRow): readonly Window[] {
  const found: Window[] = []
  for (let open = 0; open < row.count; open = row.closeOf(open)) {
    const first = row.firstOf(open)
    const close = row.closeOf(open)
    if (close - open <= MAX_DIGITS) numbersFrom(row, first, found)
    else if (row.longHolds(first, close)) found.push({ first: open, last: close - 1, whole: true })
  }
  return found
}

function numbersFrom(row: DigitRow, first: number, found: Window[]): void {
  const lengths = row.count - first < MIN_DIGITS ? 0 : row.lengthsAt(first)
  for (let length = MIN_DIGITS; lengths >> (length - MIN_DIGITS) !== 0; length++)
    if (isIn(lengths, length) && row.closesAt(first + length) && row.passesLuhn(first, length))
      found.push({ first, last: first + length - 1, whole: false })
}
