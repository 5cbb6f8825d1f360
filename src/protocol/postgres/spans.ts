import { Patch } from '../../bytes/patch.ts'

const NOTHING = Buffer.alloc(0)

/**
 * Collects what goes on to the other side as few slices: frames that lie next to each other in one buffer become one piece, without a copy if all of them
 * pass unchanged, and with a single one if some of them are patched. For a pump over a FrameScanner.
 */
export class Spans {
  #pieces: Buffer[] = []
  #buffer: Buffer = NOTHING
  #start = 0
  #end = 0
  /** Of the bytes from `#start` on, where any of them was to be changed. */
  #patch: Patch | undefined
  /** What was patched since the last `keep` belongs to a frame that nobody has kept. */
  #isOpen = false
  /** Bytes of the pieces, and of what is not yet one. */
  #closed = 0
  #kept = 0

  /** Bytes collected since the last `take`. */
  get length(): number {
    return this.#closed + this.#kept
  }

  /** Passes bytes `start` to `end` of `buffer` on, as they are or as they were patched since `patchFrom`. */
  keep(buffer: Buffer, start: number, end: number): void {
    if (buffer !== this.#buffer || start !== this.#end) this.#begin(buffer, start)
    this.#isOpen = false
    this.#end = end
    this.#kept = this.#patch?.placeOf(end) ?? end - this.#start
  }

  /**
   * The patch for a frame that begins at `start` of `buffer`. What is done to it goes on with the `keep` of that frame; without one, as when something is
   * thrown in the middle, it is undone.
   */
  patchFrom(buffer: Buffer, start: number): Patch {
    if (buffer !== this.#buffer || start !== this.#end) this.#begin(buffer, start)
    const patch = this.#settled() ?? new Patch(buffer, this.#start)
    patch.mark()
    this.#patch = patch
    this.#isOpen = true
    return patch
  }

  /** Adds other bytes: a frame of ours, or one in place of the peer's. */
  put(bytes: Buffer): void {
    this.keep(bytes, 0, bytes.length)
  }

  /** Everything collected, in order; the collection is empty afterwards. */
  take(): Buffer[] {
    this.#begin(NOTHING, 0)
    const pieces = this.#pieces
    this.#pieces = []
    this.#closed = 0
    return pieces
  }

  /** The patch without what no frame has kept. */
  #settled(): Patch | undefined {
    if (this.#isOpen) this.#patch?.undo()
    this.#isOpen = false
    return this.#patch
  }

  #begin(buffer: Buffer, start: number): void {
    const patch = this.#settled()
    if (this.#end > this.#start) {
      const piece = patch?.finish(this.#end) ?? this.#buffer.subarray(this.#start, this.#end)
      this.#pieces.push(piece)
    }
    this.#closed += this.#kept
    this.#kept = 0
    this.#buffer = buffer
    this.#start = start
    this.#end = start
    this.#patch = undefined
  }
}
