import type { SqlFacts } from '../../model/facts.ts'
import type { RedactedText, ValueToken } from '../../model/redacted.ts'
import { Lexer } from './lexer.ts'

/**
 * The text with everything withheld that is not proved to be no card data: literals but for the clear ones, comments always, and names
 * that are mostly digits. `tag` makes equal values recognisable without giving them away.
 */
export function redact(text: string, facts: readonly SqlFacts[], tag: (value: string) => string): RedactedText {
  if (isBare(text) && facts.length > 0 && facts.every(({ clearLiterals }) => clearLiterals === 'all')) return [text]
  const utf8 = Buffer.byteLength(text) === text.length ? undefined : Buffer.from(text)
  // Offsets are those of bytes; in a text of ASCII alone they are those of its characters.
  const bytes = utf8 === undefined ? text : utf8.toString('latin1')
  const piece = (start: number, end: number): string =>
    utf8 === undefined ? text.slice(start, end) : utf8.toString('utf8', start, end)
  const pieces: (string | ValueToken)[] = []
  let shownFrom = 0
  for (const token = new Lexer(bytes); token.next();) {
    const withheld = withheldAs(token, bytes, facts)
    if (withheld === undefined) continue
    const { start, end } = token
    if (start > shownFrom) pieces.push(piece(shownFrom, start))
    pieces.push({ withheld, bytes: end - start, tag: tag(piece(start, end)) })
    shownFrom = end
  }
  if (shownFrom === 0) return text === '' ? [] : [text]
  if (shownFrom < bytes.length) pieces.push(piece(shownFrom, bytes.length))
  return pieces
}

/**
 * A text of names, numbers and a few signs alone: nothing in it begins a quote, a comment or a dollar quote, and all its digits together are no card number. Only
 * numbers can be literals in it.
 */
export function isBare(text: string): boolean {
  let digits = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (BARE[unit] !== 1) return false
    if (unit >= 48 && unit <= 57) digits += 1
  }
  return text !== '' && digits < SHORTEST_PAN
}

const BARE = new Uint8Array(128)
for (const sign of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789. \n\t,;()=<>+*')
  BARE[sign.charCodeAt(0)] = 1

/** What the token is withheld as, or undefined where it may be shown. */
function withheldAs(token: Lexer, bytes: string, facts: readonly SqlFacts[]): ValueToken['withheld'] | undefined {
  switch (token.kind) {
    case 'code':
      return undefined
    case 'comment':
      return 'comment'
    case 'name':
    case 'quoted-name':
      return holdsCard(token, bytes) ? 'text' : undefined
    case 'text':
    case 'number':
    case 'bits':
      return isClear(token, facts) && !holdsCard(token, bytes) ? undefined : token.kind
  }
}

/** Enough digits for a card number, whatever stands between them. */
function holdsCard({ start, end }: Lexer, bytes: string): boolean {
  if (end - start < SHORTEST_PAN) return false
  let digits = 0
  for (let at = start; at < end; at++) if (bytes.charCodeAt(at) >= 48 && bytes.charCodeAt(at) <= 57) digits++
  return digits >= SHORTEST_PAN
}

const SHORTEST_PAN = 12

function isClear({ start }: Lexer, facts: readonly SqlFacts[]): boolean {
  for (const { span, clearLiterals } of facts)
    if (start >= span.start && start < span.end) return clearLiterals === 'all' || clearLiterals.has(start)
  return false
}
