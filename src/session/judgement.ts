import type { Catalog } from '../model/catalog.ts'
import type { Facts } from '../model/facts.ts'
import type { Principal } from '../model/principal.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { Scrubbed } from '../model/scrubbed.ts'
import type { Parameter, SqlStatement } from '../model/statement.ts'
import type { Target } from '../model/target.ts'
import type { RuleEffect, Verdict } from '../model/verdict.ts'
import type { SessionEvent, StatementEvent } from '../recording/event.ts'
import type { Tally } from '../std/tally.ts'
import type { Planner } from './estimates.ts'
import type { Clearance } from './clearance.ts'
import type { HoldDesk } from './holds.ts'
import type { Reader, Reading } from './reading.ts'
import type { Cleared, HeldNotice, Refused, Ruling } from './ruling.ts'
import type { SessionScope } from './scope.ts'
import type { Preapproved } from './script-run.ts'

/** One frame that wants to go upstream and what it says. */
export interface JudgeRequest {
  /** The frame's bytes: a clearance is for this very object. */
  readonly frame: Uint8Array
  readonly message: StatementEvent['message']
  readonly statement: SqlStatement
  readonly scope: SessionScope
  readonly transaction: 'idle' | 'transaction' | 'failed'
  /** The driver's own objections once the facts are known (names, copies that no mask can follow); undefined: none. */
  readonly screen: (facts: readonly Facts[]) => Refused | undefined
  /**
   * Asks the target whether it understands the text at all, before anybody is bothered with one that it would refuse: a name mistyped. Nothing runs. The frame that
   * asks needs a clearance like any other.
   */
  readonly check?: ((clear: (frame: Uint8Array) => Clearance) => Promise<Refused | undefined>) | undefined
  /** Preparing runs nothing: what would be held is let through, and held when it is bound. */
  readonly preparesOnly: boolean
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
  decide(input: { readonly facts: readonly Facts[]; readonly principal: Principal; readonly target: Target }): Verdict
}

export interface GuardDeps {
  readonly principal: Principal
  readonly target: Target
  readonly reader: Reader
  readonly policy: () => PolicyView
  /** The catalog as last seen; undefined while the upstream's definitions could not be read. */
  readonly catalog: () => Catalog | undefined
  /** Re-reads the epoch now, and the catalog if it moved. */
  readonly freshCatalog: () => Promise<Catalog | undefined>
  readonly witness: Witness
  readonly holds: HoldDesk
  readonly redactValue: (parameter: Parameter, clear: boolean) => RedactedText | null
  readonly scrub: (text: string) => Scrubbed
  /** HMAC under the node's key over everything that an approval binds. */
  readonly digest: (request: JudgeRequest, reading: Reading) => string
  /** Only in a session that runs a script: whether this statement was approved ahead of time. */
  readonly preapproved?: Preapproved | undefined
  /** Told of every statement that is announced. */
  readonly tally: Pick<Tally<RuleEffect>, 'count'>
  /** Absent: there are no estimates. */
  readonly planner?: Planner | undefined
  readonly now: () => number
  readonly after: (ms: number, callback: () => void) => () => void
}

export interface Guard {
  /** How many statements were announced so far. */
  readonly statements: number
  /**
   * Classifies, decides, records the intent and, if a rule says so, waits for countersignatures. A harmless statement whose text was seen before is cleared
   * without a promise. Throws only when the recording fails: the session must end.
   */
  judge(request: JudgeRequest, options: JudgeOptions): Ruling | Promise<Ruling>
  /** Records a refusal that the driver made by itself, of a message that carries no statement. */
  object(what: string, refusal: Refused): void
  /**
   * The frame that runs what an earlier one was cleared and announced for (the first Execute after its Bind): no line of its own. Undefined where packs or
   * definitions have moved since: then it is to be judged.
   */
  renew(since: Cleared, frame: Uint8Array): Cleared | undefined
  /** What clearances rest on besides their own text: packs and definitions. */
  readonly basis: string
  /** A statement that was announced is judged again before it could leave, as the basis moved: its line is closed. */
  retract(statement: number): void
  /**
   * A frame that people countersigned and that has not left while the basis moved. The countersignature stands if all that it was given for is the same now;
   * otherwise it is finished unused and the frame judged anew.
   */
  uphold(request: JudgeRequest & { readonly since: Cleared }, options: JudgeOptions): Promise<Ruling>
  /** What was countersigned is not going to be sent. */
  abandon(cleared: Cleared, why: string): Promise<void>
  /** One more run of something that was cleared and has run already: it gets its own line. Judged anew if packs or definitions moved since. */
  proceed(request: JudgeRequest & { readonly since: Cleared }, options: JudgeOptions): Ruling | Promise<Ruling>
}
