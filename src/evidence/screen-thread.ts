import { Worker } from 'node:worker_threads'
import type { SessionId } from '../model/ids.ts'
import { deferred, type Deferred } from '../std/deferred.ts'
import { asError, CodedError } from '../std/errors.ts'
import type { Channel, ScreenPage, ScreenQuestion, Sights, SightQuestion } from './questions.ts'
import type { ScreenAnswer, ScreenJob } from './screen-worker.ts'

/** What stood on screens, from a thread of its own: emulating megabytes must not stand in the way of sessions. Undefined where nothing was kept of a channel. */
export interface Screens {
  channels(recording: SessionId): Promise<readonly Channel[]>
  page(question: ScreenQuestion): Promise<ScreenPage | undefined>
  find(question: SightQuestion): Promise<Sights | undefined>
  close(): Promise<void>
}

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './screen-worker.ts' : './screen-worker.js', import.meta.url)

/** The thread starts with the first question, and again with the next one after it died. */
export function createScreens(root: string): Screens {
  const thread = new ScreenThread(root)
  return {
    // Types do not cross a thread: the worker's table is held to the same questions.
    channels: (recording) => thread.ask({ kind: 'channels', question: { recording } }) as Promise<readonly Channel[]>,
    page: (question) => thread.ask({ kind: 'page', question }) as Promise<ScreenPage | undefined>,
    find: (question) => thread.ask({ kind: 'find', question }) as Promise<Sights | undefined>,
    close: () => thread.close(),
  }
}

type Asked = ScreenJob extends infer Job ? (Job extends ScreenJob ? Omit<Job, 'id'> : never) : never

class ScreenThread {
  readonly #root: string
  readonly #waiting = new Map<number, Deferred<unknown>>()
  #worker: Worker | undefined
  #lastId = 0

  constructor(root: string) {
    this.#root = root
  }

  ask(asked: Asked): Promise<unknown> {
    const worker = (this.#worker ??= this.#start())
    const id = (this.#lastId += 1)
    const answer = deferred<unknown>()
    this.#waiting.set(id, answer)
    worker.ref()
    worker.postMessage({ ...asked, id })
    return answer.promise
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    this.#lost(worker, 'closed')
    await worker.terminate()
  }

  #start(): Worker {
    const worker = new Worker(WORKER, { name: 'screens', workerData: { root: this.#root } })
    worker.unref()
    worker.on('message', (message: ScreenAnswer) => this.#hear(message))
    worker.on('error', (error: unknown) => this.#lost(worker, asError(error).message))
    worker.on('exit', () => this.#lost(worker, 'the thread ended'))
    return worker
  }

  #hear(message: ScreenAnswer): void {
    const answer = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (this.#waiting.size === 0) this.#worker?.unref()
    if ('fault' in message) answer?.reject(failed(message.fault))
    else answer?.resolve(message.value)
  }

  #lost(worker: Worker, why: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const answer of this.#waiting.values()) answer.reject(failed(why))
    this.#waiting.clear()
  }
}

const failed = (why: string): CodedError =>
  new CodedError('E_SCREENS', { clientMessage: 'what stood on the screen cannot be shown', message: `screens: ${why}` })
