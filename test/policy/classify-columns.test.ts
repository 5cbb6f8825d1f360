import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Catalog } from '../../src/model/catalog.ts'
import { classifyCatalog, namesColumn, type ColumnRule } from '../../src/policy/classify-columns.ts'
import type { MaskEntry } from '../../src/policy/mask-entry.ts'
import { catalog, relation } from './builders.ts'

const mask = (name: string, columns: readonly string[], except: readonly string[] = []): MaskEntry => ({
  class: name,
  columns: [...columns],
  except: [...except],
  detectors: [],
  show: 'hide',
  examples: { catches: [], spares: [] },
})

/** `schema.table.column=class,...` of every column that has a class. */
const tagged = ({ relations }: Catalog): string[] =>
  relations.flatMap((one) =>
    one.columns.flatMap((column) =>
      column.classes.length > 0 ? [`${one.schema}.${one.name}.${column.name}=${column.classes.join()}`] : [],
    ),
  )

const rows: readonly [columns: readonly string[], except: readonly string[], tagged: readonly string[]][] = [
  [['pan'], [], ['shop.cards.pan=x', 'old.cards.PAN=x']],
  [['CARDS.Pan'], [], ['shop.cards.pan=x', 'old.cards.PAN=x']],
  [['shop.cards.pan'], [], ['shop.cards.pan=x']],
  [['shop.*.pan'], ['cards.pan'], []],
  [['*.p?n'], ['old.*.*'], ['shop.cards.pan=x']],
  [['shop.cards.*'], ['id'], ['shop.cards.pan=x', 'shop.cards.pan_last4=x']],
  [['pan*'], ['*_last4'], ['shop.cards.pan=x', 'old.cards.PAN=x']],
  [['nowhere.cards.pan'], [], []],
  [['rolpassword'], [], []],
  [['pg_catalog.pg_authid.rolpassword'], [], ['pg_catalog.pg_authid.rolpassword=x']],
]

test('a column belongs to a class by its name, its table and its schema', () => {
  const shop = catalog([
    relation(1, 'shop.cards', { names: ['id', 'pan', 'pan_last4'] }),
    relation(2, 'old.cards', { names: ['PAN', 'note'] }),
    relation(3, 'pg_catalog.pg_authid', { names: ['rolname', 'rolpassword'], system: true }),
  ])
  for (const [columns, except, expected] of rows) {
    assert.deepEqual(tagged(classifyCatalog(shop, { masks: [mask('x', columns, except)] })), expected, columns.join())
  }
})

test('a column may belong to several classes, and what stood there before is forgotten', () => {
  const once = classifyCatalog(catalog([relation(1, 'a.b')]), {
    masks: [mask('one', ['pan']), mask('two', ['b.pan']), mask('one', ['a.b.pan'])],
  })
  assert.deepEqual(tagged(once), ['a.b.pan=one,two'])
  assert.deepEqual(tagged(classifyCatalog(once, { masks: [mask('three', ['id'])] })), ['a.b.id=three'])
})

test('partitions share the classes of their whole family, up and down', () => {
  const family = catalog([
    relation(1, 'a.parent', { kind: 'partitioned' }),
    relation(2, 'a.part_one', { parents: [1] }),
    relation(3, 'a.part_two', { parents: [1] }),
    relation(4, 'a.deep', { parents: [3] }),
    relation(5, 'a.stranger'),
  ])
  const expected = ['a.parent.pan=x', 'a.part_one.pan=x', 'a.part_two.pan=x', 'a.deep.pan=x']
  for (const start of ['parent.pan', 'part_one.pan', 'deep.pan']) {
    assert.deepEqual(tagged(classifyCatalog(family, { masks: [mask('x', [start])] })), expected, start)
  }
})

test('fifty thousand columns are classified in well under a second', () => {
  const names = Array.from({ length: 50 }, (_, index) => `column_${index}`)
  const large = catalog(
    Array.from({ length: 1_000 }, (_, index) =>
      relation(index, `s${index % 7}.table_${index}`, { names: [...names, 'pan'] }),
    ),
  )
  const masks = [
    mask('x', ['pan', '*_pan', 'pan_*', 'credit*', 's1.*.card_no'], ['*_id', '*_at']),
    mask('y', ['cvv', '*_cvv', 's?.secret_*.*']),
  ]
  const started = performance.now()
  assert.equal(tagged(classifyCatalog(large, { masks })).length, 1_000)
  assert.ok(performance.now() - started < 800)
})

test('an example column is tested by the same patterns', () => {
  const rule: ColumnRule = { class: 'x', columns: ['cards.pan'], except: ['old.*.pan'] }
  const found = ['shop.cards.PAN', 'cards.pan', 'old.cards.pan', 'pan', 'cards.id'].map((column) =>
    namesColumn(rule, column),
  )
  assert.deepEqual(found, [true, true, false, false, false])
})

test('a generated column has the classes of what it is computed from, but for those that except it by name', () => {
  const cards = relation(1, 'a.cards', { names: ['cvv', 'pan', 'copy', 'pan_last4', 'both', 'plain'] })
  const sources: Readonly<Record<string, readonly number[]>> = { copy: [1], pan_last4: [2], both: [1, 2], plain: [6] }
  const columns = cards.columns.map((column) => ({ ...column, computedFrom: sources[column.name] ?? [] }))
  const masks = [mask('cvv', ['cvv']), mask('pan', ['pan*'], ['*_last4'])]
  const shop = catalog([{ ...cards, columns }, relation(2, 'a.part', { names: ['copy'], parents: [1] })])
  assert.deepEqual(tagged(classifyCatalog(shop, { masks })), [
    'a.cards.cvv=cvv',
    'a.cards.pan=pan',
    'a.cards.copy=cvv',
    'a.cards.both=cvv,pan',
    'a.part.copy=cvv',
  ])
})
