import { createSecretKey } from 'node:crypto'
import type { Client, Connection } from 'ssh2'

/** Where the library keeps keys: as bytes, which the machine's cryptography prepares again for every packet, and not without making and dropping an exception. */
const KEPT = [
  ['_cipher', '_encKey'],
  ['_cipher', '_macKey'],
  ['_decipher', '_decipherKey'],
  ['_decipher', '_macKey'],
] as const

/**
 * Has keys prepared once for each key exchange: a packet then takes half the time. Does nothing where the library's add-on has them, or where the library is not the one that
 * this was written for. To be called before the first key exchange.
 */
export function prepareKeys(connection: Connection | Client): void {
  connection.on('handshake', () => {
    const protocol: unknown = Reflect.get(connection, '_protocol')
    for (const [holder, field] of KEPT) {
      const part = of(protocol, holder)
      const key = of(part, field)
      if (isObject(part) && Buffer.isBuffer(key)) Reflect.set(part, field, createSecretKey(key))
    }
  })
}

const of = (value: unknown, name: string): unknown => (isObject(value) ? Reflect.get(value, name) : undefined)

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
