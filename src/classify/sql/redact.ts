import type { Facts } from '../../model/facts.ts'
import type { RedactedText, ValueToken } from '../../model/redacted.ts'
import { tokens, type Token } from './lexer.ts'

/**
 * The text with everything withheld that is not proved to be no card data: literals but for the clear ones, comments always, and names
 * that are mostly digits. `tag` makes equal values recognisable without giving them away.
 */
export function redact(text: string, facts: readonly Facts[], tag: (value: string) => string): RedactedText {
  const utf8 = Buffer.from(text)
  const latin1 = utf8.toString('latin1')
  const pieces: (string | ValueToken)[] = []
  let shownFrom = 0
  for (const token of tokens(latin1)) {
    if (token.kind === 'code') continue
    const withheld = withheldAs(token, latin1, facts)
    if (withheld === undefined) continue
    if (token.start > shownFrom) pieces.push(utf8.toString('utf8', shownFrom, token.start))
    const bytes = utf8.subarray(token.start, token.end)
    pieces.push({ withheld, bytes: bytes.length, tag: tag(bytes.toString('utf8')) })
    shownFrom = token.end
  }
  if (shownFrom === 0) return text === '' ? [] : [text]
  if (shownFrom < utf8.length) pieces.push(utf8.toString('utf8', shownFrom))
  return pieces
}

/** What the token is withheld as, or undefined where it may be shown. */
function withheldAs(token: Token, bytes: string, facts: readonly Facts[]): ValueToken['withheld'] | undefined {
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
function holdsCard({ start, end }: Token, bytes: string): boolean {
  if (end - start < SHORTEST_PAN) return false
  let digits = 0
  for (let at = start; at < end; at++) if (bytes.charCodeAt(at) >= 48 && bytes.charCodeAt(at) <= 57) digits++
  return digits >= SHORTEST_PAN
}

const SHORTEST_PAN = 12

function isClear({ start }: Token, facts: readonly Facts[]): boolean {
  const one = facts.find(({ span }) => start >= span.start && start < span.end)
  if (one === undefined) return false
  return one.clearLiterals === 'all' || one.clearLiterals.has(start)
}
