import { u8At } from './peek.ts'

const SHORT = 48
/** The copy of a large source begins small, as often only a little of it is wanted. */
const FIRST = 1024

/**
 * A copy of some bytes with parts of them replaced, written once from front to back. Nothing is copied as long as nothing is cut: `finish` gives a view of
 * the source then.
 */
export class Patch {
  readonly #source: Buffer
  readonly #start: number
  #out: Buffer | undefined
  #length = 0
  /** The source up to here is in `#out` or was cut. */
  #kept: number
  #markedLength = 0
  #markedKept: number

  constructor(source: Buffer, start = 0) {
    this.#source = source
    this.#start = start
    this.#kept = start
    this.#markedKept = start
  }

  /** What is patched; never written to. */
  get source(): Buffer {
    return this.#source
  }

  /** Leaves bytes `start` to `end` of the source out; what is added next stands in their place. Cuts come in order and do not overlap. */
  cut(start: number, end: number): this {
    this.#copy(this.#source, this.#kept, start)
    this.#kept = end
    return this
  }

  /** Overwrites bytes `start` to `end` of the source with one value: a cut like any other. */
  fill(start: number, end: number, value: number): this {
    this.cut(start, end)
    const out = this.#reserve(end - start)
    for (let at = this.#length - (end - start); at < this.#length; at++) out[at] = value
    return this
  }

  /** Everything behind this moment can be undone. */
  mark(): void {
    this.#markedLength = this.#length
    this.#markedKept = this.#kept
  }

  /** As it was at the last `mark`, or at the beginning. */
  undo(): void {
    this.#length = this.#markedLength
    this.#kept = this.#markedKept
  }

  /** Where byte `at` of the source, which is not cut yet, will stand in the copy if nothing in front of it is cut any more. */
  placeOf(at: number): number {
    return this.#length + at - this.#kept
  }

  /** Whether anything was cut or added. */
  get changed(): boolean {
    return this.#out !== undefined
  }

  /** Bytes of the patched copy so far; a place for `patchI32`. */
  get length(): number {
    return this.#length
  }

  /** Overwrites four bytes that were added before: a length that is known only later. */
  patchI32(at: number, value: number): void {
    this.#out?.writeInt32BE(value, at)
  }

  i32(value: number): this {
    this.#reserve(4).writeInt32BE(value, this.#length - 4)
    return this
  }

  bytes(value: Buffer): this {
    this.#copy(value, 0, value.length)
    return this
  }

  /** Everything from the start up to `end` of the source, patched. */
  finish(end: number): Buffer {
    if (this.#out === undefined) return this.#source.subarray(this.#start, end)
    this.cut(end, end)
    return this.#out.subarray(0, this.#length)
  }

  #copy(from: Buffer, start: number, end: number): void {
    const count = end - start
    const out = this.#reserve(count)
    const at = this.#length - count
    // Cells are short, and a call into the engine's own copy costs more than some turns of a loop.
    if (count > SHORT) from.copy(out, at, start, end)
    else for (let offset = 0; offset < count; offset++) out[at + offset] = u8At(from, start + offset)
  }

  /** Makes room for `count` bytes more and counts them as written. */
  #reserve(count: number): Buffer {
    const length = this.#length + count
    const out = this.#out
    this.#length = length
    if (out !== undefined && length <= out.length) return out
    const whole = this.#source.length - this.#start + 64
    const larger = Buffer.allocUnsafe(
      length * 2 < whole ? Math.max(length * 2, Math.min(whole, FIRST)) : Math.max(whole, length + (length >> 1)),
    )
    out?.copy(larger, 0, 0, length - count)
    this.#out = larger
    return larger
  }
}
