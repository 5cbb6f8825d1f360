import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Patch } from '../../src/bytes/patch.ts'
import { createCellMasks } from '../../src/mask/cell.ts'
import { cellGlance } from '../../src/mask/glance.ts'
import type { ResultColumn, Treatment } from '../../src/model/column.ts'
import { cardCell } from '../support/card-cells.ts'
import { seeded } from '../support/random.ts'

const VARCHAR = 1043
const mask = (shape: 'bin+last4' | 'last4' | 'hide' | 'token' | 'null'): Treatment => ({
  kind: 'mask',
  class: 'pan',
  shape,
})
const column = (treatment: Treatment, typeOid = VARCHAR): ResultColumn => ({
  ...{ name: 'c', format: 'text', typeOid, treatment },
})

/** The cell as a glance leaves it, between other digits; undefined where it is unsure. */
function seen(of: ResultColumn, cell: Buffer): Buffer | undefined {
  const around = Buffer.from('4111111111111111')
  const buffer = Buffer.concat([around, cell, around])
  const patch = new Patch(buffer)
  const [start, end] = [around.length, around.length + cell.length]
  const answer = cellGlance(of)?.(patch, start, end) ?? 'unsure'
  const shown = patch.finish(buffer.length)
  assert.equal(shown.length, buffer.length)
  assert.equal(patch.changed, answer === 'overwritten')
  assert.deepEqual([shown.subarray(0, start), shown.subarray(end)], [around, around])
  return answer === 'unsure' ? undefined : shown.subarray(start, end)
}

const COLUMNS: readonly ResultColumn[] = [
  ...[VARCHAR, 1042, 18, 20, 23, 1700, 701, 17, 114, 790, 2950].map((oid) => column({ kind: 'clear' }, oid)),
  { ...column({ kind: 'clear' }, 23), format: 'binary' },
  ...[VARCHAR, 1042, 18, 20].flatMap((oid) => [column(mask('bin+last4'), oid), column(mask('last4'), oid)]),
  ...(['hide', 'token', 'null'] as const).map((shape) => column(mask(shape))),
  column({ kind: 'hidden' }),
]

test('a glance that is sure says what the mask says, for every kind of column', () => {
  const random = seeded(21)
  const masks = createCellMasks({ tag: () => 'tag', onFault: () => assert.fail() })
  let sure = 0
  for (let round = 0; round < 60_000; round++) {
    const of = COLUMNS[round % COLUMNS.length] ?? column({ kind: 'hidden' })
    const cell = cardCell(random)
    const shown = seen(of, cell)
    if (shown === undefined) continue
    sure++
    assert.deepEqual(
      (masks.cellMask(of) ?? masks.detect(of))(cell),
      shown,
      `${JSON.stringify(of)} ${cell.toString('hex')}`,
    )
  }
  assert.ok(sure > 10_000)
})

test('most cells of clear columns and card columns are told at a glance', () => {
  const clear = column({ kind: 'clear' })
  for (const text of ['', 'holder 12345', '2024-01-01 12:34:56.789', 'Größe 44-48', ' '.repeat(84)])
    assert.equal(seen(clear, Buffer.from(text))?.toString(), text)
  assert.equal(seen(column(mask('bin+last4')), Buffer.from('4111111111111111'))?.toString(), '411111******1111')
  assert.equal(seen(column(mask('last4')), Buffer.from('378282246310005'))?.toString(), '***********0005')
})

test('whatever may be a card number where none belongs is left to the mask', () => {
  const clear = column({ kind: 'clear' })
  for (const text of ['4111111111111111', 'x 4111-1111-1111-1111', '４１１１１１１１１１１１１１１１'])
    assert.equal(seen(clear, Buffer.from(text)), undefined, text)
})
