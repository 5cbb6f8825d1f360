import type { ClassName } from './ids.ts'

/** How a masked cell shows. `bin+last4` and `last4` apply to text types; every other type shows NULL. */
export type MaskShape = 'bin+last4' | 'last4' | 'hide' | 'null' | 'token'

/** What becomes of every cell of one result column. */
export type Treatment =
  /** Proved clear: only the detectors look at it. */
  | { readonly kind: 'clear' }
  /** Its origin is a tagged column. */
  | { readonly kind: 'mask'; readonly class: ClassName; readonly shape: MaskShape }
  /** Nothing is proved: hidden whole. */
  | { readonly kind: 'hidden' }

/** One column of a result as the server announced it, with what is to become of its cells. */
export interface ResultColumn {
  readonly name: string
  readonly typeOid: number
  readonly format: 'text' | 'binary'
  readonly treatment: Treatment
}
