import type { Patch } from '../../bytes/patch.ts'
import { decodeUtf8, encodeUtf8 } from '../../bytes/utf8.ts'
import type { CopyInput, CopyLayout, CopyPlan } from './copy-plan.ts'
import { ProtocolError } from './protocol-error.ts'
import { type CellMask, isChanged } from './rows.ts'

/** What text and csv differ in. Throws ProtocolError for what a server never writes with default options. */
export interface CellSyntax {
  /** Looks for the line feed that ends a row, within `state` of what came before; -1 if it is not there. */
  findEnd(input: CopyInput, state: LineState): number
  /** Finds the cells of a line. */
  split(input: Buffer, line: Line, cells: Cells): void
  /** The value of a cell; null for SQL NULL. */
  read(raw: Buffer): Buffer | null
  write(value: Buffer | null): Buffer
  /** Whether the line marks the end of the data. */
  isEnd(input: Buffer, line: Line): boolean
}

export interface LineState {
  quoted: boolean
}

/** What is left of a line, without its line feed. */
export interface Line {
  readonly start: number
  readonly end: number
}

/** The cells of a line. One object for all lines, as millions of them come. */
export interface Cells {
  count: number
  /** Where each ends, as far as a row of this plan may have them: the delimiter behind it, or the end of the line. */
  readonly ends: Int32Array
  /** Nothing in it is escaped but control characters and backslashes: everything else stands there as it is. */
  isPlain: boolean
}

/** Rows of text and csv: one line each, though csv may have line feeds inside of quotes. */
export class CopyDelimited implements CopyLayout {
  rows = 0
  readonly #syntax: CellSyntax
  readonly #plan: CopyPlan
  readonly #nameMask: CellMask
  /** How far the row that has no end yet was looked through. */
  #seen = 0
  readonly #state: LineState = { quoted: false }
  readonly #cells: Cells
  #headerDue: boolean
  #ended = false

  constructor(syntax: CellSyntax, plan: CopyPlan) {
    this.#syntax = syntax
    this.#plan = plan
    this.#headerDue = plan.header
    this.#cells = { count: 0, ends: new Int32Array(plan.masks.length), isPlain: true }
    const scrub = plan.scrubName ?? ((name: string) => name)
    this.#nameMask = (cell) => encodeUtf8(scrub(decodeUtf8(cell)))
  }

  take({ bytes, start, end }: CopyInput, patch: Patch): number {
    const lineEnd = this.#syntax.findEnd({ bytes, start: start + this.#seen, end }, this.#state)
    this.#seen = lineEnd < 0 ? end - start : 0
    if (lineEnd < 0) return -1
    this.#row({ start, end: lineEnd }, patch)
    return lineEnd + 1
  }

  last(rest: Buffer, patch: Patch): void {
    if (this.#state.quoted) throw new ProtocolError('copy: a quote without its end')
    if (rest.length > 0) this.#row({ start: 0, end: rest.length }, patch)
  }

  #row(line: Line, patch: Patch): void {
    if (this.#ended) throw new ProtocolError('copy: bytes behind the end of the data')
    this.#ended = this.#syntax.isEnd(patch.source, line)
    if (this.#ended) return
    this.#split(patch.source, line)
    if (this.#headerDue) this.#header(line, patch)
    else this.#mask(line, patch)
  }

  #split(bytes: Buffer, line: Line): void {
    const cells = this.#cells
    cells.count = 0
    cells.isPlain = true
    const columns = this.#plan.masks.length
    if (columns === 0 && line.start === line.end) return
    this.#syntax.split(bytes, line, cells)
    if (cells.count !== columns) throw new ProtocolError('copy: a row with another number of columns')
  }

  #header(line: Line, patch: Patch): void {
    this.#headerDue = false
    let start = line.start
    for (const end of this.#cells.ends) {
      this.#cell({ start, end }, this.#nameMask, patch)
      start = end + 1
    }
  }

  #mask(line: Line, patch: Patch): void {
    this.rows++
    const { ends, count, isPlain } = this.#cells
    const { masks, everyCell, glances, suspects } = this.#plan
    if (isPlain && suspects?.(patch.source, line.start, line.end) === false) return
    let start = line.start
    for (let column = 0; column < count; column++) {
      const end = ends[column] ?? line.end
      const glance = isPlain ? glances?.[column] : undefined
      const mask = masks[column] ?? everyCell
      if (mask !== undefined && (glance === undefined || glance(patch, start, end) === 'unsure'))
        this.#cell({ start, end }, mask, patch)
      start = end + 1
    }
  }

  #cell({ start, end }: Line, mask: CellMask, patch: Patch): void {
    const cell = this.#syntax.read(patch.source.subarray(start, end))
    if (cell === null) return
    const shown = mask(cell)
    if (isChanged(cell, shown)) patch.cut(start, end).bytes(this.#syntax.write(shown))
  }
}
