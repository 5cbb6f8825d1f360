import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStartups, STARTUP_LIMITS } from '../../../src/proxy/ssh/startups.ts'

test('one address takes no more than its share of places, and gives each back once', () => {
  const startups = createStartups({ ...STARTUP_LIMITS, total: 10, perSource: 2 }, () => 0)
  const [first, second] = [startups.enter('a'), startups.enter('a')]
  assert.ok(first && second)
  assert.equal(startups.enter('a'), undefined)
  assert.ok(startups.enter('b'))
  first(true)
  first(true)
  assert.ok(startups.enter('a'))
  assert.equal(startups.enter('a'), undefined)
})

test('all addresses together take no more than there are places', () => {
  const startups = createStartups({ ...STARTUP_LIMITS, total: 3, perSource: 2 }, () => 0)
  const places = ['a', 'b', 'c', 'd'].map((source) => startups.enter(source))
  assert.deepEqual(
    places.map((place) => place !== undefined),
    [true, true, true, false],
  )
  places[0]?.(true)
  assert.ok(startups.enter('d'))
})

test('an address whose connections come to nothing is slowed down, and one whose people log in is not', () => {
  let at = 0
  const startups = createStartups({ total: 10, perSource: 2, vain: 5, vainMs: 500 }, () => at)
  const tries = (source: string, hasLoggedIn: boolean): boolean => {
    const leave = startups.enter(source)
    leave?.(hasLoggedIn)
    return leave !== undefined
  }
  assert.deepEqual(
    Array.from({ length: 8 }, () => tries('a', false)),
    [true, true, true, true, true, true, false, false],
  )
  assert.ok(tries('b', false))
  assert.ok(Array.from({ length: 50 }, () => tries('c', true)).every(Boolean))
  at = 500
  assert.deepEqual([tries('a', true), tries('a', false), tries('a', false)], [true, true, false])
})
