import type { Socket } from 'node:net'
import { encodeStartup } from '../../protocol/postgres/startup.ts'
import { ProtocolError } from '../../protocol/postgres/protocol-error.ts'
import type { Clock } from '../../std/clock.ts'
import { UpstreamError } from './upstream-error.ts'
import { Line } from './upstream-line.ts'
import { logIn, type BackendKey, type LoggedIn, type Login } from './upstream-login.ts'
import { secure, type TlsFacts, type UpstreamTls } from './upstream-tls.ts'

/** Where an upstream is and how it is to be reached. */
export interface UpstreamAddress {
  readonly host: string
  readonly port: number
  readonly tls: UpstreamTls
}

export interface Dial extends Login {
  readonly target: UpstreamAddress
  readonly clock: Clock
  /** For the whole of it, TCP, TLS and login, in milliseconds. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
}

/** A logged-in upstream session. */
export interface UpstreamSocket extends LoggedIn {
  /** Not paused and not flowing: it flows once somebody listens for `data`. Its only listener swallows errors. */
  readonly socket: Socket
  /** Always empty: what came behind ReadyForQuery is still in the socket. */
  readonly leftover: Buffer
  readonly tls: TlsFacts | undefined
}

/**
 * Connects to an upstream, encrypts and logs in. The only place where an upstream's password or key is used. Throws UpstreamError; nothing stays open then.
 */
export async function dialUpstream(dial: Dial): Promise<UpstreamSocket> {
  const { target, clock, deadlineMs, signal } = dial
  const { host, port } = target
  const line = await Line.open({ host, port, clock, deadlineMs, signal, tls: target.tls !== 'off' })
  return finish(line, async () => {
    const tls = await secure(line, host, target.tls)
    const loggedIn = await logIn(line, dial, tls)
    return { ...loggedIn, tls, leftover: Buffer.alloc(0), socket: await line.release() }
  })
}

export interface CancelDial extends Pick<Dial, 'target' | 'clock' | 'deadlineMs' | 'signal'> {
  readonly backendKey: BackendKey
}

/**
 * Asks an upstream to cancel what a session runs, over a connection of its own that is as well encrypted. Resolves when the upstream has hung up, which it
 * does after it has signalled; whether anything was cancelled only the session itself learns. Throws UpstreamError where the request did not get through.
 */
export async function cancelUpstream({ target, clock, deadlineMs, signal, backendKey }: CancelDial): Promise<void> {
  const { host, port } = target
  const line = await Line.open({ host, port, clock, deadlineMs, signal, tls: target.tls !== 'off' })
  await finish(line, async () => {
    await secure(line, host, target.tls)
    line.write(encodeStartup({ name: 'cancelRequest', processId: backendKey.pid, key: backendKey.secret }))
    await line.closed()
  })
}

async function finish<Result>(line: Line, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (thrown) {
    line.fail(asUpstreamError(thrown))
    throw line.failure ?? thrown
  }
}

function asUpstreamError(thrown: unknown): UpstreamError {
  if (thrown instanceof UpstreamError) return thrown
  if (thrown instanceof ProtocolError)
    return new UpstreamError('E_UPSTREAM_PROTOCOL', { message: thrown.message, cause: thrown })
  return new UpstreamError('E_UPSTREAM_PROTOCOL', { cause: thrown })
}
