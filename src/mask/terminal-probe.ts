import { MAX_DIGITS, MIN_DIGITS, lengthsOf } from './brands.ts'
import { passesLuhn } from './windows.ts'

/** Digits of a run that are looked at together; a longer one is taken for what may hold a number. */
const MAX_RUN = 512

/** Tells most runs of digits from those with a card number in them, before anything dear is done. */
export class RunProbe {
  readonly #values = new Uint8Array(MAX_RUN)
  /** Index behind the last digit of the group that each digit belongs to; only what stands at a group's first digit counts. */
  readonly #closes = new Uint16Array(MAX_RUN)
  readonly #opens = new Uint16Array(MAX_RUN)
  #count = 0
  #groups = 0

  /** Whether a card number may be found in `bytes[start, end)`, digits and separators of ASCII. It may be wrong that way and never the other. */
  mayHold(bytes: Uint8Array, start: number, end: number): boolean {
    // The power of ten behind a number belongs to it.
    if ((bytes[end] ?? 0) === 0x65 || (bytes[end] ?? 0) === 0x45) return true
    if (!this.#read(bytes, start, end)) return true
    for (let group = 0; group < this.#groups; group++) if (this.#groupMayHold(group)) return true
    return false
  }

  /** False where there are too many digits. */
  #read(bytes: Uint8Array, start: number, end: number): boolean {
    this.#count = 0
    this.#groups = 0
    let isOpen = false
    for (let at = start; at < end; at++) {
      const value = (bytes[at] ?? 0) - 0x30
      const isDigit = value >= 0 && value <= 9
      if (isDigit && this.#count === MAX_RUN) return false
      if (isDigit && !isOpen) this.#opens[this.#groups++] = this.#count
      if (isDigit) {
        this.#values[this.#count++] = value
        this.#closes[this.#groups - 1] = this.#count
      }
      isOpen = isDigit
    }
    return true
  }

  #groupMayHold(group: number): boolean {
    const open = this.#opens[group] ?? 0
    const close = this.#closes[group] ?? 0
    if (close - open > MAX_DIGITS) return this.#longMayHold(open, close)
    let first = open
    while (first < close - 1 && this.#values[first] === 0) first += 1
    return this.#fits(first, close)
  }

  /** Whether a number begins at `first` and ends at `end` or anywhere behind. */
  #fits(first: number, end: number): boolean {
    if (this.#count - first < MIN_DIGITS) return false
    const lengths = lengthsOf(this.#prefix(first))
    if (lengths === 0) return false
    const last = Math.min(first + MAX_DIGITS, this.#count)
    for (let close = Math.max(end, first + MIN_DIGITS); close <= last; close++) {
      const isKnown = (lengths & (1 << (close - first - MIN_DIGITS))) !== 0
      if (isKnown && passesLuhn(this.#values, first, close - first)) return true
    }
    return false
  }

  /** A group that no single number fills: its beginning, its end, or digits in hex. */
  #longMayHold(open: number, close: number): boolean {
    if (this.#values[open] === 3 && this.#values[open + 2] === 3) return true
    let first = open
    while (first < close - 1 && this.#values[first] === 0) first += 1
    if (this.#fits(first, first + MIN_DIGITS)) return true
    for (let length = MIN_DIGITS; length <= MAX_DIGITS; length++) if (this.#fits(close - length, close)) return true
    return false
  }

  #prefix(first: number): number {
    let prefix = 0
    for (let at = first; at < first + 6; at++) prefix = prefix * 10 + (this.#values[at] ?? 0)
    return prefix
  }
}
