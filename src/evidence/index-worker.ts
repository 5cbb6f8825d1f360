import { parentPort, workerData } from 'node:worker_threads'
import { asError } from '../std/errors.ts'
import { Follower } from './follower.ts'
import { indexCalls, type IndexCalls } from './index-calls.ts'
import { IndexFile } from './index-file.ts'
import type { FromIndex, IndexStart, ToIndex } from './index-message.ts'

/** How often live recordings are looked at, in milliseconds. */
const BEAT_MS = 2000
/** After trouble with a file, so that it does not fill the log. */
const AGAIN_MS = 30_000

/** The thread that owns the index: it follows the recordings in slices and answers questions between two of them. */
function start({ path, root }: IndexStart): void {
  const file = IndexFile.open(path)
  const follower = new Follower({ file, root })
  const calls = indexCalls({ file, root })
  const waiting: number[] = []
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const turn = (): void => {
    timer = undefined
    if (closed) return
    const next = follow(follower)
    if (next === 'at-once') {
      setImmediate(turn)
      return
    }
    for (const id of waiting.splice(0)) post({ kind: 'answer', id, value: undefined, complete: follower.caughtUp })
    timer = setTimeout(turn, next)
  }
  parentPort?.on('message', (message: ToIndex) => {
    if (message.kind === 'close') {
      closed = true
      clearTimeout(timer)
      file.close()
      post({ kind: 'closed' })
      parentPort?.close()
    } else if (message.kind === 'refresh') {
      waiting.push(message.id)
      if (timer === undefined) return
      clearTimeout(timer)
      timer = undefined
      turn()
    } else answer(calls, message, follower.caughtUp)
  })
  post({ kind: 'ready' })
  turn()
}

function follow(follower: Follower): number | 'at-once' {
  try {
    return follower.step() ? 'at-once' : BEAT_MS
  } catch (error) {
    post({ kind: 'trouble', message: asError(error).message })
    return AGAIN_MS
  }
}

function answer(calls: IndexCalls, message: Extract<ToIndex, { kind: 'call' }>, complete: boolean): void {
  const { id, method, input } = message
  try {
    const call: unknown = Object.entries(calls).find(([name]) => name === method)?.[1]
    if (typeof call !== 'function') throw new TypeError(`no question ${method}`)
    const value: unknown = Reflect.apply(call, undefined, [input])
    post({ kind: 'answer', id, value, complete })
  } catch (error) {
    post({ kind: 'fault', id, message: asError(error).message })
  }
}

const isStart = (given: unknown): given is IndexStart =>
  typeof given === 'object' && given !== null && 'path' in given && 'root' in given

const post = (message: FromIndex): void => parentPort?.postMessage(message)

if (!isStart(workerData)) throw new TypeError('the index needs a path and a root')
start(workerData)
