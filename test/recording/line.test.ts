import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStamps } from '../../src/recording/line.ts'
import { createClock, rfc3339Micros, systemClock } from '../../src/std/clock.ts'
import { fakeClock } from './node.ts'

test('a stamp holds the clock’s microseconds on both sides of a second', () => {
  const clock = fakeClock()
  const stamps = createStamps(clock)
  for (const ms of [0, 0.001, 0.9, 0.2, 998, 0.899, 0.001, 1, 3_600_000, 0.01]) {
    clock.pass(ms)
    const { at, mono } = stamps()
    assert.equal(at, rfc3339Micros(clock.nowMicros()))
    assert.equal(mono, clock.monoMicros())
  }
})

test('a wall clock that is set is believed within a millisecond', () => {
  const times = { wall: 1_000_000, mono: 0 }
  const stamps = createStamps(createClock({ wall: () => times.wall, mono: () => times.mono }))
  assert.equal(stamps().at, '1970-01-01T00:16:40.000000Z')
  times.wall -= 60_000
  times.mono += 1
  assert.equal(stamps().at, '1970-01-01T00:15:40.000000Z')
})

test('ten thousand stamps of the machine never go back', () => {
  const stamps = createStamps(systemClock)
  let last = stamps()
  for (let count = 0; count < 10_000; count += 1) {
    const now = stamps()
    assert.ok(now.at >= last.at && now.mono >= last.mono)
    last = now
  }
})
