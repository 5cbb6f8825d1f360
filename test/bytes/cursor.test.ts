import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BytesError } from '../../src/bytes/bytes-error.ts'
import { Cursor } from '../../src/bytes/cursor.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('reads each kind of value and knows what is left', () => {
  const cursor = new Cursor(hex('ff fffe fffe fffffffe fffffffe fffffffffffffffe 6162 c3a900 01'))
  assert.equal(cursor.u8(), 255)
  assert.equal(cursor.i16(), -2)
  assert.equal(cursor.u16(), 65534)
  assert.equal(cursor.i32(), -2)
  assert.equal(cursor.u32(), 4294967294)
  assert.equal(cursor.i64(), -2n)
  assert.equal(cursor.take(2).toString(), 'ab')
  assert.equal(cursor.cstring(), 'é')
  assert.equal(cursor.remaining, 1)
  assert.throws(() => cursor.done(), BytesError)
  assert.deepEqual(cursor.rest(), hex('01'))
  cursor.done()
})

test('sees only the range it was given, also of a view into a larger buffer', () => {
  const view = hex('0001020304050600').subarray(1, 7)
  const cursor = new Cursor(view, 1, 3)
  assert.deepEqual(cursor.rest(), hex('0203'))
  assert.throws(() => new Cursor(view, 1, 5).cstring(), BytesError)
  assert.throws(() => new Cursor(view, 2, 7), BytesError)
  assert.throws(() => new Cursor(view, -1), BytesError)
  assert.throws(() => new Cursor(view, 3, 2), BytesError)
})

test('a read over the end throws and moves nothing', () => {
  const reads: ((cursor: Cursor) => unknown)[] = [
    (cursor) => cursor.i32(),
    (cursor) => cursor.u32(),
    (cursor) => cursor.i64(),
    (cursor) => cursor.take(4),
    (cursor) => cursor.take(-1),
    (cursor) => cursor.cstring(),
  ]
  for (const read of reads) {
    const cursor = new Cursor(hex('616263'))
    assert.throws(() => read(cursor), BytesError)
    assert.equal(cursor.remaining, 3)
  }
  const empty = new Cursor(hex(''))
  for (const read of [() => empty.u8(), () => empty.i16(), () => empty.u16()]) assert.throws(read, BytesError)
})

test('a string longer than its limit is refused', () => {
  assert.equal(new Cursor(hex('61626300')).cstring(3), 'abc')
  assert.throws(() => new Cursor(hex('61626300')).cstring(2), BytesError)
})

test('faulty UTF-8 is refused and a byte order mark is kept', () => {
  for (const fault of ['c0a7', 'eda080', 'e282', 'ff', 'f4908080', '80']) {
    assert.throws(() => new Cursor(hex(`${fault}00`)).cstring(), BytesError, fault)
  }
  assert.equal(new Cursor(hex('efbbbf6100')).cstring(), '\ufeffa')
})
