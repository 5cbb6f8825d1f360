import { MIN_DIGITS } from './brands.ts'
import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { RunProbe } from './run-probe.ts'
import { MAX_GAP } from './runs.ts'

const PLAIN = 0
const DIGIT = 1
const GAP = 2
const ESCAPE = 3
const WIDE = 4
/** Controls that move nothing. */
const SILENT = 5
const BACK = 6

const ESC = 0x1b
const CLASS = Uint8Array.from({ length: 256 }, (_, byte) => classOf(byte))
const LEFT_BRACKET = 0x5b
const COLOUR = 0x6d
const ERASE_LINE = 0x4b
/** Single bytes of C1 that begin sequences: DCS, CSI, OSC. Chunks with one in them are not strode over. */
const INTRODUCERS = [0x90, 0x9b, 0x9d]
/** After an escape sequence there often comes another: so many bytes are read one by one before the next is searched for. */
const NEAR = 48
/** Reading on needs the exact machine. */
const STOP = -1
/** What opens a sequence with text in it, behind ESC: DCS, SOS, OSC, PM, APC. */
const TEXTS = [0x50, 0x58, 0x5d, 0x5e, 0x5f]
/** BEL, CAN, SUB, ESC, and ST as a byte: where it is part of a character, the exact machine tells. */
const ENDS_TEXT = Uint8Array.from({ length: 256 }, (_, byte) => ([0x07, 0x18, 0x1a, ESC, 0x9c].includes(byte) ? 1 : 0))

/** Passes over text that holds no card number as fast as it can. */
export class Skim {
  readonly #probe = new RunProbe()
  #bytes: Buffer = Buffer.alloc(0)
  #canStride = false
  /** Bytes in front of this place are read one by one. */
  #closeUntil = 0
  #escape = -1
  #stoppedAt = 0
  #end = 0
  /** Where the last sequence of the chunk ends that was passed over; 0 where none was. */
  sequenceEnd = 0

  /** A new chunk. */
  begin(bytes: Buffer): void {
    this.#bytes = bytes
    this.#canStride = bytes.length > NEAR && INTRODUCERS.every((byte) => bytes.indexOf(byte) < 0)
    this.#closeUntil = 0
    this.#escape = -1
    this.sequenceEnd = 0
  }

  /**
   * Where reading on byte by byte has to begin: at a run of digits, at a sequence with text in it, or at what the end cuts; `end` where it has not. Inside the text of a
   * sequence, `end` is where that text ends.
   */
  from(at: number, end: number): number {
    this.#end = end
    for (let next = at; ;) {
      next = this.#closely(this.#canStride && next >= this.#closeUntil ? this.#strode(next) : next)
      if (next === STOP) return this.#stoppedAt
    }
  }

  /** Where the text of a sequence ends that goes on at `at`: at a byte that may end it, or at the end of the chunk. */
  endOfText(at: number): number {
    const bytes = this.#bytes
    for (let next = at; next < bytes.length; next++) if (ENDS_TEXT[bytes[next] ?? 0] === 1) return next
    return bytes.length
  }

  /** Looks at every 13th byte up to the next escape: a number covers 13 in a row. Gives the beginning of the first stretch to be looked at closely. */
  #strode(from: number): number {
    const bytes = this.#bytes
    const escape = this.#escapeFrom(from)
    const end = Math.min(escape, this.#end)
    for (let at = from + MIN_DIGITS - 1; at < end; at += MIN_DIGITS) {
      const kind = CLASS[bytes[at] ?? 0] ?? PLAIN
      if (kind === PLAIN) continue
      // Inside a number a separator has no plain neighbour.
      if (kind === GAP && (CLASS[bytes[at - 1] ?? 0] === PLAIN || CLASS[bytes[at + 1] ?? 0] === PLAIN)) continue
      const behind = behindShort(bytes, at, end)
      if (behind === STOP) return this.#backFrom(at, from)
      at = behind
    }
    this.#closeUntil = escape + NEAR
    return this.#backFrom(end, from)
  }

  /** The next escape, or the end of the chunk: searched for once, however often reading stops in front of it. */
  #escapeFrom(from: number): number {
    if (this.#escape >= from) return this.#escape
    const found = this.#bytes.indexOf(ESC, from)
    this.#escape = found < 0 ? this.#bytes.length : found
    return this.#escape
  }

  #backFrom(at: number, least: number): number {
    let start = at
    while (start > least && CLASS[this.#bytes[start - 1] ?? 0] !== PLAIN) start -= 1
    return start
  }

  /** Reads byte by byte up to something plain behind which striding goes on, or stops. */
  #closely(from: number): number {
    const bytes = this.#bytes
    const length = this.#end
    let [digits, gap, start, last, isMixed] = [0, 0, 0, 0, false]
    let at = from
    while (at < length) {
      const kind = CLASS[bytes[at] ?? 0] ?? PLAIN
      if (kind === DIGIT) {
        if (digits === 0) {
          start = at
          isMixed = false
        }
        digits += 1
        gap = 0
        at += 1
        last = at
      } else if (kind === GAP && gap < MAX_GAP) {
        gap += 1
        at += 1
      } else if (kind === SILENT) {
        isMixed = true
        at += 1
      } else if (kind === PLAIN || kind === GAP || (kind === WIDE && digits > 0 && isOther(bytes, at))) {
        if (digits >= MIN_DIGITS && (isMixed || this.#probe.mayHold(bytes, start, last))) return this.#stop(start)
        if (kind === PLAIN && this.#canStride && at >= this.#closeUntil) return at + 1
        digits = 0
        at += kind === WIDE ? 0 : 1
      } else {
        const behind = digits > 0 ? behindColour(bytes, at) : behindOdd(bytes, at, kind)
        if (behind < 0) return this.#stop(digits > 0 ? start : at)
        if (digits === 0 && kind === ESCAPE) this.sequenceEnd = behind
        isMixed = true
        at = behind
      }
    }
    return this.#stop(digits > 0 ? start : at)
  }

  #stop(at: number): number {
    this.#stoppedAt = at
    return STOP
  }
}

/** Behind a sequence that sets a colour or erases the rest of a line; STOP for every other, and for one that is cut short or long. */
function behindColour(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== ESC || bytes[at + 1] !== LEFT_BRACKET) return STOP
  let digits = 0
  for (let next = at + 2; next < bytes.length; next++) {
    const byte = bytes[next] ?? 0
    if (byte >= 0x30 && byte < 0x3a) {
      digits += 1
      if (digits > 6) return STOP
    } else if (byte === 0x3b || byte === 0x3a) digits = 0
    else return byte === COLOUR || byte === ERASE_LINE ? next + 1 : STOP
  }
  return STOP
}

/** Behind the stretch of digits and separators that `at` lies in, where it is too short for a number and of nothing else; STOP for any other. */
function behindShort(bytes: Uint8Array, at: number, end: number): number {
  let digits = 0
  for (let back = at; ; back--) {
    const kind = CLASS[bytes[back] ?? 0]
    if (kind === PLAIN) break
    if (kind === DIGIT) digits += 1
    if (back < 1 || digits >= MIN_DIGITS || (kind !== DIGIT && kind !== GAP)) return STOP
  }
  for (let next = at + 1; ; next++) {
    const kind = CLASS[bytes[next] ?? 0]
    if (kind === PLAIN) return next
    if (kind === DIGIT) digits += 1
    if (next >= end || digits >= MIN_DIGITS || (kind !== DIGIT && kind !== GAP)) return STOP
  }
}

/** Behind anything but plain text and digits, where no digits are open; STOP for what has to be read byte by byte. */
function behindOdd(bytes: Uint8Array, at: number, kind: number): number {
  if (kind === ESCAPE) return behindEscape(bytes, at)
  if (kind !== WIDE) return at + 1
  const size = sizeAt(bytes, at)
  // A single byte of C1 may begin a sequence.
  if (size === 0) return (bytes[at] ?? 0) < 0xa0 ? STOP : at + 1
  if (at + size > bytes.length) return STOP
  const code = codeAt(bytes, at, size)
  if (code === MALFORMED) return behindMalformed(bytes, at, size)
  const what = kindOf(code)
  return code >= 0xa0 && (what === OTHER || what === SEPARATOR) ? at + size : STOP
}

/** Behind what of a broken character belongs together: the byte that breaks it does not. */
function behindMalformed(bytes: Uint8Array, at: number, size: number): number {
  let next = at + 1
  while (next < at + size && ((bytes[next] ?? 0) & 0xc0) === 0x80) next += 1
  return next
}

/** Behind a sequence without text in it; STOP for one with text, with a long number, or cut short. */
function behindEscape(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] === LEFT_BRACKET) return behindCsi(bytes, at + 2)
  let next = at + 1
  while (next < bytes.length && (bytes[next] ?? 0) >= 0x20 && (bytes[next] ?? 0) < 0x30) next += 1
  const final = bytes[next] ?? 0
  return next >= bytes.length || final < 0x30 || final > 0x7e || TEXTS.includes(final) ? STOP : next + 1
}

function behindCsi(bytes: Uint8Array, from: number): number {
  const end = Math.min(bytes.length, from + NEAR)
  let digits = 0
  for (let next = from; next < end; next++) {
    const byte = bytes[next] ?? 0
    if (byte >= 0x40) return byte < 0x7f ? next + 1 : STOP
    if (byte < 0x20) return STOP
    digits = byte >= 0x30 && byte < 0x3a ? digits + 1 : 0
    if (digits > 6) return STOP
  }
  return STOP
}

/** Whether a character beyond ASCII ends a run: it is whole, and neither digit, separator nor control; what is malformed is none of them. */
function isOther(bytes: Uint8Array, at: number): boolean {
  const size = sizeAt(bytes, at)
  if (size === 0) return (bytes[at] ?? 0) >= 0xa0
  if (at + size > bytes.length) return false
  const code = codeAt(bytes, at, size)
  return code === MALFORMED || (code >= 0xa0 && kindOf(code) === OTHER)
}

const MALFORMED = -1

const sizeAt = (bytes: Uint8Array, at: number): number => {
  const lead = bytes[at] ?? 0
  return lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
}

function codeAt(bytes: Uint8Array, at: number, size: number): number {
  let code = (bytes[at] ?? 0) & (0xff >> (size + 1))
  for (let next = at + 1; next < at + size; next++) {
    const byte = bytes[next] ?? 0
    if ((byte & 0xc0) !== 0x80) return MALFORMED
    code = (code << 6) | (byte & 0x3f)
  }
  const fits = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  return fits === size && code <= 0x10ffff ? code : MALFORMED
}

function classOf(byte: number): number {
  if (byte >= 0x80) return WIDE
  if (byte === ESC) return ESCAPE
  if (byte === 8) return BACK
  if (byte < 0x20 || byte === 0x7f) return byte >= 9 && byte <= 13 ? PLAIN : SILENT
  const kind = kindOf(byte)
  if (kind === OTHER) return PLAIN
  return kind === SEPARATOR ? GAP : DIGIT
}
