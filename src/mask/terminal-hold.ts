/** Bytes `[at, at + length)` become `text`. */
export interface Edit {
  readonly at: number
  readonly length: number
  readonly text: string
}

const EMPTY: Buffer = Buffer.alloc(0)
const KEPT_ROOM = 4096

/**
 * The bytes of a stream from those that wait up to the end of the chunk that is being read; places are counted from the stream's beginning. What waits within a chunk
 * is not copied: only what still does at the chunk's end.
 */
export class Hold {
  #room: Buffer = EMPTY
  #kept = 0
  #chunk: Buffer = EMPTY
  /** Place of the chunk's first byte in the stream. */
  base = 0
  #edits: Edit[] = []

  get chunk(): Buffer {
    return this.#chunk
  }

  /** Place behind the last byte. */
  get end(): number {
    return this.base + this.#chunk.length
  }

  begin(chunk: Buffer): void {
    this.#chunk = chunk
  }

  /** These become something else when they leave; places in order. */
  edit(edits: readonly Edit[]): void {
    for (const edit of edits) this.#edits.push(edit)
  }

  /** Gives what stands in front of `place`, and keeps the rest of the chunk for the time when it leaves. */
  finish(place: number): Buffer {
    const out = this.#upTo(place)
    this.#keepFrom(place)
    this.base += this.#chunk.length
    this.#chunk = EMPTY
    this.#edits = this.#edits.length === 0 ? this.#edits : []
    return out
  }

  /** The bytes from `from` up to `to`. */
  between(from: number, to: number): Buffer {
    const chunk = this.#chunk.subarray(Math.max(0, from - this.base), Math.max(0, to - this.base))
    if (from >= this.base) return chunk
    const first = this.base - this.#kept
    return Buffer.concat([this.#room.subarray(Math.max(0, from - first), Math.min(this.#kept, to - first)), chunk])
  }

  #upTo(place: number): Buffer {
    const first = this.base - this.#kept
    if (this.#edits.length > 0) return this.#edited(first, place)
    if (this.#kept === 0 && place === this.end) return this.#chunk
    return place <= first ? EMPTY : this.between(first, place)
  }

  #edited(first: number, place: number): Buffer {
    let size = place - first
    for (const { text, length } of this.#edits) size += Buffer.byteLength(text) - length
    const out = Buffer.allocUnsafe(size)
    let [from, filled] = [first, 0]
    for (const { at, length, text } of this.#edits) {
      filled = this.#copy({ from, to: at }, out, filled)
      filled += out.write(text, filled)
      from = at + length
    }
    this.#copy({ from, to: place }, out, filled)
    return out
  }

  #copy({ from, to }: { readonly from: number; readonly to: number }, out: Buffer, at: number): number {
    let filled = at
    if (from < this.base) {
      const first = this.base - this.#kept
      filled += this.#room.copy(out, filled, from - first, Math.min(to, this.base) - first)
    }
    if (to > this.base) filled += this.#chunk.copy(out, filled, Math.max(0, from - this.base), to - this.base)
    return filled
  }

  #keepFrom(place: number): void {
    const first = this.base - this.#kept
    const gone = Math.max(0, Math.min(this.#kept, place - first))
    const fresh = this.#chunk.subarray(Math.max(0, place - this.base))
    if (gone > 0) this.#room.copyWithin(0, gone, this.#kept)
    this.#kept -= gone
    if (this.#kept === 0 && fresh.length === 0) {
      if (this.#room.length > KEPT_ROOM) this.#room = EMPTY
      return
    }
    if (this.#kept + fresh.length > this.#room.length) this.#widen(this.#kept + fresh.length)
    fresh.copy(this.#room, this.#kept)
    this.#kept += fresh.length
  }

  #widen(least: number): void {
    const room = Buffer.allocUnsafeSlow(Math.max(64, 2 * least))
    this.#room.copy(room, 0, 0, this.#kept)
    this.#room = room
  }
}
