import { parentPort, workerData } from 'node:worker_threads'
import { asError } from '../std/errors.ts'
import { ScreenRoom } from './screen-room.ts'
import type { ScreenQuestion, SightQuestion } from './questions.ts'

export type ScreenJob =
  | { readonly id: number; readonly kind: 'channels'; readonly question: { readonly recording: string } }
  | { readonly id: number; readonly kind: 'page'; readonly question: ScreenQuestion }
  | { readonly id: number; readonly kind: 'find'; readonly question: SightQuestion }

export type ScreenAnswer =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly fault: string }

const isStart = (given: unknown): given is { readonly root: string } =>
  typeof given === 'object' && given !== null && 'root' in given && typeof given.root === 'string'

if (!isStart(workerData)) throw new TypeError('screens need the root of the recordings')
const room = new ScreenRoom(workerData.root)
const post = (message: ScreenAnswer): void => parentPort?.postMessage(message)

// One after the other: an emulator that one page left where it ended is the next one's beginning.
let last: Promise<void> = Promise.resolve()
parentPort?.on('message', (job: ScreenJob) => {
  last = last.then(() => answer(job))
})

async function answer(job: ScreenJob): Promise<void> {
  try {
    post({ id: job.id, value: await asked(job) })
  } catch (error) {
    post({ id: job.id, fault: asError(error).message })
  }
}

function asked(job: ScreenJob): unknown {
  switch (job.kind) {
    case 'channels':
      return room.channels(job.question)
    case 'page':
      return room.page(job.question)
    case 'find':
      return room.find(job.question)
  }
}
