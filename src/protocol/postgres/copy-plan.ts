import type { Patch } from '../../bytes/patch.ts'
import type { RowMasks } from './rows.ts'

/**
 * How the rows of a COPY to the client are laid out and what becomes of their cells. Only the default options of each format are understood. Masks see the
 * cell without quotes and escapes, and never NULL; glances see it as it stands.
 */
export interface CopyPlan extends RowMasks {
  readonly format: 'text' | 'csv' | 'binary'
  /** HEADER was asked for: the first row of a text or csv copy has the names of the columns. */
  readonly header: boolean
  /** For the names in a header. */
  readonly scrubName?: ((name: string) => string) | undefined
  /** Whether masks could change any cell in bytes `start` to `end`, a whole row. Without it they are asked for every cell. */
  readonly suspects?: ((bytes: Buffer, start: number, end: number) => boolean) | undefined
}

/** Bytes of a copy with the place where the next row begins, and how far they go. */
export interface CopyInput {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** The part of a masker that knows the layout. Throws BytesError and ProtocolError. */
export interface CopyLayout {
  /** Whole rows so far, header not counted. */
  readonly rows: number
  /**
   * Masks the row, header or trailer that begins at `start` in a patch of these bytes and gives the offset behind it; -1 while its end has not come. Asked
   * again with more bytes behind the same start.
   */
  take(input: CopyInput, patch: Patch): number
  /** Masks what is left at the end of the stream. */
  last(rest: Buffer, patch: Patch): void
}

/** Most bytes of one row that are held until its end comes; the same as for a DataRow. */
export const MAX_COPY_ROW = 32 * 1024 * 1024
