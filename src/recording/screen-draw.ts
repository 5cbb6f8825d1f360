import type { Frame } from './screen-frames.ts'
import type { Piece, ScreenLine } from './screen-cells.ts'

/** Where the frames are drawn. */
export interface Canvas {
  readonly columns: number
  readonly rows: number
}

const CSI = '\u001b['
/** Styles as parameters of SGR. */
const SGR: Readonly<Record<string, string>> = { b: '1', d: '2', i: '3', u: '4', v: '7', x: '9' }

/**
 * Draws the frames of one reel on a terminal. Of control sequences it writes its own alone: places, colours, erasing of lines, and no mode that would stay behind when it is
 * interrupted. A window that is smaller than the recorded one shows the rows around the cursor.
 */
export class Drawer {
  readonly #canvas: Canvas
  #lines: ScreenLine[] = []
  #offset = 0

  constructor(canvas: Canvas) {
    this.#canvas = canvas
  }

  /** An empty screen. */
  begin(): string {
    return `${CSI}0m${CSI}2J${CSI}H`
  }

  frame(frame: Frame): string {
    if (this.#lines.length !== frame.rows) this.#lines = Array.from({ length: frame.rows }, () => [])
    for (const [row, line] of frame.lines) this.#lines[row] = line
    const height = this.#canvas.rows - 1
    const [cursorRow, cursorColumn] = frame.cursor
    const offset = Math.max(0, Math.min(frame.rows - height, cursorRow - height + 1))
    const isMoved = offset !== this.#offset
    this.#offset = offset
    const rows = isMoved || frame.lines.length === frame.rows ? this.#lines.keys() : frame.lines.map(([row]) => row)
    const drawn = [...rows].map((row) => this.#row(row)).join('')
    const column = Math.min(cursorColumn, this.#canvas.columns - 1)
    // Lines that are wider than the window are cut and not wrapped; the mode is back before anything else is written.
    return `${CSI}?7l${drawn}${CSI}?7h${CSI}${cursorRow - offset + 1};${column + 1}H`
  }

  /** A line of ours at the bottom. `text` is inert already. */
  status(text: string): string {
    const { columns, rows } = this.#canvas
    const shown = Array.from(text)
      .slice(0, columns - 1)
      .join('')
    return `\u001b7${CSI}?7l${CSI}${rows};1H${CSI}0;7m${shown}${CSI}K${CSI}0m${CSI}?7h\u001b8`
  }

  /** Below everything, for what comes next. */
  end(): string {
    return `${CSI}0m${CSI}${this.#canvas.rows};1H${CSI}2K`
  }

  #row(row: number): string {
    const place = row - this.#offset
    if (place < 0 || place >= this.#canvas.rows - 1) return ''
    return `${CSI}${place + 1};1H${CSI}0m${CSI}2K${(this.#lines[row] ?? []).map(drawnPiece).join('')}${CSI}0m`
  }
}

/** A line of a screen with its colours, for whoever draws it elsewhere. */
export const drawnLine = (line: ScreenLine): string =>
  line.every(([, style]) => style === '')
    ? line.map(([text]) => text).join('')
    : `${line.map(drawnPiece).join('')}${CSI}0m`

function drawnPiece([text, style]: Piece): string {
  if (style === '') return `${CSI}0m${text}`
  const letters = style.split(' ')
  // Hidden text is shown, and marked as what it is.
  if (letters.includes('h')) return `${CSI}0;4;7m${text}`
  return `${CSI}${['0', ...letters.map(parameterOf)].join(';')}m${text}`
}

function parameterOf(letter: string): string {
  const colour = Number(letter.slice(1))
  if (letter.startsWith('f')) return String(colour < 8 ? 30 + colour : 82 + colour)
  if (letter.startsWith('g')) return String(colour < 8 ? 40 + colour : 92 + colour)
  return SGR[letter] ?? '0'
}
