import type { SecureContext } from 'node:tls'

/** A listener's certificate as the proxies use it; `app.ts` hands in whatever reads and rereads the files. */
export interface ListenerTls {
  readonly context: SecureContext
  /** Hash of the certificate for SCRAM's tls-server-end-point binding (RFC 5929, 4.1). */
  readonly endPoint: Buffer
}
