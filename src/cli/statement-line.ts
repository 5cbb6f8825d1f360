import type { Socket } from 'node:net'
import { decodeBackend } from '../protocol/postgres/decode.ts'
import { encodeFrontend } from '../protocol/postgres/encode.ts'
import { FrameReader, type BackendFrame } from '../protocol/postgres/framing.ts'
import { UPSTREAM_SESSION } from '../protocol/postgres/limits.ts'
import { dialUpstream, type Dial } from '../proxy/postgres/dial.ts'
import { deferred, type Deferred } from '../std/deferred.ts'
import { asError } from '../std/errors.ts'

/** What became of one statement. */
export interface StatementEnd {
  /** Command tag, where it succeeded. */
  readonly tag: string | undefined
  /** Code and words of its error, or of the end of the session. */
  readonly error: { readonly code: string; readonly message: string; readonly detail: string | undefined } | undefined
}

/** A session through Countersign that runs one statement after the other, for as long as each takes. */
export interface StatementLine {
  /** Rows are not kept. After an end of the session every further statement ends with an error. */
  run(text: string): Promise<StatementEnd>
  /** Says goodbye and waits until the other side has hung up. */
  close(): Promise<void>
}

/** Logs in. Throws what `dialUpstream` throws. */
export async function openStatementLine(dial: Dial, onNotice: (text: string) => void): Promise<StatementLine> {
  const { socket } = await dialUpstream(dial)
  return new Line(socket, onNotice)
}

const LOST = { code: '08006', message: 'the connection ended before the statement did', detail: undefined }

class Line implements StatementLine {
  readonly #socket: Socket
  readonly #onNotice: (text: string) => void
  readonly #frames = new FrameReader({ side: 'backend', limits: UPSTREAM_SESSION })
  readonly #closed = deferred<undefined>()
  #running: Deferred<StatementEnd> | undefined
  #tag: string | undefined
  #error: StatementEnd['error']
  #over = false

  constructor(socket: Socket, onNotice: (text: string) => void) {
    this.#socket = socket
    this.#onNotice = onNotice
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#ended())
  }

  run(text: string): Promise<StatementEnd> {
    if (this.#over) return Promise.resolve({ tag: undefined, error: this.#error ?? LOST })
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
      case 'commandComplete':
        this.#tag = decodeBackend({ name, bytes }).commandTag
        return
      case 'noticeResponse':
        this.#onNotice(decodeBackend({ name, bytes }).fields.get('M') ?? '')
        return
      case 'errorResponse':
        this.#error = errorOf(decodeBackend({ name, bytes }).fields)
        return
      case 'readyForQuery':
        this.#answer({ tag: this.#tag, error: this.#error })
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
    this.#answer({ tag: undefined, error: this.#error ?? LOST })
    this.#closed.resolve(undefined)
  }
}

const errorOf = (fields: ReadonlyMap<string, string>): NonNullable<StatementEnd['error']> => ({
  code: fields.get('C') ?? 'XXXXX',
  message: fields.get('M') ?? '',
  detail: fields.get('D'),
})
