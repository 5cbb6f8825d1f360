import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStartups } from '../../../src/proxy/ssh/startups.ts'

test('one address takes no more than its share of places, and gives each back once', () => {
  const startups = createStartups({ total: 10, perSource: 2 })
  const [first, second] = [startups.enter('a'), startups.enter('a')]
  assert.ok(first && second)
  assert.equal(startups.enter('a'), undefined)
  assert.ok(startups.enter('b'))
  first()
  first()
  assert.ok(startups.enter('a'))
  assert.equal(startups.enter('a'), undefined)
})

test('all addresses together take no more than there are places', () => {
  const startups = createStartups({ total: 3, perSource: 2 })
  const places = ['a', 'b', 'c', 'd'].map((source) => startups.enter(source))
  assert.deepEqual(
    places.map((place) => place !== undefined),
    [true, true, true, false],
  )
  places[0]?.()
  assert.ok(startups.enter('d'))
})
