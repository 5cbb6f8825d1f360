import { createHash, type X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import { connect as wrapTls, type TLSSocket } from 'node:tls'
import { encodeStartup } from '../../protocol/postgres/startup.ts'
import type { Secret } from '../../std/secret.ts'
import { UpstreamError } from './upstream-error.ts'
import type { Line } from './upstream-line.ts'

/**
 * How a target is reached. `verify-full`: TLS, its certificate signed by an authority that this machine trusts and made out to the host. With `ca`
 * (PEM): the same by that authority alone; with `cert` and `key` (PEM) we show a certificate of our own. `off`: loopback only.
 */
export type UpstreamTls = 'off' | 'verify-full' | PrivateTrust

export interface PrivateTrust {
  readonly ca: string
  readonly cert?: string | undefined
  readonly key?: Secret | undefined
}

/** What is known of the encryption of an upstream connection; undefined where there is none. */
export interface TlsFacts {
  /** E.g. `TLSv1.3`. */
  readonly protocol: string
  readonly cipher: string
  /** SHA-256 of the server's certificate, as OpenSSL prints it. */
  readonly fingerprint: string
  /** For SCRAM's tls-server-end-point; undefined where the certificate's signature names no hash (Ed25519, PSS). */
  readonly endPoint: Buffer | undefined
}

const ACCEPTED = 'S'.charCodeAt(0)

/** Encrypts the line as the policy says, or checks that it may stay as it is. Throws UpstreamError, above all `E_UPSTREAM_TLS`. */
export async function secure(line: Line, host: string, tls: UpstreamTls): Promise<TlsFacts | undefined> {
  if (tls === 'off') {
    requireLoopback(line)
    return undefined
  }
  line.write(encodeStartup({ name: 'sslRequest' }))
  const [answer] = await line.read(1)
  if (answer !== ACCEPTED) throw new UpstreamError('E_UPSTREAM_TLS', { message: 'the upstream does not offer TLS' })
  // Whoever sits between could send a plaintext answer ahead and have it taken for an encrypted one (CVE-2021-23222).
  if (line.unread > 0)
    throw new UpstreamError('E_UPSTREAM_PROTOCOL', { message: 'plaintext after the answer to SSLRequest' })
  const trust = tls === 'verify-full' ? {} : { ca: tls.ca, cert: tls.cert, key: tls.key?.reveal() }
  // Server name indication takes no IP address; the certificate is checked against `host` either way.
  const name = isIP(host) === 0 ? { servername: host } : {}
  const wrap = (socket: Socket): TLSSocket =>
    wrapTls({ socket, host, ...name, ...trust, minVersion: 'TLSv1.2', rejectUnauthorized: true })
  return factsOf(await line.upgrade(wrap, 'secureConnect'))
}

/** The address that was reached, not the name that was asked for: names can point elsewhere. */
function requireLoopback(line: Line): void {
  if (isLoopback(line.address)) return
  throw new UpstreamError('E_UPSTREAM_TLS', { message: 'without TLS only loopback targets are allowed' })
}

/** Whether an IP address, as a socket prints it, never leaves this machine. */
export const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address)

function factsOf(socket: TLSSocket): TlsFacts {
  const certificate = socket.getPeerX509Certificate()
  if (!socket.authorized || certificate === undefined)
    throw new UpstreamError('E_UPSTREAM_TLS', { message: 'no verified certificate' })
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    fingerprint: certificate.fingerprint256,
    endPoint: endPointHash(certificate),
  }
}

/** RFC 5929, 4.1: by the hash of the certificate's own signature, where MD5 and SHA-1 count as SHA-256. */
export function endPointHash(certificate: X509Certificate): Buffer | undefined {
  const signature = certificate.signatureAlgorithm?.toLowerCase() ?? ''
  const named = /(sha|md)-?(1|5|224|256|384|512)(?!\d)/.exec(signature)?.[0].replace('-', '')
  if (named === undefined) return undefined
  const hash = named === 'sha1' || named === 'md5' ? 'sha256' : named
  return createHash(hash).update(certificate.raw).digest()
}
