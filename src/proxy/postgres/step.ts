import type { Frame } from '../../protocol/postgres/framing.ts'
import type { Expected } from '../../protocol/postgres/replies.ts'
import type { Clearance } from '../../session/clearance.ts'
import type { Refused } from '../../session/ruling.ts'
import type { NeedsClearance, NeedsNone } from './lanes.ts'
import type { Run } from './run.ts'
import type { OwnMessage, Upstream } from './upstream.ts'

/** What is to happen with one frame once everything of its batch is judged. */
export type Step =
  | {
      readonly kind: 'send'
      readonly before: readonly Injection[]
      readonly send: (upstream: Upstream) => void
      readonly expected: Expected<Run> | undefined
    }
  /** `ownsReady`: the refused message would have ended with its own ReadyForQuery (Query, FunctionCall). */
  | {
      readonly kind: 'refuse'
      readonly refusal: Refused
      readonly ownsReady: boolean
      /** The message, where the guard did not see it and so did not record the refusal. */ readonly unseen?: string
    }

/** A message of ours in front of the client's, whose reply is swallowed. */
export interface Injection {
  readonly message: OwnMessage
  readonly expected: Expected<Run>
}

export const sendJudged = (frame: Frame<NeedsClearance>, clearance: Clearance, expected: Expected<Run>): Step => ({
  kind: 'send',
  before: [],
  send: (upstream) => upstream.send(frame, clearance),
  expected,
})

export const sendTracked = (frame: Frame<NeedsNone>, expected: Expected<Run> | undefined): Step => ({
  kind: 'send',
  before: [],
  send: (upstream) => upstream.send(frame),
  expected,
})
