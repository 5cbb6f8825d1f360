import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Builder } from '../../src/bytes/builder.ts'
import { detectCell, needsCellScan } from '../../src/mask/detect.ts'

const PAN = '4111111111111111'
const ORDER = '4111111111111112'

const text = (value: string): Buffer => Buffer.from(value)
const int8 = (value: bigint): Buffer => new Builder().i64(value).finish()
const float8 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(8 * values.length)
  values.forEach((value, index) => bytes.writeDoubleBE(value, 8 * index))
  return bytes
}
const groups = (weight: number, scale: number, digits: readonly number[]): Buffer =>
  digits
    .reduce((builder, digit) => builder.i16(digit), new Builder().i16(digits.length).i16(weight).i16(0).i16(scale))
    .finish()
const sized = (builder: Builder, bytes: Buffer | null): Builder =>
  bytes === null ? builder.i32(-1) : builder.i32(bytes.length).bytes(bytes)
const array = (typeOid: number, elements: readonly (Buffer | null)[]): Buffer =>
  elements.reduce(sized, new Builder().i32(1).i32(1).i32(typeOid).i32(elements.length).i32(1)).finish()
const record = (fields: readonly (readonly [number, Buffer | null])[]): Buffer =>
  fields.reduce((builder, [oid, bytes]) => sized(builder.i32(oid), bytes), new Builder().i32(fields.length)).finish()
const range = (flags: number, ...bounds: Buffer[]): Buffer => bounds.reduce(sized, new Builder().u8(flags)).finish()

describe('binary cells that hold a card number become NULL', () => {
  const nested = record([[2249, record([[1016, array(20, [int8(BigInt(PAN))])]])]])
  const cases: readonly (readonly [string, number, Buffer])[] = [
    ['int8', 20, int8(BigInt(PAN))],
    ['negative int8', 20, int8(-BigInt(PAN))],
    ['numeric', 1700, groups(3, 0, [4111, 1111, 1111, 1111])],
    ['numeric with a scale', 1700, groups(3, 2, [4111, 1111, 1111, 1111, 5000])],
    ['numeric with trailing zero groups left out', 1700, groups(3, 0, [4917, 6100])],
    ['numeric of 15 digits', 1700, groups(3, 0, [378, 2822, 4631, 5])],
    ['float8', 701, float8(Number(PAN))],
    ['money in cents', 790, int8(BigInt(PAN))],
    ['money in whole units', 790, int8(BigInt(PAN) * 100n)],
    ['point', 600, float8(1, Number(PAN))],
    ['polygon', 604, Buffer.concat([Buffer.from([0, 0, 0, 1]), float8(Number(PAN), 2)])],
    ['bytea with text', 17, Buffer.concat([Buffer.from([0, 255]), text(PAN)])],
    ['bytea in base64', 17, text(Buffer.from(PAN).toString('base64'))],
    ['bytea in packed decimal', 17, Buffer.from(PAN, 'hex')],
    ['bytea in packed decimal, odd', 17, Buffer.from('378282246310005f', 'hex')],
    ['json', 114, text(`{"n":${PAN}}`)],
    ['json with escapes', 114, text(`{"n":"\\u0034${PAN.slice(1)}"}`)],
    ['jsonb', 3802, Buffer.concat([Buffer.from([1]), text(`{"n": "4111 1111 1111 1111"}`)])],
    ['int8[]', 1016, array(20, [int8(5n), null, int8(BigInt(PAN))])],
    ['text[]', 1009, array(25, [text('a'), text(PAN)])],
    ['numeric[]', 1231, array(1700, [groups(3, 0, [4111, 1111, 1111, 1111])])],
    ['array of an unknown type', 99001, array(99000, [int8(BigInt(PAN))])],
    [
      'row',
      2249,
      record([
        [23, Buffer.from([0, 0, 0, 1])],
        [25, null],
        [25, text(PAN)],
      ]),
    ],
    ['row with a domain over int8', 2249, record([[99002, int8(BigInt(PAN))]])],
    ['composite of an unknown type', 99003, record([[1700, groups(3, 0, [4111, 1111, 1111, 1111])]])],
    ['row in row with an array', 2249, nested],
    ['int8range', 3926, range(0x02, int8(BigInt(PAN)), int8(BigInt(PAN) + 1n))],
    ['numrange without an end', 3906, range(0x12, groups(3, 0, [4111, 1111, 1111, 1111]))],
    ['int8multirange', 4536, sized(new Builder().i32(1), range(0x02, int8(1n), int8(BigInt(PAN)))).finish()],
    ['hstore and whatever else keeps its text as it is', 99004, Buffer.concat([Buffer.from([0, 0, 0, 1]), text(PAN)])],
    ['unknown type of eight bytes', 99005, int8(BigInt(PAN))],
    ['unknown type that is a numeric', 99006, groups(3, 0, [4111, 1111, 1111, 1111])],
    ['xml', 142, text(`<n>${PAN}</n>`)],
  ]
  for (const [name, typeOid, cell] of cases) {
    test(name, () => assert.equal(detectCell({ typeOid, format: 'binary' }, cell), null))
  }

  test('and so do values that are not of the form of their type, and nests too deep to look into', () => {
    const deep = Array.from({ length: 12 }).reduce(
      (inner: Buffer) => record([[2249, inner]]),
      record([[25, text('x')]]),
    )
    for (const [typeOid, cell] of [
      [20, text('short')],
      [1700, groups(3, 0, [1]).subarray(1)],
      [2249, deep],
    ] as const) {
      assert.equal(detectCell({ typeOid, format: 'binary' }, cell), null)
    }
  })
})

describe('ordinary binary cells pass untouched', () => {
  const cases: readonly (readonly [string, number, Buffer])[] = [
    ['int8 order number', 20, int8(BigInt(ORDER))],
    ['int8 id', 20, int8(42n)],
    ['time since 1970 in int8', 20, int8(1732240000000000n)],
    ['numeric price', 1700, groups(0, 2, [19, 9900])],
    ['numeric fraction', 1700, groups(-1, 16, [4111, 1111, 1111, 1111])],
    ['numeric zero', 1700, groups(0, 0, [])],
    ['numeric NaN', 1700, Buffer.from('00000000c0000000', 'hex')],
    ['huge numeric', 1700, groups(9, 0, [4111, 1111, 1111, 1111])],
    ['float8', 701, float8(4.111111111111111)],
    ['float8 infinity', 701, float8(Infinity)],
    ['timestamp whose microseconds would pass', 1184, int8(378282246310005n)],
    ['uuid', 2950, Buffer.from('41111111111111110000000000000000', 'hex')],
    ['int4', 23, Buffer.from([0, 0, 0, 7])],
    ['bytea', 17, Buffer.from('deadbeef0011223344556677889900', 'hex')],
    ['jsonb', 3802, Buffer.concat([Buffer.from([1]), text('{"a": [1, 2, 3.5]}')])],
    ['int8[]', 1016, array(20, [int8(5n), null])],
    ['empty array', 1016, new Builder().i32(0).i32(0).i32(20).finish()],
    [
      'row',
      2249,
      record([
        [23, Buffer.from([0, 0, 0, 1])],
        [1184, int8(378282246310005n)],
        [25, text('Alice')],
      ]),
    ],
    ['tstzrange', 3910, range(0x02, int8(378282246310005n), int8(378282246310005n))],
    ['empty int8range', 3926, range(0x01)],
    ['enum label', 99007, text('shipped')],
    ['point', 600, float8(48.1, 11.5)],
  ]
  for (const [name, typeOid, cell] of cases) {
    test(name, () => assert.equal(detectCell({ typeOid, format: 'binary' }, cell), cell))
  }
})

describe('text cells', () => {
  const shown = (typeOid: number, value: string): string | null =>
    detectCell({ typeOid, format: 'text' }, text(value))?.toString() ?? null

  test('of text types are cut down in place, in either format', () => {
    for (const typeOid of [25, 1043, 1042, 19, 705]) {
      for (const format of ['text', 'binary'] as const) {
        assert.equal(detectCell({ typeOid, format }, text(`see ${PAN}.`))?.toString(), 'see 411111******1111.')
      }
    }
  })

  const hits: readonly (readonly [number, string])[] = [
    [20, PAN],
    [20, `-${PAN}`],
    [1700, `${PAN}.00`],
    [1700, PAN],
    [701, '4.111111111111111e+15'],
    [701, '4.91761e+15'],
    [790, '$4,111,111,111,111,111.00'],
    [790, '-$41,111,111,111,111.11'],
    [791, '{"$4,111,111,111,111,111.00"}'],
    [17, `\\x${Buffer.from(PAN).toString('hex')}`],
    [17, `\\x${PAN}`],
    [17, `\\000${PAN}`],
    [114, `{"n":${PAN}}`],
    [114, `["\\u0034\\u0031${PAN.slice(2)}"]`],
    [3802, `{"n": "${PAN}"}`],
    [142, `<n>${PAN}</n>`],
    [1009, `{a,"4111 1111 1111 1111"}`],
    [1016, `{1,${PAN}}`],
    [1022, '{1.5,4.111111111111111e+15}'],
    [1001, `{"\\\\x${Buffer.from(PAN).toString('hex')}"}`],
    [2249, `(7,"4111-1111-1111-1111",x)`],
    [3926, `[${PAN},4111111111111112)`],
    [99001, PAN],
    [600, '(4.111111111111111e+15,1)'],
  ]
  for (const [typeOid, value] of hits) {
    test(`of type ${typeOid} like ${value} become NULL`, () => assert.equal(shown(typeOid, value), null))
  }

  const spared: readonly (readonly [number, string])[] = [
    [20, ORDER],
    [23, '42'],
    [1700, '0.4111111111111111'],
    [1700, '12.41111111111111111'],
    [701, '4.111111111111111'],
    [701, 'Infinity'],
    [790, '$19.99'],
    [17, '\\xdeadbeef'],
    [2950, '41111111-1111-1111-0000-000000000000'],
    [1184, '2024-01-01 12:34:56.789012+00'],
    [114, '{"a":1.5}'],
    [1016, '{4,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1}'],
  ]
  for (const [typeOid, value] of spared) {
    test(`of type ${typeOid} like ${value} pass`, () => assert.equal(shown(typeOid, value), value))
  }
})

test('columns whose card numbers are no run of digits on the wire need every cell looked at', () => {
  const needy = [20, 1700, 701, 790, 17, 114, 3802, 1016, 2249, 600, 99001]
  for (const typeOid of needy) assert.equal(needsCellScan({ typeOid, format: 'binary' }), true, `${typeOid}`)
  for (const typeOid of [25, 1043, 23, 16, 1184, 2950]) {
    assert.equal(needsCellScan({ typeOid, format: 'binary' }), false, `${typeOid}`)
    assert.equal(needsCellScan({ typeOid, format: 'text' }), false, `${typeOid}`)
  }
  for (const typeOid of [701, 790, 17, 114, 3802]) assert.equal(needsCellScan({ typeOid, format: 'text' }), true)
  for (const typeOid of [20, 1700, 1016]) assert.equal(needsCellScan({ typeOid, format: 'text' }), false)
})
