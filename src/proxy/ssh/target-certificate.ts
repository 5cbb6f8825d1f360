import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { authorityOf, mintCertificate, type Authority } from '../../protocol/ssh/certificate-mint.ts'
import type { CertifiedKey } from './certificate-login.ts'

export interface TargetCertificateWish {
  /** The target's own account: the only principal. */
  readonly account: string
  /** What the target's log says of the login, e.g. `countersign/web-1`. */
  readonly keyId: string
}

/** Long enough to log in with, by clocks that differ by a minute; a session goes on after its end. */
const BEFORE_MS = 60_000
const AFTER_MS = 2 * 60_000
const EXTENSIONS = ['permit-port-forwarding', 'permit-pty']
const NONCE_BYTES = 32

/** A key for one login at a target and the certificate over it, signed by the CA that the target trusts. */
export function certifyForTarget(
  authority: Authority,
  { account, keyId }: TargetCertificateWish,
  now: number,
): CertifiedKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  const certificate = mintCertificate(authority, {
    key: authorityOf(privateKey).key,
    serial: BigInt(randomBytes(6).readUIntBE(0, 6)),
    ...{ keyId, principals: [account], extensions: EXTENSIONS },
    ...{ validAfter: now - BEFORE_MS, validBefore: now + AFTER_MS, nonce: randomBytes(NONCE_BYTES) },
  })
  return { key: privateKey, certificate }
}
