import type { ResultColumn } from '../../model/column.ts'
import type { RedactedText } from '../../model/redacted.ts'
import type { Scrubbed } from '../../model/scrubbed.ts'
import { forEachCell } from '../../protocol/postgres/rows.ts'
import type { RowsEvent } from '../../recording/event.ts'

/** Longest text of one kept cell, in bytes: a transcript is no copy of the database. */
const MAX_CELL = 1024

/** The first rows of a result as the client saw them, where a pack asks for them; masks have run before. */
export class KeptRows {
  readonly #limit: number
  readonly #rows: (RedactedText | null)[][] = []
  #columns: readonly ResultColumn[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  get isFull(): boolean {
    return this.#rows.length >= this.#limit
  }

  /** `frame` is a DataRow as it goes to the client. */
  keep(frame: Buffer, columns: readonly ResultColumn[], scrub: (text: string) => Scrubbed): void {
    this.#columns = columns
    const row: (RedactedText | null)[] = []
    forEachCell(frame, (index, start, end) => {
      row.push(start < 0 ? null : shown(frame.subarray(start, end), columns[index], scrub))
    })
    this.#rows.push(row)
  }

  /** What was kept, as an event; undefined where there is nothing. The next result begins anew. */
  take(statement: number, scrub: (text: string) => Scrubbed): RowsEvent | undefined {
    if (this.#rows.length === 0) return undefined
    const columns = this.#columns.map((column) => scrub(column.name))
    return { kind: 'rows', statement, columns, rows: this.#rows.splice(0) }
  }
}

/** Binary cells and long ones are told by their length alone. */
function shown(cell: Buffer, column: ResultColumn | undefined, scrub: (text: string) => Scrubbed): RedactedText {
  if (column?.format !== 'text') return [{ withheld: 'binary', bytes: cell.length }]
  if (cell.length > MAX_CELL) return [{ withheld: 'text', bytes: cell.length }]
  return [scrub(cell.toString('utf8'))]
}
