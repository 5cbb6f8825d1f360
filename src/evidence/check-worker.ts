import { parentPort } from 'node:worker_threads'
import { asError } from '../std/errors.ts'
import { Check, type Checked, type CheckWanted } from './check.ts'

export interface CheckJob extends CheckWanted {
  readonly id: number
}

export type CheckAnswer =
  { readonly id: number; readonly checked: Checked } | { readonly id: number; readonly fault: string }

const check = new Check()
const post = (message: CheckAnswer): void => parentPort?.postMessage(message)

parentPort?.on('message', ({ id, ...wanted }: CheckJob) => {
  check.run(wanted).then(
    (checked) => post({ id, checked }),
    (error: unknown) => post({ id, fault: asError(error).message }),
  )
})
