import { MIN_DIGITS } from './brands.ts'
import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { MAX_GAP, mayBelong, runInBytes } from './runs.ts'
import type { Bounds } from './runs.ts'

const DIGIT_BYTE = 1
const SEPARATOR_BYTE = 2
// Part of a character beyond ASCII: has to be decoded to know.
const WIDE_BYTE = 3

/** What a byte is by itself. */
const CLASS = Uint8Array.from({ length: 256 }, (_, byte) => classOf(byte))

/**
 * Whether `findPans` could find anything in the text whose UTF-8 is `bytes[start, end)`, or in any part of it: true for every run of 13
 * digits, so it may be wrong that way and never the other. Made for whole rows: a number covers 13 bytes in a row, so looking at
 * every 13th misses none.
 */
export function mayHoldPan(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start + MIN_DIGITS - 1; at < end; at += MIN_DIGITS) {
    const kind = kindAt(bytes, at)
    if (kind === OTHER) continue
    if (kind === SEPARATOR_BYTE && !isBetweenDigits(bytes, at)) continue
    const bounds = { from: start, to: end }
    if (kind === WIDE_BYTE && !mayBelong(bytes, at, bounds)) continue
    if (isAmongDigits(bytes, at, bounds)) return true
  }
  return false
}

const kindAt = (bytes: Uint8Array, at: number): number => CLASS[bytes[at] ?? 0] ?? OTHER

/**
 * Whether a separator may be the first or second of two between digits. Most of those in a text stand alone between letters or in a row of blanks; the
 * inner ones of a number do neither.
 */
function isBetweenDigits(bytes: Uint8Array, at: number): boolean {
  const left = kindAt(bytes, at - 1)
  const right = kindAt(bytes, at + 1)
  return left !== OTHER && right !== OTHER && !(left === SEPARATOR_BYTE && right === SEPARATOR_BYTE)
}

/** Whether the run around `at` has enough digits. Characters beyond ASCII are left to the walk that decodes them. */
function isAmongDigits(bytes: Uint8Array, at: number, bounds: Bounds): boolean {
  let digits = 0
  for (let next = at, gap = 0; next < bounds.to; next++) {
    const kind = kindAt(bytes, next)
    if (kind === DIGIT_BYTE) {
      gap = 0
      digits++
    } else if (kind === WIDE_BYTE) return isLongRun(bytes, at, bounds)
    else if (kind === OTHER || ++gap > MAX_GAP) break
    if (digits === MIN_DIGITS) return true
  }
  for (let next = at - 1, gap = 0; next >= bounds.from; next--) {
    const kind = kindAt(bytes, next)
    if (kind === DIGIT_BYTE) {
      gap = 0
      digits++
    } else if (kind === WIDE_BYTE) return isLongRun(bytes, at, bounds)
    else if (kind === OTHER || ++gap > MAX_GAP) break
    if (digits === MIN_DIGITS) return true
  }
  return false
}

const isLongRun = (bytes: Uint8Array, at: number, bounds: Bounds): boolean =>
  runInBytes(bytes, at, bounds).digits >= MIN_DIGITS

function classOf(byte: number): number {
  if (byte >= 0x80) return WIDE_BYTE
  const kind = kindOf(byte)
  if (kind === OTHER) return OTHER
  return kind === SEPARATOR ? SEPARATOR_BYTE : DIGIT_BYTE
}
