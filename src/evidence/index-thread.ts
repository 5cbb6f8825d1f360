import { Worker } from 'node:worker_threads'
import { deferred, type Deferred } from '../std/deferred.ts'
import { asError, CodedError } from '../std/errors.ts'
import type { IndexCalls } from './index-calls.ts'
import type { FromIndex, IndexStart, ToIndex } from './index-message.ts'

/** The index as seen from outside its thread. */
export type Index = {
  readonly [Method in keyof IndexCalls]: (
    input: Parameters<IndexCalls[Method]>[0],
  ) => Promise<Answered<ReturnType<IndexCalls[Method]>>>
} & {
  /** Waits until everything that stands in the recordings now has been read. */
  readonly refresh: () => Promise<void>
  readonly close: () => Promise<void>
}

export interface Answered<Value> {
  readonly value: Value
  /** Everything that was there at the start has been read, and what was written since up to some seconds ago. */
  readonly complete: boolean
}

export interface IndexDeps extends IndexStart {
  /** Recordings could not be followed, or the thread died: searches may miss what came since. */
  readonly onTrouble: (message: string) => void
}

// Compiled, the worker lies beside this file as JavaScript.
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './index-worker.ts' : './index-worker.js', import.meta.url)

/** Starts the thread that keeps the index. A thread that dies is started again by the next question: the index is a cache. */
export function openIndex(deps: IndexDeps): Index {
  const link = new IndexLink(deps)
  const call =
    <Method extends keyof IndexCalls>(method: Method) =>
    (input: Parameters<IndexCalls[Method]>[0]) =>
      // Types do not cross a thread: `indexCalls` on the other side is held to the same interface.
      link.ask({ kind: 'call', method, input }) as Promise<Answered<ReturnType<IndexCalls[Method]>>>
  link.start()
  return {
    search: call('search'),
    searchSessions: call('searchSessions'),
    statements: call('statements'),
    counts: call('counts'),
    ledger: call('ledger'),
    entries: call('entries'),
    ledgerSessions: call('ledgerSessions'),
    page: call('page'),
    find: call('find'),
    head: call('head'),
    tally: call('tally'),
    async refresh() {
      await link.ask({ kind: 'refresh' })
    },
    close: () => link.close(),
  }
}

type Asked = Omit<Extract<ToIndex, { kind: 'call' }>, 'id'> | Omit<Extract<ToIndex, { kind: 'refresh' }>, 'id'>

class IndexLink {
  readonly #deps: IndexDeps
  readonly #waiting = new Map<number, Deferred<unknown>>()
  #worker: Worker | undefined
  #closed: Deferred<undefined> | undefined
  #lastId = 0

  constructor(deps: IndexDeps) {
    this.#deps = deps
  }

  start(): Worker {
    const { path, root } = this.#deps
    const worker = new Worker(WORKER, { workerData: { path, root } satisfies IndexStart, name: 'index' })
    worker.unref()
    worker.on('message', (message: FromIndex) => this.#hear(message))
    worker.on('error', (error: unknown) => this.#lost(worker, asError(error).message))
    worker.on('exit', () => this.#lost(worker, 'the index thread ended'))
    this.#worker = worker
    return worker
  }

  ask(asked: Asked): Promise<unknown> {
    if (this.#closed !== undefined) return Promise.reject(unavailable('the index is closed'))
    const worker = this.#worker ?? this.start()
    const id = (this.#lastId += 1)
    const answer = deferred<unknown>()
    this.#waiting.set(id, answer)
    worker.ref()
    worker.postMessage({ ...asked, id } satisfies ToIndex)
    return answer.promise
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined || this.#closed !== undefined) return
    this.#closed = deferred<undefined>()
    worker.ref()
    worker.postMessage({ kind: 'close' } satisfies ToIndex)
    await this.#closed.promise
  }

  #hear(message: FromIndex): void {
    switch (message.kind) {
      case 'ready':
        return
      case 'answer':
        this.#settle(message.id)?.resolve({ value: message.value, complete: message.complete })
        return
      case 'fault':
        this.#settle(message.id)?.reject(unavailable(message.message))
        return
      case 'trouble':
        this.#deps.onTrouble(message.message)
        return
      case 'closed':
        this.#closed?.resolve(undefined)
    }
  }

  #settle(id: number): Deferred<unknown> | undefined {
    const answer = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#worker?.unref()
    return answer
  }

  #lost(worker: Worker, message: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(unavailable(message))
    if (this.#closed === undefined) this.#deps.onTrouble(message)
    else this.#closed.resolve(undefined)
  }
}

const unavailable = (message: string): CodedError =>
  new CodedError('E_INDEX', { clientMessage: 'the index of recordings is not available', message: `index: ${message}` })
