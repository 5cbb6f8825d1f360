import type { ResultColumn } from '../../model/column.ts'
import type { CellMasks } from '../../mask/cell.ts'
import type { CellGlance, CellMask, RowMasks } from '../../protocol/postgres/rows.ts'

/** What becomes of the rows of one result. */
export interface RowPlan extends RowMasks {
  readonly columns: readonly ResultColumn[]
  /** One entry a column: its mask, or for a clear column the detectors. */
  readonly masks: readonly CellMask[]
  /** The short ways of the masks, where there are any. */
  readonly glances: readonly (CellGlance | undefined)[]
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
  return {
    columns,
    masks: columns.map((column, at) => countingMask(own[at] ?? cells.detect(column), counterOf(column, count))),
    glances: columns.map((column) => countingGlance(cells.glance(column), counterOf(column, count))),
    everyRow: own.some((mask) => mask !== undefined),
  }
}

/** A change in a clear column is a find. */
const counterOf = ({ treatment }: ResultColumn, count: MaskCount): (() => void) =>
  treatment.kind === 'clear' ? () => (count.pans += 1) : () => (count.masked += 1)

const countingMask =
  (mask: CellMask, changed: () => void): CellMask =>
  (cell) => {
    const shown = mask(cell)
    if (shown !== cell) changed()
    return shown
  }

const countingGlance = (glance: CellGlance | undefined, changed: () => void): CellGlance | undefined =>
  glance === undefined
    ? undefined
    : (patch, start, end) => {
        const seen = glance(patch, start, end)
        if (seen === 'overwritten') changed()
        return seen
      }
