import { terminalLine } from './terminal.ts'

export type Cells = readonly (string | null)[]

/** So many rows are looked at together for the width of their columns; more come below each other in the same widths or wider ones. */
const PAGE = 1000

/** Rows as a table in text, a page at a time, so that a result of any length is printed in the memory of one page. */
export class SqlTable {
  readonly #out: (text: string) => void
  #columns: readonly string[] = []
  #rows: string[][] = []
  #widths: number[] = []
  #count = 0

  constructor(out: (text: string) => void) {
    this.#out = out
  }

  begin(columns: readonly string[]): void {
    this.#columns = columns.map(terminalLine)
    this.#rows = []
    this.#widths = this.#columns.map(widthOf)
    this.#count = 0
  }

  row(cells: Cells): void {
    this.#rows.push(cells.map((cell) => (cell === null ? '' : terminalLine(cell))))
    if (this.#rows.length === PAGE) this.#page()
  }

  /** The end of a result; nothing where there was none. */
  end(): void {
    if (this.#columns.length === 0) return
    this.#page()
    this.#out(`(${this.#count} ${this.#count === 1 ? 'row' : 'rows'})\n\n`)
    this.#columns = []
  }

  #page(): void {
    for (const row of this.#rows) row.forEach((cell, at) => this.#widen(at, widthOf(cell)))
    const isFirst = this.#count === 0
    const head = isFirst
      ? [this.#line(this.#columns), this.#widths.map((width) => '-'.repeat(width + 2)).join('+')]
      : []
    const lines = [...head, ...this.#rows.map((row) => this.#line(row))]
    this.#count += this.#rows.length
    this.#rows = []
    if (lines.length > 0) this.#out(`${lines.join('\n')}\n`)
  }

  #widen(at: number, width: number): void {
    this.#widths[at] = Math.max(this.#widths[at] ?? 0, width)
  }

  #line(cells: readonly string[]): string {
    return cells
      .map((cell, at) => ` ${cell}${' '.repeat((this.#widths[at] ?? 0) - widthOf(cell))} `)
      .join('|')
      .trimEnd()
  }
}

const SEGMENTS = new Intl.Segmenter()

/** What people take for one character counts as one. */
const widthOf = (text: string): number =>
  /^[\x20-\x7e]*$/.test(text) ? text.length : Array.from(SEGMENTS.segment(text)).length
