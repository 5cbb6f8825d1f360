import { u8At } from '../../bytes/peek.ts'
import type { Cells, CellSyntax, Line, LineState } from './copy-delimited.ts'
import type { CopyInput } from './copy-plan.ts'
import { ProtocolError } from './protocol-error.ts'

/*
 * COPY's csv format with its default options. Manual: COPY, "CSV Format". SQL NULL is an empty cell without quotes; an empty string has them. Quotes stand
 * around a whole cell or nowhere, as a server writes it.
 */

const COMMA = 0x2c
const LF = 0x0a
const QUOTE = 0x22
const EMPTY = Buffer.alloc(0)
const NEEDS_QUOTES = /[,"\r\n]|^$|^ | $|^\\\.$/

export const csvCells: CellSyntax = {
  findEnd,
  split,
  read: (raw) => (raw.length === 0 ? null : unquote(raw)),
  write: (value) => (value === null ? EMPTY : quote(value)),
  isEnd: () => false,
}

/** Inside of quotes a doubled quote closes and opens again, so that counting them suffices. */
function findEnd({ bytes, start, end }: CopyInput, state: LineState): number {
  for (let at = start; at < end; at++) {
    const byte = u8At(bytes, at)
    if (byte === QUOTE) state.quoted = !state.quoted
    else if (byte === LF && !state.quoted) return at
  }
  return -1
}

function split(input: Buffer, line: Line, cells: Cells): void {
  for (let start = line.start; start <= line.end;) {
    const rest = { start, end: line.end }
    const end = input[start] === QUOTE ? quotedEnd(input, rest) : plainEnd(input, rest)
    cells.ends[cells.count++] = end
    start = end + 1
  }
}

function plainEnd(input: Buffer, line: Line): number {
  let at = line.start
  for (; at < line.end && u8At(input, at) !== COMMA; at++) {
    if (u8At(input, at) === QUOTE) throw new ProtocolError('copy: a quote inside of a cell')
  }
  return at
}

/** Quotes of a line are even in number, so a cell that begins with one has an end before the line does. */
function quotedEnd(input: Buffer, line: Line): number {
  let at = input.indexOf(QUOTE, line.start + 1)
  while (input[at + 1] === QUOTE && at + 1 < line.end) at = input.indexOf(QUOTE, at + 2)
  const end = at + 1
  if (end !== line.end && input[end] !== COMMA) throw new ProtocolError('copy: text behind a quoted cell')
  return end
}

function unquote(raw: Buffer): Buffer {
  if (raw[0] !== QUOTE) return raw
  const inside = raw.subarray(1, -1)
  return inside.includes(QUOTE) ? Buffer.from(inside.toString('latin1').replaceAll('""', '"'), 'latin1') : inside
}

function quote(value: Buffer): Buffer {
  const text = value.toString('latin1')
  return NEEDS_QUOTES.test(text) ? Buffer.from(`"${text.replaceAll('"', '""')}"`, 'latin1') : value
}
