import assert from 'node:assert/strict'
import test from 'node:test'
import { Lru } from '../../src/std/lru.ts'

test('what is looked up again and again stays while others come and go', () => {
  const kept = new Lru<string, number>(8)
  kept.set('hot', 1)
  for (let other = 0; other < 100; other += 1) {
    kept.set(`other ${other}`, other)
    assert.equal(kept.get('hot'), 1)
  }
})

test('it never holds more than its limit, and never less than the half of it that was set last', () => {
  const kept = new Lru<number, number>(8)
  for (let key = 0; key < 100; key += 1) {
    kept.set(key, key)
    assert.ok(kept.size <= 8)
    for (let recent = Math.max(0, key - 3); recent <= key; recent += 1) assert.equal(kept.get(recent), recent)
  }
  assert.equal(kept.get(0), undefined)
})

test('a value that is set anew replaces the one of an earlier generation', () => {
  const kept = new Lru<string, number>(4)
  kept.set('a', 1)
  kept.set('b', 1)
  kept.set('a', 2)
  kept.set('c', 1)
  assert.equal(kept.get('a'), 2)
})

test('nothing is left after clear', () => {
  const kept = new Lru<string, number>(4)
  for (const key of ['a', 'b', 'c']) kept.set(key, 1)
  kept.clear()
  assert.equal(kept.size, 0)
  assert.equal(kept.get('c'), undefined)
})
