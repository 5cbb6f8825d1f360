import { saltPassword, type SaltPassword } from '../../protocol/postgres/scram-verifier.ts'
import { Lru } from '../../std/lru.ts'
import type { Secret } from '../../std/secret.ts'

/** Some targets, each with a password that is changed now and then. */
const KEPT = 64

/**
 * Salts a password for SCRAM once a salt, not once a connection: it costs milliseconds, during which nothing else runs. What is kept is as secret as the
 * password and lives as long: in memory, for the passwords that are still in use.
 */
export function createSaltMemory(salt: SaltPassword = saltPassword): SaltPassword {
  const kept = new WeakMap<Secret, Lru<string, Buffer>>()
  return (password, bytes, iterations) => {
    const own = kept.get(password) ?? new Lru<string, Buffer>(KEPT)
    kept.set(password, own)
    const key = `${iterations}:${bytes.toString('base64')}`
    const salted = own.get(key) ?? salt(password, bytes, iterations)
    own.set(key, salted)
    return salted
  }
}
