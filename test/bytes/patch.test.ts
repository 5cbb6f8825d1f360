import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Patch } from '../../src/bytes/patch.ts'

const source = Buffer.from('0123456789')

test('gives a view of the source while nothing is cut', () => {
  const same = new Patch(source, 2).finish(8)
  assert.equal(same.toString(), '234567')
  assert.equal(same.byteOffset, source.byteOffset + 2)
})

test('puts other bytes in the place of those that are cut', () => {
  const patch = new Patch(source, 1)
    .cut(2, 4)
    .bytes(Buffer.from('ab'))
    .bytes(Buffer.from('c'))
    .cut(4, 5)
    .cut(9, 9)
    .i32(0x78797a7a)
  assert.equal(patch.finish(10).toString(), '1abc5678xyzz9')
  assert.equal(source.toString(), '0123456789')
})

test('cuts at both ends', () => {
  assert.equal(new Patch(source).cut(0, 3).finish(10).toString(), '3456789')
  assert.equal(new Patch(source).cut(7, 10).finish(10).toString(), '0123456')
  assert.equal(new Patch(source).cut(0, 10).finish(10).length, 0)
})

test('grows beyond the source', () => {
  const long = Buffer.alloc(1_000, 'x')
  assert.equal(new Patch(source).cut(5, 5).bytes(long).cut(6, 6).bytes(long).finish(10).length, 2_010)
})
