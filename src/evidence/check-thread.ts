import { Worker } from 'node:worker_threads'
import { deferred, type Deferred } from '../std/deferred.ts'
import { asError, CodedError } from '../std/errors.ts'
import type { Checked, CheckWanted } from './check.ts'
import type { CheckAnswer, CheckJob } from './check-worker.ts'

/** Verification in a thread of its own: hashing gigabytes must not stand in the way of sessions. */
export interface Checker {
  check(wanted: CheckWanted): Promise<Checked>
  close(): Promise<void>
}

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './check-worker.ts' : './check-worker.js', import.meta.url)

/** One check at a time; the thread starts with the first. */
export function createChecker(): Checker {
  const thread = new CheckThread()
  let last: Promise<unknown> = Promise.resolve()
  return {
    check(wanted) {
      const next = last.then(() => thread.run(wanted))
      last = next.catch(() => undefined)
      return next
    },
    close: () => thread.close(),
  }
}

class CheckThread {
  #worker: Worker | undefined
  #waiting: { readonly id: number; readonly answer: Deferred<Checked> } | undefined
  #lastId = 0

  run(wanted: CheckWanted): Promise<Checked> {
    const worker = (this.#worker ??= this.#start())
    const id = (this.#lastId += 1)
    const answer = deferred<Checked>()
    this.#waiting = { id, answer }
    worker.ref()
    worker.postMessage({ ...wanted, id } satisfies CheckJob)
    return answer.promise.finally(() => worker.unref())
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    this.#lost(worker, 'closed')
    await worker.terminate()
  }

  #start(): Worker {
    const worker = new Worker(WORKER, { name: 'verification' })
    worker.unref()
    worker.on('message', (message: CheckAnswer) => this.#hear(message))
    worker.on('error', (error: unknown) => this.#lost(worker, asError(error).message))
    worker.on('exit', () => this.#lost(worker, 'the thread ended'))
    return worker
  }

  #hear(message: CheckAnswer): void {
    if (this.#waiting?.id !== message.id) return
    const { answer } = this.#waiting
    this.#waiting = undefined
    if ('checked' in message) answer.resolve(message.checked)
    else answer.reject(failed(message.fault))
  }

  #lost(worker: Worker, why: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#waiting?.answer.reject(failed(why))
    this.#waiting = undefined
  }
}

const failed = (why: string): CodedError =>
  new CodedError('E_CHECK', { clientMessage: 'the recordings could not be verified', message: `verification: ${why}` })
