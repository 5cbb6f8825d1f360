import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { Follower } from './follower.ts'
import { Following } from './following.ts'
import { indexCalls, type IndexCalls } from './index-calls.ts'
import { IndexFile } from './index-file.ts'
import type { FromIndex, IndexStart, ToIndex } from './index-message.ts'
import { createPressure } from './pressure.ts'

/** The thread that owns the index: it follows the recordings in slices and answers questions between two of them. */
function start({ path, root }: IndexStart): void {
  const file = IndexFile.open(path)
  const follower = new Follower({ file, root })
  const calls = indexCalls({ file, root })
  const following = new Following({
    step: () => follower.step(),
    monoMicros: () => systemClock.monoMicros(),
    after: (ms, callback) => systemClock.after(ms, callback),
    soon: setImmediate,
    isPressed: createPressure({
      processMicros: () => total(process.cpuUsage()),
      ownMicros: () => total(process.threadCpuUsage()),
      monoMicros: () => systemClock.monoMicros(),
    }),
    onTrouble: (message) => post({ kind: 'trouble', message }),
  })
  const isComplete = (): boolean => follower.caughtUp && !following.isBehind
  parentPort?.on('message', (message: ToIndex) => {
    if (message.kind === 'close') {
      following.stop()
      file.close()
      post({ kind: 'closed' })
      parentPort?.close()
    } else if (message.kind === 'refresh') {
      const { id } = message
      following.refresh(() => post({ kind: 'answer', id, value: undefined, complete: isComplete() }))
    } else following.ask(() => answer(calls, message, isComplete()))
  })
  post({ kind: 'ready' })
  following.start()
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

const total = ({ user, system }: NodeJS.CpuUsage): number => user + system

const isStart = (given: unknown): given is IndexStart =>
  typeof given === 'object' && given !== null && 'path' in given && 'root' in given

const post = (message: FromIndex): void => parentPort?.postMessage(message)

if (!isStart(workerData)) throw new TypeError('the index needs a path and a root')
start(workerData)
