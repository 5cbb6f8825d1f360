import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'

/** A listener's certificate, rereadable without a restart. */
export interface ServerTls {
  readonly context: SecureContext
  /** Hash of the certificate for SCRAM's tls-server-end-point binding (RFC 5929, 4.1). */
  readonly endPoint: Buffer
  /** Until when the certificate is valid, for /readyz. */
  readonly validTo: Date
}

/** RFC 5929: the hash of the certificate's signature, but SHA-256 where that is MD5 or SHA-1. */
export function endPointHash(certificate: Buffer): Buffer {
  const parsed = new X509Certificate(certificate)
  const signature = parsed.signatureAlgorithm?.toLowerCase() ?? ''
  const hash = signature.includes('sha512') ? 'sha512' : signature.includes('sha384') ? 'sha384' : 'sha256'
  return createHash(hash).update(parsed.raw).digest()
}

/** Reads certificate chain and key. Throws with the file's name when either is unreadable or they do not belong together. */
export function readServerTls(files: { readonly cert: string; readonly key: string }): ServerTls {
  const [cert, key] = [readFileSync(files.cert), readFileSync(files.key)]
  const leaf = new X509Certificate(cert)
  return {
    context: createSecureContext({ cert, key, minVersion: 'TLSv1.2' }),
    endPoint: endPointHash(leaf.raw),
    validTo: new Date(leaf.validTo),
  }
}
