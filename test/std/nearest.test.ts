import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest, nearestFew } from '../../src/std/nearest.ts'

test('the nearest word takes the fewest edits', () => {
  const known = ['publicUrl', 'policies', 'listen', 'limits']
  const rows = [
    ['polices', 'policies'],
    ['PUBLICURL', 'publicUrl'],
    ['lmits', 'limits'],
    ['listens', 'listen'],
  ] as const
  for (const [word, expected] of rows) assert.equal(nearest(word, known), expected)
})

test('nothing is near where nothing is known', () => {
  assert.equal(nearest('a', []), undefined)
})

test('a hostile key costs nothing', () => {
  const started = performance.now()
  nearest('x'.repeat(1_000_000), ['a'.repeat(1_000_000), 'b'])
  assert.ok(performance.now() - started < 200)
})

test('a few are named, the nearest first', () => {
  assert.deepEqual(nearestFew('card', ['web', 'cards', 'carts', 'shop'], 2), ['cards', 'carts'])
  assert.deepEqual(nearestFew('x', [], 3), [])
})
