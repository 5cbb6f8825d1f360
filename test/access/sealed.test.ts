import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deriveKey, newMasterKey } from '../../src/access/node-key.ts'
import { seal, unseal } from '../../src/access/sealed.ts'

const key = deriveKey(newMasterKey(), 'factor')
const secret = Buffer.from('a secret of some bytes')

test('what was sealed opens with its key and label, and only with them', () => {
  const sealed = seal(key, 'alice', secret)
  assert.deepEqual(unseal(key, 'alice', sealed), secret)
  assert.equal(unseal(key, 'bob', sealed), undefined)
  assert.equal(unseal(deriveKey(newMasterKey(), 'factor'), 'alice', sealed), undefined)
})

test('a sealed secret that was changed anywhere does not open', () => {
  const bytes = Buffer.from(seal(key, 'alice', secret).slice(3), 'base64url')
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
    assert.equal(unseal(key, 'alice', `v1.${changed.toString('base64url')}`), undefined, `byte ${index}`)
  }
  for (const text of ['', 'v1.', 'v1.AAAA', 'v2.AAAA']) assert.equal(unseal(key, 'alice', text), undefined, text)
})

test('the same secret never seals to the same text', () => {
  assert.notEqual(seal(key, 'alice', secret), seal(key, 'alice', secret))
})

test('each purpose has its own key, and a master key of another size is refused', () => {
  const master = newMasterKey()
  const keys = (['factor', 'scram-salt', 'approval-digest', 'value-tag'] as const).map((one) =>
    deriveKey(master, one).toString('hex'),
  )
  assert.equal(new Set(keys).size, 4)
  assert.deepEqual(deriveKey(master, 'factor').toString('hex'), keys[0])
  assert.throws(() => deriveKey(master.subarray(1), 'factor'), RangeError)
})
