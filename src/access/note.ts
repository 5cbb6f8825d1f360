import type { Actor, LedgerNote, NoteValue } from '../model/ledger.ts'

/** Free text of people may hold a card number: whoever writes it scrubs it first, and a bound keeps it a sentence. */
export type Scrub = (text: string) => string

const MAX_REASON = 500

/** A reason as it may be stored. */
export const reasonOf = (text: string, scrub: Scrub): string => scrub(text.slice(0, MAX_REASON))

/** A note of something that was done; `outcome` is `done` unless told otherwise. */
export function noted(actor: Actor, event: NotedEvent): LedgerNote {
  const { kind, at, resource, outcome = 'done', detail = {} } = event
  return { kind, at, by: actor.by, origin: actor.origin, outcome, resource, detail }
}

export interface NotedEvent {
  readonly kind: string
  readonly at: number
  readonly resource: string
  readonly outcome?: string
  readonly detail?: Readonly<Record<string, NoteValue>>
}
