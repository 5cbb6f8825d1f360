import { BytesError } from '../bytes/bytes-error.ts'
import {
  bytesHold,
  float8Holds,
  geometryHolds,
  int8Holds,
  jsonHolds,
  moneyHolds,
  numericHolds,
  textHolds,
} from './binary-values.ts'
import { OID, PLAIN_BINARY, isTextType } from './oids.ts'
import { arrayElements, multirangeBounds, rangeBounds, recordFields } from './structures.ts'
import type { Element } from './structures.ts'

// Rows in arrays in rows ... deeper than anyone nests by hand.
const MAX_DEPTH = 8

type Reader = (bytes: Buffer) => boolean

const READERS: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [OID.int8, int8Holds],
  [OID.xid8, int8Holds],
  [OID.money, moneyHolds],
  [OID.numeric, numericHolds],
  [OID.float8, float8Holds],
  [OID.bytea, bytesHold],
  [OID.json, jsonHolds],
  // A version byte, then the text.
  [OID.jsonb, (bytes) => jsonHolds(bytes.subarray(1))],
  // lseg, path, box, polygon, line, circle beside point.
  ...[OID.point, 601, 602, 603, 604, 628, 718].map((oid): [number, Reader] => [oid, geometryHolds]),
])

/** Whether the binary form of a value may hold a card number. What is not of its type's form, or too deep to look into, counts as a yes. */
export function binaryHolds(typeOid: number, bytes: Buffer, depth = 0): boolean {
  if (PLAIN_BINARY.has(typeOid)) return false
  if (depth > MAX_DEPTH) return true
  const reader = isTextType(typeOid) ? textHolds : READERS.get(typeOid)
  if (reader === undefined) return unknownHolds(bytes, depth)
  return fits(() => reader(bytes)) ?? true
}

/** Arrays, rows and ranges tell what is in them; any other type is tried as everything that its bytes could be. */
function unknownHolds(bytes: Buffer, depth: number): boolean {
  const inside = (elements: readonly Element[]): boolean =>
    elements.some((element) => binaryHolds(element.typeOid, element.bytes, depth + 1))
  const structures = [arrayElements, recordFields, rangeBounds, multirangeBounds]
  const found = structures.map((read) => fits(() => inside(read(bytes)))).filter((answer) => answer !== undefined)
  // One structure read to its last byte is what it is; loose bytes of it would only be found again.
  if (found.includes(true)) return true
  return textHolds(bytes) || looseHolds(bytes)
}

function looseHolds(bytes: Buffer): boolean {
  if (bytes.length === 8 && (int8Holds(bytes) || float8Holds(bytes))) return true
  return fits(() => numericHolds(bytes)) ?? false
}

/** undefined where the bytes are not of the form that `read` expects. */
function fits(read: () => boolean): boolean | undefined {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof BytesError) return undefined
    throw thrown
  }
}
