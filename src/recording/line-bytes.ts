import { RecorderError } from './recorder-error.ts'

/** Longest line that is written, in UTF-16 units; a statement's text has lower caps long before. */
export const MAX_LINE = 32 * 1024 * 1024
/** Room that is kept; what a longer line needed is given back. */
const ROOM = 8 * 1024
/** Bytes that one UTF-16 unit takes in UTF-8 at most. */
const WIDEST = 3
/** Shorter texts are copied sign by sign: calling the engine's own encoder costs more. */
const SHORT = 32
/** Numbers below fit 31 bits, whose arithmetic is the cheap one. */
const SMALL = 1e9

const [ZERO, DOT] = [0x30, 0x2e]
const HEX = Buffer.from('0123456789abcdef')

/**
 * Lines one behind the other as bytes, written in place: nearly all of a line is the same as in the one before, and numbers and times are the rest, so that most
 * lines are made without a text for the collector to take away.
 */
export class LineBytes {
  #bytes = Buffer.allocUnsafeSlow(ROOM)
  #end = 0
  /** UTF-16 units of the line under way, or bytes where they are what was copied. */
  #units = 0

  /** Bytes written so far. */
  get length(): number {
    return this.#end
  }

  /** Bytes `from` to `to`, valid until more is written. */
  view(from: number, to: number): Buffer {
    return this.#bytes.subarray(from, to)
  }

  /** Goes on behind `end`, with a new line: what stood there is none any more. */
  begin(end: number): this {
    this.#end = end
    this.#units = 0
    return this
  }

  /** Forgets everything. */
  clear(): void {
    this.#end = 0
    if (this.#bytes.length > ROOM) this.#bytes = Buffer.allocUnsafeSlow(ROOM)
  }

  /** Any text, as UTF-8. Throws `E_RECORD_TOO_LONG` where the line gets longer than one may be. */
  text(text: string): this {
    this.#count(text.length)
    if (this.#end + text.length * WIDEST > this.#bytes.length) this.#widen(Buffer.byteLength(text))
    this.#end += this.#bytes.write(text, this.#end)
    return this
  }

  /** A text of ASCII alone. */
  ascii(text: string): this {
    const { length } = text
    this.#reserve(length)
    if (length > SHORT) this.#bytes.write(text, this.#end, 'latin1')
    else for (let at = 0; at < length; at += 1) this.#bytes[this.#end + at] = text.charCodeAt(at)
    this.#end += length
    return this
  }

  /** Two hex digits for each byte; `raw` has one sign a byte. */
  hex(raw: string): this {
    const { length } = raw
    this.#reserve(2 * length)
    const bytes = this.#bytes
    for (let at = 0, to = this.#end; at < length; at += 1, to += 2) {
      const byte = raw.charCodeAt(at)
      bytes[to] = HEX[byte >> 4] ?? ZERO
      bytes[to + 1] = HEX[byte & 15] ?? ZERO
    }
    this.#end += 2 * length
    return this
  }

  /** Bytes that are UTF-8 already. */
  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#end)
    this.#end += bytes.length
    return this
  }

  /** A number as JavaScript writes it. */
  number(value: number): this {
    if (value >= 0 && value < SMALL && Number.isInteger(value)) return this.#digits(value, widthOf(value))
    if (value >= SMALL && value < SMALL * 1e6 && Number.isInteger(value)) {
      const high = Math.floor(value / 1e6)
      return this.#digits(high, widthOf(high)).sixDigits(value - high * 1e6)
    }
    return this.#fraction(value)
  }

  /** Six digits, with zeros in front. */
  sixDigits(value: number): this {
    return this.#digits(value, 6)
  }

  /** Numbers of at most two decimals, as milliseconds are counted, without a text for each. */
  #fraction(value: number): this {
    const hundredths = Math.round(value * 100)
    if (!(value > 0 && hundredths < SMALL && hundredths / 100 === value)) return this.ascii(String(value))
    const whole = Math.floor(hundredths / 100)
    const rest = hundredths - whole * 100
    this.#digits(whole, widthOf(whole))
    this.#reserve(1)
    this.#bytes[this.#end] = DOT
    this.#end += 1
    return rest % 10 === 0 ? this.#digits(rest / 10, 1) : this.#digits(rest, 2)
  }

  #digits(value: number, width: number): this {
    this.#reserve(width)
    const bytes = this.#bytes
    let left = value
    for (let at = this.#end + width - 1; at >= this.#end; at -= 1) {
      const tens = (left / 10) | 0
      bytes[at] = ZERO + left - tens * 10
      left = tens
    }
    this.#end += width
    return this
  }

  #count(units: number): void {
    this.#units += units
    if (this.#units > MAX_LINE) throw new RecorderError('E_RECORD_TOO_LONG', 'one event is longer than a line may be')
  }

  #reserve(more: number): void {
    this.#count(more)
    if (this.#end + more > this.#bytes.length) this.#widen(more)
  }

  #widen(more: number): void {
    const needed = this.#end + more
    if (needed <= this.#bytes.length) return
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(bytes, 0, 0, this.#end)
    this.#bytes = bytes
  }
}

function widthOf(value: number): number {
  let width = 1
  for (let limit = 10; value >= limit; limit *= 10) width += 1
  return width
}
