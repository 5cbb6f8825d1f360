import { verify } from 'node:crypto'
import { BytesError } from '../../bytes/bytes-error.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { readBytes, readPositive, readWord } from './fields.ts'
import { isEcdsa, type EcdsaType, type PublicKey } from './public-key.ts'

const ECDSA = {
  'ecdsa-sha2-nistp256': { hash: 'sha256', width: 32 },
  'ecdsa-sha2-nistp384': { hash: 'sha384', width: 48 },
  'ecdsa-sha2-nistp521': { hash: 'sha512', width: 66 },
} as const satisfies Record<EcdsaType, object>

/** RFC 8332. `ssh-rsa` signs with SHA-1 and is missing on purpose. */
const RSA: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }

/**
 * Whether `signature`, as it goes over the wire (algorithm, then the bytes), is the key's over `message`. False for everything else: another algorithm, SHA-1,
 * bytes that are too many or too few.
 */
export function signatureFits(key: PublicKey, signature: Uint8Array, message: Uint8Array): boolean {
  try {
    const cursor = new Cursor(signature)
    const [algorithm, bytes] = [readWord(cursor), readBytes(cursor)]
    cursor.done()
    return bytesFit(key, { algorithm, bytes }, message)
  } catch (error) {
    if (error instanceof BytesError) return false
    throw error
  }
}

function bytesFit(
  { type, key }: PublicKey,
  { algorithm, bytes }: { readonly algorithm: string; readonly bytes: Buffer },
  message: Uint8Array,
): boolean {
  if (type === 'ssh-rsa') {
    const hash = RSA[algorithm]
    return hash !== undefined && verify(hash, message, key, bytes)
  }
  if (algorithm !== type) return false
  if (!isEcdsa(type)) return verify(null, message, key, bytes)
  const { hash, width } = ECDSA[type]
  const flat = flatEcdsa(bytes, width)
  return flat !== undefined && verify(hash, message, { key, dsaEncoding: 'ieee-p1363' }, flat)
}

/** RFC 5656, 3.1.2: two numbers; here each at its curve's width. */
function flatEcdsa(bytes: Buffer, width: number): Buffer | undefined {
  const cursor = new Cursor(bytes)
  const [r, s] = [readPositive(cursor), readPositive(cursor)]
  cursor.done()
  if (r.length > width || s.length > width) return undefined
  const flat = Buffer.alloc(2 * width)
  r.copy(flat, width - r.length)
  s.copy(flat, 2 * width - s.length)
  return flat
}

/**
 * The same for a signature that the library has unwrapped: for RSA the bytes and a hash's name beside them, for ECDSA the numbers in DER, else the bytes.
 * `hash` is undefined where the client named SHA-1.
 */
export function unwrappedSignatureFits(
  { type, key }: PublicKey,
  { bytes, hash }: { readonly bytes: Buffer; readonly hash: string | undefined },
  message: Uint8Array,
): boolean {
  if (type === 'ssh-rsa') return (hash === 'sha256' || hash === 'sha512') && verify(hash, message, key, bytes)
  return isEcdsa(type) ? verify(ECDSA[type].hash, message, key, bytes) : verify(null, message, key, bytes)
}
