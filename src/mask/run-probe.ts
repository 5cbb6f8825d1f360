import { DigitRow } from './digit-row.ts'

/** Bytes of a run that are looked at together; a longer one is taken for what may hold a number. */
const MAX_BYTES = 512
const [ZERO, NINE] = [0x30, 0x39]
const [SMALL_E, LARGE_E] = [0x65, 0x45]

/** Tells most runs of digits from those with a card number in them, before anything dear is done. */
export class RunProbe {
  readonly #row = new DigitRow()

  /** Whether a card number may be found in `bytes[start, end)`, digits and separators of ASCII. It may be wrong that way and never the other. */
  mayHold(bytes: Uint8Array, start: number, end: number): boolean {
    // The power of ten behind a number belongs to it.
    if (end - start > MAX_BYTES || bytes[end] === SMALL_E || bytes[end] === LARGE_E) return true
    this.#row.clear()
    let opens = true
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0
      if (byte < ZERO || byte > NINE) opens = true
      else {
        this.#row.add(byte - ZERO, opens)
        opens = false
      }
    }
    return this.#row.holdsAny
  }
}
