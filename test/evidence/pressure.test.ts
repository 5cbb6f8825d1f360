import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPressure } from '../../src/evidence/pressure.ts'

test('the process is pressed while its other threads take more than half a core, whatever the asking thread takes', () => {
  const world = { process: 5_000_000, own: 100_000, mono: 9_000_000 }
  const isPressed = createPressure({
    processMicros: () => world.process,
    ownMicros: () => world.own,
    monoMicros: () => world.mono,
  })
  const second = (others: number, own: number): boolean => {
    world.process += (others + own) * 1e6
    world.own += own * 1e6
    world.mono += 1e6
    return isPressed()
  }
  assert.equal(second(0.6, 0), true)
  assert.equal(second(0.4, 0.9), false)
  assert.equal(second(1.4, 0.1), true)
  assert.equal(second(0, 0), false)
})
