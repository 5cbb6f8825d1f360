import type { Patch } from '../../bytes/patch.ts'
import { decodeUtf8, encodeUtf8 } from '../../bytes/utf8.ts'
import type { CopyInput, CopyLayout, CopyPlan } from './copy-plan.ts'
import { ProtocolError } from './protocol-error.ts'
import { type CellMask, isChanged } from './rows.ts'

/** What text and csv differ in. Throws ProtocolError for what a server never writes with default options. */
export interface CellSyntax {
  /** Looks for the line feed that ends a row, from `from` on, within `state` of what came before; -1 if it is not there. */
  findEnd(input: Buffer, from: number, state: LineState): number
  /** End of the cell that begins at `line.start`: the delimiter behind it, or the end of the line. */
  cellEnd(input: Buffer, line: Line): number
  /** The value of a cell; null for SQL NULL. */
  read(raw: Buffer): Buffer | null
  write(value: Buffer | null): Buffer
  /** Whether the line marks the end of the data. */
  isEnd(line: Buffer): boolean
}

export interface LineState {
  quoted: boolean
}

/** What is left of a line, without its line feed. */
export interface Line {
  readonly start: number
  readonly end: number
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
  #headerDue: boolean
  #ended = false

  constructor(syntax: CellSyntax, plan: CopyPlan) {
    this.#syntax = syntax
    this.#plan = plan
    this.#headerDue = plan.header
    const scrub = plan.scrubName ?? ((name: string) => name)
    this.#nameMask = (cell) => encodeUtf8(scrub(decodeUtf8(cell)))
  }

  take({ bytes, start }: CopyInput, patch: Patch): number {
    const end = this.#syntax.findEnd(bytes, start + this.#seen, this.#state)
    this.#seen = end < 0 ? bytes.length - start : 0
    if (end < 0) return -1
    this.#row(bytes, { start, end }, patch)
    return end + 1
  }

  last(rest: Buffer, patch: Patch): void {
    if (this.#state.quoted) throw new ProtocolError('copy: a quote without its end')
    if (rest.length > 0) this.#row(rest, { start: 0, end: rest.length }, patch)
  }

  #row(bytes: Buffer, line: Line, patch: Patch): void {
    if (this.#ended) throw new ProtocolError('copy: bytes behind the end of the data')
    this.#ended = this.#syntax.isEnd(bytes.subarray(line.start, line.end))
    if (this.#ended) return
    const count = this.#cells(bytes, line, patch)
    if (count !== this.#plan.masks.length) throw wrongCount()
    if (!this.#headerDue) this.rows++
    this.#headerDue = false
  }

  /** Masks the cells of a line and counts them. */
  #cells(bytes: Buffer, line: Line, patch: Patch): number {
    const columns = this.#plan.masks.length
    if (columns === 0 && line.start === line.end) return 0
    let count = 0
    for (let start = line.start; start <= line.end; count++) {
      if (count === columns) throw wrongCount()
      const end = this.#syntax.cellEnd(bytes, { start, end: line.end })
      const mask = this.#headerDue ? this.#nameMask : (this.#plan.masks[count] ?? this.#plan.everyCell)
      if (mask !== undefined) this.#cell(bytes, { start, end }, { mask, patch })
      start = end + 1
    }
    return count
  }

  #cell(bytes: Buffer, { start, end }: Line, { mask, patch }: { mask: CellMask; patch: Patch }): void {
    const cell = this.#syntax.read(bytes.subarray(start, end))
    if (cell === null) return
    const shown = mask(cell)
    if (isChanged(cell, shown)) patch.cut(start, end).bytes(this.#syntax.write(shown))
  }
}

const wrongCount = (): ProtocolError => new ProtocolError('copy: a row with another number of columns')
