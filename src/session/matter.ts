import type { Estimate } from '../model/estimate.ts'
import type { Facts } from '../model/facts.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { Statement } from '../model/statement.ts'
import type { StatementEvent, RecordedFacts } from '../recording/event.ts'
import type { Clearance } from './clearance.ts'
import type { Refused } from './ruling.ts'

/** What classification made of one frame, with all that its answer depends on. */
export interface AnyReading<F extends Facts = Facts> {
  readonly facts: readonly F[]
  /** The text as it may be recorded. */
  readonly redacted: RedactedText
  /** The facts as they are recorded; the same object for equal facts, so that it is serialised once. */
  readonly kept: readonly RecordedFacts[]
  /** What stands behind its names; undefined where nothing does. */
  readonly epoch: string | undefined
  /** Relations with tagged columns are read or written. */
  readonly tagged: boolean
  /** What it reads is defined elsewhere than in its text (tagged columns, views): to be judged against definitions of this moment. */
  readonly wantsFresh: boolean
}

/** One frame that wants to go upstream and what it says, whatever its protocol. */
export interface AnyRequest<F extends Facts = Facts> {
  /** The frame's bytes: a clearance is for this very object. */
  readonly frame: Uint8Array
  readonly message: StatementEvent['message']
  readonly statement: Statement
  readonly transaction: 'idle' | 'transaction' | 'failed'
  /** The driver's own objections once the facts are known (names, copies that no mask can follow); undefined: none. */
  readonly screen: (facts: readonly F[]) => Refused | undefined
  /**
   * Asks the target whether it understands the text at all, before anybody is bothered with one that it would refuse: a name mistyped. Nothing runs. The frame that
   * asks needs a clearance like any other.
   */
  readonly check?: ((clear: (frame: Uint8Array) => Clearance) => Promise<Refused | undefined>) | undefined
  /** Preparing runs nothing: what would be held is let through, and held when it is bound. */
  readonly preparesOnly: boolean
}

/** What the guard asks about the kind of thing that it judges: SQL with its definitions, or a command line that stands for itself. */
export interface Matter<F extends Facts, Q extends AnyRequest<F>, R extends AnyReading<F>> {
  /** At once for a short text, later for a long one. */
  read(request: Q): R | Promise<R>
  /** Against definitions of this moment; `stale` itself where nothing has moved since it was read. */
  reread(request: Q, stale: R | undefined): R | Promise<R>
  /** What readings rest on at this moment besides their own text. */
  epoch(): string | undefined
  /** Bound values as they may be recorded. */
  values(request: Q, reading: R): readonly (RedactedText | null)[]
  /** HMAC under the node's key over everything that an approval binds. */
  digest(request: Q, reading: R): string
  /** How many rows each statement is expected to reach. Never rejects. */
  estimates(request: Q, reading: R): Promise<readonly Estimate[]>
  /** Where and how a command line runs; undefined for anything else. */
  place(request: Q): StatementEvent['place']
  /** The schemas that unqualified names were resolved in, for whoever decides. */
  searchPath(request: Q): readonly string[] | undefined
}
