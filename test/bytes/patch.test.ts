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

test('overwrites bytes with one value, and never the source', () => {
  const patch = new Patch(source).fill(2, 5, 0x2a).fill(9, 10, 0x2a)
  assert.equal(patch.finish(10).toString(), '01***5678*')
  assert.equal(source.toString(), '0123456789')
})

test('undoes what was done since the last mark', () => {
  const patch = new Patch(source).cut(1, 2).bytes(Buffer.from('ab'))
  patch.mark()
  patch.fill(3, 9, 0x2a).i32(1)
  patch.undo()
  assert.equal(patch.cut(5, 6).finish(10).toString(), '0ab2346789')
})

test('undoes everything where nothing was marked', () => {
  const patch = new Patch(source, 1).fill(2, 3, 0x2a)
  patch.undo()
  assert.equal(patch.finish(4).toString(), '123')
})

test('tells where a byte will stand', () => {
  const patch = new Patch(source, 1)
  assert.equal(patch.placeOf(5), 4)
  patch.cut(2, 3).bytes(Buffer.from('abc'))
  assert.equal(patch.placeOf(5), 6)
  assert.equal(patch.finish(10).toString()[6], '5')
})

test('copies all of a large source where only a little of it is cut', () => {
  const large = Buffer.alloc(10_000, 'x')
  const patch = new Patch(large)
  for (let at = 0; at < large.length; at += 100) patch.fill(at, at + 1, 0x2a)
  assert.equal(patch.finish(large.length).toString(), `*${'x'.repeat(99)}`.repeat(100))
})
