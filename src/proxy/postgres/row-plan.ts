import type { ResultColumn } from '../../model/column.ts'
import type { CellMasks } from '../../mask/cell.ts'
import type { CellMask } from '../../protocol/postgres/rows.ts'

/** What becomes of the rows of one result. */
export interface RowPlan {
  readonly columns: readonly ResultColumn[]
  /** One entry a column: its mask, or for a clear column the detectors. */
  readonly masks: readonly CellMask[]
  /** Every row must be looked at cell by cell; otherwise only rows in which the fast scan suspects a card number. */
  readonly everyRow: boolean
}

/** What the masks of one session did since somebody last looked. */
export interface MaskCount {
  masked: number
  pans: number
}

/** Puts the masks together that a result's columns ask for. */
export function rowPlan(columns: readonly ResultColumn[], cells: CellMasks, count: MaskCount): RowPlan {
  const own = columns.map((column) => cells.cellMask(column))
  const masks = columns.map((column, at) => {
    const mask = own[at] ?? cells.detect(column)
    return column.treatment.kind === 'clear'
      ? counting(mask, () => (count.pans += 1))
      : counting(mask, () => (count.masked += 1))
  })
  return { columns, masks, everyRow: own.some((mask) => mask !== undefined) }
}

const counting =
  (mask: CellMask, changed: () => void): CellMask =>
  (cell) => {
    const shown = mask(cell)
    if (shown !== cell) changed()
    return shown
  }
