import type { Cell } from './line-editor-glyphs.ts'
import type { Layout } from './line-editor-layout.ts'
import type { View } from './line-editor-view.ts'

/**
 * The same for a terminal that knows nothing but characters, line ends and a step back (`TERM=dumb`): what is typed at the end is echoed, what is taken away there
 * is overwritten, and after any change that cannot be made so the whole line is shown once more, in a row of its own.
 */
export class PlainView implements View {
  #drawn: readonly (readonly Cell[])[] = []
  /** Cells of the last row that are left of the cursor. */
  #at = 0

  draw({ rows, cursor }: Layout): string {
    const [before, last] = [this.#drawn.slice(0, -1), this.#drawn.at(-1) ?? []]
    const keeps = before.every((row, at) => isSame(row, rows[at] ?? [])) && before.length < rows.length
    const text = keeps ? this.#change(last, rows[before.length] ?? []) : `\r\n${this.#whole(rows[0] ?? [])}`
    const more = rows.slice(keeps ? before.length + 1 : 1).map((row) => `\r\n${this.#whole(row)}`)
    this.#drawn = rows
    const isHere = cursor.row === rows.length - 1
    return text + more.join('') + (isHere ? this.#step(rows.at(-1) ?? [], cursor.column) : '')
  }

  drawWhole(layout: Layout): string {
    return this.draw(layout)
  }

  erase(): string {
    return this.leave()
  }

  leave(): string {
    const isDrawn = this.#drawn.length > 0
    this.reset()
    return isDrawn ? '\r\n' : ''
  }

  reset(): void {
    this.#drawn = []
    this.#at = 0
  }

  #whole(row: readonly Cell[]): string {
    this.#at = row.length
    return shown(row)
  }

  /** Back to the first difference, on with the new, blanks over what is left of the old. */
  #change(was: readonly Cell[], row: readonly Cell[]): string {
    const differs = row.findIndex((cell, at) => cell.shown !== was[at]?.shown)
    const same = differs < 0 ? Math.min(row.length, was.length) : differs
    const to = this.#move(was, same)
    const left = Math.max(0, widthOf(was.slice(same)) - widthOf(row.slice(same)))
    return to + this.#rest(row, same) + ' '.repeat(left) + '\b'.repeat(left)
  }

  #rest(row: readonly Cell[], from: number): string {
    this.#at = row.length
    return shown(row.slice(from))
  }

  /** The cursor stands in a row as it is drawn. */
  #move(row: readonly Cell[], to: number): string {
    const from = this.#at
    this.#at = to
    return to < from ? '\b'.repeat(widthOf(row.slice(to, from))) : shown(row.slice(from, to))
  }

  #step(row: readonly Cell[], column: number): string {
    let at = 0
    for (let width = 0; at < row.length && width < column; at += 1) width += row[at]?.width ?? 0
    return this.#move(row, at)
  }
}

const shown = (row: readonly Cell[]): string => row.map((cell) => cell.shown).join('')

const widthOf = (row: readonly Cell[]): number => row.reduce((sum, { width }) => sum + width, 0)

const isSame = (row: readonly Cell[], other: readonly Cell[]): boolean =>
  row.length === other.length && row.every((cell, at) => cell.shown === other[at]?.shown)
