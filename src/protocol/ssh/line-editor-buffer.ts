/** A text that is being edited. */
export interface Line {
  readonly text: string
  /** UTF-16 offset, always between two characters as a person counts them. */
  readonly cursor: number
}

/** Longest line, in UTF-16 units. */
export const MAX_LINE = 32_768

export const EMPTY_LINE: Line = { text: '', cursor: 0 }

/** The line with the cursor at its end. */
export const atEnd = (text: string): Line => ({ text, cursor: text.length })

/** Puts text in at the cursor; undefined where the line would become too long. */
export function inserted(line: Line, text: string): Line | undefined {
  const whole = line.text.slice(0, line.cursor) + text + line.text.slice(line.cursor)
  if (whole.length > MAX_LINE) return undefined
  // A mark joins the character before it, and the cursor may have come to stand inside of one.
  return { text: whole, cursor: boundaryFrom(whole, line.cursor + text.length) }
}

/** What each key does that only moves or changes characters. */
export const EDITS: ReadonlyMap<string, (line: Line) => Line> = new Map([
  ['left', back],
  ['ctrl-b', back],
  ['right', forward],
  ['ctrl-f', forward],
  ['home', toRowStart],
  ['ctrl-a', toRowStart],
  ['end', toRowEnd],
  ['ctrl-e', toRowEnd],
  ['alt-<', ({ text }: Line): Line => ({ text, cursor: 0 })],
  ['alt->', ({ text }: Line): Line => atEnd(text)],
  ['ctrl-home', ({ text }: Line): Line => ({ text, cursor: 0 })],
  ['ctrl-end', ({ text }: Line): Line => atEnd(text)],
  ['alt-b', backWord],
  ['ctrl-left', backWord],
  ['alt-left', backWord],
  ['alt-f', forwardWord],
  ['ctrl-right', forwardWord],
  ['alt-right', forwardWord],
  ['backspace', (line: Line): Line => without(line, back(line).cursor, line.cursor)],
  ['delete', (line: Line): Line => without(line, line.cursor, forward(line).cursor)],
  ['ctrl-t', transposed],
])

/** Where each key that cuts text out begins and ends to cut. */
export const KILLS: ReadonlyMap<string, (line: Line) => readonly [number, number]> = new Map([
  ['ctrl-k', (line: Line) => [line.cursor, rowEndOrNext(line)] as const],
  ['ctrl-u', (line: Line) => [rowStartOrPrevious(line), line.cursor] as const],
  ['ctrl-w', (line: Line) => [backBlank(line), line.cursor] as const],
  ['alt-backspace', (line: Line) => [backWord(line).cursor, line.cursor] as const],
  ['alt-d', (line: Line) => [line.cursor, forwardWord(line).cursor] as const],
  ['ctrl-delete', (line: Line) => [line.cursor, forwardWord(line).cursor] as const],
])

/** The line without [from, to), the cursor where that was. */
export function without({ text }: Line, from: number, to: number): Line {
  const whole = text.slice(0, from) + text.slice(to)
  return { text: whole, cursor: boundaryFrom(whole, from) }
}

/** One row of the text up or down at the same column; undefined where there is none. */
export function vertical(line: Line, by: 1 | -1): Line | undefined {
  const rows = line.text.split('\n')
  const at = line.text.slice(0, line.cursor).split('\n').length - 1
  const row = rows[at + by]
  if (row === undefined) return undefined
  const column = characters(line.text.slice(toRowStart(line).cursor, line.cursor)).length
  const before = rows.slice(0, at + by).reduce((sum, one) => sum + one.length + 1, 0)
  const cursor = before + characters(row).slice(0, column).join('').length
  return { text: line.text, cursor }
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

const characters = (text: string): string[] => Array.from(segmenter.segment(text), ({ segment }) => segment)

function back({ text, cursor }: Line): Line {
  return { text, cursor: segmenter.segment(text).containing(cursor - 1)?.index ?? 0 }
}

function forward({ text, cursor }: Line): Line {
  return { text, cursor: cursor >= text.length ? text.length : boundaryFrom(text, cursor + 1) }
}

/** The first boundary between characters at or behind the offset. */
function boundaryFrom(text: string, offset: number): number {
  const at = segmenter.segment(text).containing(offset)
  return at === undefined || at.index === offset ? Math.min(offset, text.length) : at.index + at.segment.length
}

function toRowStart({ text, cursor }: Line): Line {
  // A negative offset would count as the first character.
  return { text, cursor: cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1 }
}

function toRowEnd({ text, cursor }: Line): Line {
  const end = text.indexOf('\n', cursor)
  return { text, cursor: end < 0 ? text.length : end }
}

/** A row that is empty behind the cursor is joined with the next. */
function rowEndOrNext(line: Line): number {
  const { cursor } = toRowEnd(line)
  return cursor === line.cursor ? forward(line).cursor : cursor
}

function rowStartOrPrevious(line: Line): number {
  const { cursor } = toRowStart(line)
  return cursor === line.cursor ? back(line).cursor : cursor
}

const WORD = /[\p{L}\p{M}\p{N}_]/u

function backWord({ text, cursor }: Line): Line {
  let at = cursor
  while (at > 0 && !WORD.test(characterBefore(text, at))) at -= characterBefore(text, at).length
  while (at > 0 && WORD.test(characterBefore(text, at))) at -= characterBefore(text, at).length
  return { text, cursor: boundaryFrom(text, at) }
}

function forwardWord({ text, cursor }: Line): Line {
  let at = cursor
  while (at < text.length && !WORD.test(characterAt(text, at))) at += characterAt(text, at).length
  while (at < text.length && WORD.test(characterAt(text, at))) at += characterAt(text, at).length
  return { text, cursor: boundaryFrom(text, at) }
}

function characterBefore(text: string, at: number): string {
  const pair = text.slice(Math.max(0, at - 2), at)
  return /^\p{L}|^\p{N}|^\p{S}/u.test(pair) && (pair.codePointAt(0) ?? 0) > 0xffff ? pair : text.slice(at - 1, at)
}

const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 0)

/** Ctrl-W goes back over blanks, and then to the next blank. */
function backBlank({ text, cursor }: Line): number {
  let at = cursor
  while (at > 0 && isBlank(text[at - 1])) at -= 1
  while (at > 0 && !isBlank(text[at - 1])) at -= 1
  return at
}

const isBlank = (character: string | undefined): boolean =>
  character === ' ' || character === '\t' || character === '\n'

/** The characters left and right of the cursor change places; at the end of the line the last two do. */
function transposed(line: Line): Line {
  const middle = line.cursor === line.text.length ? back(line).cursor : line.cursor
  const start = back({ text: line.text, cursor: middle }).cursor
  const end = forward({ text: line.text, cursor: middle }).cursor
  if (start === middle || end === middle) return line
  const { text } = line
  const whole = text.slice(0, start) + text.slice(middle, end) + text.slice(start, middle) + text.slice(end)
  return { text: whole, cursor: boundaryFrom(whole, end) }
}
