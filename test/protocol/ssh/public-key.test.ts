import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { Builder } from '../../../src/bytes/builder.ts'
import { writeBytes, writeWord } from '../../../src/protocol/ssh/fields.ts'
import { readKeyLine } from '../../../src/protocol/ssh/key-line.ts'
import {
  fingerprintOf,
  isFault,
  printPublicKey,
  readPublicKey,
  type PublicKey,
} from '../../../src/protocol/ssh/public-key.ts'
import { signatureFits, unwrappedSignatureFits } from '../../../src/protocol/ssh/signature.ts'

// Made once with ssh-keygen 9.2: line, then what `ssh-keygen -l` prints of it.
const KNOWN: readonly [line: string, printed: string][] = [
  [
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJzQd1IGbYVbPsYyXHfEvi2SMyVHoScoWHTXBPi0mDgU',
    'SHA256:1bz9wmp6H4dJgjehj71t9LFOREsnKLUxXttu2/oj3aw',
  ],
  [
    'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBK5vkYEaIeQXhm6UruB64yIKTS4P35G7/iiufXRkZS/ZI8wFUZ6Xt4bFfLwVJlf/KoyjDhf1QHk5yvhH7cE11MQ=',
    'SHA256:/RAb9fS8F/NUFTznujI+Wh3mxSgTioGWcQwZSIYUAfs',
  ],
]

const jwkField = (key: KeyObject, field: 'x' | 'y' | 'n' | 'e'): Buffer =>
  Buffer.from(String(key.export({ format: 'jwk' })[field]), 'base64url')

const mpint = (bytes: Buffer): Buffer => ((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)

const blobOf = (type: string, ...parts: Buffer[]): Buffer =>
  parts.reduce((builder, part) => writeBytes(builder, part), writeWord(new Builder(), type)).finish()

const CURVES = [
  ['ecdsa-sha2-nistp256', 'nistp256', 'P-256', 'sha256'],
  ['ecdsa-sha2-nistp384', 'nistp384', 'P-384', 'sha384'],
  ['ecdsa-sha2-nistp521', 'nistp521', 'P-521', 'sha512'],
] as const

function read(blob: Buffer): PublicKey {
  const found = readPublicKey(blob)
  assert.ok(!isFault(found), isFault(found) ? found.fault : '')
  assert.ok(found.blob.equals(blob))
  return found
}

const faultOf = (blob: Buffer): string => {
  const found = readPublicKey(blob)
  return isFault(found) ? found.fault : 'taken'
}

const MESSAGE = Buffer.from('what was signed')
const wrapped = (algorithm: string, bytes: Buffer): Buffer =>
  writeBytes(writeWord(new Builder(), algorithm), bytes).finish()

test('a key has the fingerprint that ssh-keygen prints', () => {
  for (const [line, printed] of KNOWN) {
    const found = readKeyLine(line)
    assert.ok(!isFault(found))
    assert.equal(fingerprintOf(found.key.blob), printed)
    assert.equal(printPublicKey(found.key), line)
  }
})

test('a signature of each kind of key fits it, and nothing else does', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = read(blobOf('ssh-ed25519', jwkField(publicKey, 'x')))
  const bytes = sign(null, MESSAGE, privateKey)
  assert.ok(signatureFits(key, wrapped('ssh-ed25519', bytes), MESSAGE))
  assert.ok(unwrappedSignatureFits(key, { bytes, hash: undefined }, MESSAGE))
  assert.ok(!signatureFits(key, wrapped('ssh-ed25519', bytes), Buffer.from('another')))
  assert.ok(!signatureFits(key, wrapped('rsa-sha2-256', bytes), MESSAGE))
  assert.ok(!signatureFits(key, Buffer.concat([wrapped('ssh-ed25519', bytes), Buffer.of(0)]), MESSAGE))
  assert.ok(!signatureFits(key, Buffer.alloc(0), MESSAGE))
})

for (const [type, curve, namedCurve, hash] of CURVES)
  test(`${type}: many signatures, with numbers of every width, fit and their DER form too`, () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve })
    const point = Buffer.concat([Buffer.of(4), jwkField(publicKey, 'x'), jwkField(publicKey, 'y')])
    const key = read(blobOf(type, Buffer.from(curve), point))
    for (let round = 0; round < 40; round += 1) {
      const flat = sign(hash, MESSAGE, { key: privateKey, dsaEncoding: 'ieee-p1363' })
      const [r, s] = [flat.subarray(0, flat.length / 2), flat.subarray(flat.length / 2)]
      const trimmed = [r, s].map((half) => mpint(half.subarray(half.findIndex((byte) => byte !== 0))))
      const inner = trimmed.reduce((builder, half) => writeBytes(builder, half), new Builder()).finish()
      assert.ok(signatureFits(key, wrapped(type, inner), MESSAGE))
      assert.ok(!signatureFits(key, wrapped(type, inner), Buffer.from('another')))
    }
    assert.ok(unwrappedSignatureFits(key, { bytes: sign(hash, MESSAGE, privateKey), hash: undefined }, MESSAGE))
    assert.match(faultOf(blobOf(type, Buffer.from('nistp999'), point)), /damaged/)
    const off = Buffer.from(point)
    off[off.length - 1] = (off.at(-1) ?? 0) ^ 1
    assert.match(faultOf(blobOf(type, Buffer.from(curve), off)), /damaged/, 'a point beside the curve')
  })

test('RSA signs with SHA-2 alone, and has 3072 bits at least', () => {
  const make = (bits: number, exponent = 65_537) =>
    generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: exponent })
  const { publicKey, privateKey } = make(3072)
  const parts = (key: KeyObject): [Buffer, Buffer] => [mpint(jwkField(key, 'e')), mpint(jwkField(key, 'n'))]
  const key = read(blobOf('ssh-rsa', ...parts(publicKey)))
  assert.equal(key.bits, 3072)
  const signed = (hash: string): Buffer => sign(hash, MESSAGE, privateKey)
  assert.ok(signatureFits(key, wrapped('rsa-sha2-256', signed('sha256')), MESSAGE))
  assert.ok(signatureFits(key, wrapped('rsa-sha2-512', signed('sha512')), MESSAGE))
  assert.ok(!signatureFits(key, wrapped('ssh-rsa', signed('sha1')), MESSAGE))
  assert.ok(!unwrappedSignatureFits(key, { bytes: signed('sha1'), hash: undefined }, MESSAGE))
  assert.ok(unwrappedSignatureFits(key, { bytes: signed('sha512'), hash: 'sha512' }, MESSAGE))
  assert.match(faultOf(blobOf('ssh-rsa', ...parts(make(2048).publicKey))), /at least 3072 bits, this one 2048/)
  const [e, n] = parts(publicKey)
  assert.match(faultOf(blobOf('ssh-rsa', Buffer.of(3), n)), /exponent/)
  assert.match(faultOf(blobOf('ssh-rsa', Buffer.of(1, 0, 2), n)), /exponent/)
  assert.match(faultOf(blobOf('ssh-rsa', e, Buffer.concat([Buffer.of(0), n]))), /damaged/)
})

const REFUSED: readonly [what: string, text: string, said: RegExp][] = [
  ['nothing', '  ', /no key here/],
  ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl', /yours alone/],
  ['options in front', 'command="x" ssh-ed25519 AAAA', /options are not taken/],
  ['two keys', 'ssh-ed25519 AAAA\nssh-ed25519 BBBB', /one key at a time/],
  ['no base64', 'ssh-ed25519 !!!', /its type, its base64/],
  ['a type without a key', 'ssh-ed25519', /its type, its base64/],
  ['DSA', `ssh-dss ${blobOf('ssh-dss').toString('base64')}`, /DSA keys are too weak/],
  [
    'a hardware token',
    `sk-ssh-ed25519@openssh.com ${blobOf('sk-ssh-ed25519@openssh.com').toString('base64')}`,
    /hardware tokens/,
  ],
  [
    'a certificate',
    `x ${blobOf('ssh-ed25519-cert-v01@openssh.com').toString('base64')}`,
    /certificate, not a plain key/,
  ],
  ['another type in front', `ssh-rsa ${blobOf('ssh-ed25519', Buffer.alloc(32, 1)).toString('base64')}`, /damaged/],
  ['a key that was cut', `ssh-ed25519 ${blobOf('ssh-ed25519', Buffer.alloc(31)).toString('base64')}`, /damaged/],
  ['a line without end', `ssh-ed25519 ${'A'.repeat(9000)}`, /longer than any/],
]

for (const [what, text, said] of REFUSED)
  test(`${what} is not taken as a key, and it is said why`, () => {
    const found = readKeyLine(text)
    assert.ok(isFault(found))
    assert.match(found.fault, said)
  })

test('the comment of a key is kept without what a terminal would act on', () => {
  const line = KNOWN[0]?.[0] ?? ''
  const found = readKeyLine(` ${line} alice@\u001b]0;x\u0007laptop of alice\n`)
  assert.ok(!isFault(found))
  assert.equal(found.comment, 'alice@]0;xlaptop of alice')
})
