import type { Facts, SqlFacts } from '../model/facts.ts'
import type { ApprovalId, PersonName } from '../model/ids.ts'
import type { Clearance } from './clearance.ts'

/** What became of a frame: it may run, or the client is told why not. */
export type Ruling<F extends Facts = SqlFacts> = Cleared<F> | Refused

export interface Cleared<F extends Facts = SqlFacts> {
  readonly outcome: 'cleared'
  readonly clearance: Clearance
  /** The line of the recording that announced it; results refer to it. */
  readonly statement: number
  readonly facts: readonly F[]
  readonly epoch: string | undefined
  readonly tagged: boolean
  /** The approval that let it pass, to be finished with the outcome. */
  readonly approval: ApprovalId | undefined
  /** The packs that cleared it. */
  readonly policyVersion: string
  /** How many rows of the result the packs ask to keep in the recording, masked. */
  readonly recordRows: number
}

/** Why a frame does not run. `denied`: by rule; `syntax`: no statement at all; the rest: how a hold ended, or that we cannot judge safely. */
export type RefusalKind =
  | 'denied'
  | 'syntax'
  | 'declined'
  | 'expired'
  | 'withdrawn'
  | 'void'
  | 'unavailable'
  /** A name of the session that belongs to the other way of making it. */
  | 'names'
  | 'no-statement'
  | 'no-portal'
  | 'statement-exists'
  | 'portal-exists'
  /** The target itself said no, in its own words: `native` has its code. */
  | 'native'

export interface Refused {
  readonly outcome: 'refused'
  readonly kind: RefusalKind
  /** One sentence for the person; no values of statements or rows. */
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  /** The target's own code, for `native`. */
  readonly native: string | undefined
  /** 1-based character position in the text, for `syntax` and `native`. */
  readonly position: number | undefined
}

export const refused = (
  kind: RefusalKind,
  message: string,
  more: { detail?: string; hint?: string; position?: number; native?: string } = {},
): Refused => ({
  outcome: 'refused',
  kind,
  message,
  detail: more.detail,
  hint: more.hint,
  position: more.position,
  native: more.native,
})

/** What the person at the client is told when a statement begins to wait, and again while it does. */
export interface HeldNotice {
  readonly approval: ApprovalId
  readonly rules: readonly string[]
  readonly message: string
  readonly link: string
  readonly expiresAt: number
  /** Who may answer: roles and how many. */
  readonly needs: string
}

/** Who decided, for the client's error text. */
export interface Decider {
  readonly person: PersonName
  readonly reason: string | undefined
}
