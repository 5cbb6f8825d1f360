import type { SqlFacts } from '../../model/facts.ts'
import type { ApprovalId } from '../../model/ids.ts'
import type { Patch } from '../../bytes/patch.ts'
import type { Span } from '../../protocol/postgres/rows.ts'
import type { Format, RowField } from '../../protocol/postgres/messages.ts'
import type { Cleared } from '../../session/ruling.ts'
import type { KeptRows } from './kept-rows.ts'
import type { RowPlan } from './row-plan.ts'

/** All that a judgement depended on and that may move under a name that was judged: definitions and the session's settings. */
export type Moment = string

/** A prepared statement, made by Parse or by SQL's PREPARE. */
export interface Prepared {
  readonly text: string
  readonly facts: readonly SqlFacts[]
  /** As the client declared them, or as the backend described them. */
  parameterTypes: readonly number[]
  /** What the backend said its rows look like, and at which moment; undefined until it was asked. */
  description: { readonly fields: readonly RowField[]; readonly moment: Moment } | undefined
}

/** A portal made by Bind, or a cursor of SQL's DECLARE. */
export interface Portal {
  readonly facts: readonly SqlFacts[]
  /** Undefined for a cursor of SQL. */
  readonly bound: BoundPortal | undefined
  /** A cursor WITH HOLD outlives its transaction. */
  readonly outlives: boolean
}

export interface BoundPortal {
  readonly prepared: Prepared
  readonly cleared: Cleared
  readonly moment: Moment
  /** What stood behind the names that its text uses (EXECUTE, FETCH), in their order. */
  readonly behind: readonly (readonly SqlFacts[] | 'protocol' | undefined)[]
  readonly resultFormats: readonly Format[]
  readonly parameters: readonly (Buffer | null)[]
  readonly parameterFormats: readonly Format[]
  plan: RowPlan | undefined
  /** A Describe that will bring the plan is on its way, ours or the client's. */
  described: boolean
  executed: boolean
  /** Its first Execute took a countersignature of its own: that of the Bind has nothing left to run. */
  superseded: boolean
}

/** Work that the upstream owes us an end of: a Query with its statements, or one Execute. */
export interface Execution {
  readonly kind: 'execution'
  readonly facts: readonly SqlFacts[]
  readonly statement: number
  readonly approval: ApprovalId | undefined
  readonly portal: BoundPortal | undefined
  /** The first Execute of its portal. */
  readonly isFirst: boolean
  readonly startedMicros: number
  /** Which of `facts` runs now: a Query completes its statements one by one. */
  index: number
  plan: RowPlan | undefined
  copy: CopyMask | undefined
  /** The COPY FROM STDIN that runs now has asked for its data. */
  copyOpened: boolean
  rows: number
  bytes: number
  masked: number
  pans: number
  failed: boolean
  /** Rows of the result for the recording, where a pack asks for them. */
  readonly kept: KeptRows | undefined
  /** Its results so far were recorded; nothing of it is open. */
  recorded: boolean
}

/** Masks the data of one COPY TO STDOUT, whatever pieces it comes in. */
export interface CopyMask {
  /** Masks bytes that lie in a buffer within a patch of it; gives how many may go on in their place now, which may be none. */
  patch(body: Span, patch: Patch): number
  /** What was kept back, at the end. */
  end(): Buffer
}

/** A description on its way. */
export interface Description {
  readonly kind: 'description'
  readonly prepared: Prepared
  readonly portal: BoundPortal | undefined
  readonly moment: Moment
}

export type Run = Execution | Description

export const newExecution = (
  of: Pick<Execution, 'facts' | 'statement' | 'approval' | 'portal' | 'isFirst' | 'startedMicros' | 'kept'>,
): Execution => ({
  kind: 'execution',
  facts: of.facts,
  statement: of.statement,
  approval: of.approval,
  portal: of.portal,
  isFirst: of.isFirst,
  startedMicros: of.startedMicros,
  kept: of.kept,
  index: 0,
  plan: of.portal?.plan,
  copy: undefined,
  copyOpened: false,
  rows: 0,
  bytes: 0,
  masked: 0,
  pans: 0,
  failed: false,
  recorded: false,
})
