/** What one or more columns of the terminal show. */
export interface Cell {
  /** Without any control character, ever. */
  readonly shown: string
  readonly width: 1 | 2
  /** Drawn inverted: it stands for a character that is not to be drawn as itself. */
  readonly marked: boolean
}

/** A character as a person counts them, with where it lies in the text and the cells that show it. */
export interface Glyph {
  /** UTF-16 offsets [start, end). */
  readonly start: number
  readonly end: number
  readonly kind: 'shown' | 'newline' | 'tab'
  readonly cells: readonly Cell[]
}

const PRINTABLE = /^[\x20-\x7e]*$/
const ASCII_CELLS: readonly (readonly Cell[])[] = Array.from({ length: 0x7f }, (_, code) => [
  { shown: String.fromCharCode(code), width: 1, marked: false },
])
const NO_CELLS: readonly Cell[] = []

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The text as characters that can be drawn: whatever a terminal could obey, or would not show at all, is spelled out. Total. */
export function glyphsOf(text: string): readonly Glyph[] {
  if (PRINTABLE.test(text)) return Array.from(text, (_, at) => asciiGlyph(text, at))
  const glyphs: Glyph[] = []
  for (const { segment, index } of segmenter.segment(text)) {
    // A carriage return and a line feed are one grapheme, and two characters here.
    if (segment === '\r\n') glyphs.push(glyph('\r', index), glyph('\n', index + 1))
    else glyphs.push(glyph(segment, index))
  }
  return glyphs
}

/** The text on one line, as cells. */
export const cellsOf = (text: string): readonly Cell[] =>
  glyphsOf(text.replaceAll(/[\n\t]/g, ' ')).flatMap(({ cells }) => cells)

/** The same as plain text, for messages: nothing in it is a control character or invisible. */
export const inert = (text: string): string =>
  text
    .split('\n')
    .map((line) =>
      cellsOf(line)
        .map(({ shown }) => shown)
        .join(''),
    )
    .join('\n')

/** Whether the text holds a character that is not to be run unseen: control characters but line ends and tabs, and what was no UTF-8. */
export const holdsControl = (text: string): boolean => CONTROL.test(text)

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]|\p{Surrogate}/u

function asciiGlyph(text: string, at: number): Glyph {
  return { start: at, end: at + 1, kind: 'shown', cells: ASCII_CELLS[text.charCodeAt(at)] ?? NO_CELLS }
}

function glyph(segment: string, start: number): Glyph {
  const end = start + segment.length
  if (segment === '\n') return { start, end, kind: 'newline', cells: NO_CELLS }
  if (segment === '\t') return { start, end, kind: 'tab', cells: NO_CELLS }
  return { start, end, kind: 'shown', cells: cellsOfGrapheme(segment) }
}

/** A base with the marks upon it is one cell; what does not go with a base has cells of its own. */
function cellsOfGrapheme(grapheme: string): readonly Cell[] {
  const cells: Cell[] = []
  for (const character of grapheme) {
    const last = cells.at(-1)
    if (isMark(character) && last !== undefined && !last.marked) cells[cells.length - 1] = withMark(last, character)
    else if (isHidden(character) || isMark(character)) cells.push(...spelled(character))
    else cells.push({ shown: character, width: isWide(character) ? 2 : 1, marked: false })
  }
  return cells
}

/** Marks that may stand upon one base: more are the kind of text that paints over the lines around it. */
const MAX_MARKS = 4

function withMark(cell: Cell, mark: string): Cell {
  const marks = Array.from(cell.shown).length - 1
  return marks >= MAX_MARKS ? cell : { ...cell, shown: cell.shown + mark }
}

const isMark = (character: string): boolean =>
  /^[\p{Mn}\p{Me}]$/u.test(character) && !/^\p{Default_Ignorable_Code_Point}$/u.test(character)

/**
 * Control and format characters, line and paragraph separators, what is private or unassigned, blanks that look like a space or like nothing, and the parts of
 * emoji on whose width no two terminals agree.
 */
const HIDDEN =
  /^[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Emoji_Modifier}\p{Default_Ignorable_Code_Point}\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\ufffd]$/u

const isHidden = (character: string): boolean => HIDDEN.test(character)

function spelled(character: string): readonly Cell[] {
  const code = character.codePointAt(0) ?? 0
  const text = code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : code === 0x7f ? '^?' : `<U+${hex(code)}>`
  return Array.from(text, (shown) => ({ shown, width: 1, marked: true }) as const)
}

const hex = (code: number): string => code.toString(16).toUpperCase().padStart(4, '0')

/** East Asian Wide and Fullwidth of UAX #11 outside emoji, whole blocks where a block is wide. */
const WIDE =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]$/u

const isWide = (character: string): boolean =>
  WIDE.test(character) || (/^\p{Emoji_Presentation}$/u.test(character) && !/^\p{RI}$/u.test(character))
