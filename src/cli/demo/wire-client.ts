import type { Socket } from 'node:net'
import { decodeBackend } from '../../protocol/postgres/decode.ts'
import { encodeFrontend } from '../../protocol/postgres/encode.ts'
import { FrameReader, type BackendFrame } from '../../protocol/postgres/framing.ts'
import { UPSTREAM_SESSION } from '../../protocol/postgres/limits.ts'
import type { ErrorFields, FrontendMessage, TransactionStatus } from '../../protocol/postgres/messages.ts'
import { cancelUpstream, dialUpstream, type Dial } from '../../proxy/postgres/dial.ts'
import { asError } from '../../std/errors.ts'

/** Everything that answered what was sent, up to ReadyForQuery. */
export interface Answer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
  /** Command tags in their order. */
  readonly tags: readonly string[]
  /** COPY data as it came. */
  readonly copied: string
  readonly error: ErrorFields | undefined
  /** As the server ended it; undefined where it hung up instead. */
  readonly status: TransactionStatus | undefined
}

type Growing = { -readonly [Key in keyof Answer]: Answer[Key] }

/** No answer of the story takes as long; a person's answer does not count, the story gives it. */
const PATIENCE_MS = 20_000

/**
 * A client of the Postgres protocol as psql and drivers are, over a real socket, that keeps every byte it was sent. It asks one thing at a
 * time: `send`, then `notice` for what comes while a statement waits, then `answer`.
 */
export class WireClient {
  readonly #socket: Socket
  readonly #dial: Dial
  readonly #key: { readonly pid: number; readonly secret: Buffer }
  readonly #frames = new FrameReader({ side: 'backend', limits: UPSTREAM_SESSION })
  readonly #received: Buffer[] = []
  readonly #notices: ErrorFields[] = []
  readonly #answers: Answer[] = []
  #current: Growing = nothing()
  #ended = false
  #wake: () => void = () => undefined

  private constructor(dial: Dial, { socket, backendKey }: Awaited<ReturnType<typeof dialUpstream>>) {
    this.#dial = dial
    this.#socket = socket
    this.#key = backendKey ?? { pid: 0, secret: Buffer.alloc(4) }
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('close', () => this.#end())
  }

  /** Logs in; throws what `dialUpstream` throws. */
  static async connect(dial: Dial): Promise<WireClient> {
    return new WireClient(dial, await dialUpstream(dial))
  }

  /** What a simple Query of this text gets in answer. */
  query(text: string): Promise<Answer> {
    this.send({ name: 'query', text })
    return this.answer()
  }

  /** Writes the messages at once, as a pipelining driver does. */
  send(...messages: readonly FrontendMessage[]): void {
    this.#socket.write(Buffer.concat(messages.map(encodeFrontend)))
  }

  /** The next notice that was not taken yet. */
  notice(): Promise<ErrorFields> {
    return this.#next(() => this.#notices.shift(), 'a notice')
  }

  answer(): Promise<Answer> {
    return this.#next(() => this.#answers.shift(), 'an answer')
  }

  /** Whether an answer has come that nobody took. */
  get isAnswered(): boolean {
    return this.#answers.length > 0
  }

  /** Ctrl-C: a CancelRequest on a connection of its own. */
  cancel(): Promise<void> {
    return cancelUpstream({ ...this.#dial, backendKey: this.#key })
  }

  /** Goes without a word, as a closed laptop does. */
  hangUp(): void {
    this.#socket.destroy()
  }

  /** Says goodbye. */
  close(): void {
    this.#socket.end(encodeFrontend({ name: 'terminate' }))
  }

  /** Every byte that came after the login. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  async #next<Item>(take: () => Item | undefined, what: string): Promise<Item> {
    const giveUp = performance.now() + PATIENCE_MS
    for (let item = take(); ; item = take()) {
      if (item !== undefined) return item
      const left = giveUp - performance.now()
      if (this.#ended || left <= 0)
        throw new Error(`${what} was expected, ${this.#ended ? 'the connection ended' : 'none came'}`)
      await this.#woken(left)
    }
  }

  #woken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #read(chunk: Buffer): void {
    this.#received.push(Buffer.from(chunk))
    try {
      this.#frames.push(chunk)
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) this.#take(frame)
    } catch (thrown) {
      this.#socket.destroy(asError(thrown))
    }
    this.#wake()
  }

  #take({ name, bytes }: BackendFrame): void {
    const answer = this.#current
    switch (name) {
      case 'rowDescription':
        answer.columns = decodeBackend({ name, bytes }).fields.map((field) => field.name)
        return
      case 'dataRow':
        answer.rows = [...answer.rows, textOf(decodeBackend({ name, bytes }).cells)]
        return
      case 'commandComplete':
        answer.tags = [...answer.tags, decodeBackend({ name, bytes }).commandTag]
        return
      case 'copyData':
        answer.copied += decodeBackend({ name, bytes }).bytes.toString('utf8')
        return
      case 'noticeResponse':
        this.#notices.push(decodeBackend({ name, bytes }).fields)
        return
      case 'errorResponse':
        answer.error = decodeBackend({ name, bytes }).fields
        return
      case 'readyForQuery':
        this.#answers.push({ ...answer, status: decodeBackend({ name, bytes }).status })
        this.#current = nothing()
        return
      default:
        return
    }
  }

  #end(): void {
    this.#ended = true
    this.#wake()
  }
}

const textOf = (cells: readonly (Buffer | null)[]): (string | null)[] =>
  cells.map((cell) => cell?.toString('utf8') ?? null)

const nothing = (): Growing => ({ columns: [], rows: [], tags: [], copied: '', error: undefined, status: undefined })
