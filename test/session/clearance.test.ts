import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Clearance } from '../../src/session/clearance.ts'

const frame = Buffer.from('frame')

test('a clearance is spent by its own frame', () => {
  assert.doesNotThrow(() => Clearance.issue(frame).spend(frame))
})

test('a clearance is spent once', () => {
  const clearance = Clearance.issue(frame)
  clearance.spend(frame)
  assert.throws(() => clearance.spend(frame))
})

test('a clearance does not cover another frame, not even of the same bytes', () => {
  assert.throws(() => Clearance.issue(frame).spend(Buffer.from(frame)))
})
