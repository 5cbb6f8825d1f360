import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CopyUse, SqlFacts } from '../../src/model/facts.ts'
import { facts, functionUse, person, policyOf, relationUse, request, target } from './builders.ts'

const caught = (effect: string, match: string, statement: SqlFacts): boolean =>
  policyOf(`id: r, effect: ${effect}, match: ${match}`).matching(request([statement]))[0]?.length === 1

const copy = (changes: Partial<CopyUse>): CopyUse => ({
  direction: 'out',
  format: 'text',
  header: false,
  standardOptions: true,
  table: undefined,
  ...changes,
})

const cards = relationUse('public.cards', { classes: ['pan'] })
const items = relationUse('public.items')
const unresolved = relationUse('.cards', { oid: 0 })

const holds: readonly [match: string, statement: SqlFacts, caught: boolean][] = [
  ['{ effect: ddl }', facts({ effects: ['read', 'ddl'] }), true],
  ['{ effect: [ddl, code] }', facts({ effects: ['code'] }), true],
  ['{ effect: [ddl, code] }', facts({ effects: ['read'] }), false],
  ['{ effect: { any: [write], not: [unfiltered-write] } }', facts({ effects: ['write'] }), true],
  ['{ effect: { any: [write], not: [unfiltered-write] } }', facts({ effects: ['write', 'unfiltered-write'] }), false],
  ['{ effect: { only: [read] } }', facts(), true],
  ['{ effect: { only: [read] } }', facts({ effects: ['read', 'network'] }), false],
  ['{ verb: delete }', facts({ verb: 'select', verbs: ['select', 'delete'] }), true],
  ['{ verb: delete }', facts({ verb: 'delete', verbs: [] }), true],
  ['{ verb: delete }', facts(), false],
  ['{ table: cards }', facts({ reads: [items, cards] }), true],
  ['{ table: cards }', facts({ writes: [cards] }), true],
  ['{ table: public.c* }', facts({ reads: [cards] }), true],
  ['{ table: CARDS }', facts({ reads: [relationUse('public.Cards')] }), true],
  ['{ table: other.cards }', facts({ reads: [cards] }), false],
  ['{ table: other.cards }', facts({ reads: [unresolved] }), true],
  ['{ table: a.b }', facts({ reads: [relationUse('x.y', { schema: 'c', name: 'a.b' })] }), false],
  ['{ reads: cards }', facts({ writes: [cards] }), false],
  ['{ writes: cards }', facts({ writes: [cards] }), true],
  [
    '{ column: cards.pan }',
    facts({ columns: [{ schema: 'public', table: 'cards', column: 'pan', classes: [] }] }),
    true,
  ],
  [
    '{ column: other.cards.pan }',
    facts({ columns: [{ schema: 'public', table: 'cards', column: 'pan', classes: [] }] }),
    false,
  ],
  ["{ class: '*' }", facts({ classes: ['pan'] }), true],
  ["{ class: '*' }", facts(), false],
  ['{ class: pan }', facts({ writes: [cards] }), true],
  ['{ class: cvv }', facts({ columns: [{ schema: 'p', table: 't', column: 'c', classes: ['cvv'] }] }), true],
  ['{ probes: pan }', facts({ classes: ['pan'] }), false],
  ['{ probes: pan }', facts({ probes: ['pan'] }), true],
  ['{ function: setval }', facts({ functions: [functionUse('pg_catalog.setval')] }), true],
  ['{ function: pg_catalog.lo_* }', facts({ functions: [functionUse('shop.lo_get')] }), false],
  ['{ setting: search_path }', facts({ settings: [{ name: 'search_path', value: 'x', scope: 'session' }] }), true],
  ['{ copy: out-query }', facts({ copy: copy({}) }), true],
  ['{ copy: out-query }', facts({ copy: copy({ table: { oid: 1, columns: [] } }) }), false],
  ['{ copy: in-table }', facts({ copy: copy({ direction: 'in', table: { oid: 1, columns: [] } }) }), true],
  ['{ copy: out-custom }', facts({ copy: copy({ standardOptions: false }) }), true],
  ['{ copy: out-custom }', facts({ copy: copy({}) }), false],
  ['{ copy: out-custom }', facts({ copy: copy({ direction: 'in', standardOptions: false }) }), false],
  ['{ output: { not: [clear] } }', facts({ output: { kind: 'origin' } }), true],
  ['{ output: { not: [clear] } }', facts(), false],
  ['{ complete: false }', facts({ complete: false }), true],
  ['{ complete: false }', facts(), false],
  ['{ filtered: false, effect: write }', facts({ effects: ['write'], filtered: false }), true],
  ['{ filtered: false, effect: write }', facts({ effects: ['write'] }), false],
  ['{ protocol: postgres, target: sho?, person: alice, role: engineer, service: false }', facts(), true],
  ['{ person: bob }', facts(), false],
  ['{ role: approver }', facts(), false],
  ['{ service: true }', facts(), false],
  ['{ tag: cde }', facts(), false],
]

test('a rule that holds matches when each of its keys finds any of its values', () => {
  for (const [match, statement, expected] of holds) assert.equal(caught('hold', match, statement), expected, match)
})

const allows: readonly [match: string, statement: SqlFacts, caught: boolean][] = [
  ['{ effect: [read] }', facts({ effects: ['read'] }), true],
  ['{ effect: [read] }', facts({ effects: ['read', 'network'] }), false],
  ['{ effect: [read] }', facts(), false],
  ['{ effect: { only: [read] } }', facts(), true],
  ['{ effect: { any: [read] } }', facts({ effects: ['read', 'network'] }), true],
  ['{ table: public.items }', facts({ reads: [items] }), true],
  ['{ table: public.items }', facts({ reads: [items, cards] }), false],
  ['{ table: public.items }', facts(), false],
  ['{ table: public.items }', facts({ reads: [relationUse('public.Items')] }), false],
  ['{ table: cards }', facts({ reads: [unresolved] }), false],
  ['{ verb: select }', facts({ verbs: ['select', 'delete'] }), false],
  ['{ role: [approver, engineer] }', facts(), true],
]

test('a rule that allows must cover everything that the statement does', () => {
  for (const [match, statement, expected] of allows) assert.equal(caught('allow', match, statement), expected, match)
})

test('a person of several roles meets an allowing rule for one of them', () => {
  const policy = policyOf('id: r, effect: allow, match: { role: approver }')
  const asked = { facts: [facts()], principal: person({ roles: ['engineer', 'approver'] }), target: target() }
  assert.deepEqual(policy.matching(asked), [['t/r']])
})

describe('when:', () => {
  const rows: readonly [when: string, statement: SqlFacts, caught: boolean][] = [
    ['"ddl" in effects', facts({ effects: ['ddl'] }), true],
    ['size(writes) > 1', facts({ writes: [cards, items] }), true],
    ['size(writes) > 1', facts({ writes: [cards] }), false],
    ['writes.all(w, w.startsWith("public."))', facts({ writes: [cards] }), true],
    ['tables.exists(t, t == "public.cards") && !complete', facts({ reads: [cards], complete: false }), true],
    ['person == "alice" && target == "shop" && "engineer" in roles && copy == ""', facts(), true],
  ]

  test('sees the same facts', () => {
    for (const [when, statement, expected] of rows)
      assert.equal(caught('hold', `{ when: '${when}' }`, statement), expected, when)
  })

  test('is asked only where the other keys match', () => {
    assert.equal(caught('hold', `{ effect: ddl, when: 'complete' }`, facts()), false)
  })
})
