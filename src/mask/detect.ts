import type { ResultColumn } from '../model/column.ts'
import { binaryHolds } from './binary.ts'
import { bytesHold, floatHolds, jsonHolds, numberHolds, textHolds } from './binary-values.ts'
import { OID, PLAIN_BINARY, isTextType } from './oids.ts'
import { mayHoldPan } from './prefilter.ts'
import { scrub } from './scrub.ts'

type Form = Pick<ResultColumn, 'typeOid' | 'format'>

/**
 * The second net for cells that nothing else masks: the same buffer where no card number is found, card numbers cut down in place for
 * text types, null (SQL NULL) for every other type. Never throws on the bytes of a server; what cannot be read becomes null.
 */
export function detectCell(column: Form, cell: Buffer): Buffer | null {
  if (isTextType(column.typeOid)) return scrubbed(cell)
  const holds = column.format === 'text' ? textFormHolds(column.typeOid, cell) : binaryHolds(column.typeOid, cell)
  return holds ? null : cell
}

/**
 * Whether cells of this column can hold a card number that `mayHoldPan` over the row does not see: binary numbers, encoded bytes, escapes.
 * Every other column needs `detectCell` only where the row as a whole was suspicious.
 */
export function needsCellScan(column: Form): boolean {
  if (isTextType(column.typeOid)) return false
  return column.format === 'text' ? TEXT_FORMS.has(column.typeOid) : !PLAIN_BINARY.has(column.typeOid)
}

function scrubbed(cell: Buffer): Buffer {
  if (!mayHoldPan(cell, 0, cell.length)) return cell
  const text = cell.toString('utf8')
  const safe = scrub(text)
  return safe === text ? cell : Buffer.from(safe, 'utf8')
}

function textFormHolds(typeOid: number, cell: Buffer): boolean {
  return (TEXT_FORMS.get(typeOid) ?? TEXT_NUMBERS.get(typeOid) ?? textHolds)(cell)
}

/** Text forms in which a card number need not be a run of digits. */
const TEXT_FORMS: ReadonlyMap<number, (cell: Buffer) => boolean> = new Map([
  [OID.float8, (cell: Buffer) => floatHolds(Number(latin(cell)))],
  [OID.money, moneyTextHolds],
  [OID.moneyArray, moneyTextHolds],
  [OID.bytea, byteaTextHolds],
  [OID.json, jsonHolds],
  [OID.jsonb, jsonHolds],
])

/** Text forms whose runs of digits are better explained by their type. */
const TEXT_NUMBERS: ReadonlyMap<number, (cell: Buffer) => boolean> = new Map([
  [OID.int8, (cell: Buffer) => numberHolds(latin(cell))],
  [OID.numeric, (cell: Buffer) => numberHolds(latin(cell).replace(/\..*$/, ''))],
  [OID.float4, () => false],
  [OID.uuid, () => false],
])

function latin(cell: Buffer): string {
  return cell.toString('latin1')
}

/** Grouped as the server's lc_monetary likes it, with or without cents. */
function moneyTextHolds(cell: Buffer): boolean {
  const amounts = latin(cell).match(/[0-9][0-9,.' ]*/g) ?? []
  return amounts.some((amount) => {
    const digits = amount.replace(/[^0-9]/g, '')
    return numberHolds(digits) || numberHolds(digits.slice(0, -2))
  })
}

/** bytea_output is hex unless somebody set it to escape, which leaves ASCII as it is. */
function byteaTextHolds(cell: Buffer): boolean {
  if (latin(cell.subarray(0, 2)) !== '\\x') return textHolds(cell)
  return bytesHold(Buffer.from(latin(cell.subarray(2)), 'hex'))
}
