import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createPlanner } from '../../src/mask/plan.ts'
import type { RowField } from '../../src/mask/plan.ts'
import type { Catalog, CatalogColumn, Relation } from '../../src/model/catalog.ts'
import type { MaskShape, Treatment } from '../../src/model/column.ts'

const column = (attnum: number, name: string, ...classes: string[]): CatalogColumn => ({
  attnum,
  name,
  typeOid: 25,
  classes,
})
const relation = (oid: number, name: string, more: Partial<Relation> = {}): Relation => ({
  oid,
  schema: 'public',
  name,
  kind: 'table',
  columns: [column(1, 'id'), column(2, 'pan', 'pan')],
  definition: undefined,
  hasRules: false,
  parents: [],
  estimatedRows: -1,
  system: false,
  ...more,
})

const relations: readonly Relation[] = [
  relation(10, 'cards', {
    columns: [
      column(1, 'id'),
      column(2, 'pan', 'pan'),
      column(3, 'note', 'pan', 'cvv'),
      { ...column(4, 'n', 'pan'), typeOid: 20 },
    ],
  }),
  relation(11, 'items', { columns: [column(1, 'id'), column(3, 'name'), { ...column(4, 'domain'), typeOid: 20_000 }] }),
  relation(12, 'v', { kind: 'view', columns: [column(1, 'id')] }),
  relation(13, 'mv', { kind: 'materialized-view', columns: [column(1, 'id')] }),
  relation(14, 'ft', { kind: 'foreign-table', columns: [column(1, 'id')] }),
  relation(15, 'vt', { kind: 'view', columns: [column(1, 'cvv', 'cvv')] }),
  relation(20, 'whole', { kind: 'partitioned', columns: [column(1, 'id'), column(2, 'pan')] }),
  relation(21, 'part_1', { parents: [20], columns: [column(1, 'pan'), column(2, 'id')] }),
  relation(22, 'part_2', { parents: [21], columns: [column(1, 'id'), column(2, 'pan', 'pan')] }),
  relation(23, 'part_3', { parents: [20], columns: [column(5, 'pan')] }),
  relation(30, 'pg_class', { schema: 'pg_catalog', system: true, columns: [column(1, 'relname')] }),
  relation(31, 'pg_stat_activity', { schema: 'pg_catalog', system: true, kind: 'view', columns: [column(1, 'query')] }),
  ...['pg_statistic', 'pg_stats', 'pg_stats_ext', 'pg_stats_ext_exprs', 'pg_statistic_ext_data', 'pg_largeobject'].map(
    (name, index) => relation(40 + index, name, { schema: 'pg_catalog', system: true, columns: [column(1, 'x')] }),
  ),
  relation(50, 'pg_toast_10', { schema: 'pg_toast', system: true, columns: [column(1, 'chunk_data')] }),
]
const catalog: Catalog = {
  epoch: 'e',
  serverVersion: 150018,
  searchPath: ['public'],
  relations,
  functions: [],
  operators: new Set(),
  types: new Set(),
}
const SHAPES: Readonly<Record<string, MaskShape>> = { pan: 'bin+last4', cvv: 'null' }
const plan = createPlanner({ catalog, shapeOf: (name) => SHAPES[name] ?? 'hide' })

const field = (tableOid: number, attnum: number, typeOid = 25): RowField => ({
  name: 'x',
  tableOid,
  attnum,
  typeOid,
  format: 'text',
})
const treatment = (from: RowField, kind: 'origin' | 'clear' | 'none' = 'origin'): Treatment | undefined =>
  plan([from], { kind })[0]?.treatment

const PAN: Treatment = { kind: 'mask', class: 'pan', shape: 'bin+last4' }

describe('by origin', () => {
  const clear: readonly (readonly [string, RowField])[] = [
    ['an untagged column of a table', field(10, 1)],
    ['the same of a table without tags', field(11, 3)],
    ['a domain, which arrives as its base type', field(11, 4)],
    ['an untagged column of a partitioned table', field(20, 1)],
    ['a system catalog', field(30, 1)],
    ['a system view', field(31, 1)],
  ]
  for (const [name, from] of clear) test(`${name} is clear`, () => assert.deepEqual(treatment(from), { kind: 'clear' }))

  const hidden: readonly (readonly [string, RowField])[] = [
    ['a computed column', field(0, 0)],
    ['a whole row', field(10, 0)],
    ['a system attribute', field(10, -1)],
    ['a column that the snapshot does not have', field(11, 9)],
    ['a dropped column', field(11, 2)],
    ['a relation that the snapshot does not have', field(99, 1)],
    ['a column that has changed its type', field(11, 3, 20)],
    ['a view', field(12, 1)],
    ['a materialized view', field(13, 1)],
    ['a foreign table', field(14, 1)],
    ['statistics', field(40, 1)],
    ['the view over statistics', field(41, 1)],
    ['extended statistics', field(42, 1)],
    ['statistics of expressions', field(43, 1)],
    ['the data of extended statistics', field(44, 1)],
    ['large objects', field(45, 1)],
    ['what is too long for its row', field(50, 1)],
  ]
  for (const [name, from] of hidden)
    test(`${name} is hidden`, () => assert.deepEqual(treatment(from), { kind: 'hidden' }))

  test('a tagged column is masked as its class shows', () => assert.deepEqual(treatment(field(10, 2)), PAN))

  test('the strictest of several classes counts', () => {
    assert.deepEqual(treatment(field(10, 3)), { kind: 'mask', class: 'cvv', shape: 'null' })
  })

  test('a type without text shapes is masked as NULL', () => {
    assert.deepEqual(treatment(field(10, 4, 20)), { kind: 'mask', class: 'pan', shape: 'null' })
  })

  test('a tagged column of a view is masked', () => {
    assert.deepEqual(treatment(field(15, 1)), { kind: 'mask', class: 'cvv', shape: 'null' })
  })

  test('a tag on one of a family of partitions counts for the same name in all of them', () => {
    for (const from of [field(20, 2), field(21, 1), field(22, 2), field(23, 5)]) assert.deepEqual(treatment(from), PAN)
    assert.deepEqual(treatment(field(21, 2)), { kind: 'clear' })
  })
})

describe('by what classification says of the output', () => {
  test('a clear output was not proved for a column, or a table, that the snapshot does not have', () => {
    assert.deepEqual(treatment(field(11, 9), 'clear'), { kind: 'hidden' })
    assert.deepEqual(treatment(field(999, 1), 'clear'), { kind: 'hidden' })
  })

  test('everything of a clear output is clear', () => {
    for (const from of [field(0, 0), field(12, 1), field(11, 3), field(31, 1)])
      assert.deepEqual(treatment(from, 'clear'), { kind: 'clear' })
  })

  test('but an origin that is tagged is masked all the same', () =>
    assert.deepEqual(treatment(field(10, 2), 'clear'), PAN))

  test('rows of a statement that returns none are hidden', () => {
    assert.deepEqual(treatment(field(11, 1), 'none'), { kind: 'hidden' })
    assert.deepEqual(treatment(field(10, 2), 'none'), PAN)
  })
})

test('the name of a column is cut down like a cell, and type and format stay', () => {
  const from: RowField = { ...field(11, 1), name: 'c4111111111111111', format: 'binary' }
  assert.deepEqual(plan([from], { kind: 'origin' }), [
    { name: 'c411111******1111', typeOid: 25, format: 'binary', treatment: { kind: 'clear' } },
  ])
})
