import { MIN_DIGITS } from './brands.ts'
import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { MAX_GAP, NONE, codePointAt, mayBelong, sizeOf } from './runs.ts'

/** What a byte is by itself: part of a character beyond ASCII, which has to be decoded to know, or the kind of one of ASCII. */
const WIDE_BYTE = 0xff
const CLASS = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? kindOf(byte) : WIDE_BYTE))

/** No run with enough digits. */
export const NOWHERE = -1

/**
 * Whether `findPans` could find anything in the text whose UTF-8 is `bytes[start, end)`, or in any part of it: true for every run of 13
 * digits, so it may be wrong that way and never the other.
 */
export const mayHoldPan = (bytes: Uint8Array, start: number, end: number): boolean =>
  seekRun(bytes, start, end) !== NOWHERE

/**
 * Where the first digit stands of the first run of 13 digits and more in `bytes[start, end)`; NOWHERE without one. Made for whole rows and streams: a run
 * covers 13 bytes in a row, so of those the last is read first, and what stands in front of a byte that ends a run is not looked at.
 */
export function seekRun(bytes: Uint8Array, start: number, end: number): number {
  // No long run begins in front of the 13 bytes that end with `last`.
  for (let last = start + MIN_DIGITS - 1; last < end;) {
    const kind = CLASS[bytes[last] ?? 0]
    if (kind === OTHER || (kind === WIDE_BYTE && !mayBelong(bytes, last, { from: start, to: end }))) last += MIN_DIGITS
    else if (
      kind === SEPARATOR &&
      CLASS[bytes[last - 1] ?? 0] === SEPARATOR &&
      CLASS[bytes[last - 2] ?? 0] === SEPARATOR
    )
      // One more than a run may have between two digits.
      last += MIN_DIGITS - MAX_GAP
    else {
      const first = last - MIN_DIGITS + 1
      let at = last - 1
      while (at >= first && CLASS[bytes[at] ?? 0] !== OTHER) at--
      const { found, behind } = at < first ? walked(bytes, first, end) : { found: NOWHERE, behind: at }
      if (found !== NOWHERE) return found
      last = behind + MIN_DIGITS
    }
  }
  return NOWHERE
}

/** Follows digits and separators from `first` on: to where a long run is found, or `behind`, where they end. */
function walked(bytes: Uint8Array, first: number, end: number): { readonly found: number; readonly behind: number } {
  let digits = 0
  let opening = first
  let gap = 0
  for (let at = first; at < end;) {
    const code = codePointAt(bytes, at, end)
    const kind = code === NONE ? OTHER : kindOf(code)
    if (kind === OTHER) return { found: NOWHERE, behind: at }
    gap = kind === SEPARATOR ? gap + 1 : 0
    if (gap > MAX_GAP) digits = 0
    if (gap === 0 && digits++ === 0) opening = at
    if (digits === MIN_DIGITS) return { found: opening, behind: at }
    at += sizeOf(code)
  }
  return { found: NOWHERE, behind: end }
}
