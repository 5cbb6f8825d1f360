import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import type { LoginName } from './login-name.ts'

/**
 * PostgreSQL's own default. Iterations slow down guessing, and nobody guesses a random secret of 120 bits: more of them would only
 * cost the client and every login of a connection pool.
 */
export const SCRAM_ITERATIONS = 4096

const SALT_BYTES = 16
const KEY_BYTES = 32

/**
 * The salt of a login, the same for every credential of one person and target, so that a proof can be tried against each. It is derived
 * from the name alone under the node's key: names that do not exist have one too, made in the same way, and asking tells nothing.
 */
export function saltOf(key: Uint8Array, login: LoginName | string): Buffer {
  const name = typeof login === 'string' ? `?${login}` : `${login.person}@${login.target ?? ''}`
  return createHmac('sha256', key).update(name).digest().subarray(0, SALT_BYTES)
}

/** What PostgreSQL keeps in pg_authid: `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey` (RFC 5803). ASCII secrets need no SASLprep. */
export async function scramVerifier(secret: string, salt: Uint8Array): Promise<string> {
  const salted = await saltedPassword(secret, salt)
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest()
  return printed(salt, storedKey, createHmac('sha256', salted).update('Server Key').digest())
}

/** A verifier that no secret meets: its StoredKey is not the hash of anything that anybody knows. */
export const decoyScramVerifier = (salt: Uint8Array): string =>
  printed(salt, randomBytes(KEY_BYTES), randomBytes(KEY_BYTES))

const printed = (salt: Uint8Array, storedKey: Buffer, serverKey: Buffer): string =>
  `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${Buffer.from(salt).toString('base64')}$${storedKey.toString('base64')}:${serverKey.toString('base64')}`

function saltedPassword(secret: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(secret, salt, SCRAM_ITERATIONS, KEY_BYTES, 'sha256', (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
