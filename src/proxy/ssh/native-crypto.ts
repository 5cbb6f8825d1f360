import { createRequire } from 'node:module'

/** Whether the library found its add-on, which has the cryptography of every packet in C++. It says so nowhere else. */
export function hasNativeCrypto(): boolean {
  const crypto: unknown = createRequire(import.meta.url)('ssh2/lib/protocol/crypto.js')
  return typeof crypto === 'object' && crypto !== null && Reflect.get(crypto, 'bindingAvailable') === true
}
