import { connect, type Socket } from 'node:net'
import type { Clock } from '../../std/clock.ts'
import { deferred, type Deferred } from '../../std/deferred.ts'
import { UpstreamError, type UpstreamCode } from './upstream-error.ts'

export interface LineOptions {
  readonly host: string
  readonly port: number
  readonly clock: Clock
  /** For everything until `release`, in milliseconds. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
  /** TLS will run over it: its bytes are then read by TLS and not by us. */
  readonly tls: boolean
}

/** Where the system puts what it read, until it is copied in the same turn: a buffer of 64 KiB made for each read costs more than the copy of most. */
const READ_INTO = Buffer.allocUnsafeSlow(64 * 1024)

/** A dead peer is noticed within some minutes, also behind a firewall that forgets idle connections. */
const KEEPALIVE_MS = 30_000

/**
 * One TCP connection to an upstream while it is being made. It reads exactly what is asked for, so that everything behind it stays in the socket
 * for whoever gets it; one deadline and one signal end every wait. All its errors are UpstreamErrors.
 */
export class Line {
  #socket: Socket
  #wanted: { readonly count: number; readonly got: Deferred<Buffer> } | undefined
  #waiting: Deferred<void> | undefined
  #failure: UpstreamError | undefined
  #trouble: UpstreamCode = 'E_UPSTREAM_UNREACHABLE'
  readonly #unwatch: () => void

  private constructor(socket: Socket, { clock, deadlineMs, signal }: LineOptions) {
    this.#socket = socket
    this.#listen()
    const cancel = clock.after(deadlineMs, () =>
      this.fail(new UpstreamError('E_UPSTREAM_TIMEOUT', { fields: { deadlineMs } })),
    )
    const onAbort = (): void => this.fail(new UpstreamError('E_UPSTREAM_ABORTED', { cause: signal?.reason }))
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#unwatch = () => {
      cancel()
      signal?.removeEventListener('abort', onAbort)
    }
  }

  static async open(options: LineOptions): Promise<Line> {
    if (options.signal?.aborted === true)
      throw new UpstreamError('E_UPSTREAM_ABORTED', { cause: options.signal.reason })
    const socket = connectTo(options)
    const line = new Line(socket, options)
    await line.waitFor('connect')
    return line
  }

  /** The peer's IP address. */
  get address(): string {
    return this.#socket.remoteAddress ?? ''
  }

  /** Bytes that came and were not asked for yet. */
  get unread(): number {
    return this.#socket.readableLength
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  /** Exactly `count` bytes. One read at a time. */
  read(count: number): Promise<Buffer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const got = deferred<Buffer>()
    this.#wanted = { count, got }
    this.#serve()
    return got.promise
  }

  /** Puts what `wrap` makes of the socket in its place and waits for its event; trouble meanwhile is trouble with TLS. */
  async upgrade<Wrapped extends Socket>(wrap: (socket: Socket) => Wrapped, event: string): Promise<Wrapped> {
    // The wrapper reports what happens below it, but only a listener keeps an error down there from ending the process.
    this.#unlisten()
    const wrapped = wrap(this.#socket)
    this.#socket = wrapped
    this.#trouble = 'E_UPSTREAM_TLS'
    this.#listen()
    await this.waitFor(event)
    this.#trouble = 'E_UPSTREAM_UNREACHABLE'
    return wrapped
  }

  /** Hands the socket over: not paused, no listener but one that swallows errors until the new owner has its own. */
  async release(): Promise<Socket> {
    this.#unwatch()
    this.#unlisten()
    // Node takes a socket out of its reading mode in the next tick; no bytes and no end can come before that.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    return this.#socket
  }

  /** Ends the connection; whoever waits gets the error. The first one counts. */
  fail(error: UpstreamError): void {
    this.#failure ??= error
    this.#unwatch()
    this.#wanted?.got.reject(this.#failure)
    this.#wanted = undefined
    this.#waiting?.reject(this.#failure)
    this.#waiting = undefined
    this.#socket.destroy()
  }

  /** Resolves when the peer has hung up, of which nothing else is expected any more. */
  async closed(): Promise<void> {
    this.#socket.off('end', this.#ended)
    this.#socket.off('close', this.#ended)
    this.#socket.resume()
    await this.waitFor('close')
    this.#unwatch()
  }

  /** Why it ended, if it has. */
  get failure(): UpstreamError | undefined {
    return this.#failure
  }

  private async waitFor(event: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const happened: Deferred<void> = deferred()
    this.#waiting = happened
    this.#socket.once(event, () => happened.resolve())
    await happened.promise
    this.#waiting = undefined
  }

  #listen(): void {
    this.#socket.on('readable', this.#serve)
    this.#socket.on('end', this.#ended)
    this.#socket.on('close', this.#ended)
    this.#socket.on('error', this.#broken)
  }

  #unlisten(): void {
    this.#socket.on('error', () => undefined)
    this.#socket.off('readable', this.#serve)
    this.#socket.off('end', this.#ended)
    this.#socket.off('close', this.#ended)
    this.#socket.off('error', this.#broken)
  }

  readonly #serve = (): void => {
    if (this.#wanted === undefined) return
    const bytes: unknown = this.#socket.read(this.#wanted.count)
    if (!Buffer.isBuffer(bytes)) return
    // At the end of the stream `read` gives what is left, however little.
    if (bytes.length < this.#wanted.count) {
      this.#ended()
      return
    }
    const { got } = this.#wanted
    this.#wanted = undefined
    got.resolve(bytes)
  }

  readonly #ended = (): void =>
    this.fail(
      new UpstreamError(this.#trouble, { message: 'the upstream closed the connection while it was being made' }),
    )

  readonly #broken = (error: Error): void => {
    const reason = 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
    // A client certificate that TLS 1.3 refuses is told only after the handshake.
    const code = reason.startsWith('ERR_SSL') ? 'E_UPSTREAM_TLS' : this.#trouble
    this.fail(
      new UpstreamError(code, {
        message: `the connection to the upstream failed (${reason})`,
        fields: { reason },
        cause: error,
      }),
    )
  }
}

function connectTo({ host, port, tls }: LineOptions): Socket {
  const address = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS }
  // Windows reads into the buffers of several sockets at a time.
  if (tls || process.platform === 'win32') return connect(address)
  const callback = (count: number): boolean => take(socket, Buffer.from(READ_INTO.subarray(0, count)))
  const socket = connect({ ...address, onread: { buffer: READ_INTO, callback } })
  return socket
}

/** Straight to whoever listens where nothing waits before it; otherwise as any stream does it. False: it is to read no more until it is asked. */
function take(socket: Socket, chunk: Buffer): boolean {
  if (socket.readableFlowing !== true || socket.readableLength > 0) return socket.push(chunk)
  socket.emit('data', chunk)
  return true
}
