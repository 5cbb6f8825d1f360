import type { IndexCalls } from './index-calls.ts'

/** What the index's thread is started with. */
export interface IndexStart {
  /** The index's own file. */
  readonly path: string
  /** The recordings' root. */
  readonly root: string
}

export type ToIndex =
  | { readonly kind: 'call'; readonly id: number; readonly method: keyof IndexCalls; readonly input: unknown }
  /** Looks at the recordings now and not at the next beat; answered when everything that is there has been read. */
  | { readonly kind: 'refresh'; readonly id: number }
  | { readonly kind: 'close' }

export type FromIndex =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly complete: boolean }
  | { readonly kind: 'fault'; readonly id: number; readonly message: string }
  /** Following broke; questions are answered from what was read before, and it is tried again. */
  | { readonly kind: 'trouble'; readonly message: string }
  | { readonly kind: 'closed' }
