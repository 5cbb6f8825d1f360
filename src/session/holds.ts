import type { ApprovalId } from '../model/ids.ts'
import type { Statement } from '../model/statement.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Estimate } from '../model/estimate.ts'
import type { AnyReading } from './matter.ts'
import type { Decider } from './ruling.ts'
import type { SoFar } from './so-far.ts'

/** All that an approval binds and shows. Statement and values stay in memory; only what the reading redacted is stored. */
export interface HoldRequest {
  /** Keyed digest over everything of rule D5; whoever decides names it. */
  readonly digest: string
  readonly verdict: Verdict
  readonly statement: Statement
  readonly reading: AnyReading
  readonly searchPath: readonly string[] | undefined
  readonly transaction: 'idle' | 'transaction' | 'failed'
  /** For each statement of the frame. */
  readonly estimates: readonly Estimate[]
  /** The open transaction before it. */
  readonly soFar: SoFar | undefined
}

export type HoldEnd =
  /** `how` where it was not by countersignatures. */
  | { readonly end: 'approved'; readonly by: readonly Decider[]; readonly how?: string }
  | { readonly end: 'denied'; readonly by: Decider }
  | { readonly end: 'expired' | 'withdrawn' | 'void'; readonly reason: string }

export interface Hold {
  readonly approval: ApprovalId
  readonly link: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** Never rejects: trouble with the store is `void`. */
  readonly settled: Promise<HoldEnd>
}

/** One session's view of the approvals: whoever it is, is already bound in. */
export interface HoldDesk {
  /** Durable before it resolves. Rejects with a CodedError when a quota is used up, with any error when the store is not healthy. */
  open(request: HoldRequest): Promise<Hold>
  /** The client took it back (`withdrawn`) or is no longer there (`void`). A decision that fell before stands. */
  withdraw(approval: ApprovalId, end: 'withdrawn' | 'void', reason: string): Promise<void>
  /** Atomically approved → executing; false if it expired, was decided otherwise, or the session is no longer live. */
  claim(approval: ApprovalId): Promise<boolean>
  /** What became of a claimed statement. */
  finish(approval: ApprovalId, end: 'done' | 'unknown', detail: string): Promise<void>
}
