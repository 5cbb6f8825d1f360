import { MAX_DIGITS, MIN_DIGITS } from './brands.ts'
import { DigitRow, isIn } from './digit-row.ts'
import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { MAX_GAP } from './runs.ts'
import { Cells } from './terminal-cells.ts'

/** Digits of a run that pass at once: the issuer's part of a card number. */
export const PASSED_AT_ONCE = 6
/** Digits of what may be a card number that pass without its end: with the rest hidden, what brands allow to be shown (first 8 and any other 4 of 16). */
const PASSED_IN_TIME = 12
const PASSED_IN_TIME_SHORT = 10
/** A run that is longer is judged in pieces. */
const MAX_CELLS = 256
/** Cells in front of what may become a card number that stay known when it is. */
const KEPT_CELLS = 2 * MAX_DIGITS
/** Nothing has to wait. */
export const NO_CELL = -1

/** Digits and what may stand between them, as they stand on the screen: the stretch of a line that the cursor is in or behind. */
export class VisibleRun {
  readonly cells = new Cells()
  /** Cell that the next character is printed on. */
  #cursor = 0
  readonly #row = new DigitRow()
  /** The cell of each digit. */
  readonly #places: number[] = []
  #gap = 0
  /** Digits before this one begin no card number. */
  #first = 0
  /** The first digit touches others that were forgotten. */
  #isInside = false
  #touches = false

  get isEmpty(): boolean {
    return this.#row.count === 0
  }

  /** Long enough for a card number. */
  get isLong(): boolean {
    return this.#row.count >= MIN_DIGITS
  }

  get isFull(): boolean {
    return this.cells.count > MAX_CELLS
  }

  /** Whether the digits as they stand have a card number among them, whatever stands around them. */
  get holdsAny(): boolean {
    return this.#row.count >= MIN_DIGITS && this.#row.holdsAny
  }

  /** Prints a character that came as `length` bytes from `at` on, or as none; false where it ends the run, of which it then is no part. */
  print(code: number, at: number, length: number): boolean {
    const kind = kindOf(code)
    const isAtEnd = this.#cursor === this.cells.count
    if (kind === OTHER || (kind === SEPARATOR && (this.isEmpty || (isAtEnd && this.#gap >= MAX_GAP)))) return false
    if (isAtEnd) {
      this.cells.append(code, at, length)
      this.#count(kind, this.#cursor)
    } else {
      const before = kindOf(this.cells.codeAt(this.#cursor))
      this.cells.overprint(this.#cursor, code, { at, length })
      if (kind !== before) this.#change(this.#cursor, kind, before)
    }
    this.#cursor += 1
    return !this.isEmpty && this.#gap <= MAX_GAP
  }

  /** Moves the cursor over cells of the run, or over a place that is left blank; false where it leaves the run. */
  move(by: number): boolean {
    if (this.isEmpty || by > MAX_GAP || this.#cursor + by < 0) return false
    for (let left = by; left > 0; left--) {
      if (this.#cursor < this.cells.count) this.#cursor += 1
      else if (!this.print(BLANK, NaN, 0)) return false
    }
    if (by < 0) this.#cursor += by
    return true
  }

  /** The character that a repetition repeats; undefined where there is none. */
  get last(): number | undefined {
    return this.#cursor > 0 ? this.cells.codeAt(this.#cursor - 1) : undefined
  }

  /** The first cell that has to wait, or NO_CELL where nothing can become a card number any more. */
  waitsFrom(): number {
    this.#forward()
    return this.#cellOf(this.#first + PASSED_AT_ONCE)
  }

  /** Whether a digit that came now would have to wait. */
  get holdsNext(): boolean {
    this.#forward()
    return this.#row.count >= this.#first + PASSED_AT_ONCE
  }

  /** The first cell that waits for the end of the run however long that takes. */
  waitsLongFrom(): number {
    for (let first = this.#first; first + PASSED_AT_ONCE < this.#row.count; first++) {
      if (!this.#begins(first) || !this.#isAlive(first)) continue
      const isShort = !isIn(this.#row.lengthsAt(first), 16)
      return this.#cellOf(first + (isShort ? PASSED_IN_TIME_SHORT : PASSED_IN_TIME))
    }
    return NO_CELL
  }

  clear(): void {
    this.cells.clear()
    this.#cursor = 0
    this.#isInside = false
    this.#recountFrom(0)
    this.#first = 0
  }

  /** Forgets the front of a run that goes on and on, up to what may become a card number; false where that begins too far in front. */
  shorten(): boolean {
    this.#forward()
    const live = this.#first < this.#row.count ? this.#cellOf(this.#first) : this.cells.count
    const from = Math.max(0, live - KEPT_CELLS)
    if (this.cells.count - from > MAX_CELLS / 2) return false
    this.#drop(from)
    return true
  }

  /** Forgets all but the end of a run, which has been judged. */
  cut(): void {
    this.#drop(Math.max(0, this.cells.count - KEPT_CELLS))
  }

  #drop(count: number): void {
    let next = 0
    while (next < this.#row.count && this.#cellOf(next) < count) next += 1
    this.#isInside = next < this.#row.count && (next === 0 ? this.#touches : this.#row.groupOf(next) !== next)
    this.cells.drop(count)
    this.#cursor = Math.max(0, this.#cursor - count)
    this.#recountFrom(0)
    this.#first = 0
  }

  #cellOf(digit: number): number {
    return digit < this.#row.count ? (this.#places[digit] ?? NO_CELL) : NO_CELL
  }

  /** Something else stands in a cell that was counted. */
  #change(cell: number, kind: number, before: number): void {
    if (kind === SEPARATOR || before === SEPARATOR) {
      this.#first = 0
      this.#recountFrom(cell)
      return
    }
    let digit = this.#row.count - 1
    while (digit > 0 && this.#cellOf(digit) > cell) digit -= 1
    this.#row.replace(digit, kind - 1)
    // What begins further in front does not reach so far.
    this.#first = Math.max(0, Math.min(this.#first, digit - MAX_DIGITS))
  }

  /** Counts again what stands in this cell and behind it. */
  #recountFrom(cell: number): void {
    let digits = this.#row.count
    while (digits > 0 && this.#cellOf(digits - 1) >= cell) digits -= 1
    this.#row.cut(digits)
    this.#gap = cell - (digits === 0 ? 0 : this.#cellOf(digits - 1) + 1)
    for (let at = cell; at < this.cells.count; at++) this.#count(kindOf(this.cells.codeAt(at)), at)
  }

  #count(kind: number, cell: number): void {
    if (kind === SEPARATOR || kind === OTHER) {
      this.#gap += 1
      return
    }
    const digit = this.#row.count
    this.#places[digit] = cell
    if (digit === 0) this.#touches = this.#isInside && this.#gap === 0
    this.#row.add(kind - 1, this.#gap > 0)
    this.#gap = 0
  }

  #forward(): void {
    while (this.#first + PASSED_AT_ONCE <= this.#row.count && !this.#isAlive(this.#first)) this.#first += 1
  }

  /** Whether the digits from here on, at least six, are or can become a card number, given what may follow them. */
  #isAlive(first: number): boolean {
    const begins = this.#begins(first)
    const close = this.#closeOf(first)
    const group = this.#row.groupOf(first)
    const isInGroup = !begins && !this.#isEndless(group)
    // Inside a group a number only counts as the end of one that is too long for a single number.
    if (isInGroup && close !== OPEN && close - group <= MAX_DIGITS) return false
    const lengths = this.#row.lengthsAt(first)
    if (lengths === 0) return begins && this.#isHex(first, close)
    const most = MIN_DIGITS + 31 - Math.clz32(lengths)
    const count = this.#row.count - first
    if (begins) return count <= most || this.#fits(first, lengths)
    if (isInGroup && close === OPEN && first + most - group <= MAX_DIGITS) return false
    if (close === OPEN) return count <= most
    return close - first <= most && close - first >= MIN_DIGITS && this.#row.fits(first, close - first)
  }

  /** At the beginning of a group, leading zeros aside. */
  #begins(first: number): boolean {
    const group = this.#row.groupOf(first)
    return !this.#isEndless(group) && first - group <= this.#row.zerosOf(group)
  }

  #isEndless(group: number): boolean {
    return group === 0 && this.#isInside
  }

  /** Index behind the last digit of a group; OPEN while it may grow. */
  #closeOf(at: number): number {
    const close = this.#row.closeOf(at)
    return close === this.#row.count && this.#gap === 0 ? OPEN : close
  }

  /** Whether a number begins here, wherever it ends: ends inside of a group cost a wait and no more. */
  #fits(first: number, lengths: number): boolean {
    const last = Math.min(first + MAX_DIGITS, this.#row.count)
    for (let end = first + MIN_DIGITS; end <= last; end++)
      if (isIn(lengths, end - first) && this.#row.passesLuhn(first, end - first)) return true
    return false
  }

  /** The digits of a card number as hex of ASCII: every other one is a 3. */
  #isHex(first: number, close: number): boolean {
    const count = (close === OPEN ? this.#row.count : close) - first
    if (count > 2 * MAX_DIGITS || (close !== OPEN && count < 2 * MIN_DIGITS)) return false
    return this.#row.value(first) === 3 && this.#row.value(first + 2) === 3 && this.#row.value(first + 4) === 3
  }
}

const OPEN = -1
const BLANK = 0x20
