import { Cursor } from '../bytes/cursor.ts'

/** A value inside a binary array, row or range; `typeOid` is 0 where the form does not say. */
export interface Element {
  readonly typeOid: number
  readonly bytes: Buffer
}

// PostgreSQL's MAXDIM.
const MAX_DIMENSIONS = 6
const EMPTY = 0x01
const LOWER_INFINITE = 0x08
const UPPER_INFINITE = 0x10
const LOWER_NULL = 0x20
const UPPER_NULL = 0x40

/** array_send: dimensions, whether there are NULLs, element type, bounds, elements. Throws BytesError where the bytes are none. */
export function arrayElements(bytes: Buffer): readonly Element[] {
  const cursor = new Cursor(bytes)
  const dimensions = cursor.u32()
  const flags = cursor.u32()
  if (dimensions > MAX_DIMENSIONS || flags > 1) cursor.take(-1)
  const typeOid = cursor.u32()
  if (typeOid === 0) cursor.take(-1)
  cursor.take(8 * dimensions)
  return sized(cursor, typeOid)
}

/** record_send: count, then type and value of each field. */
export function recordFields(bytes: Buffer): readonly Element[] {
  const cursor = new Cursor(bytes)
  const fields: Element[] = []
  for (let left = cursor.u32(); left > 0; left--) {
    const typeOid = cursor.u32()
    const value = nullable(cursor)
    if (value !== undefined) fields.push({ typeOid, bytes: value })
  }
  cursor.done()
  return fields
}

/** range_send: flags, then the bounds that there are. */
export function rangeBounds(bytes: Buffer): readonly Element[] {
  const cursor = new Cursor(bytes)
  const flags = cursor.u8()
  if (flags > 0x7f) cursor.take(-1)
  if ((flags & EMPTY) === 0) return sized(cursor, 0, boundsOf(flags))
  cursor.done()
  return []
}

/** multirange_send: count, then the ranges. */
export function multirangeBounds(bytes: Buffer): readonly Element[] {
  const cursor = new Cursor(bytes)
  const count = cursor.u32()
  return sized(cursor, 0, count).flatMap((range) => rangeBounds(range.bytes))
}

const boundsOf = (flags: number): number =>
  ((flags & (LOWER_INFINITE | LOWER_NULL)) === 0 ? 1 : 0) + ((flags & (UPPER_INFINITE | UPPER_NULL)) === 0 ? 1 : 0)

function sized(cursor: Cursor, typeOid: number, count = Infinity): readonly Element[] {
  const elements: Element[] = []
  for (let left = count; left > 0 && (count !== Infinity || cursor.remaining > 0); left--) {
    const value = nullable(cursor)
    if (value !== undefined) elements.push({ typeOid, bytes: value })
  }
  cursor.done()
  return elements
}

function nullable(cursor: Cursor): Buffer | undefined {
  const length = cursor.i32()
  return length === -1 ? undefined : cursor.take(length)
}
