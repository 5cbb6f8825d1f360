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

/**
 * What a mask makes of bytes `start` to `end` of the patch's source without a buffer for them: they are `kept`, they were `overwritten` in the patch byte by
 * byte, or it is `unsure` and its CellMask has to be asked. Never another answer than the CellMask's.
 */
export type CellGlance = (patch: Patch, start: number, end: number) => 'kept' | 'overwritten' | 'unsure'

/** What becomes of the cells of a row: `masks` has one entry a column, `everyCell` is for columns without a mask. */
export interface RowMasks {
  readonly masks: readonly (CellMask | undefined)[]
  readonly everyCell?: CellMask | undefined
  /** The short ways of `masks`, where there are any. */
  readonly glances?: readonly (CellGlance | undefined)[] | undefined
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
 * given in order; errors as with `rewriteRow`, and then nothing was patched.
 */
export function patchRow(row: Span, masks: RowMasks, patch: Patch): void {
  checkCells(row, masks.masks.length)
  const lengthAt = patch.placeOf(row.start + 1)
  patchCells(patch, row.start + FIRST_CELL, masks)
  const length = patch.placeOf(row.end) - lengthAt
  if (length !== row.end - row.start - 1) patch.patchI32(lengthAt, length)
}

/** Masks the cells that begin at `at`, each behind its length. The lengths were checked. */
export function patchCells(patch: Patch, at: number, { masks, everyCell, glances }: RowMasks): void {
  let end = at
  for (let column = 0; column < masks.length; column++) {
    const length = i32At(patch.source, end)
    const start = end + 4
    end = start + Math.max(length, 0)
    if (length < 0) continue
    const glance = glances?.[column]
    if (glance !== undefined && glance(patch, start, end) !== 'unsure') continue
    const mask = masks[column] ?? everyCell
    if (mask === undefined) continue
    const cell = patch.source.subarray(start, end)
    const shown = mask(cell)
    if (isChanged(cell, shown)) putCell(patch.cut(start - 4, end), shown)
  }
}

/** Whether a mask gave something else than the cell. */
export const isChanged = (cell: Buffer, shown: Buffer | null): boolean =>
  shown !== cell && (shown === null || shown.length !== cell.length || !shown.equals(cell))

/** Adds length and bytes of a cell, or the length that says NULL. */
function putCell(patch: Patch, cell: Buffer | null): void {
  if (cell === null) patch.i32(-1)
  else patch.i32(cell.length).bytes(cell)
}

function checkCells({ buffer, start, end }: Span, columns: number): void {
  if (countAt(buffer, start, end) !== columns) throw new ProtocolError('a row of other columns than announced')
  let at = start + FIRST_CELL
  for (let left = columns; left > 0; left--) {
    const cellStop = cellEnd(buffer, at, end)
    at = cellStop < 0 ? at + 4 : cellStop
  }
  if (at !== end) throw malformed()
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
