import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createCellMasks } from '../../src/mask/cell.ts'
import type { MaskShape, ResultColumn, Treatment } from '../../src/model/column.ts'

const PAN = '4111111111111111'
const TEXT_TYPES = [25, 1043, 19, 705]

const setUp = (tag: (value: string) => string = (value) => `<${value}>`) => {
  const faults: true[] = []
  return { ...createCellMasks({ tag, onFault: () => faults.push(true) }), faults }
}
const column = (treatment: Treatment, typeOid: number, format: 'text' | 'binary' = 'text'): ResultColumn => ({
  name: 'pan',
  typeOid,
  format,
  treatment,
})
const mask = (shape: MaskShape): Treatment => ({ kind: 'mask', class: 'pan', shape })

function shown(treatment: Treatment, typeOid: number, value: string): string | null | undefined {
  const cellMask = setUp().cellMask(column(treatment, typeOid))
  if (cellMask === undefined) return undefined
  return cellMask(Buffer.from(value))?.toString() ?? null
}

describe('a masked text cell', () => {
  const cases: readonly (readonly [MaskShape, string, string | null])[] = [
    ['bin+last4', PAN, '411111******1111'],
    ['bin+last4', '4111 1111 1111 1111', '4111 11** **** 1111'],
    ['bin+last4', ' 4111-1111-1111-1111 ', '4111-11**-****-1111'],
    ['bin+last4', '378282246310005', '378282*****0005'],
    ['bin+last4', '30569309025904', '**********5904'],
    ['bin+last4', '4222222222222', '*********2222'],
    ['bin+last4', '4917610000000000003', '491761*********0003'],
    ['bin+last4', '4111111111111112', '****'],
    ['bin+last4', `${PAN} ${PAN}`, '****'],
    ['bin+last4', `x${PAN}`, '****'],
    ['bin+last4', `;${PAN}=2512101`, '****'],
    ['bin+last4', 'none', '****'],
    ['bin+last4', '', '****'],
    ['last4', PAN, '************1111'],
    ['last4', '5555 5555 5555 4444', '**** **** **** 4444'],
    ['last4', '737', '****'],
    ['hide', '737', '***'],
    ['hide', PAN, '***'],
    ['null', PAN, null],
    ['token', PAN, `tok_<${PAN}>`],
    ['token', '4111 1111 1111 1111', `tok_<${PAN}>`],
    ['token', 'Alice', 'tok_<Alice>'],
  ]
  for (const [shape, value, expected] of cases) {
    test(`${JSON.stringify(value)} shows as ${String(expected)} by ${shape}`, () => {
      for (const typeOid of TEXT_TYPES) assert.equal(shown(mask(shape), typeOid, value), expected)
    })
  }

  test('keeps the width of bpchar', () => {
    assert.equal(shown(mask('bin+last4'), 1042, `${PAN}    `), '411111******1111    ')
    assert.equal(shown(mask('bin+last4'), 1042, '73  '), '****')
    assert.equal(shown(mask('hide'), 1042, 'ab'), '**')
    assert.equal(shown(mask('hide'), 1042, 'Zoë       '), '***       ')
    assert.equal(shown(mask('token'), 1042, 'abcdef  '), 'tok_<abc')
  })

  test('keeps the one byte of "char"', () => {
    for (const shape of ['bin+last4', 'last4', 'hide', 'token'] as const) assert.equal(shown(mask(shape), 18, 'A'), '*')
  })
})

test('every type without a shape shows NULL, in both formats', () => {
  const { cellMask } = setUp()
  for (const typeOid of [
    16, 17, 20, 23, 114, 142, 600, 701, 1009, 1015, 1016, 1082, 1114, 1184, 1700, 2249, 2950, 3802, 3926, 99001,
  ]) {
    for (const format of ['text', 'binary'] as const) {
      for (const shape of ['bin+last4', 'last4', 'hide', 'null', 'token'] as const) {
        assert.equal(cellMask(column(mask(shape), typeOid, format))?.(Buffer.from(PAN)), null)
      }
    }
  }
})

test('a hidden column shows NULL whatever its type', () => {
  for (const typeOid of [...TEXT_TYPES, 18, 20, 1042, 2249]) assert.equal(shown({ kind: 'hidden' }, typeOid, 'x'), null)
})

test('a clear column has a mask only where the bytes of a row do not show a card number', () => {
  const { cellMask, detect } = setUp()
  assert.equal(cellMask(column({ kind: 'clear' }, 25)), undefined)
  assert.equal(cellMask(column({ kind: 'clear' }, 23, 'binary')), undefined)
  const cell = Buffer.from('0000000000000007', 'hex')
  assert.equal(cellMask(column({ kind: 'clear' }, 20, 'binary'))?.(cell), cell)
  assert.equal(detect(column({ kind: 'clear' }, 25))(Buffer.from(PAN))?.toString(), '411111******1111')
})

test('a mask that throws shows NULL and is counted', () => {
  const { cellMask, faults } = setUp(() => {
    throw new Error('no key')
  })
  assert.equal(cellMask(column(mask('token'), 25))?.(Buffer.from(PAN)), null)
  assert.equal(faults.length, 1)
})
