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

const DECIMAL = /^0*(\d+)\.(\d+)$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DIGEST_LENGTHS = [24, 32, 40, 56, 64, 96, 128]
const DATE = String.raw`\d{1,2}[./-]\d{1,2}[./-]\d{4}`
const TWO_DATES = new RegExp(`^${DATE}[^0-9]{1,2}${DATE}$`)

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
    TWO_DATES.test(text.slice(candidate.start, candidate.end))
  )
}

/** E.164 numbers end at 15 digits; those of 15 stay candidates because American Express has 15. */
const isPhone = (text: string, { start, digits }: Candidate): boolean => digits.length <= 14 && text[start - 1] === '+'

/** Only the Visa numbers of 13 digits, last issued decades ago, share their length and first digit with EAN-13. */
function isArticle(digits: string): boolean {
  if (digits.length !== 13) return false
  return Array.from(digits, (digit, index) => Number(digit) * (index % 2 === 0 ? 1 : 3)).reduce(sum) % 10 === 0
}

const sum = (left: number, right: number): number => left + right

function isDecimal(text: string, { start, end }: Candidate): boolean {
  const token = tokenAround(text, { start, end }, /[0-9.]/)
  const parts = DECIMAL.exec(token.text)
  if (parts === null || start < token.start || end > token.start + token.text.length) return false
  const significant = token.text.replace('.', '').replace(/^0+/, '').length
  // What stands before the point is a number of its own: 4111111111111111.00 is a card.
  return significant <= DOUBLE_DIGITS && end > token.start + token.text.indexOf('.')
}

function isHexToken(text: string, candidate: Candidate): boolean {
  const { text: token } = tokenAround(text, candidate, /[0-9a-f-]/i)
  if (!/[a-f]/i.test(token)) return false
  return UUID.test(token) || (DIGEST_LENGTHS.includes(token.length) && !token.includes('-'))
}

interface Token {
  readonly start: number
  readonly text: string
}

function tokenAround(text: string, { start, end }: Pick<Candidate, 'start' | 'end'>, part: RegExp): Token {
  let [from, to] = [start, end]
  while (from > 0 && start - from < REACH && part.test(text.charAt(from - 1))) from--
  while (to < text.length && to - end < REACH && part.test(text.charAt(to))) to++
  return { start: from, text: text.slice(from, to) }
}
