import { cellsOf, glyphsOf, type Cell, type Glyph } from './line-editor-glyphs.ts'

/** A text as it lies on a terminal of a given width. */
export interface Layout {
  readonly rows: readonly (readonly Cell[])[]
  readonly cursor: { readonly row: number; readonly column: number }
}

export interface Picture {
  readonly prompt: string
  readonly text: string
  /** UTF-16 offset of the cursor in the text. */
  readonly cursor: number
}

/** What stands before each further line of a text. */
const CONTINUATION = cellsOf('> ')
const TAB_STOP = 8
const BLANK: Cell = { shown: ' ', width: 1, marked: false }
/** Stands for a wide character on a terminal of one column. */
const NO_ROOM: Cell = { shown: '?', width: 1, marked: true }

/** Lays prompt and text out in rows of `columns`; a wide character that does not fit at the edge begins the next row. */
export function layOut({ prompt, text, cursor }: Picture, columns: number): Layout {
  const page = new Page(columns)
  for (const cell of cellsOf(prompt)) page.put(cell)
  let place: Layout['cursor'] | undefined
  for (const glyph of glyphsOf(text)) {
    if (place === undefined && glyph.end > cursor) place = page.placeOf(glyph)
    page.draw(glyph)
  }
  return { cursor: place ?? page.end(), rows: page.rows }
}

class Page {
  readonly rows: Cell[][] = [[]]
  readonly #columns: number
  #column = 0

  constructor(columns: number) {
    this.#columns = columns
  }

  draw(glyph: Glyph): void {
    switch (glyph.kind) {
      case 'newline':
        this.#break()
        for (const cell of CONTINUATION) this.put(cell)
        return
      case 'tab':
        this.put(BLANK)
        while (this.#column % TAB_STOP !== 0 && this.#column < this.#columns) this.put(BLANK)
        return
      case 'shown':
        for (const cell of glyph.cells) this.put(cell)
    }
  }

  put(cell: Cell): void {
    const fitting = cell.width > this.#columns ? NO_ROOM : cell
    if (this.#column + fitting.width > this.#columns) this.#break()
    this.rows.at(-1)?.push(fitting)
    this.#column += fitting.width
  }

  /** Where the cursor stands on a character that is about to be drawn: where its first cell will be. */
  placeOf(glyph: Glyph): Layout['cursor'] {
    const width = glyph.kind === 'newline' ? 1 : Math.min(glyph.cells[0]?.width ?? 1, this.#columns)
    if (this.#column + width <= this.#columns) return this.#here()
    // A line end behind a full row: the cursor cannot stand beyond the edge, and its own row is made for it.
    if (glyph.kind === 'newline') return this.end()
    return { row: this.rows.length, column: 0 }
  }

  /** Behind everything; a full row is followed by an empty one, since no cursor stands beyond the edge. */
  end(): Layout['cursor'] {
    if (this.#column >= this.#columns) this.#break()
    return this.#here()
  }

  #here(): Layout['cursor'] {
    return { row: this.rows.length - 1, column: this.#column }
  }

  #break(): void {
    this.rows.push([])
    this.#column = 0
  }
}
