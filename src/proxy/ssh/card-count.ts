import { ASCII_REACH, mayHoldAsciiPan } from '../../mask/ascii-prefilter.ts'
import { createScrubber, type Scrubber } from '../../mask/stream.ts'

const NUL = 0
const NOTHING = Buffer.alloc(0)

/** Counts card numbers in the content of a file as it passes, over the edges of its pieces. */
export class CardCount {
  #scanner: Scrubber = createScrubber()
  #before = 0
  /** The end of the last piece, which a number may have begun in. */
  #edge: Buffer = NOTHING
  #isSkipping = false

  get count(): number {
    return this.#before + this.#scanner.found
  }

  /** Pieces follow one another. */
  push(bytes: Buffer): void {
    // In content that is no text only plain digits are looked for, at a fraction of the cost.
    const seam = Buffer.concat([this.#edge, bytes.subarray(0, ASCII_REACH)])
    if (bytes.includes(NUL) && !mayHoldAsciiPan(bytes) && !mayHoldAsciiPan(seam)) this.#skip()
    else this.#scan(bytes)
    this.#edge = Buffer.from((bytes.length < ASCII_REACH ? seam : bytes).subarray(-ASCII_REACH))
  }

  /** What follows lies elsewhere in the file, or nothing follows. */
  cut(): void {
    this.#scanner.flush()
    this.#before += this.#scanner.found
    this.#scanner = createScrubber()
    this.#edge = NOTHING
    this.#isSkipping = false
  }

  #skip(): void {
    if (this.#isSkipping) return
    this.cut()
    this.#isSkipping = true
  }

  #scan(bytes: Buffer): void {
    if (this.#isSkipping) this.#scanner.push(this.#edge)
    this.#isSkipping = false
    this.#scanner.push(bytes)
  }
}
