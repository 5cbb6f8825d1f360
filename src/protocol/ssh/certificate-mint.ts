import { createPublicKey, sign, type KeyObject } from 'node:crypto'
import { Builder } from '../../bytes/builder.ts'
import { packed, writeBytes, writeWord } from './fields.ts'
import { isFault, readPublicKey, type PublicKey } from './public-key.ts'

/** The key that signs: Ed25519. */
export interface Authority {
  readonly secret: KeyObject
  readonly key: PublicKey
}

export interface CertificateWish {
  readonly key: PublicKey
  /** 0 to 2^64 - 1. */
  readonly serial: bigint
  readonly keyId: string
  readonly principals: readonly string[]
  /** Milliseconds since 1970, cut to whole seconds: the start up to a second earlier, the end too. */
  readonly validAfter: number
  readonly validBefore: number
  /** By name, e.g. `permit-pty`. */
  readonly extensions: readonly string[]
  /** At least 16 fresh random bytes. */
  readonly nonce: Uint8Array
}

const USER = 1

/** Makes an authority of an Ed25519 private key; throws TypeError for another kind. */
export function authorityOf(secret: KeyObject): Authority {
  const { x } = createPublicKey(secret).export({ format: 'jwk' })
  if (secret.asymmetricKeyType !== 'ed25519' || x === undefined) throw new TypeError('a CA of ours has an Ed25519 key')
  const blob = writeBytes(writeWord(new Builder(), 'ssh-ed25519'), Buffer.from(x, 'base64url')).finish()
  const key = readPublicKey(blob)
  if (isFault(key)) throw new TypeError(key.fault)
  return { secret, key }
}

/** A user certificate as it goes over the wire (OpenSSH's PROTOCOL.certkeys). */
export function mintCertificate({ secret, key: own }: Authority, wish: CertificateWish): Buffer {
  const { key, serial, keyId, principals, validAfter, validBefore, extensions, nonce } = wish
  const builder = writeWord(new Builder(512), `${key.type}-cert-v01@openssh.com`)
  writeBytes(builder, nonce).bytes(fieldsOf(key))
  builder.i64(BigInt.asIntN(64, serial)).u32(USER)
  writeBytes(writeWord(builder, keyId), packed(principals))
  builder.i64(seconds(validAfter)).i64(seconds(validBefore))
  writeBytes(builder, packed([]))
  // Each is a flag: a name and an empty value.
  writeBytes(builder, packed(extensions.toSorted().flatMap((name) => [name, ''])))
  writeBytes(writeBytes(builder, packed([])), own.blob)
  const body = Buffer.from(builder.finish())
  const signature = writeBytes(writeWord(new Builder(), 'ssh-ed25519'), sign(null, body, secret)).finish()
  return writeBytes(new Builder().bytes(body), signature).finish()
}

/** What follows the type in a key's own blob. */
const fieldsOf = ({ type, blob }: PublicKey): Buffer => blob.subarray(4 + type.length)

const seconds = (millis: number): bigint => BigInt(Math.floor(millis / 1000))
