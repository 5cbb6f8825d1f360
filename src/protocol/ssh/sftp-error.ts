import { BytesError } from '../../bytes/bytes-error.ts'
import { CodedError } from '../../std/errors.ts'

/** A peer broke the file transfer protocol: its channel ends. The message repeats no byte of the peer's. */
export class SftpError extends CodedError {
  constructor(what: string, fields: Readonly<Record<string, string | number | boolean>> = {}) {
    super('E_SFTP_PROTOCOL', { clientMessage: `file transfer protocol violation: ${what}`, fields })
    this.name = 'SftpError'
  }
}

/** Calls `read` and turns every BytesError into an SftpError that names the `subject`. */
export function readingSftp<Value>(subject: string, read: () => Value): Value {
  try {
    return read()
  } catch (thrown) {
    throw thrown instanceof BytesError ? new SftpError(`${subject}: ${thrown.message}`) : thrown
  }
}
