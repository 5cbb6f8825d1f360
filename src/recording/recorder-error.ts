import { CodedError } from '../std/errors.ts'

export type RecorderFault =
  'E_RECORDER_WRITE' | 'E_RECORDER_BROKEN' | 'E_RECORDING_EXISTS' | 'E_RECORD_TOO_LONG' | 'E_RECORDING_ENDED'

/** Something could not be recorded. The session refuses and closes: nothing runs unrecorded. */
export class RecorderError extends CodedError {
  constructor(code: RecorderFault, message: string, cause?: unknown) {
    super(code, { clientMessage: 'this session cannot be recorded, so nothing can run in it', message, cause })
    this.name = 'RecorderError'
  }
}
