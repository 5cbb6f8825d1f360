import { BytesError } from '../../bytes/bytes-error.ts'
import type { Builder } from '../../bytes/builder.ts'
import type { Cursor } from '../../bytes/cursor.ts'
import type { Cell, Format, Subject } from './messages.ts'

/* Parts that messages of both sides are made of. */

/** Sixteen-bit count and that many entries. Every entry takes at least two bytes, so a lying count is refused before its list is built. */
export function readList<Entry>(body: Cursor, entry: (body: Cursor) => Entry): Entry[] {
  const count = body.u16()
  if (count * 2 > body.remaining) throw new BytesError('bytes end too early')
  const entries: Entry[] = []
  for (let left = count; left > 0; left--) entries.push(entry(body))
  return entries
}

export function writeList<Entry>(
  body: Builder,
  entries: readonly Entry[],
  write: (body: Builder, entry: Entry) => void,
): Builder {
  body.u16(entries.length)
  for (const entry of entries) write(body, entry)
  return body
}

export const readFormat = (body: Cursor): Format => formatOf(body.i16())
export const writeFormat = (body: Builder, format: Format): Builder => body.i16(format === 'text' ? 0 : 1)

export function formatOf(code: number): Format {
  if (code === 0) return 'text'
  if (code === 1) return 'binary'
  throw new BytesError('an unknown format code')
}

/** A list of formats that is to be empty, of one, or of one for each of `count` values. */
export function checkFormats(formats: readonly Format[], count: number): void {
  if (formats.length > 1 && formats.length !== count) throw new BytesError('as many formats as values are needed')
}

/** Thirty-two-bit length and bytes; length -1 is SQL NULL. */
export function readCell(body: Cursor): Cell {
  const length = body.i32()
  return length === -1 ? null : body.take(length)
}

export const writeCell = (body: Builder, cell: Cell): Builder =>
  cell === null ? body.i32(-1) : body.i32(cell.length).bytes(cell)

export const readOid = (body: Cursor): number => body.u32()
export const writeOid = (body: Builder, oid: number): Builder => body.u32(oid)

export function readSubject(body: Cursor): Subject {
  const letter = String.fromCharCode(body.u8())
  if (letter === 'S') return 'statement'
  if (letter === 'P') return 'portal'
  throw new BytesError('neither a statement nor a portal')
}

export const writeSubject = (body: Builder, subject: Subject): Builder => body.utf8(subject === 'statement' ? 'S' : 'P')
