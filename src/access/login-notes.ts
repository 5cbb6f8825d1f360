import { isName } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { FactorProof } from './login.ts'
import type { Attempt } from './lockout.ts'
import { noted, type Scrub } from './note.ts'

/** People type passwords and card numbers into the name's field: what is no name is not written down. */
export const failureNote = (
  { person, source }: Attempt,
  event: { readonly at: number; readonly outcome: string; readonly scrub: Scrub; readonly detail?: Untold },
): LedgerNote =>
  noted(
    { by: isName(person) ? event.scrub(person) : '?', origin: source },
    { kind: 'login', at: event.at, resource: 'api', outcome: event.outcome, detail: { ...event.detail } },
  )

/** How many of the same were not told since the last. */
export interface Untold {
  readonly since: number
}

export const factorNote = (
  { person, address, proof, purpose }: FactorProof,
  { at, outcome, untold }: { readonly at: number; readonly outcome: string; readonly untold?: Untold },
): LedgerNote =>
  noted(
    { by: person, origin: address },
    { kind: 'factor', at, outcome, resource: `person:${person}`, detail: { purpose, factor: proof.kind, ...untold } },
  )

/** A login that succeeded, by these factors. */
export const loginNote = (
  { person, address }: { readonly person: string; readonly address: string },
  event: { readonly at: number; readonly factors: readonly string[] },
): LedgerNote =>
  noted(
    { by: person, origin: address },
    { kind: 'login', at: event.at, resource: 'api', detail: { factors: event.factors } },
  )
