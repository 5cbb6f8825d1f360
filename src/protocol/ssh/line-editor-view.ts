import { inert, type Cell } from './line-editor-glyphs.ts'
import type { Layout } from './line-editor-layout.ts'

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** What the editor has drawn on a terminal, and how to change it into what is to be seen. */
export interface View {
  /** Changes the screen from what was drawn before to this layout. */
  draw(layout: Layout, size: ScreenSize): string
  /** Every row, the ones too that the terminal has no room for. */
  drawWhole(layout: Layout, size: ScreenSize): string
  /** Takes away what was drawn, where the terminal can; the cursor stands at the beginning of a row. */
  erase(): string
  /** Leaves what was drawn where it is, and goes on below it. */
  leave(): string
  /** Nothing is drawn, and the cursor stands at the beginning of a line. */
  reset(): void
}

type Rows = readonly (readonly Cell[])[]

/**
 * On a terminal with a cursor that can be moved. Rows are placed one by one, so that no terminal's own way of
 * wrapping matters; behind every character on whose width terminals may disagree the column is set anew. Nothing above its own first row is touched.
 */
export class EditorView implements View {
  #drawn: Rows = []
  #cursor = { row: 0, column: 0 }
  /** First row that is shown of a text that is higher than the terminal. */
  #top = 0

  /** Changes the screen from what was drawn before to this layout. */
  draw(layout: Layout, size: ScreenSize): string {
    this.#top = topFor(layout, this.#top, size.rows)
    const rows = layout.rows.slice(this.#top, this.#top + size.rows)
    const pen = new Pen(this.#cursor, size.columns)
    for (const [at, row] of rows.entries()) pen.repaint({ at, row, was: this.#drawn[at] })
    if (rows.length < this.#drawn.length) pen.eraseFrom(rows.length)
    this.#drawn = rows
    this.#cursor = { row: layout.cursor.row - this.#top, column: layout.cursor.column }
    return pen.to(this.#cursor)
  }

  /** Every row, the ones too that the terminal has no room for: they go by, and can be scrolled back to. Leaves the last ones drawn. */
  drawWhole(layout: Layout, size: ScreenSize): string {
    const erase = this.erase()
    const pen = new Pen(this.#cursor, size.columns)
    for (const [at, row] of layout.rows.entries()) pen.repaint({ at, row, was: undefined })
    this.#top = Math.max(0, layout.rows.length - size.rows)
    this.#drawn = layout.rows.slice(this.#top)
    this.#cursor = { row: this.#drawn.length - 1, column: pen.column }
    return erase + pen.text + this.draw(layout, size)
  }

  /** Takes away what was drawn; the cursor stands where its first row began. */
  erase(): string {
    const pen = new Pen(this.#cursor, 1)
    // Where a terminal puts the cursor when it becomes narrower is its own affair.
    const text = `${pen.to({ row: 0, column: 0 })}\r\x1b[J`
    this.reset()
    return text
  }

  /** Leaves what was drawn where it is, and goes on below it. */
  leave(): string {
    const below = this.#drawn.length - this.#cursor.row
    this.reset()
    return below === 0 ? '' : '\r\n'.repeat(below)
  }

  /** Nothing is drawn, and the cursor stands at the beginning of a line. */
  reset(): void {
    this.#drawn = []
    this.#cursor = { row: 0, column: 0 }
    this.#top = 0
  }
}

/** Text for the terminal that is not the line: without control characters, each line end as a terminal wants it. */
export const spoken = (text: string): string => `${inert(text).replaceAll('\n', '\r\n')}\r\n`

/** Keeps the cursor in sight, and moves no more than that takes. */
function topFor({ rows, cursor }: Layout, before: number, height: number): number {
  const last = Math.max(0, rows.length - height)
  const top = Math.min(before, last)
  if (cursor.row < top) return cursor.row
  return cursor.row >= top + height ? cursor.row - height + 1 : top
}

/** Writes rows, knows where the cursor is. */
class Pen {
  text = ''
  #row: number
  #column: number | undefined
  readonly #columns: number
  #marked = false

  constructor(cursor: { row: number; column: number }, columns: number) {
    this.#row = cursor.row
    this.#column = cursor.column
    this.#columns = columns
  }

  get column(): number {
    return this.#column ?? 0
  }

  repaint({ at, row, was }: { at: number; row: readonly Cell[]; was: readonly Cell[] | undefined }): void {
    const same = was === undefined ? 0 : firstDifference(row, was)
    if (was === undefined) this.#go(at, 0)
    else if (same === row.length && same === was.length) return
    this.#go(at, widthOf(row.slice(0, same)))
    for (const cell of row.slice(same)) this.#put(cell)
    this.#mark(false)
    if (was !== undefined && widthOf(was) > this.column) this.text += '\x1b[K'
  }

  eraseFrom(row: number): void {
    this.#go(row, 0)
    this.text += '\x1b[J'
  }

  to({ row, column }: { row: number; column: number }): string {
    this.#go(row, column)
    return this.text
  }

  #put(cell: Cell): void {
    this.#mark(cell.marked)
    const column = this.column
    // Where a terminal takes a wide character for a narrow one, what stood beside it must not stay.
    if (cell.width === 2) this.text += `  \x1b[${column + 1}G`
    this.text += cell.shown
    this.#column = column + cell.width
    if (!isPlain(cell.shown) && this.#column < this.#columns) this.text += `\x1b[${this.#column + 1}G`
  }

  #mark(marked: boolean): void {
    if (marked === this.#marked) return
    this.#marked = marked
    this.text += marked ? '\x1b[7m' : '\x1b[27m'
  }

  /** Downwards by line feeds: they make the row where there is none yet. */
  #go(row: number, column: number): void {
    if (row > this.#row) {
      this.text += '\r\n'.repeat(row - this.#row)
      this.#column = 0
    }
    if (row < this.#row) this.text += `\x1b[${this.#row - row}A`
    this.#row = row
    if (column === this.#column) return
    this.text += column === 0 ? '\r' : `\x1b[${column + 1}G`
    this.#column = column
  }
}

const isPlain = (shown: string): boolean => shown >= ' ' && shown <= '~' && shown.length === 1

const widthOf = (cells: readonly Cell[]): number => cells.reduce((sum, { width }) => sum + width, 0)

function firstDifference(row: readonly Cell[], was: readonly Cell[]): number {
  const at = row.findIndex((cell, index) => !isSame(cell, was[index]))
  return at < 0 ? row.length : at
}

const isSame = (cell: Cell, other: Cell | undefined): boolean =>
  cell.shown === other?.shown && cell.width === other.width && cell.marked === other.marked
