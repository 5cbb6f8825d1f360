import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import ssh2 from 'ssh2'
import { readKeyLine } from '../../../src/protocol/ssh/key-line.ts'
import { printPrivateKey } from '../../../src/protocol/ssh/private-key.ts'
import { isFault } from '../../../src/protocol/ssh/public-key.ts'

/** A private key whose point begins with a zero, or with a bit that a signed number would need a byte for. */
function keyThatBegins(fits: (first: number) => boolean): KeyObject {
  for (;;) {
    const { privateKey } = generateKeyPairSync('ed25519')
    const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
    if (fits(Buffer.from(x, 'base64url')[0] ?? 0)) return privateKey
  }
}

const FIRST: readonly [what: string, fits: (first: number) => boolean][] = [
  ['a zero', (first) => first === 0],
  ['a high bit', (first) => first >= 0x80],
  ['any other byte', (first) => first > 0 && first < 0x80],
]

for (const [what, fits] of FIRST)
  test(`a key that begins with ${what} is read back as the same key`, () => {
    const secret = keyThatBegins(fits)
    const printed = printPrivateKey(secret, { comment: 'mine', check: 0xffff_fffe })
    const line = readKeyLine(printed.line)
    assert.ok(!isFault(line))
    assert.equal(line.comment, 'mine')
    const parsed = ssh2.utils.parseKey(printed.secret)
    assert.ok(!(parsed instanceof Error))
    assert.ok(parsed.getPublicSSH().equals(line.key.blob))
    const signature = sign(null, Buffer.from('x'), createPrivateKey(parsed.getPrivatePEM()))
    assert.ok(verify(null, Buffer.from('x'), line.key.key, signature))
  })

test('another kind of key is not written', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  assert.throws(() => printPrivateKey(privateKey, { comment: '', check: 0 }), TypeError)
})
