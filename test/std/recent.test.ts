import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Recent } from '../../src/std/recent.ts'

test('the last few are found by identity, older ones are forgotten', () => {
  const recent = new Recent<object, string>(2)
  const [a, b, c] = [{}, {}, {}]
  recent.set(a, 'a')
  recent.set(b, 'b')
  assert.deepEqual([recent.get(a), recent.get(b), recent.get({})], ['a', 'b', undefined])
  recent.set(c, 'c')
  assert.deepEqual([recent.get(a), recent.get(b), recent.get(c)], [undefined, 'b', 'c'])
})
