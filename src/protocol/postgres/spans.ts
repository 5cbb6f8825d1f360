/**
 * Collects what goes on to the other side as few slices: frames that lie next to each other in one buffer and pass unchanged become one piece, without a
 * copy. For a pump over a FrameScanner.
 */
export class Spans {
  #pieces: Buffer[] = []
  #buffer: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0
  #length = 0

  /** Bytes collected since the last `take`. */
  get length(): number {
    return this.#length
  }

  /** Passes bytes `start` to `end` of `buffer` on as they are. */
  keep(buffer: Buffer, start: number, end: number): void {
    this.#length += end - start
    if (buffer === this.#buffer && start === this.#end) {
      this.#end = end
      return
    }
    this.#close()
    this.#buffer = buffer
    this.#start = start
    this.#end = end
  }

  /** Adds other bytes: a frame of ours, or one in place of the peer's. */
  put(bytes: Buffer): void {
    this.keep(bytes, 0, bytes.length)
  }

  /** Everything collected, in order; the collection is empty afterwards. */
  take(): Buffer[] {
    this.#close()
    const pieces = this.#pieces
    this.#pieces = []
    this.#buffer = Buffer.alloc(0)
    this.#start = 0
    this.#end = 0
    this.#length = 0
    return pieces
  }

  #close(): void {
    if (this.#end > this.#start) this.#pieces.push(this.#buffer.subarray(this.#start, this.#end))
  }
}
