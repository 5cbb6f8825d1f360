import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Catalog, Relation } from '../../src/model/catalog.ts'
import type { SqlFacts } from '../../src/model/facts.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { createPolicy } from '../../src/policy/decide.ts'
import { loadPack } from '../../src/policy/load.ts'
import { tryOut } from '../../src/policy/trial.ts'
import { FACTS } from '../http/world.ts'

const PACK = `name: small
rules:
  - id: reads
    description: Reading is fine.
    severity: low
    effect: allow
    match: { effect: [read] }
    examples: { catches: [SELECT 1], spares: [DROP TABLE x] }
masks:
  - { class: pan, columns: [pan], show: bin+last4, examples: { catches: [a.b.pan], spares: [a.b.id] } }
  - { class: cvv, columns: [cvv], show: hide, examples: { catches: [a.b.cvv], spares: [a.b.id] } }
`
const policy = createPolicy([loadPack(PACK, 'small.yaml').pack ?? assert.fail('the pack is broken')])

const relation = (oid: number, name: string, columns: Readonly<Record<string, readonly string[]>>): Relation => ({
  ...{ oid, schema: 'public', name, kind: 'table', definition: undefined, hasRules: false, parents: [] },
  ...{ estimatedRows: 3, system: false },
  columns: Object.entries(columns).map(([column, classes], at) => ({
    attnum: at + 1,
    name: column,
    typeOid: 25,
    classes,
  })),
})

const catalog = {
  relations: [
    relation(7, 'cards', { id: [], pan: ['pan'], both: ['pan', 'cvv'] }),
    relation(8, 'vault', { pan: ['pan'] }),
  ],
} as unknown as Catalog

const use = (oid: number, name: string) =>
  ({ oid, schema: 'public', name, kind: 'table', classes: ['pan'], system: false, via: undefined }) as const

const reading: SqlFacts = {
  ...FACTS,
  effects: ['read'],
  writes: [],
  reads: [use(7, 'cards')],
  columns: [{ schema: 'public', table: 'cards', column: 'pan', classes: ['pan'] }],
}
const principal = { person: personName('alice'), roles: ['engineer'], service: false } as const
const target = { name: targetName('cards'), protocol: 'postgres', database: 'cards', account: 'app', tags: [] } as const

test('a trial says verdict and rules, and how each tagged column of what is read would show, named or not', () => {
  const trial = tryOut({ facts: [reading], principal, target }, policy, catalog)
  assert.equal(trial.verdict.effect, 'allow')
  assert.deepEqual(trial.rules, [['small/reads']])
  assert.deepEqual(
    trial.columns.map(({ table, column, shape, named }) => [table, column, shape, named]),
    [
      ['cards', 'pan', 'bin+last4', true],
      // Of two classes the one that shows less.
      ['cards', 'both', 'hide', false],
    ],
  )
})

test('what reads no tagged column masks none', () => {
  assert.deepEqual(tryOut({ facts: [{ ...reading, reads: [] }], principal, target }, policy, catalog).columns, [])
})
