import { MIN_DIGITS } from './brands.ts'
import { DigitRow } from './digit-row.ts'
import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { isLookalike } from './lookalikes.ts'
import { MAX_GAP, runInText } from './runs.ts'
import type { Run } from './runs.ts'
import { withTrack } from './track.ts'
import { isPan, windowsOf } from './windows.ts'
import type { Window } from './windows.ts'

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

/** The digits of a stretch of text, and where each begins and ends. */
interface Placed {
  readonly row: DigitRow
  readonly starts: number[]
  readonly ends: number[]
}

const nothingPlaced = (): Placed => ({ row: new DigitRow(), starts: [], ends: [] })

/** Room that is written anew for every run; a run of more digits gets its own, so that it is not kept. */
const ROOM = nothingPlaced()
const MOST_KEPT = 1024

function hitsIn(text: string, run: Run): readonly PanHit[] {
  const hits: PanHit[] = []
  const placed = run.digits > MOST_KEPT ? nothingPlaced() : ROOM
  for (let at = run.start; at < run.end;) {
    at = fill(placed, text, { ...run, start: at })
    hitsAmong(text, placed, hits)
  }
  return hits
}

/** Reads digits up to where more than two separators lie between two of them; gives the place there, or the end. */
function fill({ row, starts, ends }: Placed, text: string, { start, end }: Run): number {
  row.clear()
  let gap = 0
  for (let at = start; at < end;) {
    const unit = text.charCodeAt(at)
    const code = unit < 0xd800 ? unit : (text.codePointAt(at) ?? 0)
    const kind = kindOf(code)
    const next = at + (code > 0xffff ? 2 : 1)
    if (kind === SEPARATOR) gap += 1
    else if (kind !== OTHER) {
      if (gap > MAX_GAP && row.count > 0) return at
      starts[row.count] = at
      ends[row.count] = next
      row.add(kind - 1, gap > 0)
      gap = 0
    }
    at = next
  }
  return end
}

function hitsAmong(text: string, placed: Placed, hits: PanHit[]): void {
  const power = exponentHit(text, placed)
  if (power !== undefined) {
    hits.push(power)
    return
  }
  let open: Window | undefined
  for (const window of windowsOf(placed.row)) {
    if (isLookalike(text, hitOf(text, placed, window))) continue
    const overlaps = open !== undefined && window.first <= open.last
    if (open !== undefined && !overlaps) hits.push(withTrack(text, hitOf(text, placed, open)))
    open = open !== undefined && overlaps ? together(open, window) : window
  }
  if (open !== undefined) hits.push(withTrack(text, hitOf(text, placed, open)))
}

/** Overlapping numbers become one, of which nothing may show: nobody can say which reading is the true one. */
const together = (one: Window, other: Window): Window => ({
  first: one.first,
  last: Math.max(one.last, other.last),
  whole: true,
})

function hitOf(text: string, { row, starts, ends }: Placed, window: Window): PanHit {
  const start = starts[window.first] ?? 0
  const end = ends[window.last] ?? 0
  const digits = digitsIn(text.slice(start, end), row, window)
  return { start, end, digits, kind: window.whole ? 'several' : 'pan' }
}

const NOT_ASCII_DIGIT = /[^0-9]/

/** The digits of a stretch, of which the first stands in the row at `first`, in ASCII. */
function digitsIn(stretch: string, row: DigitRow, { first, last }: Window): string {
  if (last + 1 - first === stretch.length && !NOT_ASCII_DIGIT.test(stretch)) return stretch
  let digits = ''
  for (let at = first; at <= last; at++) digits += DIGITS[row.value(at)] ?? ''
  return digits
}

const DIGITS = Array.from('0123456789')

// A double of 1e15 and more prints as 4.111111111111111e+15. Fewer than 13 digits before the `e` are left to the type's own detector.
const EXPONENT = /(?:^|[^0-9.])([1-9])\.([0-9]{12,18})[eE]\+?(1[2-8])(?![0-9])/

function exponentHit(text: string, { row, ends }: Placed): PanHit | undefined {
  const end = ends[row.count - 1] ?? 0
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
