import type { Parameter } from '../model/statement.ts'

/** pg_type OIDs whose binary form is the UTF-8 text itself: text, varchar, bpchar, name, char, json, xml, unknown. */
const TEXTUAL = new Set([25, 1043, 1042, 19, 18, 114, 142, 705])
const INTEGERS: Readonly<Record<number, number>> = { 21: 2, 23: 4, 26: 4, 20: 8 }

/** A bound value as text for a person, or undefined for SQL NULL. What has no text form of its own shows as hexadecimal digits. */
export function boundText(parameter: Parameter): string | undefined {
  if (parameter.value === undefined) return undefined
  const bytes = Buffer.from(parameter.value)
  if (parameter.format === 'text' || TEXTUAL.has(parameter.type)) return textOf(bytes)
  if (parameter.type === 16 && bytes.length === 1) return bytes[0] === 0 ? 'false' : 'true'
  if (INTEGERS[parameter.type] === bytes.length)
    return String(bytes.length === 8 ? bytes.readBigInt64BE() : bytes.readIntBE(0, bytes.length))
  if (parameter.type === 701 && bytes.length === 8) return String(bytes.readDoubleBE())
  return hexOf(bytes)
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return hexOf(bytes)
  }
}

const hexOf = (bytes: Buffer): string => `\\x${bytes.toString('hex')}`
