import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Output } from '../../../src/model/lineage.ts'
import { one } from './classified.ts'

const OUTPUTS: Readonly<Record<Output['kind'], readonly string[]>> = {
  none: [
    'DELETE FROM cards',
    "UPDATE cards SET pan = '4' WHERE id = 1",
    'BEGIN',
    'CREATE TABLE t (id int)',
    'COPY cards FROM STDIN',
  ],
  clear: [
    'SELECT 1',
    'SELECT * FROM items',
    'SELECT i FROM items i',
    'SELECT id, customer_id FROM cards',
    'SELECT count(*) FROM cards WHERE id > 5',
    'SELECT lower(u.name) FROM users u JOIN cards c ON c.customer_id = u.id',
    'SELECT name, EXISTS (SELECT * FROM cards c WHERE c.customer_id = u.id) FROM users u',
    'SELECT * FROM item_names',
    'SELECT id FROM card_ids',
    'DELETE FROM items WHERE id = 1 RETURNING *',
    'UPDATE cards SET customer_id = 2 WHERE id = 1 RETURNING id',
    'EXPLAIN SELECT pan FROM cards',
    'EXPLAIN ANALYZE SELECT pan FROM cards WHERE id = 1',
    'SHOW work_mem',
    'COPY items TO STDOUT',
    'COPY cards (id) TO STDOUT',
  ],
  origin: [
    'SELECT pan FROM cards',
    'SELECT * FROM cards',
    'SELECT i.* FROM items i, cards c',
    'SELECT c.id FROM cards c WHERE c.pan IS NULL',
    'SELECT count(pan) FROM cards',
    'SELECT id FROM card_list',
    'SELECT id FROM card_pans',
    'SELECT * FROM (SELECT * FROM cards) s',
    'DELETE FROM cards WHERE id = 1 RETURNING *',
    'DELETE FROM cards WHERE id = 1 RETURNING old.pan',
    'SELECT nosuch()',
    'SELECT * FROM pg_stat_activity',
    "SELECT pg_read_file('x')",
    "EXPLAIN SELECT 1 FROM cards WHERE pan = '4'",
    'COPY cards TO STDOUT',
    'COPY (SELECT pan FROM cards) TO STDOUT',
    'SELECT secret FROM vault_2',
    'CALL p()',
  ],
}

test('an output is clear only where nothing tagged can be in it', () => {
  for (const kind of ['none', 'clear', 'origin'] as const) {
    for (const text of OUTPUTS[kind]) assert.equal(one(text).output.kind, kind, text)
  }
})

const BARE = [
  'SELECT pan FROM cards',
  'SELECT pan AS id FROM cards c ORDER BY c.id',
  'SELECT count(pan), count(*) FROM cards WHERE pan IS NOT NULL',
  'SELECT s.p FROM (SELECT pan AS p FROM cards) s',
  'WITH x AS (SELECT * FROM cards) SELECT pan FROM x',
  'SELECT number FROM card_pans',
  'SELECT bin FROM card_bins',
  'UPDATE cards SET pan = $1 WHERE id = 1',
  "INSERT INTO cards (pan) VALUES ('4')",
  'INSERT INTO cards (id, pan) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET pan = excluded.pan',
  'DELETE FROM cards WHERE id = 1 RETURNING pan',
  'SELECT EXISTS (SELECT * FROM cards WHERE id = 1)',
  'SELECT DISTINCT id FROM cards',
  'SELECT id FROM cards UNION SELECT id FROM items',
]

test('a bare output, a count and a null test are no probes', () => {
  for (const text of BARE) assert.deepEqual(one(text).probes, [], text)
})

const PROBES: readonly (readonly [text: string, classes: readonly string[]])[] = [
  ['SELECT DISTINCT pan FROM cards', ['pan']],
  ['SELECT s.p || $1 FROM (SELECT pan AS p FROM cards) s', ['pan']],
  ['SELECT 1 FROM card_pans WHERE number LIKE $1', ['pan']],
  ['SELECT 1 FROM card_bins WHERE bin = $1', ['pan']],
  ['SELECT pan FROM cards UNION ALL SELECT pan FROM cards', ['pan']],
  ['SELECT * FROM cards UNION SELECT * FROM cards', ['holder', 'pan', 'cvv', 'expiry']],
  ['SELECT id FROM cards ORDER BY cvv DESC, pan', ['cvv', 'pan']],
  ['SELECT max(exp) FROM cards', ['expiry']],
  ['SELECT pan IN (SELECT cvv FROM cards) FROM cards', ['pan', 'cvv']],
  ['SELECT * FROM cards a JOIN cards b ON a.pan = b.pan', ['pan']],
  ['SELECT x FROM cards, unnest(ARRAY[pan]) AS x', ['pan']],
  ['SELECT (SELECT pan) FROM cards', ['pan']],
  ['SELECT count(*) FILTER (WHERE pan > $1) FROM cards', ['pan']],
  ['SELECT array_agg(id ORDER BY pan) FROM cards', ['pan']],
  ['UPDATE items SET (name, price) = (SELECT pan, 1 FROM cards)', ['pan']],
  ['SELECT id FROM cards LIMIT (SELECT cvv::int FROM cards)', ['cvv']],
  ['DELETE FROM cards WHERE id = 1 RETURNING md5(pan)', ['pan']],
  ['SELECT a FROM (SELECT pan FROM cards) s(a) GROUP BY a', ['pan']],
  ['SELECT 1 FROM (cards JOIN items USING (id)) j WHERE j.pan = $1', ['pan']],
  ['SELECT x.pan FROM generate_series(1, 2) g, LATERAL (SELECT pan FROM cards ORDER BY pan) x', ['pan']],
  ['SELECT (SELECT pan FROM generate_series(1, 1) g) FROM cards', ['pan']],
  ['SELECT XMLELEMENT(NAME a, pan) FROM cards', ['pan']],
]

test('any other use of a tagged column is a probe', () => {
  for (const [text, classes] of PROBES) assert.deepEqual([...one(text).probes].sort(), [...classes].sort(), text)
})

test('classes are those of every relation that is read, named or not', () => {
  assert.deepEqual(one('SELECT 1 FROM cards').classes, ['holder', 'pan', 'cvv', 'expiry'])
  assert.deepEqual(one('SELECT 1 FROM vault').classes, ['pan'])
  assert.deepEqual(one('SELECT 1 FROM vault_2').classes, ['pan'])
  assert.deepEqual(one('SELECT 1 FROM items').classes, [])
})

test('the columns that a text names are listed with their classes', () => {
  const { columns } = one('SELECT c.pan AS x FROM cards c WHERE id = 1')
  assert.deepEqual(
    columns.map(({ table, column, classes }) => [table, column, classes]),
    [
      ['cards', 'pan', ['pan']],
      ['cards', 'id', []],
    ],
  )
})

test('literals are clear beside a column without a class, or all of them where no tagged relation is touched', () => {
  const clear = (text: string): readonly string[] | 'all' => {
    const { clearLiterals } = one(text)
    return clearLiterals === 'all'
      ? 'all'
      : [...clearLiterals].sort((a, b) => a - b).map((at) => text.slice(at).split(/[ ,);]/)[0] ?? '')
  }
  assert.equal(clear("SELECT name FROM items WHERE name = '4111'"), 'all')
  assert.deepEqual(clear("SELECT pan FROM cards WHERE id = 7 AND pan = '4111' LIMIT 3 OFFSET 9"), ['7', '3', '9'])
  assert.deepEqual(clear('SELECT pan FROM cards WHERE id IN (1, 2) AND customer_id BETWEEN 5 AND 6'), [
    '1',
    '2',
    '5',
    '6',
  ])
  assert.deepEqual(clear("INSERT INTO cards (id, pan) VALUES (1, '4111')"), ['1'])
  assert.deepEqual(clear("SELECT '123' FROM cards WHERE id = abs(-8)"), [])
  assert.deepEqual(clear('SELECT nosuch(1) FROM items WHERE id = 5'), [])
  assert.deepEqual(clear('SELECT holder FROM card_list WHERE id = 5'), [])
})

test('a parameter is clear where its every use is', () => {
  const clear = (text: string): unknown => {
    const { clearParameters } = one(text)
    return clearParameters === 'all' ? 'all' : [...clearParameters]
  }
  assert.equal(clear('SELECT * FROM items WHERE name = $1'), 'all')
  assert.deepEqual(clear('SELECT pan FROM cards WHERE id = $1 AND pan = $2 LIMIT $3'), [1, 3])
  assert.deepEqual(clear('SELECT $1, pan FROM cards WHERE id = $1'), [])
  assert.deepEqual(clear('SELECT pan FROM cards WHERE id = ANY($1::int[])'), [1])
})
