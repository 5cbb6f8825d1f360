import type { Socket } from 'node:net'
import ssh2, { type Algorithms, type AuthContext, type ClientInfo, type Connection, type Server } from 'ssh2'
import { sourceOf } from '../../access/source.ts'
import { asError } from '../../std/errors.ts'
import { offerTo } from './algorithms.ts'
import { Authentication, type AuthenticateDeps, type Identity } from './authenticate.ts'
import { disconnect, REASON } from './disconnect.ts'
import type { SshCipher, SshEntered } from './entered.ts'
import { readFirstBytes } from './first-bytes.ts'
import { gatherWrites, swallowFirst } from './gathered.ts'
import { Flow } from './flow.ts'
import type { HostKey } from './host-key.ts'
import { KeyExchanges } from './key-exchanges.ts'
import { guardPackets, type PacketGate } from './packet-gate.ts'
import { PacketFault } from './packet-fault.ts'
import { prepareKeys } from './prepared-keys.ts'
import { allowRepeatedService } from './repeated-service.ts'
import type { Startups } from './startups.ts'

/** A login that did not happen, for the ledger (PCI 10.2.1.4). */
export interface FailedSshEntry {
  readonly login: string | undefined
  readonly address: string
  readonly why: string
}

export interface SshConnectionDeps extends AuthenticateDeps {
  readonly hostKey: HostKey
  readonly startups: Startups
  /** From accept to the end of the key exchange, in milliseconds. */
  readonly handshakeMs: number
  /** From accept to the end of the login; people look for their code meanwhile. */
  readonly loginMs: number
  /** Calls back once after so many milliseconds; the returned function cancels it. */
  readonly after: (ms: number, callback: () => void) => () => void
  readonly onFailed: (entry: FailedSshEntry) => void
  /** The session from here on; listens for channels before it first waits, resolves when it is over and never rejects. */
  readonly enter: (entered: SshEntered) => Promise<void>
}

/**
 * The comment behind the name is for clients that go by it: OpenSSH's servers take the two paths of a symbolic link in the order opposite to the draft's, our
 * targets do as well, and asyncssh and libssh send what the identification leads them to expect. Without it they would make the link at its other end.
 */
const IDENT = 'countersign sftp=OpenSSH_9.2'
const IDENTIFICATION = Buffer.from(`SSH-2.0-${IDENT}\r\n`)
/** A client that is gone without a word is noticed after four of these. */
const KEEPALIVE_MS = 30_000
const KEEPALIVES = 4
const MAX_SOFTWARE = 255

/** From accept to close of one connection. Never rejects: a fault of one connection is nobody else's. */
export async function serveSshConnection(socket: Socket, deps: SshConnectionDeps): Promise<void> {
  const source = sourceOf(socket.remoteAddress ?? 'unknown')
  const leave = deps.startups.enter(source)
  socket.on('error', () => undefined)
  if (leave === undefined) {
    // RFC 4253, 4.2: lines before the identification are shown to people.
    socket.end('Too many connections from here have not logged in; try again in a moment\r\n')
    socket.destroySoon()
    return
  }
  const arrival = new Arrival(socket, { deps, source })
  try {
    const admitted = await arrival.admitted()
    leave(admitted !== undefined)
    await admitted?.over
  } catch (thrown) {
    deps.onFailed({ login: undefined, address: arrival.address, why: `an internal fault: ${asError(thrown).name}` })
  } finally {
    leave(false)
    socket.destroySoon()
  }
}

/** Let in: the session runs until `over` resolves. */
interface Admitted {
  readonly over: Promise<void>
}

/** One client until it is let in or gone. */
class Arrival {
  readonly address: string
  readonly #socket: Socket
  readonly #deps: SshConnectionDeps
  readonly #source: string
  readonly #talk: Authentication
  readonly #decided = Promise.withResolvers<Admitted | undefined>()
  #connection: Connection | undefined
  #software = ''
  #cipher: SshCipher | undefined
  #gate: PacketGate | undefined
  #flow: Flow | undefined
  #isIn = false
  /** Why we ended it, where we did. */
  #why: string | undefined
  #noted = false

  constructor(socket: Socket, { deps, source }: { readonly deps: SshConnectionDeps; readonly source: string }) {
    this.#socket = socket
    this.#deps = deps
    this.#source = source
    this.address = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`
    this.#talk = new Authentication(deps, {
      source,
      onIdentity: (context, identity) => this.#letIn(context, identity),
      onFailed: (login, why) => this.#note(login, why),
      onExhausted: () => this.#end('too many attempts on one connection'),
    })
  }

  /** Resolves once the client is let in; with undefined where it left or was turned away. */
  async admitted(): Promise<Admitted | undefined> {
    const { after, handshakeMs, loginMs } = this.#deps
    const stops = [
      after(handshakeMs, () => {
        if (this.#cipher === undefined) this.#end('no key exchange in time')
      }),
      after(loginMs, () => this.#end('no login in time')),
    ]
    this.#socket.once('close', () => this.#decided.resolve(undefined))
    this.#begin()
    const admitted = await this.#decided.promise
    for (const stop of stops) stop()
    if (admitted === undefined) await this.#turnedAway()
    return admitted
  }

  #begin(): void {
    const socket = this.#socket

    // A client proposes nothing before it knows whom it talks to.
    socket.write(IDENTIFICATION)
    readFirstBytes(socket, {
      after: this.#deps.after,
      onIntroduced: (proposal) => this.#serve(offerTo(proposal)),
      onGarbage: () => {
        socket.write('This is an SSH server: what it was sent is no SSH\r\n')
        this.#end('no SSH client')
      },
    })
  }

  #serve(algorithms: Algorithms): void {
    const server: Server = new ssh2.Server(
      {
        hostKeys: [{ key: this.#deps.hostKey.parsed }],
        algorithms,
        ident: IDENT,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: KEEPALIVES,
      },
      (connection, info) => this.#meet(connection, info),
    )
    gatherWrites(this.#socket)
    swallowFirst(this.#socket, IDENTIFICATION)
    server.injectSocket(this.#socket)
  }

  #meet(connection: Connection, { header }: ClientInfo): void {
    this.#connection = connection
    connection.on('error', (error) => this.#failed(error))
    const onFault = (words: string): void => void connection.emit('error', new PacketFault(words))
    this.#gate = guardPackets(connection, { from: 'client', onFault })
    if (this.#gate === undefined) {
      this.#end('an internal fault')
      return
    }
    allowRepeatedService(connection)
    prepareKeys(connection)
    this.#software = header.versions.software.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_SOFTWARE)
    connection.on('handshake', ({ kex, serverHostKey, cs }) => {
      this.#cipher ??= { kex, hostKey: serverHostKey, cipher: cs.cipher, mac: cs.mac }
      this.#flow ??= this.#paced(connection, onFault)
    })
    connection.on('authentication', (context) => {
      this.#talk.answer(context).catch(() => this.#end('an internal fault'))
    })
  }

  #paced(connection: Connection, onFault: (words: string) => void): Flow {
    const { now, after } = this.#deps
    const socket = this.#socket
    return new Flow({ socket, now, after, exchanges: new KeyExchanges({ connection, socket, now, after, onFault }) })
  }

  /** Whoever is let in is told by its session. */
  #failed(error: unknown): void {
    this.#why ??= whyOf(error)
    if (error instanceof PacketFault && !this.#isIn) this.#end(error.message)
  }

  /** The library tells that the login is done while it is accepted; a client that has gone on to another request meanwhile is not let in. */
  #letIn(context: AuthContext, identity: Identity): void {
    const [connection, flow] = [this.#connection, this.#flow]
    if (connection === undefined || flow === undefined || this.#socket.destroyed || this.#why !== undefined) return
    const onReady = (): void => {
      this.#isIn = true
      this.#gate?.loggedIn()
      const seen = { address: this.address, source: this.#source, software: this.#software, cipher: this.#cipher }
      const over = this.#deps.enter({ connection, socket: this.#socket, flow, ...identity, ...seen })
      this.#decided.resolve({ over })
    }
    connection.once('ready', onReady)
    context.accept()
    connection.off('ready', onReady)
  }

  async #turnedAway(): Promise<void> {
    await this.#talk.close()
    if (this.#why !== undefined) this.#note(undefined, this.#why)
    else if (!this.#noted && this.#socket.bytesRead > 0) this.#note(undefined, 'left before its login')
  }

  #end(why: string): void {
    this.#why ??= why
    if (this.#connection !== undefined) disconnect(this.#connection, REASON.byApplication, why)
    this.#connection?.end()
    this.#socket.destroySoon()
  }

  #note(login: string | undefined, why: string): void {
    this.#noted = true
    this.#deps.onFailed({ login, address: this.address, why })
  }
}

/** In our own words: the library's repeat what the client sent. */
function whyOf(error: unknown): string {
  if (error instanceof PacketFault) return error.message
  const level: unknown = error instanceof Error ? Reflect.get(error, 'level') : undefined
  if (level === 'handshake') return 'a key exchange that failed'
  return level === 'protocol' ? 'a broken packet' : 'a broken connection'
}
