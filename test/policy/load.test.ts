import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doubledNames, loadPack, unknownChannels } from '../../src/policy/load.ts'
import { pack } from './builders.ts'

const problems = (...lines: readonly string[]): string[] =>
  loadPack(lines.join('\n'), 'p.yaml').problems.map(({ line, column, message }) => `${line}:${column} ${message}`)

/** A pack with one rule whose lines from 3 on are the test's. */
const rule = (...lines: readonly string[]): string[] =>
  problems('name: p', 'rules:', ...lines.map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`)))

const REST = ['severity: low', 'description: d', 'message: m', 'examples: { catches: [SELECT 1], spares: [SELECT 2] }']

test('a whole pack is read', () => {
  const { pack: read } = loadPack(
    [
      'name: p',
      'given: { tags: [cde], tables: { shop.cards: { columns: { id: bigint, pan: text } } }, classes: { pan: [cards.pan] } }',
      'rules:',
      '  - id: a',
      '    effect: hold',
      '    match: { effect: ddl }',
      '    approvals: { within: 30m, notReciprocal: 24h }',
      ...REST.map((line) => `    ${line}`),
      'masks:',
      '  - { class: pan, columns: [pan], show: bin+last4, examples: { catches: [a.pan], spares: [a.id] } }',
    ].join('\n'),
    'p.yaml',
  )
  const approvals = { from: ['approver'], need: 1, within: 1_800_000, notify: [], then: [] }
  assert.deepEqual(read?.rules[0]?.approvals, { ...approvals, notReciprocal: 86_400_000 })
  assert.deepEqual(read.masks[0]?.show, 'bin+last4')
  assert.deepEqual(read.given?.tables['shop.cards']?.columns, { id: 20, pan: 25 })
})

test('every mistake is said at once, each at its line', () => {
  assert.deepEqual(
    problems(
      'name: p',
      'rule: []',
      'rules:',
      '  - id: Bad Name',
      '    severity: huge',
      '    effect: hold',
      '    match: {}',
      '    description: d',
      '    examples:',
      '      catches: []',
      '      spares: [SELECT 1]',
      '  - id: two',
      '    efect: deny',
    ),
    [
      '2:1 unknown key "rule"; did you mean "rules"? Known here: name, description, given, record, oncall, rules, masks, access',
      '4:9 rules[0].id: must be 1 to 64 characters of a-z, 0-9 and hyphens',
      '4:5 rules[0].message: is missing; write what the person whose statement is held or refused should read',
      '5:15 rules[0].severity: "huge" is not known here; did you mean "high"? Known: low, medium, high, critical',
      '7:12 rules[0].match: is empty and would match everything; name at least one fact',
      '10:16 rules[0].examples.catches: must hold at least one example',
      '12:5 rules[1].description: is missing; write a sentence for the person who reads it',
      '12:5 rules[1].effect: is missing; write one of allow, hold, deny',
      '12:5 rules[1].examples: is missing; write a map with the keys catches, spares',
      '12:5 rules[1].match: is missing; write a map with the keys kind, verb, effect, table, reads, writes, column, class, probes, function, setting, copy, output, complete, filtered, program, argument, option, via, runs_as, path, reads_path, writes_path, operation, by, direction, host, port, protocol, tag, target, person, role, service, when',
      '12:5 rules[1].message: is missing; write what the person whose statement is held or refused should read',
      '12:5 rules[1].severity: is missing; write one of low, medium, high, critical',
      '13:5 rules[1]: unknown key "efect"; did you mean "effect"? Known here: id, description, severity, effect, message, match, approvals, record, examples',
    ].toSorted(
      (a, b) =>
        Number(a.split(':')[0]) - Number(b.split(':')[0]) || Number(a.split(/[: ]/)[1]) - Number(b.split(/[: ]/)[1]),
    ),
  )
})

const matchRows: readonly [match: string, message: string][] = [
  [
    '{ efect: ddl }',
    '4:14 rules[0].match: unknown key "efect"; did you mean "effect"? Known here: kind, verb, effect, table, reads, writes, column, class, probes, function, setting, copy, output, complete, filtered, program, argument, option, via, runs_as, path, reads_path, writes_path, operation, by, direction, host, port, protocol, tag, target, person, role, service, when',
  ],
  ['{ effect: [ddl, wirte] }', '4:28 rules[0].match.effect[1]: "wirte" is not known here; did you mean "write"?'],
  ["{ verb: 'del*' }", '4:20 rules[0].match.verb: "del*" is not known here;'],
  [
    '{ effect: { any: [ddl], nor: [code] } }',
    '4:41 rules[0].match.effect.nor: "nor" is not known here; did you mean "not"? Known: any, not, only',
  ],
  ['{ effect: [] }', '4:22 rules[0].match.effect: is an empty list, which nothing can match'],
  ['{ effect: {} }', '4:22 rules[0].match.effect: is empty; write a word, a list, or any, not, only'],
  ['{ effect: 7 }', '4:22 rules[0].match.effect: must be a word or a list of words'],
  ['{ table: a.b.c }', '4:21 rules[0].match.table: "a.b.c" is no name;'],
  ["{ table: 'a..' }", '4:21 rules[0].match.table: "a.." is no name;'],
  ['{ complete: perhaps }', '4:24 rules[0].match.complete: must be true or false'],
  ["{ when: 'nope' }", '4:20 rules[0].match.when: is not a CEL expression over the facts: Unknown variable: nope'],
]

test('a fact that does not exist is a problem at its place', () => {
  for (const [match, expected] of matchRows) {
    const found = rule('id: a', `match: ${match}`, 'effect: hold', ...REST)
    assert.equal(found.length, 1, match)
    assert.ok(found[0]?.startsWith(expected), `${match}\n${found[0] ?? ''}\n${expected}`)
  }
})

const ruleRows: readonly [lines: readonly string[], message: string][] = [
  [
    ['effect: deny', 'approvals: { need: 2 }'],
    '6:16 rules[0].approvals: only a rule with effect: hold asks for approvals',
  ],
  [['effect: hold', 'approvals: { need: 0 }'], '6:24 rules[0].approvals.need: must be at least 1'],
  [
    ['effect: hold', 'approvals: { within: 15 }'],
    '6:26 rules[0].approvals.within: must be a number and a unit, e.g. 30s, 15m, 8h or 2d',
  ],
  [
    ['effect: hold', 'approvals: { notReciprocal: 30s }'],
    '6:33 rules[0].approvals.notReciprocal: must be between 1m and 30d',
  ],
  [['effect: hold', 'approvals: { within: 2d }'], '6:26 rules[0].approvals.within: must be between 1s and 24h'],
  [
    ['effect: hold', 'approvals: { within: 10m, then: [{ after: 10m, from: [security] }] }'],
    '6:37 rules[0].approvals.then: comes too late: a step must come before `within` has passed',
  ],
  [
    ['effect: hold', 'approvals: { then: [{ after: 5m, from: [security] }, { after: 5m, from: [admin] }] }'],
    '6:24 rules[0].approvals.then: must be in the order of time, each step later than the one before it',
  ],
  [
    ['effect: hold', 'approvals: { then: [{ after: 5m, from: [duty] }] }'],
    '6:45 rules[0].approvals.then[0].from[0]: "duty" is not known here',
  ],
  [['effect: hold', 'approvals: { then: [{ after: 5m }] }'], '6:25 rules[0].approvals.then[0].from: is missing'],
  [
    ['effect: hold', 'approvals: { from: [boss] }'],
    '6:25 rules[0].approvals.from[0]: "boss" is not known here; did you mean',
  ],
  [['effect: hold', 'record: { rows: 100000 }'], '6:21 rules[0].record.rows: must be at most 10000'],
]

test('what a rule asks for has its limits', () => {
  for (const [lines, expected] of ruleRows) {
    const found = rule('id: a', 'match: { effect: ddl }', ...lines, ...REST)
    assert.equal(found.length, 1, expected)
    assert.ok(found[0]?.startsWith(expected), `${found[0] ?? ''}\n${expected}`)
  }
})

test('an id that stands twice is reported beside other mistakes', () => {
  const one =
    '  - { id: same, effect: allow, match: { effect: read }, severity: low, description: d, examples: { catches: [a], spares: [b] } }'
  assert.deepEqual(
    problems('name: p', 'rules:', one, one, 'mask: []').map((line) => line.slice(0, 60)),
    [
      '4:11 rules[1].id: "same" is already the id of rules[0]'.slice(0, 60),
      '5:1 unknown key "mask"; did you mean "masks"? Known here: name, description'.slice(0, 60),
    ],
  )
})

const maskRows: readonly [mask: string, message: string][] = [
  ['columns: [pan], show: half', '3:60 masks[0].show: "half" is not known here;'],
  ["columns: ['*'], show: hide", '3:49 masks[0].columns[0]: "*" would tag every column of every table'],
  ["columns: ['a.b.c.d'], show: hide", '3:49 masks[0].columns[0]: "a.b.c.d" is no name;'],
  ['show: hide', '3:5 masks[0].columns: is missing; a mask without columns and detectors hides nothing'],
  ['detectors: [card], show: hide', '3:51 masks[0].detectors[0]: "card" is not known here; did you mean'],
]

test('a mask is checked like a rule', () => {
  for (const [mask, expected] of maskRows) {
    const found = problems('name: p', 'masks:', `  - { class: pan, examples: { catches: [a], spares: [b] }, ${mask} }`)
    const place = /^\d+/.exec(expected)?.[0] ?? ''
    assert.equal(found.length, 1, mask)
    assert.ok(
      found[0]?.startsWith(`${place}:`) && found[0].includes(expected.slice(expected.indexOf(' '))),
      `${found[0] ?? ''}\n${expected}`,
    )
  }
})

const fileRows: readonly [lines: readonly string[], message: string][] = [
  [['name: p', 'rules: ['], '2:9 Flow sequence in block collection'],
  [['name: p', 'name: q'], '2:1 Map keys must be unique'],
  [['name: &n p', 'rules: []'], '1:10 anchors and aliases are not read here; write the value out'],
  [['name: p', 'description: words'], '1:1 holds neither rules nor masks nor access rules; write at least one of them'],
  [['- a'], '1:1 must be a map with the keys name'],
  [['name: floor', 'rules: []'], '1:7 name: must not be "floor"'],
  [
    ['name: p', 'rules: []', 'given: { tables: { a.b.c: { columns: {} } } }'],
    '3:27 given.tables.a.b.c: must be named table or schema.table',
  ],
  [
    ['name: p', 'rules: []', 'given: { tables: { a: { columns: { b: txet } } } }'],
    '3:39 given.tables.a.columns.b: "txet" is not known here; did you mean "text"?',
  ],
]

test('a file that is no pack says where', () => {
  for (const [lines, expected] of fileRows) {
    const found = problems(...lines)
    assert.ok(
      found.some((line) => line.startsWith(expected)),
      `${found.join('\n')}\n${expected}`,
    )
  }
})

test('two packs of one name, and a channel that nobody configured, are problems at their lines', () => {
  const text = [
    'name: p',
    'rules:',
    '  - id: a',
    '    effect: hold',
    '    match: { effect: ddl }',
    '    approvals: { notify: [oncall, nowhere], then: [{ after: 5m, from: [security], notify: [duty] }] }',
    ...REST.map((line) => `    ${line}`),
  ].join('\n')
  const [one, two] = [pack(text, 'one.yaml'), pack(text, 'two.yaml')]
  assert.deepEqual(doubledNames([one, two]), [
    { file: 'two.yaml', line: 1, column: 7, message: 'name: "p" is already the name of one.yaml' },
  ])
  assert.deepEqual(unknownChannels([one], ['oncall']), [
    {
      file: 'one.yaml',
      line: 6,
      column: 35,
      message: 'rules[0].approvals.notify: no channel "nowhere"; known: oncall',
    },
    {
      file: 'one.yaml',
      line: 6,
      column: 92,
      message: 'rules[0].approvals.then[0].notify: no channel "duty"; known: oncall',
    },
  ])
})
