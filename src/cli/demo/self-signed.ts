import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

export interface SelfSigned {
  /** PEM. */
  readonly cert: string
  readonly key: string
  /** SHA-256 over the certificate, as browsers show it: pairs of capital digits between colons. */
  readonly fingerprint: string
}

export interface SelfSignedWish {
  /** Host names and addresses that it is for; the first is its subject. */
  readonly hosts: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Long enough for a demo and short enough for every phone. */
const DAYS = 30
const DAY_MS = 86_400_000

/**
 * A certificate that vouches for itself, with a fresh P-256 key: RFC 5280, DER written by hand, since Node makes none and not every machine has openssl. For a demo:
 * whoever connects must compare the fingerprint.
 */
export function selfSigned({ hosts, now }: SelfSignedWish): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(oid('2.5.4.3'), tlv(0x0c, Buffer.from(hosts[0] ?? 'localhost')))))
  const body = sequence(
    // X.509 version 3.
    tlv(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ECDSA_SHA256,
    name,
    // A phone whose clock is behind ours.
    sequence(utcTime(now - DAY_MS), utcTime(now + DAYS * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions(hosts))),
  )
  const signature = tlv(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)]))
  const der = sequence(body, ECDSA_SHA256, signature)
  return {
    cert: pem('CERTIFICATE', der),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    fingerprint: fingerprintOf(der),
  }
}

const extensions = (hosts: readonly string[]): readonly Buffer[] => [
  // An authority of nothing but itself: some stores take no other kind as trusted.
  extension('2.5.29.19', CRITICAL, sequence(TRUE, integer(Buffer.of(0)))),
  // digitalSignature and keyCertSign.
  extension('2.5.29.15', CRITICAL, tlv(0x03, Buffer.of(2, 0x84))),
  extension('2.5.29.37', NOT_CRITICAL, sequence(oid('1.3.6.1.5.5.7.3.1'))),
  extension('2.5.29.17', NOT_CRITICAL, sequence(...hosts.map(generalName))),
]

const tlv = (tag: number, value: Uint8Array): Buffer => Buffer.concat([Buffer.of(tag), lengthOf(value.length), value])

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff]
  return Buffer.of(0x80 | bytes.length, ...bytes)
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, Buffer.concat(parts))
const set = (...parts: readonly Uint8Array[]): Buffer => tlv(0x31, Buffer.concat(parts))
/** `bytes` begin with a byte below 0x80: none of ours is negative. */
const integer = (bytes: Uint8Array): Buffer => tlv(0x02, bytes)

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

const base128 = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [...base128(value >> 7).map((byte) => byte | 0x80), value & 0x7f]

const TRUE = tlv(0x01, Buffer.of(0xff))
const [CRITICAL, NOT_CRITICAL] = [TRUE, Buffer.alloc(0)]
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))

const extension = (id: string, critical: Buffer, value: Buffer): Buffer => sequence(oid(id), critical, tlv(0x04, value))

const generalName = (host: string): Buffer =>
  isIP(host) === 0 ? tlv(0x82, Buffer.from(host)) : tlv(0x87, addressBytes(host))

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [left = '', right] = address.split('::')
  const groups = (half: string): readonly string[] => half.split(':').filter((group) => group !== '')
  const [before, after] = [groups(left), groups(right ?? '')]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** YYMMDDHHMMSSZ; until 2049 there is no other form. */
const utcTime = (ms: number): Buffer =>
  tlv(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`))

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

const fingerprintOf = (der: Buffer): string =>
  createHash('sha256').update(der).digest('hex').toUpperCase().match(/../g)?.join(':') ?? ''
