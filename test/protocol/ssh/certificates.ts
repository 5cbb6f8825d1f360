import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { Builder } from '../../../src/bytes/builder.ts'
import { packed, writeBytes, writeWord } from '../../../src/protocol/ssh/fields.ts'
import { authorityOf, type Authority } from '../../../src/protocol/ssh/certificate-mint.ts'

export const NOW = Date.UTC(2026, 10, 22)
export const HOUR = 3_600_000

export function newAuthority(): Authority {
  return authorityOf(generateKeyPairSync('ed25519').privateKey)
}

/** Everything that a certificate has, to be made wrong one by one. Times in seconds. */
export interface Crafted {
  readonly type: string
  /** Key fields behind the nonce. */
  readonly fields: Buffer
  readonly serial: bigint
  readonly kind: number
  readonly keyId: Buffer
  readonly principals: Buffer
  readonly after: bigint
  readonly before: bigint
  readonly critical: Buffer
  readonly extensions: Buffer
  readonly authority: Buffer
  readonly signer: KeyObject
  /** Behind the signature. */
  readonly tail: Buffer
}

/** An option: a name and its value, a string within the string; a flag has no value. */
export const option = (name: string, value?: string): Buffer => {
  const inner = value === undefined ? Buffer.alloc(0) : packed([value])
  return writeBytes(writeWord(new Builder(), name), inner).finish()
}

export function craft(ca: Authority, holder: Authority, changes: Partial<Crafted> = {}): Buffer {
  const given: Crafted = {
    type: 'ssh-ed25519-cert-v01@openssh.com',
    fields: holder.key.blob.subarray(4 + 'ssh-ed25519'.length),
    ...{ serial: 7n, kind: 1, keyId: Buffer.from('alice/7'), principals: packed(['alice']) },
    ...{ after: BigInt(NOW / 1000 - 60), before: BigInt((NOW + HOUR) / 1000) },
    ...{ critical: Buffer.alloc(0), extensions: option('permit-pty') },
    ...{ authority: ca.key.blob, signer: ca.secret, tail: Buffer.alloc(0) },
    ...changes,
  }
  const builder = writeBytes(writeWord(new Builder(), given.type), Buffer.alloc(32)).bytes(given.fields)
  builder.i64(BigInt.asIntN(64, given.serial)).u32(given.kind)
  writeBytes(writeBytes(builder, given.keyId), given.principals)
  builder.i64(BigInt.asIntN(64, given.after)).i64(BigInt.asIntN(64, given.before))
  writeBytes(writeBytes(builder, given.critical), given.extensions)
  writeBytes(writeBytes(builder, Buffer.alloc(0)), given.authority)
  const body = Buffer.from(builder.finish())
  const signature = writeBytes(writeWord(new Builder(), 'ssh-ed25519'), sign(null, body, given.signer)).finish()
  return Buffer.concat([writeBytes(new Builder().bytes(body), signature).finish(), given.tail])
}
