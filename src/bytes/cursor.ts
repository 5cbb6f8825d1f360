import { BytesError } from './bytes-error.ts'
import { decodeUtf8 } from './utf8.ts'

/** Reads big-endian values from `bytes` between two offsets. Every read is bounds-checked: a read over the end throws BytesError. */
export class Cursor {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    if (start < 0 || end > bytes.length || start > end) throw new BytesError('a range outside the bytes')
    // A view for each message would cost more than reading it.
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#at = start
    this.#end = end
  }

  /** Bytes that are still unread. */
  get remaining(): number {
    return this.#end - this.#at
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1))
  }

  i16(): number {
    return this.#bytes.readInt16BE(this.#advance(2))
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2))
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#advance(4))
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4))
  }

  i64(): bigint {
    return this.#bytes.readBigInt64BE(this.#advance(8))
  }

  /** The next `count` bytes as a view. A negative count is an overrun as well. */
  take(count: number): Buffer {
    const start = this.#advance(count)
    return this.#bytes.subarray(start, start + count)
  }

  /** Strict UTF-8 up to a NUL, which is read too; `max` is the most bytes before the NUL. */
  cstring(max: number = this.remaining): string {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0 || end >= this.#end) throw new BytesError('a string without its end')
    if (end - this.#at > max) throw new BytesError(`a string of more than ${max} bytes`)
    const text = decodeUtf8(this.#bytes.subarray(this.#at, end))
    this.#at = end + 1
    return text
  }

  /** Everything unread, as a view. */
  rest(): Buffer {
    return this.take(this.remaining)
  }

  /** Throws BytesError if anything is unread. */
  done(): void {
    if (this.remaining > 0) throw new BytesError(`${this.remaining} bytes too many`)
  }

  #advance(count: number): number {
    if (count < 0 || count > this.remaining) throw new BytesError('bytes end too early')
    const start = this.#at
    this.#at += count
    return start
  }
}
