import { BytesError } from './bytes-error.ts'
import { encodeUtf8 } from './utf8.ts'

/** Writes big-endian values into a buffer that grows. `finish` hands the bytes over; the builder is not used again after it. */
export class Builder {
  #bytes: Buffer
  #length = 0

  constructor(capacity = 128) {
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  u8(value: number): this {
    const at = this.#reserve(1)
    this.#bytes.writeUInt8(value, at)
    return this
  }

  i16(value: number): this {
    const at = this.#reserve(2)
    this.#bytes.writeInt16BE(value, at)
    return this
  }

  u16(value: number): this {
    const at = this.#reserve(2)
    this.#bytes.writeUInt16BE(value, at)
    return this
  }

  i32(value: number): this {
    const at = this.#reserve(4)
    this.#bytes.writeInt32BE(value, at)
    return this
  }

  u32(value: number): this {
    const at = this.#reserve(4)
    this.#bytes.writeUInt32BE(value, at)
    return this
  }

  i64(value: bigint): this {
    const at = this.#reserve(8)
    this.#bytes.writeBigInt64BE(value, at)
    return this
  }

  bytes(value: Uint8Array): this {
    const at = this.#reserve(value.length)
    this.#bytes.set(value, at)
    return this
  }

  /** UTF-8 bytes of a text; BytesError for a lone surrogate. */
  utf8(text: string): this {
    return this.bytes(encodeUtf8(text))
  }

  /** UTF-8 bytes and a NUL; BytesError for a text that holds a NUL itself and would end there for its reader. */
  cstring(text: string): this {
    if (text.includes('\0')) throw new BytesError('a string with a NUL inside')
    return this.utf8(text).u8(0)
  }

  /** Overwrites four bytes that were written before: a length that is known only at the end. */
  patchI32(at: number, value: number): this {
    if (at < 0 || at + 4 > this.#length) throw new BytesError('a patch outside what is written')
    this.#bytes.writeInt32BE(value, at)
    return this
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(count: number): number {
    const start = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) this.#grow()
    return start
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}
