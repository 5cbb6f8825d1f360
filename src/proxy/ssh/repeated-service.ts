import type { Connection } from 'ssh2'

const SERVICE = 'ssh-userauth'
/** Each stands before an attempt to log in, of which there are fewer. */
const MOST = 30

/**
 * Lets a client ask for the login service again before each attempt, as paramiko does and sshd allows (RFC 4253, section 10, forbids it to nobody): the library
 * would end the connection, and with it every login of two steps. Does nothing where the library is not the one that this was written for.
 */
export function allowRepeatedService(connection: Connection): void {
  const protocol: unknown = Reflect.get(connection, '_protocol')
  if (!isProtocol(protocol)) return
  const { _handlers: handlers } = protocol
  const first = handlers.SERVICE_REQUEST
  let asked = 0
  handlers.SERVICE_REQUEST = (from, service) => {
    asked += 1
    if (asked > 1 && asked <= MOST && service === SERVICE && !connection.authenticated) protocol.serviceAccept(service)
    else first(from, service)
  }
}

/** The part of the library's own state that this needs. */
interface Protocol {
  readonly _handlers: { SERVICE_REQUEST: (from: unknown, service: string) => void }
  serviceAccept(service: string): void
}

function isProtocol(value: unknown): value is Protocol {
  if (!isRecord(value) || typeof value['serviceAccept'] !== 'function') return false
  return isRecord(value['_handlers']) && typeof value['_handlers']['SERVICE_REQUEST'] === 'function'
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
