import type { RedactedText, ValueToken } from '../model/redacted.ts'
import type { Parameter } from '../model/statement.ts'

export interface ValueDeps {
  /** Keyed tag of a value: 12 hex characters that only this node can make. */
  readonly tag: (value: string) => string
  readonly scrub: (text: string) => string
}

/** Whole numbers whose binary form is itself: int8, int2, int4, oid. */
const INTEGERS: Readonly<Record<number, (bytes: Buffer) => string>> = {
  20: (bytes) => bytes.readBigInt64BE().toString(),
  21: (bytes) => bytes.readInt16BE().toString(),
  23: (bytes) => bytes.readInt32BE().toString(),
  26: (bytes) => bytes.readUInt32BE().toString(),
}
/** Types whose binary form is their text: char, name, text, unknown, bpchar, varchar. */
const TEXTS: ReadonlySet<number> = new Set([18, 19, 25, 705, 1042, 1043])

/** A bound value as it may be recorded: in clear only where its position is proved clear, a typed keyed token everywhere else. Null is SQL NULL. */
export function redactValue({ tag, scrub }: ValueDeps, parameter: Parameter, clear: boolean): RedactedText | null {
  const { value } = parameter
  if (value === undefined) return null
  const text = textOf(parameter)
  if (clear && text !== undefined) return [scrub(text)]
  const withheld: ValueToken['withheld'] = text === undefined ? 'binary' : 'text'
  return [{ withheld, bytes: value.length, tag: tag(Buffer.from(value).toString('latin1')) }]
}

/** The value as text; undefined for binary forms that are not read here. */
function textOf({ type, format, value }: Parameter): string | undefined {
  if (value === undefined) return undefined
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
  if (format === 'text' || TEXTS.has(type)) return bytes.toString('utf8')
  const read = INTEGERS[type]
  try {
    return read?.(bytes)
  } catch {
    // Not as long as its type: the server will say so.
    return undefined
  }
}
