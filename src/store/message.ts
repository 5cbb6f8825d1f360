import type { Stores } from './tables.ts'

/** One call of a store's method on its way to the worker. */
export interface StoreRequest {
  readonly id: number
  readonly table: keyof Stores
  readonly method: string
  readonly input: unknown
}

export type ToWorker = { readonly kind: 'request'; readonly request: StoreRequest } | { readonly kind: 'close' }

/** `code` is SQLite's or our own word; `message` is for the operator's log. */
export interface StoreFault {
  readonly code: string
  readonly message: string
}

export type StoreReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly fault: StoreFault }

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'replies'; readonly replies: readonly StoreReply[] }
  /** Another process has changed the file. */
  | { readonly kind: 'changed' }
  /** Nothing can be trusted to be written any more. */
  | { readonly kind: 'failed'; readonly fault: StoreFault }
  | { readonly kind: 'closed' }
