import { BytesError } from '../../bytes/bytes-error.ts'
import type { Builder } from '../../bytes/builder.ts'
import type { Cursor } from '../../bytes/cursor.ts'

/** ATTRS, draft section 5. What is undefined was not sent. */
export interface SftpAttributes {
  readonly size: bigint | undefined
  readonly owner: { readonly user: number; readonly group: number } | undefined
  /** `st_mode` of POSIX. */
  readonly mode: number | undefined
  /** Seconds since 1970. */
  readonly times: { readonly accessed: number; readonly modified: number } | undefined
  /** Pairs of a name and a value that only the two ends understand. */
  readonly extended: readonly (readonly [name: Buffer, value: Buffer])[]
}

export const NO_ATTRIBUTES: SftpAttributes = {
  size: undefined,
  owner: undefined,
  mode: undefined,
  times: undefined,
  extended: [],
}

const SIZE = 0x1
const OWNER = 0x2
const MODE = 0x4
const TIMES = 0x8
const EXTENDED = 0x80000000
/** Nobody sends any; what a server may send in a listing is counted before it is read. */
const MAX_EXTENDED = 64

/** BytesError for a bit that version 3 does not have: what follows it would be read wrongly. */
export function readAttributes(cursor: Cursor): SftpAttributes {
  const flags = cursor.u32()
  if ((flags & ~(SIZE | OWNER | MODE | TIMES | EXTENDED)) !== 0) throw new BytesError('attributes of another version')
  return {
    size: (flags & SIZE) === 0 ? undefined : BigInt.asUintN(64, cursor.i64()),
    owner: (flags & OWNER) === 0 ? undefined : { user: cursor.u32(), group: cursor.u32() },
    mode: (flags & MODE) === 0 ? undefined : cursor.u32(),
    times: (flags & TIMES) === 0 ? undefined : { accessed: cursor.u32(), modified: cursor.u32() },
    extended: (flags & EXTENDED) === 0 ? [] : readPairs(cursor),
  }
}

export function writeAttributes(builder: Builder, { size, owner, mode, times, extended }: SftpAttributes): void {
  const bits = [
    size === undefined ? 0 : SIZE,
    owner === undefined ? 0 : OWNER,
    mode === undefined ? 0 : MODE,
    times === undefined ? 0 : TIMES,
    extended.length === 0 ? 0 : EXTENDED,
  ]
  builder.u32(bits.reduce((sum, bit) => sum + bit, 0))
  if (size !== undefined) builder.i64(BigInt.asIntN(64, size))
  if (owner !== undefined) builder.u32(owner.user).u32(owner.group)
  if (mode !== undefined) builder.u32(mode)
  if (times !== undefined) builder.u32(times.accessed).u32(times.modified)
  if (extended.length > 0) builder.u32(extended.length)
  for (const [name, value] of extended) builder.u32(name.length).bytes(name).u32(value.length).bytes(value)
}

function readPairs(cursor: Cursor): readonly (readonly [Buffer, Buffer])[] {
  const count = cursor.u32()
  if (count > MAX_EXTENDED) throw new BytesError('too many extended attributes')
  return Array.from({ length: count }, () => [cursor.take(cursor.u32()), cursor.take(cursor.u32())] as const)
}
