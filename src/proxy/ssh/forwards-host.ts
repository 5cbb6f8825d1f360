import type { Duplex } from 'node:stream'
import type { Connection } from 'ssh2'
import type { Call } from './call.ts'
import type { Desk } from './desk.ts'
import type { Bind, ForwardsSeat } from './forwards-seat.ts'
import { heldLines, refusalLines } from './refusals.ts'

export interface ForwardsHostParts {
  readonly desk: Desk
  readonly switches: ForwardsSeat['switches']
  /** The client's connection, over which the target's connections reach it. */
  readonly connection: Pick<Connection, 'forwardOut'>
  readonly calls: () => ReadonlySet<Call>
}

/** A forward has no Ctrl-C: its person hangs up. */
const NEVER = new AbortController().signal

/** What the session around them gives to its forwards. */
export function forwardsSeat({ desk, switches, connection, calls }: ForwardsHostParts): ForwardsSeat {
  const { upstream, gone, clock, scrub, finish, onInput } = desk.parts
  const tell = (lines: readonly string[]): void => desk.tell(calls(), lines)
  return {
    ...{ switches, gone, clock, scrub, onInput },
    judge: (work) =>
      desk.judge(
        { ...work, message: 'forward' },
        { gone, cancelled: NEVER, onHeld: (held) => tell(heldLines(held, 'hanging up withdraws it')) },
      ),
    connect: (frame, route, clearance) => upstream.connect(frame, route, clearance),
    listen: (frame, bind, clearance) => upstream.listen(frame, bind, clearance),
    unlisten: (bind) => upstream.unlisten(bind),
    onIncoming: (listener) => upstream.onIncoming(listener),
    toClient: (at, from) => toClient(connection, at, from),
    settle({ approval }, end) {
      if (approval !== undefined) finish(approval, 'done', end)
    },
    record: (event) => desk.record(event),
    object: (what, refusal) => desk.object(what, refusal),
    tell: (refusal) => tell(refusalLines(refusal)),
  }
}

const toClient = (connection: ForwardsHostParts['connection'], at: Bind, from: Bind): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    connection.forwardOut(at.host, at.port, from.host, from.port, (error, channel) =>
      error === undefined ? resolve(channel) : reject(error),
    )
  })
