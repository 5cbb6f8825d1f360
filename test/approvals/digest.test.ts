import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, sameDigest } from '../../src/approvals/digest.ts'
import type { Subject } from '../../src/approvals/digest.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { sessionId } from '../store/scratch.ts'

const key = Buffer.alloc(32, 7)
const subject: Subject = {
  frame: Buffer.from('DELETE FROM payments WHERE id = $1'),
  parameters: [{ type: 23, format: 'text', value: Buffer.from('1') }],
  person: personName('alice'),
  session: sessionId(),
  target: targetName('cards'),
  account: 'app',
  database: 'cards',
  settings: { search_path: 'public', timezone: 'UTC' },
  policyVersion: 'aaaa',
  classificationVersion: 'bbbb',
  catalogEpoch: 'cccc',
}
const digest = digestOf(key, subject)

const one = subject.parameters[0] ?? assert.fail()
const changes: Record<string, Partial<Subject>> = {
  bytes: { frame: Buffer.from('DELETE FROM payments WHERE id = $2') },
  'a space more': { frame: Buffer.from('DELETE FROM payments WHERE id = $1 ') },
  'the value of a parameter': { parameters: [{ ...one, value: Buffer.from('2') }] },
  'the type of a parameter': { parameters: [{ ...one, type: 25 }] },
  'the format of a parameter': { parameters: [{ ...one, format: 'binary' }] },
  'NULL for a parameter': { parameters: [{ ...one, value: undefined }] },
  'an empty parameter': { parameters: [{ ...one, value: Buffer.alloc(0) }] },
  'no parameter': { parameters: [] },
  'a second parameter': { parameters: [one, one] },
  person: { person: personName('bob') },
  session: { session: sessionId() },
  target: { target: targetName('cards2') },
  account: { account: 'owner' },
  database: { database: 'cards2' },
  'account and database run together': { account: 'appcards', database: '' },
  'a setting': { settings: { search_path: 'evil, public', timezone: 'UTC' } },
  'a setting less': { settings: { search_path: 'public' } },
  'settings that run together': { settings: { search_path: 'publictimezone', UTC: '' } },
  'policy version': { policyVersion: 'aaab' },
  'classification version': { classificationVersion: 'bbbc' },
  'catalog epoch': { catalogEpoch: 'cccd' },
}

test('the digest is stable, whatever the order of the settings', () => {
  const turned = { ...subject, settings: { timezone: 'UTC', search_path: 'public' } }
  assert.equal(digestOf(key, turned), digest)
  assert.match(digest, /^[0-9a-f]{64}$/)
})

for (const [what, change] of Object.entries(changes)) {
  test(`the digest binds: ${what}`, () => {
    assert.notEqual(digestOf(key, { ...subject, ...change }), digest)
  })
}

test('no two of the changed subjects share a digest', () => {
  const digests = Object.values(changes).map((change) => digestOf(key, { ...subject, ...change }))
  assert.equal(new Set(digests).size, digests.length)
})

test('another key gives another digest', () => {
  assert.notEqual(digestOf(Buffer.alloc(32, 8), subject), digest)
})

test('digests are compared whole', () => {
  assert.equal(sameDigest(digest, digest), true)
  for (const other of ['', digest.slice(1), `${digest}0`, digest.toUpperCase()])
    assert.equal(sameDigest(digest, other), false)
})
