import { OTHER, SEPARATOR, kindOf } from './digits.ts'

/** Most separators between two digits of one card number. */
export const MAX_GAP = 2

/** A stretch of digits and separators; it may begin and end with separators. Offsets are UTF-16 units of a text or bytes. */
export interface Run {
  readonly start: number
  readonly end: number
  readonly digits: number
}

/** Where a walk over bytes has to stop. */
export interface Bounds {
  readonly from: number
  readonly to: number
}

/** No character of well-formed UTF-8. */
export const NONE = -1

/** The run of `text` that holds the unit at `at`, no further left than `from`. */
export function runInText(text: string, at: number, from: number): Run {
  let [start, end, digits] = [at, at, 0]
  if (isLow(text.charCodeAt(at)) && at > from) [start, end] = [at - 1, at - 1]
  for (let gap = 0; end < text.length;) {
    const code = text.codePointAt(end) ?? NONE
    const kind = kindOf(code)
    gap = kind === SEPARATOR ? gap + 1 : 0
    if (kind === OTHER || gap > MAX_GAP) break
    if (gap === 0) digits++
    end += code > 0xffff ? 2 : 1
  }
  for (let gap = 0; start > from;) {
    const size = isLow(text.charCodeAt(start - 1)) && start - 1 > from ? 2 : 1
    const kind = kindOf(text.codePointAt(start - size) ?? NONE)
    gap = kind === SEPARATOR ? gap + 1 : 0
    if (kind === OTHER || gap > MAX_GAP) break
    if (gap === 0) digits++
    start -= size
  }
  return { start, end, digits }
}

/** The same over bytes that are, or may be, UTF-8; a byte that is not part of a well-formed sequence ends the run. */
export function runInBytes(bytes: Uint8Array, at: number, bounds: Bounds): Run {
  const origin = startOfCodePoint(bytes, at, bounds)
  let [start, end, digits] = [origin, origin, 0]
  for (let gap = 0; end < bounds.to;) {
    const code = codePointAt(bytes, end, bounds.to)
    const kind = code === NONE ? OTHER : kindOf(code)
    gap = kind === SEPARATOR ? gap + 1 : 0
    if (kind === OTHER || gap > MAX_GAP) break
    if (gap === 0) digits++
    end += sizeOf(code)
  }
  for (let gap = 0; start > bounds.from;) {
    const before = startOfCodePoint(bytes, start - 1, bounds)
    const code = codePointAt(bytes, before, start)
    const kind = code === NONE || before + sizeOf(code) !== start ? OTHER : kindOf(code)
    gap = kind === SEPARATOR ? gap + 1 : 0
    if (kind === OTHER || gap > MAX_GAP) break
    if (gap === 0) digits++
    start = before
  }
  return { start, end, digits }
}

/** Whether the character that the byte at `at` belongs to is a digit or a separator. */
export function mayBelong(bytes: Uint8Array, at: number, bounds: Bounds): boolean {
  const code = codePointAt(bytes, startOfCodePoint(bytes, at, bounds), bounds.to)
  return code !== NONE && kindOf(code) !== OTHER
}

const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00
const isContinuation = (byte: number | undefined): boolean => ((byte ?? 0) & 0xc0) === 0x80

function startOfCodePoint(bytes: Uint8Array, at: number, bounds: Bounds): number {
  let start = at
  while (isContinuation(bytes[start]) && at - start < 3 && start > bounds.from) start--
  return start
}

/** The code point that begins at `at`; NONE for anything malformed: cut short, overlong or out of range. */
export function codePointAt(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return lead
  const size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (size === 0 || at + size > end) return NONE
  let code = lead & (0xff >> (size + 1))
  for (let next = at + 1; next < at + size; next++) {
    if (!isContinuation(bytes[next])) return NONE
    code = (code << 6) | ((bytes[next] ?? 0) & 0x3f)
  }
  return sizeOf(code) === size ? code : NONE
}

/** Bytes of a code point in UTF-8. */
export const sizeOf = (code: number): number => (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4)
