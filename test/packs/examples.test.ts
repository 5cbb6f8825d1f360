import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts } from '../../src/model/facts.ts'
import { runExamples, type ExampleTools } from '../../src/packs/examples.ts'
import { facts, pack, relationUse } from '../policy/builders.ts'

/** A classifier that knows four words. */
const tools: ExampleTools = {
  explain(sent, catalog): readonly Facts[] {
    const sql = 'sql' in sent ? sent.sql : ''
    if (sql === 'boom') throw new Error('the parser is gone')
    if (sql === 'typo') return [facts({ verb: 'other', complete: false, gaps: ['syntax error at 1'] })]
    const cards = catalog.relations.find((relation) => relation.name === 'cards')
    const classes = cards?.columns.flatMap((column) => column.classes) ?? []
    if (sql === 'cards') return [facts({ effects: ['read'], reads: [relationUse('shop.cards')], classes })]
    return sql.split(';').map((word) => (word === 'drop' ? facts({ effects: ['ddl'] }) : facts()))
  },
  detects: (detector, text) => text.includes(detector),
}

const found = (...lines: readonly string[]): string[] =>
  runExamples(pack(lines.join('\n')), tools).map(({ line, column, message }) => `${line}:${column} ${message}`)

const ddl = (catches: string, spares: string, match = '{ effect: ddl }'): readonly string[] => [
  'name: p',
  'given: { tags: [cde], tables: { shop.cards: { columns: { pan: text, code: text } } }, classes: { cvv: [cards.code] } }',
  'rules:',
  `  - { id: r, severity: low, description: d, message: m, effect: hold, match: ${match},`,
  `      examples: { catches: [${catches}],`,
  `                  spares: [${spares}] } }`,
  'masks:',
  '  - { class: pan, columns: [pan], show: last4, examples: { catches: [cards.pan], spares: [cards.id] } }',
]

test('a pack whose examples behave has no problems', () => {
  assert.deepEqual(found(...ddl('drop, one;drop', 'one, one;two')), [])
})

test('an example that does not behave is a problem at its own line, with the facts that explain it', () => {
  assert.deepEqual(found(...ddl('drop, one', 'drop')), [
    '5:35 rule "r" should catch but spares this (verbs select, effects none): one',
    '6:28 rule "r" should spare but catches this (verbs select, effects ddl): drop',
  ])
})

test('a spared example that does not parse shows nothing and is a problem', () => {
  assert.deepEqual(found(...ddl('drop', 'typo')), [
    '6:28 rule "r" has an example that does not parse and so shows nothing (syntax error at 1): typo',
  ])
})

test('a classifier that fails is a problem and not a crash', () => {
  assert.deepEqual(found(...ddl('boom', 'one')), [
    '5:29 rule "r" has an example that cannot be classified (the parser is gone): boom',
  ])
})

test('examples see the classes of the masks and of what is given', () => {
  assert.deepEqual(found(...ddl('cards', 'one', '{ class: pan }')), [])
  assert.deepEqual(found(...ddl('cards', 'one', '{ class: cvv }')), [])
})

test('an example may say who sends it to what', () => {
  assert.deepEqual(found(...ddl('drop', '{ sql: drop, tags: [] }', '{ effect: ddl, tag: cde }')), [])
  assert.deepEqual(
    found(
      ...ddl(
        '{ sql: drop, roles: [admin], person: bob, target: x, service: true }',
        'drop',
        '{ role: admin, person: bob, target: x, service: true }',
      ),
    ),
    [],
  )
})

test('masks have examples of columns and of values', () => {
  const lines = (catches: string, spares: string) =>
    found(
      'name: p',
      'masks:',
      `  - { class: pan, columns: [pan], detectors: [track], show: hide, examples: { catches: [${catches}],`,
      `        spares: [${spares}] } }`,
    )
  assert.deepEqual(lines("a.pan, { value: 'a track' }", "a.id, { value: 'a pan' }"), [])
  assert.deepEqual(lines('a.id', "{ value: 'a track' }"), [
    '3:89 mask of pan should hide but spares this: a.id',
    '4:18 mask of pan should spare but hides this: the value',
  ])
})

test('an access rule has examples of wishes, and one that does not behave is a problem with all that it stands for', () => {
  const lines = (catches: string, spares: string) =>
    found(
      'name: p',
      'given: { tags: [cde] }',
      'access:',
      '  - { id: r, description: d, effect: grant, match: { role: engineer, tag: cde, when: minutes <= 30 },',
      `      examples: { catches: [${catches}],`,
      `                  spares: [${spares}] } }`,
    )
  assert.deepEqual(lines('{}, { for: 10m }', '{ for: 31m }, { roles: [admin] }, { tags: [] }'), [])
  assert.deepEqual(lines('{ for: 1h, person: bob, ticket: OPS-1, at: "2026-03-02T10:00Z", target: cards }', '{}'), [
    '5:29 access rule "r" should catch but spares this: bob (engineer), target cards, tags cde, for 60m, ticket OPS-1, at 2026-03-02T10:00:00.000Z',
    '6:28 access rule "r" should spare but catches this: someone (engineer), target example, tags cde, for 30m, no ticket, at 2026-01-07T12:00:00.000Z',
  ])
})
