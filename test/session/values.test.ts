import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Parameter } from '../../src/model/statement.ts'
import { redactValue } from '../../src/session/values.ts'

const deps = { tag: (value: string) => `tag of ${value.length}`, scrub: (text: string) => text.replace(/4{16}/, 'PAN') }
const text = (value: string, type = 0): Parameter => ({ type, format: 'text', value: Buffer.from(value) })
const binary = (value: Buffer, type: number): Parameter => ({ type, format: 'binary', value })
const bigint = Buffer.alloc(8)
bigint.writeBigInt64BE(-7n)

test('SQL NULL stays null', () => {
  assert.equal(redactValue(deps, { type: 25, format: 'text', value: undefined }, false), null)
})

for (const [about, parameter, shown] of [
  ['text', text('open'), 'open'],
  ['text with a card number', text('4444444444444444'), 'PAN'],
  ['binary text', binary(Buffer.from('open'), 25), 'open'],
  ['a binary int8', binary(bigint, 20), '-7'],
  ['a binary int4', binary(Buffer.of(0, 0, 1, 0), 23), '256'],
  ['a binary int2', binary(Buffer.of(0xff, 0xff), 21), '-1'],
  ['a binary oid', binary(Buffer.of(0xff, 0xff, 0xff, 0xff), 26), '4294967295'],
] as const)
  test(`${about} in a position that is proved clear is recorded as it reads`, () => {
    assert.deepEqual(redactValue(deps, parameter, true), [shown])
  })

for (const [about, parameter, withheld] of [
  ['text', text('123'), 'text'],
  ['an array', binary(Buffer.of(0, 0, 1), 1009), 'binary'],
] as const)
  test(`${about} that is not proved clear is a keyed token`, () => {
    assert.deepEqual(redactValue(deps, parameter, false), [{ withheld, bytes: 3, tag: 'tag of 3' }])
  })

test('a binary value that is not as long as its type is a token even where it would be clear', () => {
  const value = redactValue(deps, binary(Buffer.of(1), 20), true)
  assert.deepEqual(value, [{ withheld: 'binary', bytes: 1, tag: 'tag of 1' }])
})

test('a view into a larger buffer is read alone', () => {
  const whole = Buffer.from('secret open secret')
  assert.deepEqual(redactValue(deps, { type: 25, format: 'text', value: whole.subarray(7, 11) }, true), ['open'])
})
