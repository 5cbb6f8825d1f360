import { DigitRow } from './digit-row.ts'
import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { MAX_GAP, NONE, codePointAt, sizeOf } from './runs.ts'

/** A card number in the widest digits and separators takes less bytes; a run that is longer is cut up. */
export const MAX_RUN = 256
/** How much further than that is read, to know that a run is longer whatever its characters are. */
const FURTHER = 8

/** The digits of one run in bytes that are, or may be, UTF-8, and where they stand. */
export class RunDigits {
  readonly row = new DigitRow()
  /** Behind the run, or somewhere behind its first MAX_RUN bytes. */
  end = 0
  readonly #starts: number[] = []

  /** Reads the run that begins at `start`, no further than `end`. */
  read(bytes: Uint8Array, start: number, end: number): void {
    const to = Math.min(end, start + MAX_RUN + FURTHER)
    this.row.clear()
    let gap = 0
    let at = start
    while (at < to) {
      const code = codePointAt(bytes, at, to)
      const kind = code === NONE ? OTHER : kindOf(code)
      if (kind === OTHER) break
      if (kind === SEPARATOR) {
        gap += 1
        if (gap > MAX_GAP) break
      } else {
        this.#starts[this.row.count] = at
        this.row.add(kind - 1, gap > 0)
        gap = 0
      }
      at += sizeOf(code)
    }
    this.end = at
  }

  /** Forgets the digits from this place on. */
  cut(place: number): void {
    let count = this.row.count
    while (count > 0 && this.startOf(count - 1) >= place) count -= 1
    this.row.cut(count)
  }

  /** Where a digit stands. */
  startOf(digit: number): number {
    return this.#starts[digit] ?? 0
  }
}
