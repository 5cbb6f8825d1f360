import { createPublicKey, type KeyObject } from 'node:crypto'
import { Builder } from '../../bytes/builder.ts'
import { packed, writeBytes, writeWord } from './fields.ts'

const TYPE = 'ssh-ed25519'
const MAGIC = 'openssh-key-v1\0'
const BLOCK = 8
const LINE = 70

export interface PrintedPair {
  /** In the form of OpenSSH, without a passphrase. */
  readonly secret: string
  /** `type base64 comment`. */
  readonly line: string
}

/**
 * An Ed25519 private key as ssh-keygen writes it (OpenSSH's PROTOCOL.key); throws TypeError for another kind. The library's own writer drops a zero at the start of
 * a key, and one key in 256 is then none. `check` is any number of 32 bits.
 */
export function printPrivateKey(
  secret: KeyObject,
  { comment, check }: { readonly comment: string; readonly check: number },
): PrintedPair {
  const { d } = secret.export({ format: 'jwk' })
  const { x } = createPublicKey(secret).export({ format: 'jwk' })
  if (secret.asymmetricKeyType !== 'ed25519' || d === undefined || x === undefined)
    throw new TypeError('only an Ed25519 private key is written')
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]
  const blob = writeBytes(writeWord(new Builder(), TYPE), point).finish()
  const inner = new Builder().u32(check).u32(check)
  writeBytes(writeBytes(writeWord(inner, TYPE), point), Buffer.concat([seed, point]))
  writeWord(inner, comment)
  for (let pad = 1; inner.length % BLOCK !== 0; pad += 1) inner.u8(pad)
  const file = new Builder(512)
    .utf8(MAGIC)
    .bytes(packed(['none', 'none', '']))
    .u32(1)
  const body = writeBytes(writeBytes(file, blob), inner.finish()).finish().toString('base64')
  const lines = body.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []
  return {
    secret: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
    line: `${TYPE} ${blob.toString('base64')} ${comment}`,
  }
}
