import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Catalog } from '../../../src/model/catalog.ts'
import { one } from './classified.ts'
import { relation, shop } from './shop-catalog.ts'

const system = { schema: 'pg_catalog', kind: 'view' } as const
const ACTIVITY = ['pid', 'state text', 'wait_event text', 'query text']

/** As a server lists it, the system's own columns included. */
const catalog: Catalog = {
  ...shop,
  relations: [
    ...shop.relations,
    relation('pg_stat_activity', [...ACTIVITY, 'of_a_newer_server text'], system),
    relation('pg_stats', ['attname text', 'n_distinct', 'most_common_vals texts'], system),
    relation('pg_subscription', ['subname text', 'subconninfo text'], { schema: 'pg_catalog' }),
    relation('who', ['p', 'q text'], {
      kind: 'view',
      definition: 'SELECT a.pid AS p, a.query AS q FROM pg_stat_activity a',
    }),
    relation('waits', ['p', 'w text'], {
      kind: 'view',
      definition: 'SELECT a.pid AS p, a.wait_event AS w FROM pg_stat_activity a',
    }),
  ],
}

const HARMLESS = [
  'SELECT pid, state FROM pg_stat_activity ORDER BY wait_event',
  'SELECT count(*), a.state FROM pg_catalog.pg_stat_activity a GROUP BY state',
  'SELECT t.b FROM pg_stat_activity t (a, b)',
  'SELECT pid FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0',
  'SELECT x.pid FROM (SELECT pid FROM pg_stat_activity) x JOIN items i ON i.id = x.pid',
  'SELECT w FROM waits',
  'SELECT attname, n_distinct FROM pg_stats',
  'SELECT subname FROM pg_subscription',
]

for (const text of HARMLESS)
  test(`columns that tell nobody's values are read as the rest of the catalog: ${text}`, () => {
    const { effects, complete, output } = one(text, { catalog })
    assert.deepEqual([effects, complete, output.kind], [['read'], true, 'clear'])
  })

const TELLING = [
  ['others-statements', 'SELECT query FROM pg_stat_activity'],
  ['others-statements', 'SELECT pid FROM pg_stat_activity ORDER BY query'],
  ['others-statements', "SELECT pid FROM pg_stat_activity WHERE query LIKE '4%'"],
  ['others-statements', 'SELECT pid FROM pg_stat_activity GROUP BY pid, query'],
  ['others-statements', 'SELECT d FROM pg_stat_activity t (a, b, c, d)'],
  ['others-statements', 'SELECT of_a_newer_server FROM pg_stat_activity'],
  ['others-statements', 'SELECT * FROM pg_stat_activity'],
  ['others-statements', 'TABLE pg_stat_activity'],
  ['others-statements', 'SELECT a FROM pg_stat_activity a'],
  ['others-statements', 'SELECT (a).pid FROM pg_stat_activity a'],
  ['others-statements', 'SELECT query(a) FROM pg_stat_activity a'],
  ['others-statements', 'SELECT to_json(a) FROM pg_stat_activity a'],
  ['others-statements', 'SELECT x.pid FROM (SELECT * FROM pg_stat_activity) x'],
  ['others-statements', 'WITH x AS (SELECT query AS q FROM pg_stat_activity) SELECT count(*) FROM x'],
  ['others-statements', "SELECT 1 FROM pg_stat_activity JOIN (SELECT '' AS query) b USING (query)"],
  ['others-statements', "SELECT 1 FROM pg_stat_activity NATURAL JOIN (SELECT '' AS query) b"],
  ['others-statements', 'SELECT p FROM who'],
  ['others-statements', 'SELECT pid, nowhere() FROM pg_stat_activity'],
  ['others-statements', 'SELECT pid FROM pg_stat_activity, cards WHERE cards.pan IS NULL'],
  ['statistics', 'SELECT most_common_vals FROM pg_stats'],
  ['statistics', 'SELECT n_distinct FROM pg_stats ORDER BY most_common_vals'],
  ['network', 'SELECT subconninfo FROM pg_subscription'],
  ['network', 'SELECT subname FROM pg_subscription s WHERE s IS NOT NULL'],
  ['network', 'COPY pg_subscription (subname) TO STDOUT'],
] as const

for (const [effect, text] of TELLING)
  test(`what may name a telling column has the effect of its relation: ${text}`, () => {
    const { effects, output } = one(text, { catalog })
    assert.ok(effects.includes(effect), effects.join())
    if (effect === 'statistics') assert.equal(output.kind, 'origin')
  })

test('without a list of its columns, all of such a relation counts as telling', () => {
  assert.ok(one('SELECT pid FROM pg_stat_activity').effects.includes('others-statements'))
})
