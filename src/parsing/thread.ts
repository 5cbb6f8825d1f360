import { Worker } from 'node:worker_threads'
import type { Catalog } from '../model/catalog.ts'
import type { SqlFacts } from '../model/facts.ts'
import { deferred, type Deferred } from '../std/deferred.ts'
import type { Clock } from '../std/clock.ts'
import type { Answer, Job } from './job.ts'

export interface ThreadOptions {
  readonly clock: Clock
  readonly deadlineMs: number
  /** What a worker's stack may hold; Node's usual megabyte is too little for 256 kB of SQL. */
  readonly stackMb: number
}

/** A text to read, without what only the thread itself knows. */
export type Request = Pick<Job, 'text' | 'searchPath' | 'dirty'> & { readonly catalog: Catalog | undefined }

// Compiled, the worker lies beside this file as JavaScript.
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

/** One worker thread that reads one text at a time. Any trouble ends it; the next text starts a new one. */
export class Thread {
  readonly #options: ThreadOptions
  #worker: Worker | undefined
  #pending: { readonly id: number; readonly answer: Deferred<readonly SqlFacts[] | undefined> } | undefined
  #sent: Catalog | undefined
  #lastId = 0

  constructor(options: ThreadOptions) {
    this.#options = options
  }

  /** The facts, or undefined where the worker died or took longer than the deadline. */
  async read(request: Request): Promise<readonly SqlFacts[] | undefined> {
    const worker = (this.#worker ??= this.#start())
    const id = ++this.#lastId
    const answer = deferred<readonly SqlFacts[] | undefined>()
    this.#pending = { id, answer }
    // Only a worker with a text before it keeps the process alive.
    worker.ref()
    const disarm = this.#options.clock.after(this.#options.deadlineMs, () => this.#drop(worker))
    const { catalog, ...job } = request
    worker.postMessage({
      ...job,
      id,
      catalog: catalog !== undefined && catalog === this.#sent ? 'same' : catalog,
    } satisfies Job)
    this.#sent = catalog
    try {
      return await answer.promise
    } finally {
      disarm()
      worker.unref()
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    this.#drop(worker)
    await worker.terminate()
  }

  #start(): Worker {
    const worker = new Worker(WORKER, { resourceLimits: { stackSizeMb: this.#options.stackMb } })
    worker.unref()
    worker.on('message', (message: Answer | 'ready') => {
      if (message !== 'ready' && message.id === this.#pending?.id) this.#settle(message.facts)
    })
    for (const trouble of ['error', 'messageerror', 'exit'] as const) worker.on(trouble, () => this.#drop(worker))
    return worker
  }

  #drop(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#sent = undefined
    void worker.terminate()
    this.#settle(undefined)
  }

  #settle(facts: readonly SqlFacts[] | undefined): void {
    const pending = this.#pending
    this.#pending = undefined
    pending?.answer.resolve(facts)
  }
}
