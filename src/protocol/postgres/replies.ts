import type { BackendName, ErrorFields, TransactionStatus } from './messages.ts'

/**
 * One answer that the backend owes us, or an answer of our own that waits for its turn. `Run` is whatever the driver wants to find again
 * when rows arrive. Manual: "Message Flow", "Extended Query", "Pipelining".
 */
export type Expected<Run> =
  | { readonly kind: 'query'; readonly run: Run; readonly segment: number }
  | { readonly kind: 'parse'; readonly onDone: () => void }
  | { readonly kind: 'bind'; readonly onDone: () => void }
  | {
      readonly kind: 'describe'
      readonly run: Run
      /** Ours, not the client's: its replies are not forwarded. */ readonly swallow: boolean
    }
  | { readonly kind: 'execute'; readonly run: Run }
  | { readonly kind: 'close'; readonly onDone: () => void; readonly swallow?: boolean }
  | { readonly kind: 'sync'; readonly segment: number; readonly swallow: boolean }
  /** A Parse of ours that asks whether the backend understands a text; nobody but us sees its reply. */
  | { readonly kind: 'check'; readonly onDone: () => void; readonly onError: (fields: ErrorFields) => void }
  /** Sent by us so that the implicit transaction fails; its error is replaced by `answer`. */
  | { readonly kind: 'poison'; readonly answer: Buffer }
  /** Answered by us: nothing of it went to the backend. */
  | { readonly kind: 'local'; readonly answer: (status: TransactionStatus) => Buffer; readonly endsSegment: boolean }

/** What the driver does with a backend message. */
export type Turn<Run> =
  | {
      readonly fate: 'forward'
      readonly expected: Expected<Run> | undefined
      readonly dropped: readonly Expected<Run>[]
    }
  | { readonly fate: 'swallow'; readonly expected: Expected<Run> }
  | { readonly fate: 'replace'; readonly answer: Buffer; readonly dropped: readonly Expected<Run>[] }
  /** The backend said something that no state allows: the session must end. */
  | { readonly fate: 'out-of-step' }

const NOTHING: readonly never[] = []

const ASYNCHRONOUS: ReadonlySet<BackendName> = new Set(['noticeResponse', 'notificationResponse', 'parameterStatus'])

/** Which message completes which expectation; rows and copy data complete nothing. */
const COMPLETES = {
  parse: ['parseComplete'],
  bind: ['bindComplete'],
  close: ['closeComplete'],
  describe: ['rowDescription', 'noData'],
  execute: ['commandComplete', 'emptyQueryResponse', 'portalSuspended'],
  query: ['readyForQuery'],
  sync: ['readyForQuery'],
  check: ['parseComplete'],
  poison: [],
  local: [],
} as const satisfies Record<Expected<unknown>['kind'], readonly BackendName[]>

/** What may arrive for an expectation without completing it. */
const CARRIES = {
  parse: [],
  bind: [],
  close: [],
  describe: ['parameterDescription'],
  execute: ['dataRow', 'copyInResponse', 'copyOutResponse', 'copyData', 'copyDone'],
  query: [
    'rowDescription',
    'dataRow',
    'commandComplete',
    'emptyQueryResponse',
    'copyInResponse',
    'copyOutResponse',
    'copyData',
    'copyDone',
    'errorResponse',
  ],
  sync: ['errorResponse'],
  check: [],
  poison: [],
  local: [],
} as const satisfies Record<Expected<unknown>['kind'], readonly BackendName[]>

const includes = (names: readonly BackendName[], name: BackendName): boolean => names.includes(name)

/**
 * The replies that are still owed, in order. An error in the extended protocol cancels everything up to the next Sync, one in a simple query
 * only what is left of that query.
 */
export class Replies<Run> {
  readonly #queue: Expected<Run>[] = []
  #head = 0
  #status: TransactionStatus = 'idle'

  /** The status of the last ReadyForQuery. */
  get status(): TransactionStatus {
    return this.#status
  }

  get pending(): number {
    return this.#queue.length - this.#head
  }

  get head(): Expected<Run> | undefined {
    return this.#queue[this.#head]
  }

  expect(expected: Expected<Run>): void {
    this.#queue.push(expected)
  }

  /** Everything that is still owed, oldest first. */
  outstanding(): readonly Expected<Run>[] {
    return this.#queue.slice(this.#head)
  }

  /** Takes our own answers that have reached the front, in order. Call after every `take` and every `expect` of a local answer. */
  *localAnswers(): Generator<Buffer> {
    for (let head = this.head; head?.kind === 'local'; head = this.head) {
      this.#shift()
      yield head.answer(this.#status)
    }
  }

  /** Accounts for one backend message. `status` comes with ReadyForQuery. Returns what it belongs to. */
  take(name: BackendName, status?: TransactionStatus): Turn<Run> {
    if (ASYNCHRONOUS.has(name)) return { fate: 'forward', expected: this.head, dropped: NOTHING }
    const head = this.head
    if (head === undefined || head.kind === 'local') return this.#unasked(name)
    if (name === 'errorResponse') return this.#error(head)
    if (includes(COMPLETES[head.kind], name)) {
      if (status !== undefined) this.#status = status
      this.#shift()
      if ('onDone' in head) head.onDone()
      return swallows(head)
        ? { fate: 'swallow', expected: head }
        : { fate: 'forward', expected: head, dropped: NOTHING }
    }
    if (!includes(CARRIES[head.kind], name)) return { fate: 'out-of-step' }
    if (name === 'copyInResponse' && head.kind === 'execute') this.#dropIgnoredSyncs()
    return swallows(head) ? { fate: 'swallow', expected: head } : { fate: 'forward', expected: head, dropped: NOTHING }
  }

  /** A server may end the connection with an error that nobody asked for (shutdown, termination by an administrator). */
  #unasked(name: BackendName): Turn<Run> {
    return name === 'errorResponse'
      ? { fate: 'forward', expected: undefined, dropped: NOTHING }
      : { fate: 'out-of-step' }
  }

  #error(head: Expected<Run>): Turn<Run> {
    if (head.kind === 'query' || head.kind === 'sync') return { fate: 'forward', expected: head, dropped: NOTHING }
    const dropped = this.#dropToSync()
    if (head.kind === 'check') return { fate: 'swallow', expected: head }
    return head.kind === 'poison'
      ? { fate: 'replace', answer: head.answer, dropped }
      : { fate: 'forward', expected: head, dropped }
  }

  /** A Sync that came before the data of a COPY is ignored, and not answered. Manual: "COPY Operations". */
  #dropIgnoredSyncs(): void {
    while (this.#queue[this.#head + 1]?.kind === 'sync') this.#queue.splice(this.#head + 1, 1)
  }

  #dropToSync(): readonly Expected<Run>[] {
    const dropped: Expected<Run>[] = []
    for (let head = this.head; head !== undefined && !endsSkipping(head); head = this.head) {
      dropped.push(head)
      this.#shift()
    }
    return dropped
  }

  #shift(): void {
    this.#head += 1
    if (this.#head < this.#queue.length && (this.#head < 64 || this.#head * 2 < this.#queue.length)) return
    this.#queue.splice(0, this.#head)
    this.#head = 0
  }
}

const endsSkipping = (expected: Expected<unknown>): boolean =>
  expected.kind === 'sync' || (expected.kind === 'local' && expected.endsSegment)

const swallows = (expected: Expected<unknown>): boolean =>
  expected.kind === 'check' || ('swallow' in expected && expected.swallow)
