import { MAX_DIGITS, MIN_DIGITS, lengthsOf } from './brands.ts'
import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { MAX_GAP } from './runs.ts'
import { passesLuhn } from './windows.ts'

/** One place of a line, as a terminal shows it. */
export interface Cell {
  readonly code: number
  /** Where the bytes stand that made it, counted from the beginning of the stream; several where something was printed over. */
  readonly spans: readonly Span[]
}

/** Bytes `[at, at + length)` of the stream. A repeated character shares its span with the others that the sequence made. */
export interface Span {
  readonly at: number
  readonly length: number
}

/** Digits of a run that pass at once: the issuer's part of a card number. */
export const PASSED_AT_ONCE = 6
/** Digits of what may be a card number that pass without its end: with the rest hidden, what brands allow to be shown (first 8 and any other 4 of 16). */
const PASSED_IN_TIME = 12
const PASSED_IN_TIME_SHORT = 10
/** A run that is longer is judged in pieces. */
const MAX_CELLS = 256
/** Cells in front of what may become a card number that stay known when it is. */
const KEPT_CELLS = 2 * MAX_DIGITS

interface Numeral {
  /** Index of its cell. */
  readonly cell: number
  /** It does not touch the digit before it. */
  readonly opens: boolean
}

/** Digits and what may stand between them, as they stand on the screen: the stretch of a line that the cursor is in or behind. */
export class VisibleRun {
  cells: Cell[] = []
  /** Cell that the next character is printed on. */
  #cursor = 0
  #digits: Numeral[] = []
  #values: number[] = []
  #gap = 0
  /** Digits before this one begin no card number. */
  #first = 0
  /** The first digit touches others that were forgotten. */
  #isInside = false

  get isEmpty(): boolean {
    return this.#digits.length === 0
  }

  /** Long enough for a card number. */
  get isLong(): boolean {
    return this.#digits.length >= MIN_DIGITS
  }

  get isFull(): boolean {
    return this.cells.length > MAX_CELLS
  }

  /** Prints a character; false where it ends the run, of which it then is no part. */
  print(code: number, span: Span | undefined): boolean {
    const kind = kindOf(code)
    if (kind === OTHER || (kind === SEPARATOR && (this.isEmpty || (this.#isAtEnd && this.#gap >= MAX_GAP))))
      return false
    const under = this.cells[this.#cursor]
    const own = span === undefined ? [] : [span]
    const cell = { code, spans: under === undefined ? own : [...under.spans, ...own] }
    this.cells[this.#cursor] = cell
    this.#cursor += 1
    if (under === undefined) this.#count(cell, this.cells.length - 1)
    else this.#recount()
    return !this.isEmpty && this.#gap <= MAX_GAP
  }

  /** Moves the cursor over cells of the run, or over a place that is left blank; false where it leaves the run. */
  move(by: number): boolean {
    if (this.isEmpty || by > MAX_GAP || this.#cursor + by < 0) return false
    for (let left = by; left > 0; left--) {
      if (!this.#isAtEnd) this.#cursor += 1
      else if (!this.print(0x20, undefined)) return false
    }
    if (by < 0) this.#cursor += by
    return true
  }

  /** The character that a repetition repeats. */
  get last(): Cell | undefined {
    return this.cells[this.#cursor - 1]
  }

  /** The first cell that has to wait, or undefined where nothing can become a card number any more. */
  waitsFrom(): number | undefined {
    this.#forward()
    const first = this.#digits[this.#first + PASSED_AT_ONCE]
    return first?.cell
  }

  /** Whether a digit that came now would have to wait. */
  get holdsNext(): boolean {
    this.#forward()
    return this.#digits.length >= this.#first + PASSED_AT_ONCE
  }

  /** The first cell that waits for the end of the run however long that takes. */
  waitsLongFrom(): number | undefined {
    for (let first = this.#first; first + PASSED_AT_ONCE < this.#digits.length; first++) {
      if (!this.#begins(first) || !this.#isAlive(first)) continue
      const isShort = (lengthsOf(this.#prefix(first)) & (1 << (16 - MIN_DIGITS))) === 0
      return this.#digits[first + (isShort ? PASSED_IN_TIME_SHORT : PASSED_IN_TIME)]?.cell
    }
    return undefined
  }

  clear(): void {
    this.cells = []
    this.#cursor = 0
    this.#isInside = false
    this.#recount()
  }

  /** Forgets the front of a run that goes on and on, up to what may become a card number; false where that begins too far in front. */
  shorten(): boolean {
    this.#forward()
    const live = this.#digits[this.#first]?.cell ?? this.cells.length
    const from = Math.max(0, live - KEPT_CELLS)
    if (this.cells.length - from > MAX_CELLS / 2) return false
    this.#drop(from)
    return true
  }

  /** Forgets all but the end of a run, which has been judged. */
  cut(): void {
    this.#drop(Math.max(0, this.cells.length - KEPT_CELLS))
  }

  #drop(count: number): void {
    this.#isInside = this.#digits.find(({ cell }) => cell >= count)?.opens === false
    this.cells = this.cells.slice(count)
    this.#cursor = Math.max(0, this.#cursor - count)
    this.#recount()
  }

  get #isAtEnd(): boolean {
    return this.#cursor === this.cells.length
  }

  #recount(): void {
    this.#digits = []
    this.#values = []
    this.#gap = 0
    this.#first = 0
    this.cells.forEach((cell, at) => this.#count(cell, at))
  }

  #count({ code }: Cell, cell: number): void {
    const kind = kindOf(code)
    if (kind === SEPARATOR || kind === OTHER) {
      this.#gap += 1
      return
    }
    this.#values.push(kind - 1)
    this.#digits.push({ cell, opens: this.#gap > 0 || (this.#digits.length === 0 && !this.#isInside) })
    this.#gap = 0
  }

  #forward(): void {
    while (this.#first + PASSED_AT_ONCE <= this.#digits.length && !this.#isAlive(this.#first)) this.#first += 1
  }

  /** Whether the digits from here on, at least six, are or can become a card number, given what may follow them. */
  #isAlive(first: number): boolean {
    const lengths = lengthsOf(this.#prefix(first))
    const close = this.#closeOf(first)
    if (lengths === 0) return this.#isHex(first, close)
    const most = MIN_DIGITS + 31 - Math.clz32(lengths)
    const count = this.#digits.length - first
    if (this.#begins(first)) return count <= most || this.#fits(first, { lengths, from: first + MIN_DIGITS })
    // Inside a group a number only counts as the end of one that is too long for a single number.
    const group = this.#groupOf(first)
    if (!this.#isEndless(group) && (close ?? first + most) - group <= MAX_DIGITS) return false
    return close === undefined ? count <= most : this.#fits(first, { lengths, from: close })
  }

  #prefix(first: number): number {
    let prefix = 0
    for (let at = first; at < first + PASSED_AT_ONCE; at++) prefix = prefix * 10 + (this.#values[at] ?? 0)
    return prefix
  }

  /** At the beginning of a group, leading zeros aside. */
  #begins(first: number): boolean {
    const group = this.#groupOf(first)
    if (this.#isEndless(group)) return false
    for (let at = group; at < first; at++) if (this.#values[at] !== 0) return false
    return true
  }

  #isEndless(group: number): boolean {
    return group === 0 && this.#isInside
  }

  #groupOf(at: number): number {
    let group = at
    while (group > 0 && this.#digits[group]?.opens === false) group -= 1
    return group
  }

  /** Index behind the last digit of a group; undefined while it may grow. */
  #closeOf(at: number): number | undefined {
    for (let next = at + 1; next < this.#digits.length; next++) if (this.#digits[next]?.opens === true) return next
    return this.#gap === 0 ? undefined : this.#digits.length
  }

  /** Whether a number begins here that ends at or behind `from`; later ends of a closed group cost a wait and no more. */
  #fits(first: number, { lengths, from }: { readonly lengths: number; readonly from: number }): boolean {
    const values = this.#values
    for (let end = from; end <= Math.min(first + MAX_DIGITS, values.length); end++) {
      const isKnown = end - first >= MIN_DIGITS && (lengths & (1 << (end - first - MIN_DIGITS))) !== 0
      if (isKnown && passesLuhn(values, first, end - first)) return true
    }
    return false
  }

  /** The digits of a card number as hex of ASCII: every other one is a 3. */
  #isHex(first: number, close: number | undefined): boolean {
    const count = (close ?? this.#digits.length) - first
    if (count > 2 * MAX_DIGITS || (close !== undefined && count < 2 * MIN_DIGITS)) return false
    const isThree = (at: number): boolean => this.#values[first + at] === 3
    return this.#begins(first) && isThree(0) && isThree(2) && isThree(4)
  }
}
