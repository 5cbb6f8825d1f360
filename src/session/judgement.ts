import type { Facts, SqlFacts } from '../model/facts.ts'
import type { Principal } from '../model/principal.ts'
import type { Rights } from '../model/rights.ts'
import type { Scrubbed } from '../model/scrubbed.ts'
import type { SqlStatement } from '../model/statement.ts'
import type { Target } from '../model/target.ts'
import type { RuleEffect, Verdict } from '../model/verdict.ts'
import type { SessionEvent } from '../recording/event.ts'
import type { Tally } from '../std/tally.ts'
import type { HoldDesk } from './holds.ts'
import type { AnyReading, AnyRequest, Matter } from './matter.ts'
import type { Cleared, HeldNotice, Refused, Ruling } from './ruling.ts'
import type { SessionScope } from './scope.ts'
import type { Ahead, Asking } from './script-run.ts'

/** One frame of SQL that wants to go upstream. */
export interface JudgeRequest extends AnyRequest<SqlFacts> {
  readonly statement: SqlStatement
  readonly scope: SessionScope
}

export interface JudgeOptions {
  /** Fires when the client leaves or the session ends: the hold is void. Its reason, where that is a text, says why. */
  readonly gone: AbortSignal
  /** Fires when the client cancels: the hold is withdrawn. */
  readonly cancelled: AbortSignal
  /** Tells the client that the statement waits; absent where the protocol has no voice. */
  readonly onHeld?: (notice: HeldNotice) => void
}

/** A session's recording, as far as judging needs it. Both orders of the two laws hang on it. */
export interface Witness {
  append(event: SessionEvent): void
  /** Everything appended is with the kernel when it returns; throws when it cannot be, and from then on always. */
  handOver(): void
  /** Everything appended is on the disk when it resolves. */
  settle(): Promise<void>
}

export interface PolicyView {
  readonly version: string
  decide(input: {
    readonly facts: readonly Facts[]
    readonly principal: Principal
    readonly target: Target
    readonly rights?: Rights
  }): Verdict
}

export interface GuardDeps<F extends Facts, Q extends AnyRequest<F>, R extends AnyReading<F>> {
  readonly principal: Principal
  readonly target: Target
  /** What the session's grant is for. */
  readonly rights: Rights
  readonly matter: Matter<F, Q, R>
  readonly policy: () => PolicyView
  readonly witness: Witness
  readonly holds: HoldDesk
  readonly scrub: (text: string) => Scrubbed
  /** Only in a session that runs a script: whether this statement was approved ahead of time. */
  readonly preapproved?: ((asking: Asking<Q, R>) => Promise<Ahead | undefined>) | undefined
  /** Told of every statement that is announced. */
  readonly tally: Pick<Tally<RuleEffect>, 'count'>
  readonly now: () => number
  readonly after: (ms: number, callback: () => void) => () => void
}

/** The guard of a session that speaks SQL. */
export type SqlGuard = Guard<SqlFacts, JudgeRequest>

export interface Guard<F extends Facts, Q extends AnyRequest<F>> {
  /** How many statements were announced so far. */
  readonly statements: number
  /**
   * Classifies, decides, records the intent and, if a rule says so, waits for countersignatures. A harmless statement whose text was seen before is cleared
   * without a promise. Throws only when the recording fails: the session must end.
   */
  judge(request: Q, options: JudgeOptions): Ruling<F> | Promise<Ruling<F>>
  /** Records a refusal that the driver made by itself, of a message that carries no statement. */
  object(what: string, refusal: Refused): void
  /**
   * The frame that runs what an earlier one was cleared and announced for (the first Execute after its Bind): no line of its own. Undefined where packs or
   * definitions have moved since: then it is to be judged.
   */
  renew(since: Cleared<F>, frame: Uint8Array): Cleared<F> | undefined
  /** What clearances rest on besides their own text: packs and definitions. */
  readonly basis: string
  /** A statement that was announced is judged again before it could leave, as the basis moved: its line is closed. */
  retract(statement: number): void
  /**
   * A frame that people countersigned and that has not left while the basis moved. The countersignature stands if all that it was given for is the same now;
   * otherwise it is finished unused and the frame judged anew.
   */
  uphold(request: Q & { readonly since: Cleared<F> }, options: JudgeOptions): Promise<Ruling<F>>
  /** What was countersigned is not going to be sent. */
  abandon(cleared: Cleared<F>, why: string): Promise<void>
  /** One more run of something that was cleared and has run already: it gets its own line. Judged anew if packs or definitions moved since. */
  proceed(request: Q & { readonly since: Cleared<F> }, options: JudgeOptions): Ruling<F> | Promise<Ruling<F>>
}
