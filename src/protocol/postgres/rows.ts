import { Patch } from '../../bytes/patch.ts'
import { i32At, u16At, u8At } from '../../bytes/peek.ts'
import { ProtocolError } from './protocol-error.ts'
import { BACKEND_TAGS } from './tags.ts'

/** Shows a cell: the same buffer for unchanged, other bytes, or null for SQL NULL. Never called for a cell that is NULL already. */
export type CellMask = (cell: Buffer) => Buffer | null

const HEADER = 5
const FIRST_CELL = HEADER + 2

/** Number of cells that a DataRow says it has; its header is checked, its cells are not. */
export const cellCount = (frame: Buffer): number => countAt(frame, 0, frame.length)

/**
 * Calls `visit` for each cell of a DataRow with the offsets of its bytes in `frame`; start and end of SQL NULL are -1. Returns how many cells there are.
 * ProtocolError where lengths lie, after the cells before the lie were visited.
 */
export function forEachCell(frame: Buffer, visit: (index: number, start: number, end: number) => void): number {
  const count = cellCount(frame)
  let at = FIRST_CELL
  for (let index = 0; index < count; index++) {
    const end = cellEnd(frame, at, frame.length)
    if (end < 0) visit(index, -1, -1)
    else visit(index, at + 4, end)
    at = end < 0 ? at + 4 : end
  }
  if (at !== frame.length) throw malformed()
  return count
}

/** A frame that lies in a buffer among others; a FrameScanner is one. */
export interface Span {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
}

/** What becomes of the cells of a row: `masks` has one entry a column, `everyCell` is for columns without a mask. */
export interface RowMasks {
  readonly masks: readonly (CellMask | undefined)[]
  readonly everyCell?: CellMask | undefined
}

/**
 * The DataRow with its cells masked. Gives `frame` itself if no mask changed anything, a new frame otherwise. A row that is malformed or has another number
 * of columns is a ProtocolError, and nothing of it is to be sent on.
 */
export function rewriteRow(frame: Buffer, masks: readonly (CellMask | undefined)[], everyCell?: CellMask): Buffer {
  const patch = new Patch(frame)
  patchRow({ buffer: frame, start: 0, end: frame.length }, { masks, everyCell }, patch)
  return patch.changed ? patch.finish(frame.length) : frame
}

/**
 * Masks a DataRow within a patch of the whole buffer it lies in: for pumps, as thousands of rows then become one slice without a buffer for each. Rows are
 * given in order; errors as with `rewriteRow`.
 */
export function patchRow({ buffer, start, end }: Span, { masks, everyCell }: RowMasks, patch: Patch): void {
  if (countAt(buffer, start, end) !== masks.length) throw new ProtocolError('a row of other columns than announced')
  let at = start + FIRST_CELL
  let lengthAt = -1
  for (const column of masks) {
    const cellStop = cellEnd(buffer, at, end)
    const mask = column ?? everyCell
    if (mask !== undefined && cellStop >= 0) {
      const cell = buffer.subarray(at + 4, cellStop)
      const shown = mask(cell)
      if (isChanged(cell, shown)) {
        if (lengthAt < 0) lengthAt = patch.cut(start + 1, start + HEADER).i32(0).length - 4
        putCell(patch.cut(at, cellStop), shown)
      }
    }
    at = cellStop < 0 ? at + 4 : cellStop
  }
  if (at !== end) throw malformed()
  if (lengthAt >= 0) patch.patchI32(lengthAt, patch.cut(end, end).length - lengthAt)
}

/** Whether a mask gave something else than the cell. */
export const isChanged = (cell: Buffer, shown: Buffer | null): boolean =>
  shown !== cell && (shown === null || shown.length !== cell.length || !shown.equals(cell))

/** Adds length and bytes of a cell, or the length that says NULL. */
export function putCell(patch: Patch, cell: Buffer | null): void {
  if (cell === null) patch.i32(-1)
  else patch.i32(cell.length).bytes(cell)
}

/** End of the cell whose length stands at `at`; -1 for SQL NULL. */
function cellEnd(buffer: Buffer, at: number, end: number): number {
  const room = end - at - 4
  if (room < 0) throw malformed()
  const length = i32At(buffer, at)
  if (length === -1) return -1
  if (length < 0 || length > room) throw malformed()
  return at + 4 + length
}

function countAt(buffer: Buffer, start: number, end: number): number {
  if (end > buffer.length || end - start < FIRST_CELL) throw malformed()
  if (u8At(buffer, start) !== BACKEND_TAGS.dataRow || i32At(buffer, start + 1) !== end - start - 1) throw malformed()
  return u16At(buffer, start + HEADER)
}

const malformed = (): ProtocolError => new ProtocolError('a malformed DataRow')
