import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClock, rfc3339Micros, systemClock } from '../../src/std/clock.ts'

function source(): { wallMs: number; monoMs: number; clock: ReturnType<typeof createClock> } {
  const times = { wallMs: 1_000_000, monoMs: 0 }
  const clock = createClock({ wall: () => times.wallMs, mono: () => times.monoMs })
  return Object.assign(times, { clock })
}

test('stamps within one millisecond of the wall clock go on counting', () => {
  const times = source()
  times.monoMs = 0.4
  assert.equal(times.clock.nowMicros(), 1_000_000_400n)
  times.monoMs = 0.9
  assert.equal(times.clock.nowMicros(), 1_000_000_900n)
  times.monoMs = 1.2
  times.wallMs += 1
  assert.equal(times.clock.nowMicros(), 1_000_001_200n)
})

test('a wall clock that is set is believed', () => {
  const times = source()
  times.monoMs = 5
  times.wallMs -= 60_000
  assert.equal(times.clock.nowMicros(), 940_000_000n)
})

test('the wall time at a monotonic reading that was handed in is told without another one', () => {
  const times = source()
  times.monoMs = 0.9
  assert.equal(times.clock.nowMicros(400), 1_000_000_400n)
})

test('ten thousand stamps of the machine never go back', () => {
  let last = 0n
  for (let at = 0; at < 10_000; at += 1) {
    const now = systemClock.nowMicros()
    assert.ok(now >= last)
    last = now
  }
})

test('a stamp prints with six digits behind the second', () => {
  assert.equal(rfc3339Micros(4n), '1970-01-01T00:00:00.000004Z')
})
