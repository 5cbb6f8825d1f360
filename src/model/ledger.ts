/** A value that a ledger note may carry: plain JSON, no secret, free text already scrubbed of card numbers. */
export type NoteValue = string | number | boolean | null | readonly NoteValue[] | { readonly [key: string]: NoteValue }

/**
 * One event for the ledger, written in the same transaction as the change it tells of and moved into the ledger by the server. It has
 * the six fields of PCI DSS 10.2.2: user (`by`), type (`kind`), time (`at`), outcome, origin and resource.
 */
export interface LedgerNote {
  /** What happened, e.g. `person.added`, `approval.decided`. */
  readonly kind: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** A person's name, or `local:<account>` for a command on the machine, or `system`. */
  readonly by: string
  /** Source address, or `local`. */
  readonly origin: string
  readonly outcome: string
  /** What it was done to: `person:alice`, `target:cards`, `approval:a_…`. */
  readonly resource: string
  readonly detail: Readonly<Record<string, NoteValue>>
}

/** Who acts and from where, as access and approvals need it for their notes. */
export interface Actor {
  readonly by: string
  readonly origin: string
}

/** Notes that wait to be written into the ledger, oldest first. */
export interface JournalStore {
  append(input: { readonly note: LedgerNote }): Promise<void>
  /** At most `limit` notes in the order of their commit. */
  take(input: { readonly limit: number }): Promise<readonly { readonly sequence: number; readonly note: LedgerNote }[]>
  /** Forgets everything up to and including `upTo`, once the ledger has it on disk. */
  drop(input: { readonly upTo: number }): Promise<void>
}
