import type { Duplex } from 'node:stream'
import type { Connection } from 'ssh2'
import type { Bind } from './forwards-seat.ts'
import { explainRefusals, type Why } from './open-failure.ts'
import type { Route } from './upstream.ts'

/** What a client asks for beside its session channels. Each is to be answered exactly once. */
export type ForwardAsk =
  | { readonly kind: 'connect'; readonly route: Route; readonly accept: () => Duplex; readonly reject: Reject }
  | { readonly kind: 'listen'; readonly bind: Bind; readonly accept: (port: number) => void; readonly reject: Reject }
  | { readonly kind: 'unlisten'; readonly bind: Bind; readonly accept: () => void; readonly reject: Reject }
  /** Sockets of Unix, and whatever else is no connection by TCP. */
  | { readonly kind: 'other'; readonly what: string; readonly reject: Reject }

/** The answer to a channel carries the words; that to a global request has no place for any. */
type Reject = (why?: Why) => void

/**
 * Listens for forwards on a client's connection: to be called in the turn in which it is entered, as a client may ask at once. Agent, X11 and tunnels have no listener,
 * which refuses them; so do global requests of other names.
 */
export function listenForForwards(connection: Pick<Connection, 'on'>, onAsk: (ask: ForwardAsk) => void): void {
  const explain = explainRefusals(connection)
  const unopened =
    (reject: unknown): Reject =>
    (why) =>
      explain(() => refuse(reject), why)
  connection.on('tcpip', (accept, reject, { srcIP, srcPort, destIP, destPort }) => {
    const route = { host: destIP, port: destPort, fromHost: srcIP, fromPort: srcPort }
    onAsk({ kind: 'connect', route, accept, reject: unopened(reject) })
  })
  connection.on('openssh.streamlocal', (_, reject) => {
    onAsk({ kind: 'other', what: 'a forward to a socket of Unix', reject: unopened(reject) })
  })
  connection.on('request', (...[accept, reject, name, given]: [unknown, unknown, string, unknown]) => {
    onAsk(requested({ accept, reject, name, given }))
  })
}

interface Requested {
  readonly accept: unknown
  readonly reject: unknown
  readonly name: string
  readonly given: unknown
}

function requested({ accept, reject, name, given }: Requested): ForwardAsk {
  const bind = bindOf(given)
  const no = (): void => refuse(reject)
  if (bind !== undefined && name === 'tcpip-forward')
    return { kind: 'listen', bind, accept: (port) => permit(accept, port), reject: no }
  if (bind !== undefined && name === 'cancel-tcpip-forward')
    return { kind: 'unlisten', bind, accept: () => permit(accept), reject: no }
  return { kind: 'other', what: 'a forward of a socket of Unix', reject: no }
}

function bindOf(given: unknown): Bind | undefined {
  if (typeof given !== 'object' || given === null || !('bindAddr' in given) || !('bindPort' in given)) return undefined
  const { bindAddr, bindPort } = given
  return typeof bindAddr === 'string' && typeof bindPort === 'number' ? { host: bindAddr, port: bindPort } : undefined
}

/** The library hands in no answer where the client wants none, though its types say otherwise. */
function permit(way: unknown, ...given: number[]): void {
  if (isAnswer(way)) way(...given)
}

function refuse(way: unknown): void {
  if (isAnswer(way)) way()
}

const isAnswer = (way: unknown): way is (...given: number[]) => void => typeof way === 'function'
