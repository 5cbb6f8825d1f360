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
  | { readonly kind: 'local'; readonly answer: (status: TransactionStatus) => Buffer }

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

const isAsynchronous = (name: BackendName): boolean =>
  name === 'noticeResponse' || name === 'notificationResponse' || name === 'parameterStatus'

type Kind = Expected<unknown>['kind']

/** Whether the message completes an expectation of this kind; rows and copy data complete nothing. */
function completes(kind: Kind, name: BackendName): boolean {
  switch (kind) {
    case 'parse':
    case 'check':
      return name === 'parseComplete'
    case 'bind':
      return name === 'bindComplete'
    case 'close':
      return name === 'closeComplete'
    case 'describe':
      return name === 'rowDescription' || name === 'noData'
    case 'execute':
      return name === 'commandComplete' || name === 'emptyQueryResponse' || name === 'portalSuspended'
    case 'query':
    case 'sync':
      return name === 'readyForQuery'
    case 'poison':
    case 'local':
      return false
  }
}

const OF_A_COPY: readonly BackendName[] = ['copyInResponse', 'copyOutResponse', 'copyData', 'copyDone']
const OF_A_QUERY: readonly BackendName[] = [
  'rowDescription',
  'dataRow',
  'commandComplete',
  'emptyQueryResponse',
  'errorResponse',
  ...OF_A_COPY,
]

/** What may arrive for an expectation without completing it. */
function carries(kind: Kind, name: BackendName): boolean {
  switch (kind) {
    case 'describe':
      return name === 'parameterDescription'
    case 'execute':
      return name === 'dataRow' || OF_A_COPY.includes(name)
    case 'query':
      return OF_A_QUERY.includes(name)
    case 'sync':
      return name === 'errorResponse'
    case 'parse':
    case 'check':
    case 'bind':
    case 'close':
    case 'poison':
    case 'local':
      return false
  }
}

/**
 * The replies that are still owed, in order. An error in the extended protocol cancels everything up to the next Sync, one in a simple query
 * only what is left of that query.
 */
export class Replies<Run> {
  readonly #queue: Expected<Run>[] = []
  #head = 0
  #status: TransactionStatus = 'idle'
  #skipping = false

  /** The status of the last ReadyForQuery. */
  get status(): TransactionStatus {
    return this.#status
  }

  /** An error came before the Sync that ends its segment was expected: until then the backend ignores what it is sent, a Query included, and owes nothing for it. */
  get isSkipping(): boolean {
    return this.#skipping
  }

  get pending(): number {
    return this.#queue.length - this.#head
  }

  get head(): Expected<Run> | undefined {
    return this.#queue[this.#head]
  }

  expect(expected: Expected<Run>): void {
    if (expected.kind === 'sync') this.#skipping = false
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
    if (isAsynchronous(name)) return { fate: 'forward', expected: this.head, dropped: NOTHING }
    const head = this.head
    if (head === undefined || head.kind === 'local') return this.#unasked(name)
    if (name === 'errorResponse') return this.#error(head)
    if (completes(head.kind, name)) {
      if (status !== undefined) this.#status = status
      this.#shift()
      confirm(head)
      return swallows(head)
        ? { fate: 'swallow', expected: head }
        : { fate: 'forward', expected: head, dropped: NOTHING }
    }
    if (!carries(head.kind, name)) return { fate: 'out-of-step' }
    if (name === 'copyInResponse') this.#dropIgnoredSyncs()
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
    this.#skipping = this.head === undefined
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
    for (let head = this.head; head !== undefined && head.kind !== 'sync'; head = this.head) {
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

// By kind and not by property: each kind is another shape of object, and this runs for every message.
const swallows = (expected: Expected<unknown>): boolean => {
  switch (expected.kind) {
    case 'check':
      return true
    case 'describe':
    case 'sync':
      return expected.swallow
    case 'close':
      return expected.swallow === true
    default:
      return false
  }
}

function confirm(expected: Expected<unknown>): void {
  switch (expected.kind) {
    case 'parse':
    case 'bind':
    case 'close':
    case 'check':
      expected.onDone()
      break
    default:
  }
}
