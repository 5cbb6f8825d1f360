import type { Frame } from '../../protocol/postgres/framing.ts'
import type { Expected } from '../../protocol/postgres/replies.ts'
import type { Clearance } from '../../session/clearance.ts'
import type { Refused } from '../../session/ruling.ts'
import type { NeedsClearance, NeedsNone } from './lanes.ts'
import type { Run } from './run.ts'
import type { OwnMessage } from './upstream.ts'

/** What is to happen with one frame once everything of its batch is judged. */
export type Step = Judged | Tracked | Refusal

/** It was cleared and goes upstream. */
export interface Judged {
  readonly kind: 'judged'
  readonly frame: Frame<NeedsClearance>
  readonly clearance: Clearance
  readonly expected: Expected<Run>
  readonly before: readonly Injection[]
}

/** It carries no statement and goes upstream; what it owes, if anything, is expected. */
export interface Tracked {
  readonly kind: 'tracked'
  readonly frame: Frame<NeedsNone>
  readonly expected: Expected<Run> | undefined
}

export interface Refusal {
  readonly kind: 'refuse'
  readonly refusal: Refused
  /** The refused message would have ended with its own ReadyForQuery (Query, FunctionCall). */
  readonly ownsReady: boolean
  /** The message, where the guard did not see it and so did not record the refusal. */
  readonly unseen?: string
}

/** A message of ours in front of the client's, whose reply is swallowed. */
export interface Injection {
  readonly message: OwnMessage
  readonly expected: Expected<Run>
}

const NOTHING: readonly Injection[] = []

export const sendJudged = (
  frame: Frame<NeedsClearance>,
  clearance: Clearance,
  { expected, before = NOTHING }: { expected: Expected<Run>; before?: readonly Injection[] },
): Judged => ({ kind: 'judged', frame, clearance, expected, before })

export const sendTracked = (frame: Frame<NeedsNone>, expected: Expected<Run> | undefined): Tracked => ({
  kind: 'tracked',
  frame,
  expected,
})
