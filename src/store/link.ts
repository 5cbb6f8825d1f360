import { Worker } from 'node:worker_threads'
import { asError, CodedError } from '../std/errors.ts'
import { deferred } from '../std/deferred.ts'
import type { Deferred } from '../std/deferred.ts'
import type { FromWorker, StoreFault, StoreReply, StoreRequest } from './message.ts'

export interface LinkEvents {
  /** Once, when the store is lost. */
  readonly onFailure: (error: Error) => void
  readonly onChange: () => void
}

/**
 * The near end of the worker: requests by id. After any failure of the worker every request, waiting or new, rejects: what is not
 * provably written has not happened.
 */
export class Link {
  readonly #worker: Worker
  readonly #events: LinkEvents
  readonly #waiting = new Map<number, Deferred<unknown>>()
  readonly #ready = deferred<undefined>()
  readonly #closed = deferred<undefined>()
  #lastId = 0
  #failure: Error | undefined
  #closing = false

  constructor(path: string, events: LinkEvents) {
    this.#events = events
    // Run from source and run compiled, the worker lies beside this file under this file's own ending.
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#worker = new Worker(new URL(`./worker.${ending}`, import.meta.url), { workerData: { path }, name: 'store' })
    this.#worker.on('message', (message: FromWorker) => this.#hear(message))
    this.#worker.on('error', (error: unknown) => this.#fail({ code: 'E_STORE', message: asError(error).message }))
    this.#worker.on('exit', () => this.#exited())
    // Whoever waits for nobody keeps no process alive; `call` and `close` take the reference back.
    void this.#ready.promise.then(() => this.#settleReference()).catch(() => undefined)
  }

  ready(): Promise<undefined> {
    return this.#ready.promise
  }

  get healthy(): boolean {
    return this.#failure === undefined && !this.#closing
  }

  call(wanted: Omit<StoreRequest, 'id'>): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#closing) return Promise.reject(lost({ code: 'E_STORE', message: 'the store is closed' }))
    const id = (this.#lastId += 1)
    const answer = deferred<unknown>()
    this.#waiting.set(id, answer)
    this.#worker.ref()
    this.#worker.postMessage({ kind: 'request', request: { id, ...wanted } })
    return answer.promise
  }

  /** After everything that was asked before. */
  async close(): Promise<void> {
    if (this.#failure !== undefined || this.#closing) return
    this.#closing = true
    this.#worker.ref()
    this.#worker.postMessage({ kind: 'close' })
    await this.#closed.promise
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.#ready.resolve(undefined)
        return
      case 'replies':
        for (const reply of message.replies) this.#answer(reply)
        this.#settleReference()
        return
      case 'changed':
        this.#events.onChange()
        return
      case 'failed':
        this.#fail(message.fault)
        return
      case 'closed':
        this.#closed.resolve(undefined)
    }
  }

  #answer(reply: StoreReply): void {
    const answer = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (reply.ok) answer?.resolve(reply.value)
    else answer?.reject(lost(reply.fault))
  }

  #settleReference(): void {
    if (this.#waiting.size === 0 && !this.#closing) this.#worker.unref()
  }

  #exited(): void {
    this.#closed.resolve(undefined)
    if (!this.#closing) this.#fail({ code: 'E_STORE', message: 'the store thread ended' })
    this.#rejectAll(lost({ code: 'E_STORE', message: 'the store is closed' }))
  }

  #fail(fault: StoreFault): void {
    if (this.#failure !== undefined) return
    this.#failure = lost(fault)
    this.#ready.reject(this.#failure)
    this.#rejectAll(this.#failure)
    this.#events.onFailure(this.#failure)
  }

  #rejectAll(error: Error): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const answer of waiting) answer.reject(error)
  }
}

const lost = ({ code, message }: StoreFault): CodedError =>
  new CodedError('E_STORE', {
    clientMessage: 'the store is not available',
    message: `store: ${message}`,
    fields: { code },
  })
