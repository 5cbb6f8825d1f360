import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { ProtocolError } from '../../protocol/postgres/protocol-error.ts'
import { DIRECT_TLS, StartupReader, type CancelRequest, type StartupMessage } from '../../protocol/postgres/startup.ts'
import type { ListenerTls } from '../listener-tls.ts'

/** Who came in: a login, or a CancelRequest on its own short connection. */
export type Greeting =
  | {
      readonly kind: 'login'
      readonly socket: Socket
      readonly startup: StartupMessage
      readonly rest: Buffer
      readonly tls: ListenerTls | undefined
    }
  | { readonly kind: 'cancel'; readonly request: CancelRequest }
  /** Left, or said something that no client says; nothing more is to be sent. */
  | { readonly kind: 'gone'; readonly why: string }

const ACCEPT_TLS = Buffer.from('S')
const DECLINE = Buffer.from('N')
/** Registered for Postgres; a server must insist on it where TLS begins at once. */
const ALPN = 'postgresql'

/**
 * From the first byte to the startup packet: encryption requests, TLS (asked for or at once), cancel. Bytes that arrive in clear before a handshake end the
 * connection; GSSAPI encryption is declined, once.
 */
export async function greet(socket: Socket, tls: ListenerTls | undefined, signal: AbortSignal): Promise<Greeting> {
  const first = await nextChunk(socket, signal)
  if (first === undefined) return { kind: 'gone', why: 'left before its first byte' }
  if (first[0] === DIRECT_TLS) return greetDirect(socket, { first, tls, signal })
  return packets({ socket, reader: new StartupReader(), tls, secured: undefined }, first, signal)
}

interface Conversation {
  readonly socket: Socket
  readonly reader: StartupReader
  readonly tls: ListenerTls | undefined
  /** Set once TLS runs: there is no second time. */
  readonly secured: ListenerTls | undefined
}

async function greetDirect(
  socket: Socket,
  { first, tls, signal }: { first: Buffer; tls: ListenerTls | undefined; signal: AbortSignal },
): Promise<Greeting> {
  if (tls === undefined) return { kind: 'gone', why: 'began TLS where none is configured' }
  socket.unshift(first)
  const secured = await handshake(socket, tls, signal)
  if (secured.alpnProtocol !== ALPN) return { kind: 'gone', why: 'began TLS for another protocol' }
  return startupOver(secured, tls, signal)
}

async function startupOver(socket: TLSSocket, tls: ListenerTls, signal: AbortSignal): Promise<Greeting> {
  const chunk = await nextChunk(socket, signal)
  if (chunk === undefined) return { kind: 'gone', why: 'left before its startup packet' }
  return packets({ socket, reader: new StartupReader(), tls: undefined, secured: tls }, chunk, signal)
}

async function packets(conversation: Conversation, chunk: Buffer, signal: AbortSignal): Promise<Greeting> {
  const { socket, reader, tls, secured } = conversation
  let declinedGss = false
  for (let more: Buffer | undefined = chunk; more !== undefined; more = await nextChunk(socket, signal)) {
    reader.push(more)
    for (let packet = reader.next(); packet !== undefined; packet = reader.next()) {
      if (packet.name === 'startup') return { kind: 'login', socket, startup: packet, rest: reader.rest, tls: secured }
      if (packet.name === 'cancelRequest') return { kind: 'cancel', request: packet }
      if (secured !== undefined) throw new ProtocolError('a request for encryption inside encryption')
      if (packet.name === 'sslRequest' && tls !== undefined) return upgrade(conversation, tls, signal)
      if (packet.name === 'gssEncRequest' && declinedGss)
        throw new ProtocolError('a second request for GSSAPI encryption')
      declinedGss ||= packet.name === 'gssEncRequest'
      socket.write(DECLINE)
    }
  }
  return { kind: 'gone', why: 'left before its startup packet' }
}

async function upgrade({ socket, reader }: Conversation, tls: ListenerTls, signal: AbortSignal): Promise<Greeting> {
  // What came in clear behind the request was not said by whoever does the handshake (CVE-2021-23214).
  if (reader.rest.length > 0 || socket.readableLength > 0)
    throw new ProtocolError('bytes in clear before the TLS handshake')
  socket.write(ACCEPT_TLS)
  return startupOver(await handshake(socket, tls, signal), tls, signal)
}

function handshake(socket: Socket, tls: ListenerTls, signal: AbortSignal): Promise<TLSSocket> {
  const secured = new TLSSocket(socket, { isServer: true, secureContext: tls.context, ALPNProtocols: [ALPN] })
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new ProtocolError('the TLS handshake failed'))
    secured.once('secure', () => {
      signal.removeEventListener('abort', fail)
      secured.off('error', fail)
      resolve(secured)
    })
    secured.once('error', fail)
    secured.once('close', fail)
    signal.addEventListener('abort', fail, { once: true })
  })
}

/** The next bytes of a socket that nobody listens to yet; it is paused again when they are here. Undefined when it ended or the deadline passed. */
export function nextChunk(socket: Socket, signal: AbortSignal): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const finish = (chunk?: Buffer): void => {
      socket.pause()
      for (const event of ['data', 'end', 'close', 'error']) socket.off(event, finish)
      signal.removeEventListener('abort', stop)
      resolve(Buffer.isBuffer(chunk) ? chunk : undefined)
    }
    const stop = (): void => finish()
    if (socket.destroyed || signal.aborted) {
      finish()
      return
    }
    signal.addEventListener('abort', stop, { once: true })
    socket.on('data', finish)
    for (const event of ['end', 'close', 'error']) socket.on(event, stop)
    socket.resume()
  })
}
