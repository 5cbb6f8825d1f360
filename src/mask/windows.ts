import { MAX_DIGITS, MIN_DIGITS, lengthsOf } from './brands.ts'
import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { MAX_GAP } from './runs.ts'
import type { Run } from './runs.ts'

/** The digits of a run with their places in the text. `opens[i]` says that digit i does not touch the one before it. */
export interface Digits {
  readonly values: number[]
  readonly starts: number[]
  readonly ends: number[]
  readonly opens: boolean[]
}

/** Digits `first` to `last` are a card number, or, if `whole`, a group too long for one number that has one in it. */
export interface Window {
  readonly first: number
  readonly last: number
  readonly whole: boolean
}

const LENGTHS = Array.from({ length: MAX_DIGITS - MIN_DIGITS + 1 }, (_, step) => MIN_DIGITS + step)
// Card numbers written as the hex of their ASCII: 13 digits make 26.
const MIN_HEX = 2 * MIN_DIGITS

/** Issuer prefix, a length of that issuer, and Luhn. `digits` is ASCII. */
export function isPan(digits: string): boolean {
  if (!/^[0-9]{13,19}$/.test(digits)) return false
  const values = Array.from(digits, Number)
  return fits({ values, starts: [], ends: [], opens: [] }, 0, values.length)
}

/** The digits of `text` between the ends of a run, parted where more than two separators lie between two of them. */
export function digitsOf(text: string, run: Run): readonly Digits[] {
  const parts: Digits[] = []
  let current: Digits = { values: [], starts: [], ends: [], opens: [] }
  for (let at = run.start, gap = 0; at < run.end;) {
    const code = text.codePointAt(at) ?? 0
    const kind = kindOf(code)
    const next = at + (code > 0xffff ? 2 : 1)
    if (kind === SEPARATOR) gap++
    else if (kind !== OTHER) {
      if (gap > MAX_GAP && current.values.length > 0) {
        parts.push(current)
        current = { values: [], starts: [], ends: [], opens: [] }
      }
      current.values.push(kind - 1)
      current.starts.push(at)
      current.ends.push(next)
      current.opens.push(current.values.length === 1 || gap > 0)
      gap = 0
    }
    at = next
  }
  parts.push(current)
  return parts
}

/**
 * Card numbers among the digits, in order of their first digit; they may overlap. A number begins where a group of touching digits
 * begins (leading zeros aside) and ends where one ends: digits that touch others are order numbers far more often than cards. Only a
 * group of 20 and more, which no single number fills, is also searched at its two ends, and then counts as a whole.
 */
export function windowsOf(digits: Digits): readonly Window[] {
  const found: Window[] = []
  const count = digits.values.length
  for (let open = 0, end = 0; open < count; open = end) {
    end = open + 1
    while (end < count && digits.opens[end] === false) end++
    let first = open
    while (first < end - 1 && digits.values[first] === 0) first++
    if (end - open > MAX_DIGITS) {
      if (holdsNumber(digits, first, end)) found.push({ first: open, last: end - 1, whole: true })
    } else {
      for (const length of LENGTHS) {
        if (closes(digits, first + length) && fits(digits, first, length)) {
          found.push({ first, last: first + length - 1, whole: false })
        }
      }
    }
  }
  return found
}

const closes = (digits: Digits, end: number): boolean => end === digits.values.length || digits.opens[end] === true

/** Whether a long group begins or ends with a card number (track data, concatenated numbers), or spells one in hex. */
function holdsNumber(digits: Digits, first: number, end: number): boolean {
  if (LENGTHS.some((length) => first + length <= end && fits(digits, first, length))) return true
  if (LENGTHS.some((length) => fits(digits, end - length, length))) return true
  return (end - first) % 2 === 0 && end - first >= MIN_HEX && isHexOfPan(digits.values.slice(first, end))
}

function isHexOfPan(values: readonly number[]): boolean {
  if (values.some((value, index) => index % 2 === 0 && value !== 3)) return false
  return isPan(values.filter((_, index) => index % 2 === 1).join(''))
}

function fits(digits: Digits, first: number, length: number): boolean {
  let prefix = 0
  for (let at = first; at < first + 6; at++) prefix = prefix * 10 + (digits.values[at] ?? 0)
  return (lengthsOf(prefix) & (1 << (length - MIN_DIGITS))) !== 0 && passesLuhn(digits.values, first, length)
}

/** The checksum of ISO/IEC 7812 over `length` digits from `first` on. */
export function passesLuhn(values: ArrayLike<number>, first: number, length: number): boolean {
  let sum = 0
  for (let back = 1; back <= length; back++) {
    const value = values[first + length - back] ?? 0
    const weighed = back % 2 === 0 ? value * 2 : value
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0
}
