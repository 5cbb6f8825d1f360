import { sign, type KeyObject } from 'node:crypto'
import type { Client } from 'ssh2'

/** A key made for one login and the certificate over it, as it goes over the wire (`ssh-ed25519-cert-v01@openssh.com`). */
export interface CertifiedKey {
  /** Ed25519. */
  readonly key: KeyObject
  readonly certificate: Buffer
}

const CERTIFICATE = 'ssh-ed25519-cert-v01@openssh.com'
const SIGNATURE = 'ssh-ed25519'
/** SSH_MSG_USERAUTH_REQUEST, RFC 4252. */
const USERAUTH_REQUEST = 50

/**
 * Makes the client's login of type `none` one by certificate. The library writes one algorithm name into the request and into the signature, where a
 * certificate's differ (OpenSSH's PROTOCOL.certkeys), so the request is written here; it is signed at once, without asking first whether the key would do.
 * To be called between `connect` and the login. Throws if the library is not the one that this was written for.
 */
export function loginWithCertificate(client: Client, certified: CertifiedKey): void {
  const protocol: unknown = Reflect.get(client, '_protocol')
  if (!isProtocol(protocol)) throw new Error('the SSH library has changed: no login by certificate')
  protocol.authNone = (username) => {
    const request = requestFor(username, certified.certificate)
    const signature = sign(null, Buffer.concat([string(protocol._kex.sessionID), request]), certified.key)
    const signed = string(Buffer.concat([string(SIGNATURE), string(signature)]))
    send(protocol, Buffer.concat([request, signed]))
  }
}

/** The part of the library's own state that a login request needs. */
interface Protocol {
  authNone: (username: string) => void
  readonly _kex: { readonly sessionID: Buffer }
  readonly _authsQueue: string[]
  readonly _cipher: { encrypt(packet: Buffer): void }
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number
      alloc(length: number): Buffer
      finalize(packet: Buffer): Buffer
    }
  }
}

const isProtocol = (value: unknown): value is Protocol =>
  isRecord(value) &&
  typeof value['authNone'] === 'function' &&
  Array.isArray(value['_authsQueue']) &&
  isRecord(value['_cipher']) &&
  isRecord(value['_packetRW']) &&
  isRecord(value['_packetRW']['write'])

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function requestFor(username: string, certificate: Buffer): Buffer {
  return Buffer.concat([
    Buffer.of(USERAUTH_REQUEST),
    string(username),
    string('ssh-connection'),
    string('publickey'),
    Buffer.of(1),
    string(CERTIFICATE),
    string(certificate),
  ])
}

function send({ _packetRW: { write }, _authsQueue, _cipher }: Protocol, payload: Buffer): void {
  const at = write.allocStart
  const packet = write.alloc(payload.length)
  packet.set(payload, at)
  _authsQueue.push('publickey')
  _cipher.encrypt(write.finalize(packet))
}

/** RFC 4251, section 5: a length of four bytes, then the bytes. */
function string(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
