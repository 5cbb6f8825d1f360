import type { LedgerNote } from './ledger.ts'

/** What people are told of: the kinds of ledger notes that set off messages. */
export const TIDINGS = [
  'approval.opened',
  'approval.escalated',
  'approval.decided',
  'approval.break-glass',
  'approval.expired',
  'approval.withdrawn',
  'approval.void',
  'approval.unknown',
  'request.opened',
  'request.escalated',
  'request.decided',
  'request.withdrawn',
  'request.expired',
  'script.submitted',
  'script.decided',
  'script.escalated',
  'script.withdrawn',
  'script.expired',
  'script.void',
  'review.signed',
  'grant.revoked',
  'stop.ordered',
  'stop.lifted',
] as const
export type TidingKind = (typeof TIDINGS)[number]

const KNOWN: ReadonlySet<string> = new Set(TIDINGS)

export const isTiding = (kind: string): kind is TidingKind => KNOWN.has(kind)

/**
 * A change that people are still to be told of. It commits with the change, by its note, and goes in the step that stores its messages: a process that dies in
 * between loses none and makes none twice.
 */
export interface Tiding {
  readonly sequence: number
  readonly note: LedgerNote
}
