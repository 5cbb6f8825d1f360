import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createQuiet } from '../../src/std/quiet.ts'

function quietly() {
  const world = { now: 1_000_000 }
  return { world, quiet: createQuiet({ now: () => world.now }) }
}

test('the first of a key is told, those of the next minute are counted, and the one behind them says how many', () => {
  const { world, quiet } = quietly()
  assert.deepEqual([quiet('a'), quiet('a'), quiet('b'), quiet('a')], [{ since: 0 }, undefined, { since: 0 }, undefined])
  world.now += 60_000
  assert.deepEqual([quiet('a'), quiet('a'), quiet('b')], [{ since: 2 }, undefined, { since: 0 }])
})

test('a clock that was set back keeps nothing quiet for longer than a minute', () => {
  const { world, quiet } = quietly()
  quiet('a')
  world.now -= 3_600_000
  assert.notEqual(quiet('a'), undefined)
  assert.equal(quiet('a'), undefined)
})

test('however many keys come, no more than a thousand are kept', () => {
  const { quiet } = quietly()
  for (let key = 0; key < 1001; key += 1) assert.deepEqual(quiet(`key ${key}`), { since: 0 })
  assert.deepEqual(quiet('key 0'), { since: 0 })
})
