import { Builder } from '../../bytes/builder.ts'
import { BytesError } from '../../bytes/bytes-error.ts'
import type { Cursor } from '../../bytes/cursor.ts'

/** A string of RFC 4251, section 5: four bytes of length, then the bytes, as a view. */
export const readBytes = (cursor: Cursor): Buffer => cursor.take(cursor.u32())

/** The same as a name or another short word; BytesError for what is no printable ASCII. */
export function readWord(cursor: Cursor): string {
  const bytes = readBytes(cursor)
  if (bytes.some((byte) => byte < 0x20 || byte > 0x7e)) throw new BytesError('a word with a byte that is not printable')
  return bytes.toString('latin1')
}

/** A positive mpint without its sign byte; BytesError for a negative one or one with bytes that it does not need. */
export function readPositive(cursor: Cursor): Buffer {
  const bytes = readBytes(cursor)
  const [first = 0, second = 0] = bytes
  if (bytes.length === 0 || first >= 0x80) throw new BytesError('a number that is not positive')
  if (first === 0 && second < 0x80) throw new BytesError('a number with needless bytes')
  return first === 0 ? bytes.subarray(1) : bytes
}

export const writeBytes = (builder: Builder, bytes: Uint8Array): Builder => builder.u32(bytes.length).bytes(bytes)

export const writeWord = (builder: Builder, word: string): Builder => writeBytes(builder, Buffer.from(word, 'utf8'))

/** Strings one after the other, as the bytes that another string holds. */
export function packed(words: readonly string[]): Buffer {
  const builder = new Builder()
  for (const word of words) writeWord(builder, word)
  return builder.finish()
}
