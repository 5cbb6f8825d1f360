import type { Socket } from 'node:net'
import { decodeBackend } from '../../protocol/postgres/decode.ts'
import { encodeFrontend } from '../../protocol/postgres/encode.ts'
import { FrameReader, type BackendFrame } from '../../protocol/postgres/framing.ts'
import { UPSTREAM_SESSION } from '../../protocol/postgres/limits.ts'
import type { Clock } from '../../std/clock.ts'
import { deferred, type Deferred } from '../../std/deferred.ts'
import { dialUpstream, type Dial } from './dial.ts'
import { sqlStateOf, UpstreamError } from './upstream-error.ts'

/** A row in text format; null is SQL NULL. */
export type TextRow = readonly (string | null)[]

/** A connection of our own to an upstream, for a few queries of ours: never anything that a client wrote. */
export interface SimpleClient {
  /**
   * The rows of all statements of the text, one after the other. One query at a time; the next one waits. Throws UpstreamError: `E_UPSTREAM_QUERY` leaves
   * the connection usable, everything else has closed it.
   */
  query(text: string): Promise<readonly TextRow[]>
  /** Whether another query can be asked. */
  readonly isOpen: boolean
  /** Resolves when it is closed, whoever did it. */
  readonly closed: Promise<void>
  close(): void
}

export interface ClientLimits {
  /** For one query, in milliseconds. */
  readonly queryMs: number
  /** Bytes of rows that one query may give. */
  readonly bytes: number
}

/** A catalog of 50 000 relations with a million columns is about 100 MB; beyond that we would rather fail than fill the memory. */
const LIMITS: ClientLimits = { queryMs: 15_000, bytes: 128 * 1024 * 1024 }

/** Dials and gives a client. Throws what `dialUpstream` throws. */
export async function connectSimple(dial: Dial, limits: ClientLimits = LIMITS): Promise<SimpleClient> {
  const { socket, leftover } = await dialUpstream(dial)
  const client = new Client(socket, dial.clock, limits)
  client.start(leftover)
  return client
}

interface Running {
  readonly done: Deferred<readonly TextRow[]>
  readonly rows: TextRow[]
  bytes: number
  refused: UpstreamError | undefined
}

class Client implements SimpleClient {
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #limits: ClientLimits
  readonly #frames = new FrameReader({ side: 'backend', limits: UPSTREAM_SESSION })
  readonly #closed: Deferred<void> = deferred()
  #failure: UpstreamError | undefined
  #running: Running | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(socket: Socket, clock: Clock, limits: ClientLimits) {
    this.#socket = socket
    this.#clock = clock
    this.#limits = limits
  }

  start(leftover: Buffer): void {
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#socket.on('error', (cause) => this.#fail(new UpstreamError('E_UPSTREAM_UNREACHABLE', { cause })))
    this.#socket.on('close', () =>
      this.#fail(new UpstreamError('E_UPSTREAM_UNREACHABLE', { message: 'the upstream closed the connection' })),
    )
    if (leftover.length > 0) this.#read(leftover)
  }

  get isOpen(): boolean {
    return this.#failure === undefined
  }

  get closed(): Promise<void> {
    return this.#closed.promise
  }

  query(text: string): Promise<readonly TextRow[]> {
    const answer = this.#last.then(() => this.#ask(text))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  close(): void {
    if (this.#failure !== undefined) return
    this.#socket.end(encodeFrontend({ name: 'terminate' }))
    this.#failure = new UpstreamError('E_UPSTREAM_ABORTED', { message: 'the client was closed' })
    this.#settle(this.#failure)
    // Who does not hang up after a Terminate is not waited for.
    this.#clock.after(1000, () => this.#socket.destroy())
  }

  async #ask(text: string): Promise<readonly TextRow[]> {
    if (this.#failure !== undefined) throw this.#failure
    const frame = encodeFrontend({ name: 'query', text })
    const running: Running = { done: deferred(), rows: [], bytes: 0, refused: undefined }
    this.#running = running
    const cancel = this.#clock.after(this.#limits.queryMs, () =>
      this.#fail(new UpstreamError('E_UPSTREAM_TIMEOUT', { message: 'a query of ours took too long' })),
    )
    try {
      this.#socket.write(frame)
      return await running.done.promise
    } finally {
      cancel()
    }
  }

  #read(chunk: Buffer): void {
    try {
      this.#frames.push(chunk)
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) this.#take(frame)
    } catch (cause) {
      this.#fail(cause instanceof UpstreamError ? cause : new UpstreamError('E_UPSTREAM_PROTOCOL', { cause }))
    }
  }

  #take({ name, bytes }: BackendFrame): void {
    switch (name) {
      case 'dataRow':
        this.#row(bytes)
        return
      case 'errorResponse':
        this.#refused(sqlStateOf(decodeBackend({ name, bytes }).fields))
        return
      case 'readyForQuery':
        this.#ready()
        return
      case 'rowDescription':
      case 'commandComplete':
      case 'emptyQueryResponse':
      case 'noticeResponse':
      case 'parameterStatus':
      case 'notificationResponse':
        return
      default:
        throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: `${name} in answer to a query of ours` })
    }
  }

  #row(bytes: Buffer): void {
    const running = this.#running
    if (running === undefined)
      throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: 'a row that nobody asked for' })
    running.bytes += bytes.length
    if (running.bytes > this.#limits.bytes)
      throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: 'too many rows in answer to a query of ours' })
    running.rows.push(decodeBackend({ name: 'dataRow', bytes }).cells.map((cell) => cell?.toString('utf8') ?? null))
  }

  #refused(sqlState: string): void {
    const cause = { message: `a query of ours was refused (${sqlState})`, fields: { sqlState } }
    // Without a query it is a farewell: shut down, terminated by an administrator, idle for too long.
    if (this.#running === undefined) this.#fail(new UpstreamError('E_UPSTREAM_UNREACHABLE', cause))
    else this.#running.refused = new UpstreamError('E_UPSTREAM_QUERY', cause)
  }

  #ready(): void {
    if (this.#running === undefined)
      throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: 'ReadyForQuery that nobody asked for' })
    const { done, rows, refused } = this.#running
    this.#running = undefined
    if (refused === undefined) done.resolve(rows)
    else done.reject(refused)
  }

  #fail(error: UpstreamError): void {
    this.#failure ??= error
    this.#settle(this.#failure)
    this.#socket.destroy()
  }

  #settle(error: UpstreamError): void {
    this.#running?.done.reject(error)
    this.#running = undefined
    this.#closed.resolve()
  }
}
