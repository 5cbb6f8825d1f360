import type { Address } from '../config/address.ts'
import { CodedError } from '../std/errors.ts'

/** What a listener could not be had for, and what to do. */
const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program: end that one',
  EACCES: 'may not be opened by this account: ports below 1024 are for root',
  EADDRNOTAVAIL: 'is no address of this machine: choose one that is',
}

/** Opens a listener; what the system refuses becomes `E_LISTEN`, which names the listener and its key in the configuration. */
export async function openDoor<Door>(
  name: 'postgres' | 'ssh' | 'http',
  { host, port }: Address,
  open: () => Promise<Door>,
): Promise<Door> {
  try {
    return await open()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const why = WHY[code]
    if (why === undefined) throw cause
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const clientMessage = `the ${name} listener cannot open: ${address} ${why}, or write another address as listen.${name}`
    throw new CodedError('E_LISTEN', { clientMessage, fields: { listener: name, port }, cause })
  }
}
