import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base32, fromBase32 } from '../../src/access/base32.ts'
import { codeAt, counterAt, matchingCounter, otpauthUri } from '../../src/access/totp.ts'

const secret = Buffer.from('12345678901234567890')

/** RFC 6238, appendix B, SHA-1, the last six of its eight digits. */
const vectors: readonly [seconds: number, code: string][] = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
]

for (const [seconds, code] of vectors) {
  test(`at ${seconds} s the authenticator of RFC 6238 shows ${code}`, () => {
    assert.equal(codeAt(secret, seconds * 1000), code)
  })
}

test('a code is right one step before and after its own, and in no other', () => {
  const at = 1_234_567_890_000
  const found = [-2, -1, 0, 1, 2].map((steps) => matchingCounter(secret, codeAt(secret, at), at + steps * 30_000))
  const own = counterAt(at)
  assert.deepEqual(found, [undefined, own, own, own, undefined])
})

test('what is not six digits is never a code', () => {
  const at = 59_000
  for (const text of ['', '28708', '2870822', ' 287082', '287082\n', '28708x', '２８７０８２']) {
    assert.equal(matchingCounter(secret, text, at), undefined, text)
  }
})

test('the address for authenticator apps carries label, issuer and secret', () => {
  assert.equal(
    otpauthUri('alice', secret),
    'otpauth://totp/Countersign%3Aalice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Countersign&algorithm=SHA1&digits=6&period=30',
  )
})

test('base32 follows RFC 4648 and comes back', () => {
  const table: readonly [string, string][] = [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ]
  for (const [plain, coded] of table) {
    assert.equal(base32(Buffer.from(plain)), coded)
    assert.equal(fromBase32(coded.toLowerCase())?.toString(), plain)
  }
  assert.equal(fromBase32('MZXW1'), undefined)
})
