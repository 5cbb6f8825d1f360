import { BytesError } from './bytes-error.ts'
import { i32At, u16At, u8At } from './peek.ts'
import { decodeUtf8 } from './utf8.ts'

/** Bytes that are looked through one by one before the machine's own search is asked. */
const NEAR = 32
/** Beyond it the strict decoder is the faster one. */
const LONGEST_LOOKED_THROUGH = 256

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
    return u8At(this.#bytes, this.#advance(1))
  }

  i16(): number {
    return (this.u16() << 16) >> 16
  }

  u16(): number {
    return u16At(this.#bytes, this.#advance(2))
  }

  i32(): number {
    return i32At(this.#bytes, this.#advance(4))
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
    const start = this.#at
    const end = this.#nul()
    if (end - start > max) throw new BytesError(`a string of more than ${max} bytes`)
    this.#at = end + 1
    if (end === start) return ''
    return isAscii(this.#bytes, start, end)
      ? this.#bytes.toString('latin1', start, end)
      : decodeUtf8(this.#bytes.subarray(start, end))
  }

  #nul(): number {
    // Most strings are names of some letters: those are found before a call into native code has begun.
    const near = Math.min(this.#end, this.#at + NEAR)
    for (let at = this.#at; at < near; at += 1) if (this.#bytes[at] === 0) return at
    const end = this.#bytes.indexOf(0, near)
    if (end < 0 || end >= this.#end) throw new BytesError('a string without its end')
    return end
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

/** Such a text is the same in Latin-1, which costs a fraction of the strict decoder. */
function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > LONGEST_LOOKED_THROUGH) return false
  for (let at = start; at < end; at += 1) if (u8At(bytes, at) > 0x7f) return false
  return true
}
