import { MIN_DIGITS } from './brands.ts'
import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { isLookalike } from './lookalikes.ts'
import { runInText } from './runs.ts'
import type { Run } from './runs.ts'
import { withTrack } from './track.ts'
import { digitsOf, isPan, windowsOf } from './windows.ts'
import type { Digits, Window } from './windows.ts'

/** Card data in a text: UTF-16 offsets [start, end). Hits never overlap and come in order. */
export interface PanHit {
  readonly start: number
  readonly end: number
  /** Every digit between the two ends in ASCII (of a track: those of its card number). Never for a log or a message. */
  readonly digits: string
  /** One number; digits in which several readings overlap, of which nothing may show; or a magnetic track with its number. */
  readonly kind: 'pan' | 'several' | 'track'
}

/**
 * Card numbers in a text: a known issuer's prefix, a length of that issuer (13 to 19) and Luhn, digits of any script, at most two
 * separators between two digits. Luhn is asked of UnionPay too: without it one in a hundred long order numbers would be taken for one.
 * Linear in the length of the text. What neither prefix nor checksum can tell (scrambled, encoded, split over cells) is for lineage.
 */
export function findPans(text: string): readonly PanHit[] {
  const hits: PanHit[] = []
  // A number covers 13 places in a row, so looking at every 13th place misses none.
  for (let at = MIN_DIGITS - 1, from = 0; at < text.length; at += MIN_DIGITS) {
    if (at < from || isPlain(text.charCodeAt(at)) || standsAlone(text, at)) continue
    const run = runInText(text, at, from)
    from = Math.max(from, run.end)
    if (run.digits >= MIN_DIGITS) {
      hits.push(...hitsIn(text, run))
      from = Math.max(from, hits.at(-1)?.end ?? 0)
    }
    at = Math.max(at, from - 1)
  }
  return hits
}

const isPlain = (unit: number): boolean =>
  (unit & 0xfc00) !== 0xdc00 && (unit & 0xfc00) !== 0xd800 && kindOf(unit) === OTHER

/** A separator between two characters of ASCII that are neither digit nor separator, as most in a text are. */
const standsAlone = (text: string, at: number): boolean =>
  kindOf(text.charCodeAt(at)) === SEPARATOR && isPlainAscii(text, at - 1) && isPlainAscii(text, at + 1)

const isPlainAscii = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at)
  return unit < 0x80 && kindOf(unit) === OTHER
}

function hitsIn(text: string, run: Run): readonly PanHit[] {
  return digitsOf(text, run).flatMap((digits) => {
    const windows = windowsOf(digits).filter((window) => !isLookalike(text, hitOf(digits, window)))
    const power = exponentHit(text, digits)
    if (power !== undefined) return [power]
    return merged(windows)
      .map((window) => hitOf(digits, window))
      .map((hit) => withTrack(text, hit))
  })
}

/** Overlapping windows become one, of which nothing may show: nobody can say which reading is the true one. */
function merged(windows: readonly Window[]): readonly Window[] {
  const result: Window[] = []
  for (const window of windows) {
    const last = result.at(-1)
    if (last === undefined || window.first > last.last) result.push(window)
    else result[result.length - 1] = { first: last.first, last: Math.max(last.last, window.last), whole: true }
  }
  return result
}

const hitOf = (digits: Digits, { first, last, whole }: Window): PanHit => ({
  start: digits.starts[first] ?? 0,
  end: digits.ends[last] ?? 0,
  digits: digits.values.slice(first, last + 1).join(''),
  kind: whole ? 'several' : 'pan',
})

// A double of 1e15 and more prints as 4.111111111111111e+15. Fewer than 13 digits before the `e` are left to the type's own detector.
const EXPONENT = /(?:^|[^0-9.])([1-9])\.([0-9]{12,18})[eE]\+?(1[2-8])(?![0-9])/

function exponentHit(text: string, digits: Digits): PanHit | undefined {
  const end = digits.ends.at(-1) ?? 0
  if (text[end] !== 'e' && text[end] !== 'E') return undefined
  const from = Math.max(0, end - MAX_MANTISSA)
  const match = EXPONENT.exec(text.slice(from, end + 5))
  if (match === null) return undefined
  const [whole, lead = '', fraction = '', power = ''] = match
  const number = (lead + fraction).padEnd(Number(power) + 1, '0').slice(0, Number(power) + 1)
  if (!isPan(number)) return undefined
  const start = from + match.index + whole.indexOf(lead)
  return { start, end: from + match.index + whole.length, digits: number, kind: 'several' }
}

const MAX_MANTISSA = 24
