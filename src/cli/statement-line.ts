import type { Socket } from 'node:net'
import { decodeBackend } from '../protocol/postgres/decode.ts'
import { encodeFrontend } from '../protocol/postgres/encode.ts'
import { FrameReader, type BackendFrame } from '../protocol/postgres/framing.ts'
import type { TransactionStatus } from '../protocol/postgres/messages.ts'
import { UPSTREAM_SESSION } from '../protocol/postgres/limits.ts'
import { cancelUpstream, dialUpstream, type Dial, type UpstreamSocket } from '../proxy/postgres/dial.ts'
import { deferred, type Deferred } from '../std/deferred.ts'
import { asError } from '../std/errors.ts'

/** What the server says besides rows. */
export interface Words {
  readonly severity: string
  readonly code: string
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
}

/** What became of one text. */
export interface StatementEnd {
  /** Command tag of its last statement, where it succeeded. */
  readonly tag: string | undefined
  /** Its error, or the end of the session. */
  readonly error: Words | undefined
  readonly transaction: TransactionStatus
}

/** Who hears what comes while a statement runs. Rows are not kept. */
export interface Hearing {
  readonly notice: (words: Words) => void
  readonly columns?: (names: readonly string[]) => void
  /** A cell in text form; null is SQL NULL. */
  readonly row?: (cells: readonly (string | null)[]) => void
  /** Every statement of a text that ended well. */
  readonly tag?: (tag: string) => void
  /** A piece of what COPY gives. */
  readonly copied?: (bytes: Buffer) => void
}

/** A session through Countersign that runs one statement after the other, for as long as each takes. */
export interface StatementLine {
  /** After an end of the session every further text ends with its error. */
  run(text: string): Promise<StatementEnd>
  /** Asks the server to cancel what runs, as Ctrl-C does; what became of it `run` tells. Throws what `cancelUpstream` throws. */
  cancel(): Promise<void>
  /** Whether the session is over. */
  readonly isOver: boolean
  /** Says goodbye and waits until the other side has hung up. */
  close(): Promise<void>
}

/** Logs in. Throws what `dialUpstream` throws. */
export async function openStatementLine(dial: Dial, hear: Hearing): Promise<StatementLine> {
  return new Line(dial, await dialUpstream(dial), hear)
}

const LOST: Words = {
  severity: 'FATAL',
  code: '08006',
  message: 'the connection ended before the statement did',
  detail: undefined,
  hint: undefined,
}
const NO_INPUT = 'there is nothing here that could be copied in'

class Line implements StatementLine {
  readonly #dial: Dial
  readonly #socket: Socket
  readonly #key: UpstreamSocket['backendKey']
  readonly #hear: Hearing
  readonly #frames = new FrameReader({ side: 'backend', limits: UPSTREAM_SESSION })
  readonly #closed = deferred<undefined>()
  #running: Deferred<StatementEnd> | undefined
  #tag: string | undefined
  #error: Words | undefined
  #transaction: TransactionStatus = 'idle'
  #over = false

  constructor(dial: Dial, { socket, backendKey }: UpstreamSocket, hear: Hearing) {
    this.#dial = dial
    this.#socket = socket
    this.#key = backendKey
    this.#hear = hear
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#ended())
  }

  get isOver(): boolean {
    return this.#over
  }

  async cancel(): Promise<void> {
    if (this.#key !== undefined) await cancelUpstream({ ...this.#dial, backendKey: this.#key })
  }

  run(text: string): Promise<StatementEnd> {
    if (this.#over) return Promise.resolve({ tag: undefined, error: this.#error ?? LOST, transaction: 'idle' })
    const running = deferred<StatementEnd>()
    this.#running = running
    this.#tag = undefined
    this.#error = undefined
    this.#socket.write(encodeFrontend({ name: 'query', text }))
    return running.promise
  }

  close(): Promise<void> {
    if (!this.#over) this.#socket.end(encodeFrontend({ name: 'terminate' }))
    return this.#closed.promise
  }

  #read(chunk: Buffer): void {
    try {
      this.#frames.push(chunk)
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) this.#take(frame)
    } catch (thrown) {
      this.#socket.destroy(asError(thrown))
    }
  }

  #take({ name, bytes }: BackendFrame): void {
    switch (name) {
      case 'rowDescription':
        this.#hear.columns?.(decodeBackend({ name, bytes }).fields.map((field) => field.name))
        return
      case 'dataRow':
        this.#hear.row?.(decodeBackend({ name, bytes }).cells.map((cell) => cell?.toString('utf8') ?? null))
        return
      case 'copyData':
        this.#hear.copied?.(decodeBackend({ name, bytes }).bytes)
        return
      case 'copyInResponse':
        this.#socket.write(encodeFrontend({ name: 'copyFail', reason: NO_INPUT }))
        return
      case 'commandComplete':
        this.#tag = decodeBackend({ name, bytes }).commandTag
        this.#hear.tag?.(this.#tag)
        return
      case 'noticeResponse':
        this.#hear.notice(wordsOf(decodeBackend({ name, bytes }).fields))
        return
      case 'errorResponse':
        this.#error = wordsOf(decodeBackend({ name, bytes }).fields)
        return
      case 'readyForQuery':
        this.#transaction = decodeBackend({ name, bytes }).status
        this.#answer({ tag: this.#tag, error: this.#error, transaction: this.#transaction })
        return
      default:
        return
    }
  }

  #answer(end: StatementEnd): void {
    this.#running?.resolve(end)
    this.#running = undefined
  }

  #ended(): void {
    this.#over = true
    this.#answer({ tag: undefined, error: this.#error ?? LOST, transaction: 'idle' })
    this.#closed.resolve(undefined)
  }
}

const wordsOf = (fields: ReadonlyMap<string, string>): Words => ({
  severity: fields.get('V') ?? fields.get('S') ?? 'ERROR',
  code: fields.get('C') ?? 'XXXXX',
  message: fields.get('M') ?? '',
  detail: fields.get('D'),
  hint: fields.get('H'),
})
