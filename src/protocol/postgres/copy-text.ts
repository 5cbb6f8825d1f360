import { u8At } from '../../bytes/peek.ts'
import type { Cells, CellSyntax, Line } from './copy-delimited.ts'
import type { CopyInput } from './copy-plan.ts'
import { ProtocolError } from './protocol-error.ts'

/*
 * COPY's text format with its default options. Manual: COPY, "Text Format". A row has no bare line feed inside; a backslash takes the character behind it
 * with it.
 */

const TAB = 0x09
const LF = 0x0a
const BACKSLASH = 0x5c
const NULL = Buffer.from('\\N')
const DOT = 0x2e

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x08, '\\b'],
  [TAB, '\\t'],
  [LF, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [BACKSLASH, '\\\\'],
])
const NEEDS_ESCAPES = /[\b\t\n\v\f\r\\]/
const LETTERS: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08],
  [0x74, TAB],
  [0x6e, LF],
  [0x76, 0x0b],
  [0x66, 0x0c],
  [0x72, 0x0d],
])
/** What a server writes behind a backslash. */
const USUAL: ReadonlySet<number> = new Set([...LETTERS.keys(), BACKSLASH, NULL.readUInt8(1)])

export const textCells: CellSyntax = {
  findEnd,
  split,
  read: (raw) => (isNull(raw) ? null : unescape(raw)),
  write: (value) => (value === null ? NULL : escape(value)),
  isEnd: (input, { start, end }) =>
    end - start === 2 && u8At(input, start) === BACKSLASH && u8At(input, start + 1) === DOT,
}

const isNull = (raw: Buffer): boolean => raw.length === NULL.length && raw.equals(NULL)

function findEnd({ bytes, start, end }: CopyInput): number {
  // One that is there keeps `indexOf` from looking through all that lies behind these bytes.
  if (end > start && u8At(bytes, end - 1) === LF) return bytes.indexOf(LF, start)
  for (let at = start; at < end; at++) if (u8At(bytes, at) === LF) return at
  return -1
}

function split(input: Buffer, line: Line, cells: Cells): void {
  for (let at = line.start; at < line.end; at++) {
    const byte = u8At(input, at)
    if (byte === TAB) cells.ends[cells.count++] = at
    else if (byte === BACKSLASH) {
      at++
      // A reader of COPY would take the line feed for data, and the row for unfinished; a server never writes that.
      if (at === line.end) throw new ProtocolError('copy: an escaped line feed')
      cells.isPlain &&= USUAL.has(u8At(input, at))
    }
  }
  cells.ends[cells.count++] = line.end
}

function unescape(raw: Buffer): Buffer {
  let at = firstEscape(raw)
  if (at === raw.length) return raw
  const bytes = [...raw.subarray(0, at)]
  while (at < raw.length) {
    const byte = u8At(raw, at++)
    const [value, length] = byte === BACKSLASH ? escaped(raw.toString('latin1', at, at + 3)) : [byte, 0]
    bytes.push(value)
    at += length
  }
  return Buffer.from(bytes)
}

/** A loop, as most cells are short and calls of `indexOf` are not. */
function firstEscape(raw: Buffer): number {
  let at = 0
  while (at < raw.length && u8At(raw, at) !== BACKSLASH) at++
  return at
}

/** What stands behind a backslash, and how many characters of it belong to it: up to three octal digits, x and up to two hex digits, or one character. */
function escaped(behind: string): readonly [number, number] {
  const [octal] = /^[0-7]{1,3}/.exec(behind) ?? []
  if (octal !== undefined) return [parseInt(octal, 8) & 0xff, octal.length]
  const [hex] = /^x[0-9a-fA-F]{1,2}/.exec(behind) ?? []
  if (hex !== undefined) return [parseInt(hex.slice(1), 16), hex.length]
  const letter = behind.charCodeAt(0)
  return [LETTERS.get(letter) ?? letter, 1]
}

function escape(value: Buffer): Buffer {
  if (!NEEDS_ESCAPES.test(value.toString('latin1'))) return value
  let text = ''
  for (const byte of value) text += ESCAPES.get(byte) ?? String.fromCharCode(byte)
  return Buffer.from(text, 'latin1')
}
