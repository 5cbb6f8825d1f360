import type { FrontendMessage } from '../../protocol/postgres/messages.ts'
import { encodeFrontend } from '../../protocol/postgres/encode.ts'
import type { Frame } from '../../protocol/postgres/framing.ts'
import type { Clearance } from '../../session/clearance.ts'
import type { Outlet } from '../outlet.ts'
import type { NeedsClearance, NeedsNone } from './lanes.ts'

/** The only hand on the upstream's socket once a session runs. A judged frame without its own clearance does not compile, a borrowed one throws. */
export interface Upstream {
  send(frame: Frame<NeedsClearance>, clearance: Clearance): void
  send(frame: Frame<NeedsNone>): void
  /** Data of a COPY whose statement was cleared. */
  feed(frame: Frame<'copyData' | 'copyDone' | 'copyFail'>): void
  /** Messages of our own: none of them carries a statement of a client. */
  say(message: OwnMessage): void
  /** What was sent and fed since the last call leaves now; nothing of it has left before. */
  leave(): void
  end(): void
}

/** What the proxy itself may send in a running session. */
export type OwnMessage =
  | Extract<FrontendMessage, { name: 'sync' | 'flush' | 'describe' | 'close' | 'terminate' }>
  /** Fails at once, so that what came before it in an implicit transaction does not commit. */
  | { readonly name: 'poison' }

/** Not SQL in any version: the raw parser refuses it before anything is planned or run. */
const POISON = encodeFrontend({
  name: 'parse',
  statement: 'countersign refused',
  text: 'refused by countersign',
  parameterTypes: [],
})

export function createUpstream(outlet: Outlet): Upstream {
  function send(frame: Frame<NeedsClearance> | Frame<NeedsNone>, clearance?: Clearance): void {
    if (needsClearance(frame)) {
      if (clearance === undefined) throw new Error('a judged frame has no clearance')
      clearance.spend(frame.bytes)
    }
    pass(frame)
  }
  const pass = ({ chunk, start, bytes }: Frame): void => outlet.pass(chunk, start, start + bytes.length)
  return {
    send,
    feed: pass,
    say: (message) => outlet.write(message.name === 'poison' ? POISON : encodeFrontend(message)),
    leave: () => outlet.leave(),
    end: () => outlet.end(encodeFrontend({ name: 'terminate' })),
  }
}

const needsClearance = (frame: Frame): frame is Frame<NeedsClearance> =>
  frame.name === 'query' || frame.name === 'parse' || frame.name === 'bind' || frame.name === 'execute'
