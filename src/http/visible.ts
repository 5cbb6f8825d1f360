import { looksLike } from './confusables.ts'

/** Why a stretch of text is not shown as it stands. */
export const MARK_KINDS = [
  'control' /* C0, C1, CR, ESC, unpaired surrogates, unassigned */,
  'tab',
  'bidi' /* turns the reading order */,
  'right-to-left' /* letters whose run is laid out backwards */,
  'invisible' /* zero-width and default-ignorable characters, fillers, tags */,
  'space' /* a blank that is not U+0020 */,
  'blank-run' /* blanks or empty lines long enough to push text out of sight */,
  'look-alike' /* reads as an ASCII character and is none */,
  'combining' /* drawn over its neighbour */,
  'bracket' /* our own mark brackets, so that a statement cannot forge a mark */,
] as const
export type MarkKind = (typeof MARK_KINDS)[number]

/** Stands for `count` equal characters, or for a run of blanks. */
export interface Mark {
  readonly mark: MarkKind
  /** `U+202E`; for a run of blanks the first one's. */
  readonly code: string
  readonly count: number
  /** In words, e.g. `right-to-left override`, `reads like "a"`, `212 blanks, 14 line ends`. ASCII only. */
  readonly label: string
}

/** Text that is what it looks like, or a mark. */
export type VisiblePiece = string | Mark

/** More marks than this make a text that no person can read: it is not shown whole, so it cannot be approved. */
export const MAX_PIECES = 20_000
/** Blanks between two words that still fit every screen. */
const MAX_BLANKS = 24
/** Line ends in a row: more would scroll what follows out of sight. */
const MAX_LINE_ENDS = 3

const NAMED: Readonly<Record<string, string>> = {
  '\0': 'NUL',
  '\r': 'carriage return',
  '\u001b': 'escape',
  '\b': 'backspace',
  '\u007f': 'delete',
  '\u0085': 'next line',
  '\u00a0': 'no-break space',
  '\u00ad': 'soft hyphen',
  '\u200b': 'zero-width space',
  '\u200c': 'zero-width non-joiner',
  '\u200d': 'zero-width joiner',
  '\u2060': 'word joiner',
  '\ufeff': 'byte order mark',
  '\u200e': 'left-to-right mark',
  '\u200f': 'right-to-left mark',
  '\u061c': 'Arabic letter mark',
  '\u202a': 'left-to-right embedding',
  '\u202b': 'right-to-left embedding',
  '\u202c': 'pop directional formatting',
  '\u202d': 'left-to-right override',
  '\u202e': 'right-to-left override',
  '\u2066': 'left-to-right isolate',
  '\u2067': 'right-to-left isolate',
  '\u2068': 'first strong isolate',
  '\u2069': 'pop directional isolate',
  '\u2028': 'line separator',
  '\u2029': 'paragraph separator',
  '\u3000': 'ideographic space',
  '\u2800': 'blank Braille',
  '\t': 'tab',
}

const TOKEN = /[ \t\n]+|[\p{L}\p{M}\p{N}_$]+|[^]/gu
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800\u{e0000}-\u{e0fff}]/u
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const BRACKET = /[\u27e6\u27e7]/

/**
 * `text` with everything that could deceive its reader replaced by typed marks. Nothing is left out: the plain pieces and the
 * marks with their counts tell every character. Line feeds stay; single tabs become marks.
 */
export function makeVisible(text: string): readonly VisiblePiece[] {
  const pieces: VisiblePiece[] = []
  for (const [token] of text.matchAll(TOKEN)) {
    for (const piece of piecesOf(token)) append(pieces, piece)
  }
  return pieces
}

/** A single line: marks stand as `⟦U+202E right-to-left override⟧`, line feeds as marks too. For names, values, labels. */
export function visibleLine(text: string): string {
  return makeVisible(text)
    .map((piece) => (typeof piece === 'string' ? piece.replaceAll('\n', '⟦U+000A line feed⟧') : printedMark(piece)))
    .join('')
}

/** A mark for a place that knows only text. */
export function printedMark(mark: Mark): string {
  return `⟦${mark.code} ${mark.label}${mark.count > 1 && mark.mark !== 'blank-run' ? ` x${mark.count}` : ''}⟧`
}

/** The kinds of marks in a text, each once, without tabs: a warning for the head of the page. */
export function warningsOf(pieces: readonly VisiblePiece[]): readonly MarkKind[] {
  const kinds = pieces.flatMap((piece) => (typeof piece === 'string' || piece.mark === 'tab' ? [] : [piece.mark]))
  return [...new Set(kinds)].sort()
}

function append(pieces: VisiblePiece[], piece: VisiblePiece): void {
  const last = pieces.at(-1)
  if (typeof piece === 'string') {
    if (typeof last === 'string') pieces[pieces.length - 1] = last + piece
    else pieces.push(piece)
    return
  }
  const repeats =
    typeof last === 'object' && last.mark === piece.mark && last.code === piece.code && piece.mark !== 'blank-run'
  if (repeats) pieces[pieces.length - 1] = { ...last, count: last.count + piece.count }
  else pieces.push(piece)
}

function piecesOf(token: string): readonly VisiblePiece[] {
  if (/^[ \t\n]/.test(token)) return blankPieces(token)
  if (/^[\x21-\x7e]+$/.test(token)) return [token]
  const fakes = fakesAscii(token)
  return Array.from(token, (character, at) =>
    pieceOf(character, { fakes, afterAscii: at > 0 && token.charCodeAt(at - 1) < 0x80 }),
  )
}

function blankPieces(blanks: string): readonly VisiblePiece[] {
  const lineEnds = blanks.split('\n').length - 1
  const longest = blanks.split('\n').reduce((most, line) => Math.max(most, line.length), 0)
  if (lineEnds > MAX_LINE_ENDS || longest > MAX_BLANKS) return [blankRun(blanks, lineEnds)]
  return Array.from(blanks, (blank) => (blank === '\t' ? markOf('tab', blank) : blank))
}

function blankRun(blanks: string, lineEnds: number): Mark {
  const label = `${blanks.length - lineEnds} blanks, ${lineEnds} line ends`
  return { mark: 'blank-run', code: codeOf(blanks), count: blanks.length, label }
}

/**
 * A word is suspect where a look-alike stands beside ASCII letters, or where all of it could be read as ASCII. A word of another language that has at least
 * one letter of its own, and none of ours, is simply that word.
 */
function fakesAscii(word: string): boolean {
  const letters = Array.from(word)
  return /[A-Za-z]/.test(word) || letters.every((letter) => letter <= '\u007f' || looksLike(letter) !== undefined)
}

function pieceOf(character: string, word: { readonly fakes: boolean; readonly afterAscii: boolean }): VisiblePiece {
  if (character >= '!' && character <= '~') return character
  if (BIDI.test(character)) return markOf('bidi', character)
  if (INVISIBLE.test(character)) return markOf('invisible', character)
  if (/[\p{C}\u2028\u2029]/u.test(character)) return markOf('control', character)
  if (/\p{Zs}/u.test(character)) return markOf('space', character)
  if (RIGHT_TO_LEFT.test(character)) return markOf('right-to-left', character)
  if (BRACKET.test(character)) return markOf('bracket', character)
  if (/\p{M}/u.test(character)) return markOf('combining', character)
  const like = word.fakes ? looksLike(character) : undefined
  return like === undefined ? character : { ...markOf('look-alike', character), label: `reads like "${like}"` }
}

function markOf(mark: MarkKind, character: string): Mark {
  return { mark, code: codeOf(character), count: 1, label: NAMED[character] ?? KIND_WORDS[mark] }
}

const codeOf = (text: string): string => `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** Each kind in words. ASCII only. */
export const KIND_WORDS: Readonly<Record<MarkKind, string>> = {
  control: 'control character',
  tab: 'tab',
  bidi: 'direction control',
  'right-to-left': 'right-to-left letter',
  invisible: 'invisible character',
  space: 'unusual space',
  'blank-run': 'long blank run',
  'look-alike': 'looks like another character',
  combining: 'combining mark',
  bracket: 'mark bracket',
}
