/** Bytes of a stream that wait; places are counted from its beginning. */
export class Hold {
  #room = Buffer.allocUnsafeSlow(64)
  #length = 0
  /** Place of the first byte that waits; of the next one that will, where none does. */
  at = 0

  get length(): number {
    return this.#length
  }

  /** The first byte of a hold stands at `at`; each further one behind the last. */
  append(byte: number, at: number): void {
    if (this.#length === 0) this.at = at
    if (this.#length === this.#room.length) this.#widen()
    this.#room[this.#length] = byte
    this.#length += 1
  }

  /** Gives the bytes in front of `end` and keeps the rest. */
  takeUpTo(end: number): Buffer {
    const count = Math.max(0, Math.min(this.#length, end - this.at))
    const taken = Buffer.from(this.#room.subarray(0, count))
    this.#room.copyWithin(0, count, this.#length)
    this.#length -= count
    this.at += count
    return taken
  }

  /** Gives everything, with these edits done. */
  takeAll(edits: readonly Edit[]): Buffer {
    const pieces: Buffer[] = []
    let from = 0
    for (const { at, length, text } of edits.toSorted((one, other) => one.at - other.at)) {
      pieces.push(this.#room.subarray(from, at - this.at), Buffer.from(text))
      from = at - this.at + length
    }
    const taken = Buffer.concat([...pieces, this.#room.subarray(from, this.#length)])
    this.at += this.#length
    this.#length = 0
    if (this.#room.length > KEPT_ROOM) this.#room = Buffer.allocUnsafeSlow(KEPT_ROOM)
    return taken
  }

  /** A copy of the bytes from `from` on. */
  since(from: number): Buffer {
    return Buffer.from(this.#room.subarray(Math.max(0, from - this.at), this.#length))
  }

  #widen(): void {
    const room = Buffer.allocUnsafeSlow(this.#room.length * 2)
    this.#room.copy(room)
    this.#room = room
  }
}

const KEPT_ROOM = 4096

/** Bytes `[at, at + length)` become `text`. */
export interface Edit {
  readonly at: number
  readonly length: number
  readonly text: string
}
