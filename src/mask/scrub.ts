import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { findPans } from './pan.ts'
import type { PanHit } from './pan.ts'

/** How much of a card number stays readable. */
export type Shown = 'bin+last4' | 'last4' | 'nothing'

// With 13 or 14 digits BIN and last four leave three or four unknown, and Luhn takes one more: those show their last four only.
const MIN_FOR_BIN = 15

/**
 * The text with every card number cut down to BIN and last four (`411111******1111`; last four alone below 15 digits), and with tracks
 * and ambiguous digits starred out. Separators and length stay.
 */
export function scrub(text: string): string {
  const hits = findPans(text)
  return hits.length === 0 ? text : starred(text, hits)
}

/** Whether a card number is long enough for its BIN to be told beside the last four. */
export const showsBin = (digits: string): boolean => digits.length >= MIN_FOR_BIN

/** A card number's stretch of text with its digits starred as far as `shown` asks. */
export function showPan(text: string, hit: PanHit, shown: Shown): string {
  if (hit.kind === 'track') return text.slice(hit.start, hit.end).replace(/[\p{L}\p{N}]/gu, '*')
  if (hit.kind === 'several') return starsFor(text.slice(hit.start, hit.end))
  const head = shown === 'bin+last4' && showsBin(hit.digits) ? 6 : 0
  const tail = shown === 'nothing' ? 0 : 4
  return starredDigits(text.slice(hit.start, hit.end), head, hit.digits.length - tail)
}

/** The digits of a stretch from the `from`-th up to the `to`-th starred, the others in ASCII; separators as they are. */
function starredDigits(stretch: string, from: number, to: number): string {
  let shown = ''
  let place = 0
  for (const char of stretch) {
    const kind = kindOf(char.codePointAt(0) ?? 0)
    if (kind === OTHER || kind === SEPARATOR) shown += char
    else {
      shown += place < from || place >= to ? (DIGITS[kind - 1] ?? '') : STAR
      place += 1
    }
  }
  return shown
}

const DIGITS = Array.from('0123456789')
const STAR = '*'

const starsFor = (text: string): string =>
  Array.from(text, (char) => (kindOf(char.codePointAt(0) ?? 0) % SEPARATOR === OTHER ? char : '*')).join('')

/** The text with these hits of `findPans` starred. */
export function starred(text: string, hits: readonly PanHit[]): string {
  let [result, at] = ['', 0]
  for (const hit of hits) {
    result += text.slice(at, hit.start) + showPan(text, hit, 'bin+last4')
    at = hit.end
  }
  return result + text.slice(at)
}
