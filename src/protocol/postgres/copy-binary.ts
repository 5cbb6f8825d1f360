import type { Patch } from '../../bytes/patch.ts'
import { i32At, u16At } from '../../bytes/peek.ts'
import { type CopyInput, type CopyLayout, type CopyPlan, MAX_COPY_ROW } from './copy-plan.ts'
import { ProtocolError } from './protocol-error.ts'
import { patchCells } from './rows.ts'

/** Manual: COPY, "Binary Format": eleven bytes, flags, length of a header extension. Servers send no flags and no extension, so nothing else is taken. */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
/** A count of -1 in the place of a row. */
const TRAILER = 0xffff

type Phase = 'header' | 'rows' | 'ended'

/** Rows of the binary format: a count, then length and bytes of each cell, length -1 for SQL NULL. */
export class CopyBinary implements CopyLayout {
  rows = 0
  readonly #plan: CopyPlan
  #phase: Phase = 'header'
  /** The row that has no end yet needs at least so many bytes: it is not read again before. */
  #needed = 0

  constructor(plan: CopyPlan) {
    this.#plan = plan
  }

  take(input: CopyInput, patch: Patch): number {
    if (input.end - input.start < Math.max(this.#needed, 1)) return -1
    switch (this.#phase) {
      case 'header':
        return this.#header(input)
      case 'rows':
        return this.#row(input, patch)
      case 'ended':
        throw new ProtocolError('copy: bytes behind the trailer')
    }
  }

  last(rest: Buffer): void {
    if (this.#phase !== 'ended' || rest.length > 0) throw new ProtocolError('copy: no trailer')
  }

  #header({ bytes, start, end }: CopyInput): number {
    const got = bytes.subarray(start, Math.min(start + HEADER.length, end))
    if (!got.equals(HEADER.subarray(0, got.length))) throw new ProtocolError('copy: another header than expected')
    if (got.length < HEADER.length) return -1
    this.#phase = 'rows'
    return start + HEADER.length
  }

  #row(input: CopyInput, patch: Patch): number {
    const { bytes, start } = input
    if (input.end - start < 2) return -1
    const count = u16At(bytes, start)
    if (count === TRAILER) {
      this.#phase = 'ended'
      return start + 2
    }
    const { masks, suspects } = this.#plan
    if (count !== masks.length) throw new ProtocolError('copy: a row with another number of columns')
    const end = this.#endOfRow(input)
    this.#needed = end > input.end ? end - start : 0
    if (end > input.end) return -1
    this.rows++
    if (suspects?.(bytes, start, end) !== false) patchCells(patch, start + 2, this.#plan)
    return end
  }

  /** Where the row ends as far as its lengths are there: beyond the input if more is needed. */
  #endOfRow({ bytes, start, end }: CopyInput): number {
    let at = start + 2
    for (let left = this.#plan.masks.length; left > 0; left--) {
      if (end - at < 4) return at + 4
      const length = i32At(bytes, at)
      if (length < -1) throw new ProtocolError('copy: a negative length')
      at += 4 + Math.max(length, 0)
      if (at - start > MAX_COPY_ROW) throw new ProtocolError(`copy: a row of more than ${MAX_COPY_ROW} bytes`)
      if (at > end) return at
    }
    return at
  }
}
