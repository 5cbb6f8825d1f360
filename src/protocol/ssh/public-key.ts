import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { Builder } from '../../bytes/builder.ts'
import { BytesError } from '../../bytes/bytes-error.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { readBytes, readPositive, readWord, writeBytes, writeWord } from './fields.ts'

/** Kinds of keys that are taken. No DSA, and nothing that lives in a hardware token under a name of its own. */
export const KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const
export type KeyType = (typeof KEY_TYPES)[number]

/** A public key whose form, point or size was checked. */
export interface PublicKey {
  readonly type: KeyType
  /** As it goes over the wire (RFC 4253, section 6.6). */
  readonly blob: Buffer
  readonly bits: number
  readonly key: KeyObject
}

/** Why a key is not taken, as a sentence for the person who has it. */
export interface KeyFault {
  readonly fault: string
}

export const isFault = (found: object): found is KeyFault => 'fault' in found

/** PCI DSS and NIST SP 800-57 from 2031 on: 128 bits of strength. */
const MIN_RSA_BITS = 3072
/** Verifying costs more with every bit; nobody has larger ones. */
const MAX_RSA_BITS = 16_384
const MIN_EXPONENT = 65_537

const CURVES = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', jwk: 'P-256', bits: 256 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', jwk: 'P-384', bits: 384 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', jwk: 'P-521', bits: 521 },
} as const
export type EcdsaType = keyof typeof CURVES

export const isKeyType = (word: string): word is KeyType => KEY_TYPES.some((type) => type === word)
export const isEcdsa = (type: KeyType): type is EcdsaType => Object.hasOwn(CURVES, type)

/** Reads a key as it goes over the wire. */
export function readPublicKey(blob: Uint8Array): PublicKey | KeyFault {
  try {
    const cursor = new Cursor(blob)
    const type = readWord(cursor)
    if (!isKeyType(type)) return { fault: typeFault(type) }
    const key = readKeyFields(cursor, type)
    cursor.done()
    return key
  } catch (error) {
    if (error instanceof BytesError) return { fault: 'the key is damaged' }
    throw error
  }
}

/** The part of a key, or of a certificate, that follows type and nonce. Throws BytesError. */
export function readKeyFields(cursor: Cursor, type: KeyType): PublicKey | KeyFault {
  if (type === 'ssh-ed25519') return ed25519(readBytes(cursor))
  return type === 'ssh-rsa' ? rsa(cursor) : ecdsa(cursor, type)
}

/** As OpenSSH prints it: `SHA256:` and base64 without padding. */
export const fingerprintOf = (blob: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

/** `type base64`, as it stands in an authorized_keys file. */
export const printPublicKey = ({ type, blob }: Pick<PublicKey, 'type' | 'blob'>): string =>
  `${type} ${blob.toString('base64')}`

function typeFault(type: string): string {
  if (type === 'ssh-dss') return 'DSA keys are too weak; make one with: ssh-keygen -t ed25519'
  if (type.startsWith('sk-')) return 'keys of hardware tokens are not taken yet; make one with: ssh-keygen -t ed25519'
  if (type.includes('-cert-')) return 'this is a certificate, not a plain key'
  return 'this kind of key is not known; make one with: ssh-keygen -t ed25519'
}

function ed25519(point: Buffer): PublicKey | KeyFault {
  if (point.length !== 32) return { fault: 'the key is damaged' }
  const builder = writeBytes(writeWord(new Builder(), 'ssh-ed25519'), point)
  return imported('ssh-ed25519', 256, { blob: builder.finish(), jwk: { kty: 'OKP', crv: 'Ed25519', x: url(point) } })
}

function ecdsa(cursor: Cursor, type: EcdsaType): PublicKey | KeyFault {
  const { name, jwk: crv, bits } = CURVES[type]
  const [curve, point] = [readWord(cursor), readBytes(cursor)]
  const width = Math.ceil(bits / 8)
  // Only the uncompressed form (SEC 1, 2.3.3) is in use.
  if (curve !== name || point.length !== 1 + 2 * width || point[0] !== 4) return { fault: 'the key is damaged' }
  const builder = writeBytes(writeWord(writeWord(new Builder(), type), name), point)
  const [x, y] = [point.subarray(1, 1 + width), point.subarray(1 + width)]
  return imported(type, bits, { blob: builder.finish(), jwk: { kty: 'EC', crv, x: url(x), y: url(y) } })
}

function rsa(cursor: Cursor): PublicKey | KeyFault {
  const [e, n] = [readPositive(cursor), readPositive(cursor)]
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24
  if (bits < MIN_RSA_BITS)
    return {
      fault: `an RSA key has at least ${MIN_RSA_BITS} bits, this one ${bits}; make one with: ssh-keygen -t ed25519`,
    }
  if (bits > MAX_RSA_BITS) return { fault: `an RSA key has at most ${MAX_RSA_BITS} bits` }
  if (e.length > 4 || e.readUIntBE(0, e.length) < MIN_EXPONENT || ((e.at(-1) ?? 0) & 1) === 0)
    return { fault: 'the public exponent of this RSA key is not a usual one' }
  const builder = writeWord(new Builder(), 'ssh-rsa')
  writeBytes(writeBytes(builder, signed(e)), signed(n))
  return imported('ssh-rsa', bits, { blob: builder.finish(), jwk: { kty: 'RSA', e: url(e), n: url(n) } })
}

/** A point that lies on no curve is found out by the import. */
function imported(
  type: KeyType,
  bits: number,
  { blob, jwk }: { readonly blob: Buffer; readonly jwk: JsonWebKey },
): PublicKey | KeyFault {
  try {
    return { type, blob, bits, key: createPublicKey({ key: jwk, format: 'jwk' }) }
  } catch {
    return { fault: 'the key is damaged' }
  }
}

const url = (bytes: Buffer): string => bytes.toString('base64url')

const signed = (bytes: Buffer): Buffer => ((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
