import type { Patch } from '../bytes/patch.ts'
import type { ResultColumn } from '../model/column.ts'
import { needsCellScan } from './detect.ts'
import { CHAR, isTextType } from './oids.ts'
import { isPlainPan, SHOWN_HEAD, SHOWN_TAIL, STAR } from './plain-pan.ts'
import { mayHoldPan } from './prefilter.ts'

/**
 * The short way of a column's mask, for cells that lie in a buffer among others: whether bytes `start` to `end` of the patch's source are `kept`, were
 * `overwritten` in the patch, or whether it is `unsure` and the column's mask must be asked.
 */
export type CellGlance = (patch: Patch, start: number, end: number) => 'kept' | 'overwritten' | 'unsure'

const seekPan: CellGlance = (patch, start, end) => (mayHoldPan(patch.source, start, end) ? 'unsure' : 'kept')

const starPan =
  (head: number): CellGlance =>
  (patch, start, end) => {
    if (!isPlainPan(patch.source, start, end)) return 'unsure'
    patch.fill(start + head, end - SHOWN_TAIL, STAR)
    return 'overwritten'
  }

/** undefined where every cell takes the long way. */
export function cellGlance({ treatment, typeOid, format }: ResultColumn): CellGlance | undefined {
  switch (treatment.kind) {
    case 'clear':
      return needsCellScan({ typeOid, format }) ? undefined : seekPan
    case 'hidden':
      return undefined
    case 'mask':
      if (!isTextType(typeOid) || typeOid === CHAR) return undefined
      if (treatment.shape === 'bin+last4' || treatment.shape === 'last4') return starPan(SHOWN_HEAD[treatment.shape])
      return undefined
  }
}
