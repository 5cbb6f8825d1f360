import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { Secret } from '../../std/secret.ts'
import { saslprep } from './saslprep.ts'

/** What stands for a password at rest: with it a proof can be checked, but not made. */
export interface ScramVerifier {
  readonly iterations: number
  readonly salt: Buffer
  /** 32 bytes each. */
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/** What PBKDF2 gives for a password; as good as the password itself for everybody who gets hold of it. */
export type SaltPassword = (password: Secret, salt: Buffer, iterations: number) => Buffer

export const KEY_BYTES = 32

/** PBKDF2 with SHA-256; blocks for about half a millisecond a thousand iterations, so callers with many connections keep the result. */
export const saltPassword: SaltPassword = (password, salt, iterations) =>
  pbkdf2Sync(saslprep(password.reveal()), salt, iterations, KEY_BYTES, 'sha256')

/** A verifier for a password with a salt that the caller drew (16 random bytes or more). */
export function mintVerifier(password: Secret, salt: Buffer, iterations: number): ScramVerifier {
  const salted = saltPassword(password, salt, iterations)
  return { iterations, salt, storedKey: sha256(clientKeyOf(salted)), serverKey: serverKeyOf(salted) }
}

/** As in pg_authid.rolpassword: `SCRAM-SHA-256$iterations:salt$storedKey:serverKey`, base64. */
export function formatVerifier({ iterations, salt, storedKey, serverKey }: ScramVerifier): string {
  const text = (bytes: Buffer): string => bytes.toString('base64')
  return `SCRAM-SHA-256$${iterations}:${text(salt)}$${text(storedKey)}:${text(serverKey)}`
}

const FORMAT = /^SCRAM-SHA-256\$([1-9]\d{0,8}):([^$:]+)\$([^$:]+):([^$:]+)$/

/** Reads what `formatVerifier` wrote; undefined for anything else. */
export function parseVerifier(text: string): ScramVerifier | undefined {
  const [, iterations = '', ...encoded] = FORMAT.exec(text) ?? []
  const [salt, storedKey, serverKey] = encoded.map(decodeBase64)
  if (salt === undefined || storedKey?.length !== KEY_BYTES || serverKey?.length !== KEY_BYTES) return undefined
  return { iterations: Number(iterations), salt, storedKey, serverKey }
}

/** Canonical base64 with padding; undefined for anything else. Node's own decoder skips what it does not know. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

export const clientKeyOf = (salted: Buffer): Buffer => hmac(salted, 'Client Key')
export const serverKeyOf = (salted: Buffer): Buffer => hmac(salted, 'Server Key')

export const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
export const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest()

/** Bytes of `a` and `b`, of the same length, combined by exclusive or. */
export const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)))
