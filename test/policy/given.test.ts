import assert from 'node:assert/strict'
import { test } from 'node:test'
import { givenCatalog } from '../../src/policy/given.ts'
import { pack } from './builders.ts'

test('given tables become a catalog with OIDs, attributes and views', () => {
  const { given } = pack(
    [
      'name: p',
      'rules: []',
      'given:',
      '  tables:',
      '    shop.cards: { columns: { id: bigint, pan: TEXT }, rows: 7 }',
      '    loose: { columns: { id: int }, view: SELECT id FROM shop.cards }',
    ].join('\n'),
  )
  const catalog = givenCatalog(given)
  assert.deepEqual(catalog.searchPath, ['shop', 'public'])
  assert.deepEqual(
    catalog.relations.map(({ oid, schema, name, kind, definition, estimatedRows }) => [
      oid,
      schema,
      name,
      kind,
      definition,
      estimatedRows,
    ]),
    [
      [16_384, 'shop', 'cards', 'table', undefined, 7],
      [16_385, 'public', 'loose', 'view', 'SELECT id FROM shop.cards', -1],
    ],
  )
  assert.deepEqual(catalog.relations[0]?.columns, [
    { attnum: 1, name: 'id', typeOid: 20, classes: [] },
    { attnum: 2, name: 'pan', typeOid: 25, classes: [] },
  ])
})

test('nothing given is an empty catalog', () => {
  assert.deepEqual(givenCatalog(undefined).relations, [])
})
