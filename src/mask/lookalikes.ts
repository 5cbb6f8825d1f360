import { charTable } from './char-table.ts'

/** A stretch of a text that passes for a card number, and its digits in ASCII. */
export interface Candidate {
  readonly start: number
  readonly end: number
  readonly digits: string
}

// How far a token is followed to either side; the longest that is known below is a SHA-512 in hex.
const REACH = 130
// Significant digits that a double prints at most.
const DOUBLE_DIGITS = 17

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DIGEST_LENGTHS = [24, 32, 40, 56, 64, 96, 128]
const DATE = String.raw`\d{1,2}[./-]\d{1,2}[./-]\d{4}`
const TWO_DATES = new RegExp(`^${DATE}[^0-9]{1,2}${DATE}$`)
const [SHORTEST_DATES, LONGEST_DATES] = [17, 22]

/**
 * Whether the place of a candidate explains it better than a card does: a phone number behind its plus, an article number (EAN-13),
 * the digits of a floating-point number, a UUID, a hex digest, two dates. Each case is narrow, for every one of them is a hole.
 */
export function isLookalike(text: string, candidate: Candidate): boolean {
  return (
    isPhone(text, candidate) ||
    isArticle(candidate.digits) ||
    isDecimal(text, candidate) ||
    isHexToken(text, candidate) ||
    isTwoDates(text, candidate)
  )
}

/** E.164 numbers end at 15 digits; those of 15 stay candidates because American Express has 15. */
const isPhone = (text: string, { start, digits }: Candidate): boolean => digits.length <= 14 && text[start - 1] === '+'

/** Only the Visa numbers of 13 digits, last issued decades ago, share their length and first digit with EAN-13. */
function isArticle(digits: string): boolean {
  if (digits.length !== 13) return false
  let sum = 0
  for (let at = 0; at < 13; at++) sum += (digits.charCodeAt(at) - ZERO) * (at % 2 === 0 ? 1 : 3)
  return sum % 10 === 0
}

function isTwoDates(text: string, { start, end }: Candidate): boolean {
  const length = end - start
  return length >= SHORTEST_DATES && length <= LONGEST_DATES && TWO_DATES.test(text.slice(start, end))
}

/** Whether a point stands among its digits, which are no more than a double has, and it ends behind that point. */
function isDecimal(text: string, { start, end }: Candidate): boolean {
  const from = reachLeft(text, start, IN_DECIMAL)
  const to = reachRight(text, end, IN_DECIMAL)
  let [point, significant] = [-1, 0]
  for (let at = from; at < to; at++) {
    const value = text.charCodeAt(at) - ZERO
    if (value === POINT && point < 0) point = at
    else if (value < 0 || value > 9) return false
    else if (value > 0 || significant > 0) significant += 1
  }
  // What stands before the point is a number of its own: 4111111111111111.00 is a card.
  return point > from && point < to - 1 && point < end && significant <= DOUBLE_DIGITS
}

function isHexToken(text: string, { start, end }: Candidate): boolean {
  const from = reachLeft(text, start, IN_HEX)
  // What is longer than the longest digest to one side is none.
  if (end - from > LONGEST_DIGEST) return false
  const to = reachRight(text, end, IN_HEX)
  if (!hasLetter(text, from, start) && !hasLetter(text, end, to)) return false
  if (to - from === UUID_LENGTH) return UUID.test(text.slice(from, to))
  return DIGEST_LENGTHS.includes(to - from) && !text.slice(from, to).includes('-')
}

const ZERO = 0x30
/** The code of a point, less that of the zero. */
const POINT = -2
const UUID_LENGTH = 36
const LONGEST_DIGEST = 128
const IN_DECIMAL = charTable('0123456789.')
const IN_HEX = charTable('0123456789abcdefABCDEF-')
const LETTERS = charTable('abcdefABCDEF')

function reachLeft(text: string, start: number, part: Uint8Array): number {
  const least = Math.max(0, start - REACH)
  let from = start
  while (from > least && part[text.charCodeAt(from - 1)] === 1) from -= 1
  return from
}

function reachRight(text: string, end: number, part: Uint8Array): number {
  const most = Math.min(text.length, end + REACH)
  let to = end
  while (to < most && part[text.charCodeAt(to)] === 1) to += 1
  return to
}

function hasLetter(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (LETTERS[text.charCodeAt(at)] === 1) return true
  return false
}
