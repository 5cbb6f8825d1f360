import { BytesError } from './bytes-error.ts'

/**
 * Keeps the unfinished end of a stream until more of it comes. Bytes are copied a bounded number of times however small the chunks are, and never more than
 * `limit` of them are kept: `keep` throws BytesError over that.
 */
export class Carry {
  readonly #limit: number
  #storage: Buffer = Buffer.alloc(0)
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes kept. */
  get length(): number {
    return this.#length
  }

  /** What is kept and `chunk` in one piece: the chunk itself where nothing is kept. To be followed by `keep`. */
  join(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk
    this.#reserve(this.#length + chunk.length)
    this.#storage.set(chunk, this.#length)
    return this.#storage.subarray(0, this.#length + chunk.length)
  }

  /**
   * Keeps what follows `from` of the piece that `join` gave. Views of what lies before stay valid for ever. `awaited`: as many bytes are expected in front of the next `keep`,
   * and room is made for them at once.
   */
  keep(joined: Buffer, from: number, awaited = 0): void {
    const length = joined.length - from
    if (length > this.#limit) throw new BytesError(`more than ${this.#limit} bytes in one piece`)
    if (length === 0 || (from === 0 && this.#length > 0)) {
      this.#length = length
      return
    }
    this.#storage = Buffer.allocUnsafe(Math.max(length, awaited))
    this.#storage.set(joined.subarray(from))
    this.#length = length
  }

  #reserve(length: number): void {
    if (length <= this.#storage.length) return
    const larger = Buffer.allocUnsafe(Math.max(length, this.#storage.length * 2))
    larger.set(this.#storage.subarray(0, this.#length))
    this.#storage = larger
  }
}
