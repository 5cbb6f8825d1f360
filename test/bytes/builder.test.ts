import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Builder } from '../../src/bytes/builder.ts'
import { BytesError } from '../../src/bytes/bytes-error.ts'
import { Cursor } from '../../src/bytes/cursor.ts'

test('writes each kind of value as the cursor reads it, growing from one byte', () => {
  const bytes = new Builder(1)
    .u8(255)
    .i16(-2)
    .u16(65534)
    .i32(-2)
    .u32(4294967294)
    .i64(-2n)
    .cstring('é')
    .utf8('xy')
    .finish()
  assert.equal(bytes.toString('hex'), 'fffffefffefffffffefffffffefffffffffffffffec3a9007879')
  assert.equal(new Cursor(bytes).u8(), 255)
})

test('a length is patched in afterwards, only inside of what is written', () => {
  const builder = new Builder().i32(0).utf8('abc')
  assert.equal(builder.patchI32(0, builder.length).finish().toString('hex'), '00000007616263')
  assert.throws(() => builder.patchI32(4, 1), BytesError)
  assert.throws(() => builder.patchI32(-1, 1), BytesError)
})

test('text that its reader would read otherwise is refused', () => {
  assert.throws(() => new Builder().cstring('a\0b'), BytesError)
  assert.throws(() => new Builder().utf8('\ud800'), BytesError)
})

test('numbers out of range are refused', () => {
  assert.throws(() => new Builder().u16(65536), RangeError)
  assert.throws(() => new Builder().i32(2 ** 31), RangeError)
})
