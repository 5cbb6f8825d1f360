import { Builder } from '../../bytes/builder.ts'
import { BytesError } from '../../bytes/bytes-error.ts'
import { Carry } from '../../bytes/carry.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { readBytes, writeBytes, writeWord } from './fields.ts'

/** RFC 4253, 4.2. */
export const IDENTIFICATION = 'SSH-2.0-countersign\r\n'

export const MESSAGE = { disconnect: 1, ignore: 2, debug: 4, kexInit: 20, kexReply: 31 } as const
const KEX_ECDH_INIT = 30

const KEX = 'curve25519-sha256,curve25519-sha256@libssh.org'
const CIPHERS = 'aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes256-ctr,aes128-ctr'
const MACS = 'hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512'
/** Certificates alone: a server that has none says that nothing fits. */
const HOST_KEYS = [
  'ssh-ed25519-cert-v01@openssh.com',
  'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'ecdsa-sha2-nistp384-cert-v01@openssh.com',
  'ecdsa-sha2-nistp521-cert-v01@openssh.com',
  'rsa-sha2-512-cert-v01@openssh.com',
  'rsa-sha2-256-cert-v01@openssh.com',
].join(',')

/** The client's KEXINIT (RFC 4253, 7.1) that asks for a host certificate. `cookie` is 16 random bytes. */
export function askForCertificate(cookie: Uint8Array): Buffer {
  const builder = new Builder(1024).u8(MESSAGE.kexInit).bytes(cookie)
  for (const list of [KEX, HOST_KEYS, CIPHERS, CIPHERS, MACS, MACS, 'none', 'none', '', '']) writeWord(builder, list)
  return packet(builder.u8(0).u32(0).finish())
}

/** RFC 5656, section 4: the client's public key of X25519, 32 bytes. */
export const ecdhInit = (publicKey: Uint8Array): Buffer =>
  packet(writeBytes(new Builder().u8(KEX_ECDH_INIT), publicKey).finish())

/** The host key of a KEX_ECDH_REPLY: here a certificate. */
export function hostKeyOf(payload: Buffer): Buffer {
  const cursor = new Cursor(payload, 1)
  return readBytes(cursor)
}

const BLOCK = 8
const LEAST_PADDING = 4

/** A packet before the first keys (RFC 4253, section 6): no cipher, no MAC, padding of zeros. */
function packet(payload: Uint8Array): Buffer {
  const rest = (5 + payload.length + LEAST_PADDING) % BLOCK
  const padding = LEAST_PADDING + (rest === 0 ? 0 : BLOCK - rest)
  return new Builder()
    .u32(1 + payload.length + padding)
    .u8(padding)
    .bytes(payload)
    .bytes(new Uint8Array(padding))
    .finish()
}

/** RFC 4253, 6.1: what every implementation takes. */
const MAX_PACKET = 35_000
/** Lines in front of the identification and the identification itself. */
const MAX_LINES = 8192
const LINE_FEED = 0x0a

/** Cuts what a server says before the first keys into the payloads of its packets. Throws BytesError on what no SSH server says. */
export class PlainPackets {
  readonly #carry = new Carry(MAX_PACKET + MAX_LINES)
  #identified = false
  /** Bytes of lines that were no identification. */
  #skipped = 0

  /** The payloads that are whole with this chunk. */
  push(chunk: Buffer): readonly Buffer[] {
    const joined = this.#carry.join(chunk)
    let at = this.#identified ? 0 : this.#identification(joined)
    const payloads: Buffer[] = []
    while (this.#identified && joined.length - at >= 4) {
      const length = joined.readUInt32BE(at)
      if (length > MAX_PACKET || length < 1 + LEAST_PADDING) throw new BytesError('a packet of a strange length')
      if (joined.length - at - 4 < length) break
      payloads.push(payloadOf(joined.subarray(at + 4, at + 4 + length)))
      at += 4 + length
    }
    this.#carry.keep(joined, at)
    return payloads
  }

  /** Where the packets begin; 0 while the identification is not whole. */
  #identification(bytes: Buffer): number {
    let at = 0
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, at)
      if (end < 0) {
        this.#skipped += at
        if (this.#skipped + bytes.length - at > MAX_LINES) throw new BytesError('no identification')
        return at
      }
      const isIt =
        bytes.toString('latin1', at, at + 8) === 'SSH-2.0-' || bytes.toString('latin1', at, at + 9) === 'SSH-1.99-'
      at = end + 1
      if (!isIt) continue
      this.#identified = true
      return at
    }
  }
}

function payloadOf(body: Buffer): Buffer {
  const padding = body[0] ?? 0
  if (padding < LEAST_PADDING || padding >= body.length - 1) throw new BytesError('a packet of padding alone')
  return body.subarray(1, body.length - padding)
}
