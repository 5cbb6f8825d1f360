import { BytesError } from '../../bytes/bytes-error.ts'
import { CodedError } from '../../std/errors.ts'

/** The peer broke the protocol: the session ends. Neither message nor fields repeat any byte that the peer sent except tag and length. */
export class ProtocolError extends CodedError {
  constructor(what: string, fields: Readonly<Record<string, string | number | boolean>> = {}) {
    super('E_PG_PROTOCOL', { clientMessage: `protocol violation: ${what}`, fields })
    this.name = 'ProtocolError'
  }
}

/** Calls `read` and turns every BytesError into a ProtocolError that names the `subject`. */
export function reading<Value>(subject: string, read: () => Value): Value {
  try {
    return read()
  } catch (thrown) {
    throw unreadable(subject, thrown)
  }
}

/** What to throw where reading the `subject` threw: a ProtocolError for a BytesError, everything else as it is. */
export const unreadable = (subject: string, thrown: unknown): unknown =>
  thrown instanceof BytesError ? new ProtocolError(`${subject}: ${thrown.message}`) : thrown
