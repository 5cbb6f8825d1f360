import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { test } from 'node:test'
import type { Catalog } from '../../src/model/catalog.ts'
import type { Facts, SqlFacts } from '../../src/model/facts.ts'
import type { Sent } from '../../src/policy/example.ts'
import { actionFacts } from '../../src/wiring/action-facts.ts'
import { createClassifier } from '../../src/classify/sql/classify.ts'
import { createParser } from '../../src/classify/sql/parse.ts'
import { detects } from '../../src/packs/detects.ts'
import { readPacks } from '../../src/packs/read.ts'
import { classifyCatalog } from '../../src/policy/classify-columns.ts'
import { givenCatalog } from '../../src/policy/given.ts'
import { request } from '../policy/builders.ts'

const folder = path.join(import.meta.dirname, '../../policies')
const wasm = path.join(
  path.dirname(createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.js')),
  'libpg-query.wasm',
)
const parser = await createParser({ grammar: await WebAssembly.compile(readFileSync(wasm)) })
const classify = createClassifier({ parse: (text) => parser.parse(text) })

const explain = (sql: string, catalog: Catalog): readonly SqlFacts[] =>
  classify(parser.parse(sql), { catalog, searchPath: catalog.searchPath, dirty: false, names: () => undefined })

const explainSent = (sent: Sent, catalog: Catalog): readonly Facts[] =>
  'sql' in sent ? explain(sent.sql, catalog) : actionFacts(sent)

const { policy, problems } = await readPacks({ folder, tools: { explain: explainSent, detects } })

test('every example of every shipped pack behaves through the real classifier', () => {
  assert.deepEqual(
    problems.map(({ file, line, message }) => `${path.basename(file)}:${line} ${message}`),
    [],
  )
})

const given = policy?.packs.find((one) => one.name === 'pci')?.given
const catalog = classifyCatalog(givenCatalog(given), { masks: policy?.masks ?? [] })

const ruled = (sql: string, tags: readonly string[]): string => {
  const verdict = policy?.decide(request(explain(sql, catalog), tags))
  return [verdict?.effect, verdict?.matches[0]?.rule].join(' ')
}

const rows: readonly [sql: string, inCardData: string, elsewhere: string][] = [
  ['SELECT id, holder, pan, cvv FROM cards LIMIT 3', 'allow pci/reads', 'allow pci/reads'],
  ['DELETE FROM payments;', 'hold pci/unfiltered-write', 'hold pci/unfiltered-write'],
  ['', 'allow pci/reads', 'allow pci/reads'],
  ['BEGIN; DELETE FROM payments WHERE id = 1; COMMIT', 'allow pci/transactions', 'allow pci/transactions'],
  ['SELECT 1; DROP TABLE payments', 'hold pci/definitions', 'hold pci/definitions'],
  ["DELETE FROM payments; SELECT pg_read_file('x')", 'deny pci/server-files', 'deny pci/server-files'],
  ['SELECT pg_export_snapshot()', 'deny floor/no-rule', 'allow '],
  ['SELECT * FROM nowhere', 'hold pci/not-understood', 'hold pci/not-understood'],
  ['SELECT pan || cvv FROM card_overview, cards', 'hold pci/card-probe', 'hold pci/card-probe'],
  ['DISCARD ALL', 'allow pci/reads', 'allow pci/reads'],
]

test('the default pack decides as a security engineer would', () => {
  for (const [sql, inCardData, elsewhere] of rows) {
    assert.equal(ruled(sql, ['cde']), inCardData, sql)
    assert.equal(ruled(sql, []), elsewhere, sql)
  }
})

test('the default masks leave id and holder clear, cut the number and hide the code', () => {
  const cards = catalog.relations.find((relation) => relation.name === 'cards')
  const shown = cards?.columns.map(({ name, classes }) => [name, ...classes.map((one) => policy?.maskOf(one))])
  assert.deepEqual(shown, [['id'], ['customer_id'], ['holder'], ['pan', 'bin+last4'], ['expiry'], ['cvv', 'hide']])
})
