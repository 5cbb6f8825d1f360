import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Grant } from '../../access/grants.ts'
import type { Credential } from '../../access/credentials.ts'
import type { PersonName, ScriptId, TargetName } from '../../model/ids.ts'
import { encodeBackend } from '../../protocol/postgres/encode.ts'
import { FrameReader, type Frame } from '../../protocol/postgres/framing.ts'
import { CLIENT_AUTHENTICATING, CLIENT_SESSION, withMax } from '../../protocol/postgres/limits.ts'
import { ProtocolError } from '../../protocol/postgres/protocol-error.ts'
import { negotiate, type StartupMessage } from '../../protocol/postgres/startup.ts'
import type { TlsFacts } from '../../recording/event.ts'
import { asError } from '../../std/errors.ts'
import type { ListenerTls } from '../listener-tls.ts'
import { Inbox } from '../inbox.ts'
import { Outlet } from '../outlet.ts'
import { authenticate, type AuthenticateDeps } from './authenticate.ts'
import type { CancelKeys } from './cancel-keys.ts'
import { greet } from './greet.ts'
import { errorResponse, type ErrorText } from './refusals.ts'
import { checkStartup } from './startup-parameters.ts'

/** A client whose person is known and whose target is chosen; nothing has been said to the target yet. */
export interface Entered {
  readonly socket: Socket
  readonly inbox: Inbox<Frame>
  readonly client: Outlet
  readonly person: PersonName
  readonly target: TargetName
  readonly grant: Grant
  readonly credential: Credential
  readonly login: string
  readonly address: string
  readonly source: string
  readonly tls: TlsFacts | undefined
  /** As the client asked; undefined for the target's own. */
  readonly database: string | undefined
  readonly settings: ReadonlyMap<string, string>
  /** The script that it says it runs. */
  readonly script: ScriptId | undefined
}

/** A login that did not happen, for the ledger (PCI 10.2.1.4). */
export interface FailedEntry {
  readonly login: string | undefined
  readonly address: string
  readonly why: string
}

export interface ConnectionDeps extends AuthenticateDeps {
  readonly tls: () => ListenerTls | undefined
  readonly cancelKeys: CancelKeys
  /** From accept to the end of authentication, in milliseconds. */
  readonly handshakeMs: number
  readonly maxStatementBytes: number
  /** Bytes of whole frames that may wait behind a held statement. */
  readonly maxInboxBytes: number
  readonly onFailed: (entry: FailedEntry) => void
  /** The session from here on; resolves when it is over. */
  readonly enter: (entered: Entered) => Promise<void>
}

/** What a frame takes besides its bytes: a flood of the shortest ones must not cost a hundred times the limit. */
const FRAME_COST = 200

/** From accept to close of one connection. Never rejects: a fault of one connection is nobody else's. */
export async function serveConnection(socket: Socket, deps: ConnectionDeps): Promise<void> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), deps.handshakeMs)
  const address = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`
  socket.on('error', () => undefined)
  let speaking = socket
  try {
    const greeting = await greet(socket, deps.tls(), deadline.signal)
    if (greeting.kind === 'cancel') await deps.cancelKeys.cancel(greeting.request.processId, greeting.request.key)
    if (greeting.kind === 'gone' && socket.bytesRead > 0)
      deps.onFailed({ login: undefined, address, why: greeting.why })
    if (greeting.kind !== 'login') return
    speaking = greeting.socket
    speaking.on('error', () => undefined)
    const entered = await logIn({ ...greeting, address, deadline: deadline.signal }, deps)
    clearTimeout(timer)
    if (entered !== undefined) await deps.enter(entered)
  } catch (thrown) {
    const error = asError(thrown)
    deps.onFailed({
      login: undefined,
      address,
      why: error instanceof ProtocolError ? error.message : 'an internal fault',
    })
    sendLast(speaking, {
      code: '08P01',
      message: error instanceof ProtocolError ? error.clientMessage : 'an internal fault ended the connection',
    })
  } finally {
    clearTimeout(timer)
    speaking.destroySoon()
  }
}

interface Arrived {
  readonly socket: Socket
  readonly startup: StartupMessage
  readonly rest: Buffer
  readonly tls: ListenerTls | undefined
  readonly address: string
  readonly deadline: AbortSignal
}

async function logIn(arrived: Arrived, deps: ConnectionDeps): Promise<Entered | undefined> {
  const { socket, startup, tls, address } = arrived
  const checked = checkStartup([...startup.parameters])
  if (!checked.ok) {
    refuse(arrived, deps, { login: undefined, why: checked.message, text: checked })
    return
  }
  if (tls === undefined && deps.tls() !== undefined && !isLoopback(socket)) {
    refuse(arrived, deps, {
      login: checked.user,
      why: 'without TLS',
      text: { code: '28000', message: 'this listener takes TLS connections only' },
    })
    return
  }
  const wire = openWire(arrived, deps.maxInboxBytes)
  const negotiation = negotiate(startup, 0)
  if (negotiation !== undefined) wire.client.write(encodeBackend(negotiation))
  const source = socket.remoteAddress ?? 'unknown'
  const who = await authenticate(deps, wire, { login: checked.user, source, certificateHash: tls?.endPoint })
  if (who.outcome === 'refused') {
    if (who.why === 'left') return undefined
    refuse(arrived, deps, { login: checked.user, why: who.why, text: wrongPassword(checked.user) })
    return
  }
  wire.reader.allow(withMax(CLIENT_SESSION, { query: deps.maxStatementBytes, parse: deps.maxStatementBytes }))
  // libpq sends its login name where no database is named.
  const database = checked.database === checked.user ? undefined : checked.database
  const { person, target, grant, credential } = who
  const { settings, script, user: login } = checked
  return {
    socket,
    ...wire,
    person,
    target,
    grant,
    credential,
    login,
    address,
    source,
    tls: tlsFacts(socket),
    database,
    settings,
    script,
  }
}

function openWire(
  { socket, rest, deadline }: Arrived,
  limit: number,
): {
  inbox: Inbox<Frame>
  client: Outlet
  reader: FrameReader<'frontend'>
} {
  const reader = new FrameReader({ side: 'frontend', limits: CLIENT_AUTHENTICATING })
  const frames = { push: (chunk: Buffer) => reader.push(chunk), next: () => reader.next() }
  const isFarewell = (frame: Frame): boolean => frame.name === 'terminate'
  const inbox = new Inbox<Frame>(socket, {
    frames,
    sizeOf: (frame) => frame.bytes.length + FRAME_COST,
    limit,
    isFarewell,
  })
  inbox.unshift(rest)
  socket.resume()
  deadline.addEventListener('abort', () => socket.destroy(), { once: true })
  return { inbox, client: new Outlet(socket), reader }
}

/** One answer for every way of not being let in: names, passwords, grants and locks are told apart by nobody outside. */
const wrongPassword = (login: string): ErrorText => ({
  code: '28P01',
  message: `password authentication failed for user "${login.replace(/[^\x20-\x7e]/g, '?').slice(0, 64)}"`,
})

function refuse(
  { socket, address }: Arrived,
  deps: ConnectionDeps,
  what: { login: string | undefined; why: string; text: ErrorText },
): undefined {
  deps.onFailed({ login: what.login, address, why: what.why })
  sendLast(socket, what.text)
  return undefined
}

function sendLast(socket: Socket, text: ErrorText): void {
  if (!socket.destroyed && !socket.writableEnded) socket.end(errorResponse({ ...text, severity: 'FATAL' }))
}

function tlsFacts(socket: Socket): TlsFacts | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  return { version: socket.getProtocol() ?? 'unknown', cipher: socket.getCipher().name, clientCertificate: undefined }
}

const isLoopback = (socket: Socket): boolean => /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '')
