import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BytesError } from '../../src/bytes/bytes-error.ts'
import { Carry } from '../../src/bytes/carry.ts'

test('gives the chunk itself while nothing is kept', () => {
  const chunk = Buffer.from('abc')
  assert.equal(new Carry(10).join(chunk), chunk)
})

test('joins what was kept with what follows, and leaves earlier views alone', () => {
  const carry = new Carry(10)
  carry.keep(carry.join(Buffer.from('ab')), 1)
  const joined = carry.join(Buffer.from('cd'))
  assert.equal(joined.toString(), 'bcd')
  const view = joined.subarray(0, 2)
  carry.keep(joined, 2)
  carry.keep(carry.join(Buffer.from('ef')), 0)
  assert.equal(carry.join(Buffer.from('g')).toString(), 'defg')
  assert.equal(view.toString(), 'bc')
})

test('room for what is awaited is made once', () => {
  const carry = new Carry(1000)
  const whole = Buffer.from('0123456789'.repeat(20))
  carry.keep(carry.join(whole.subarray(0, 10)), 0, whole.length)
  const first = carry.join(whole.subarray(10, 100))
  carry.keep(first, 0)
  const joined = carry.join(whole.subarray(100))
  assert.deepEqual(joined, whole)
  assert.equal(joined.buffer, first.buffer)
})

test('refuses to keep more than its limit', () => {
  const carry = new Carry(2)
  carry.keep(carry.join(Buffer.from('ab')), 0)
  assert.throws(() => carry.keep(carry.join(Buffer.from('c')), 0), BytesError)
})

test('a hundred thousand single bytes cost no quadratic time', () => {
  const carry = new Carry(200_000)
  const byte = Buffer.of(1)
  const start = performance.now()
  for (let count = 0; count < 100_000; count++) carry.keep(carry.join(byte), 0)
  assert.equal(carry.length, 100_000)
  assert.ok(performance.now() - start < 2_000)
})
