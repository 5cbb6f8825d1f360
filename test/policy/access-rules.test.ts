import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessInput } from '../../src/policy/access-rules.ts'
import { createPolicy, type PolicySet } from '../../src/policy/decide.ts'
import { loadPack, unknownChannels } from '../../src/policy/load.ts'
import { personName } from '../../src/model/ids.ts'
import { pack, person, target } from './builders.ts'

const HOUR = 3_600_000
const EXAMPLES = 'examples: { catches: [{}], spares: [{}] }'

/** A policy of one pack named `t` with these access rules; each gets what every rule needs and a test does not care for. */
const policyOf = (...rules: readonly string[]): PolicySet => createPolicy([pack(textOf(...rules))])
const textOf = (...rules: readonly string[]): string =>
  [
    'name: t',
    'oncall: { platform: [alice, bob], data: [carol] }',
    'access:',
    ...rules.map((rule) => `  - { description: d, message: m, ${EXAMPLES}, ${rule} }`),
  ].join('\n')

const input = (changes: Partial<AccessInput> & { tags?: readonly string[] } = {}): AccessInput => ({
  principal: person(),
  target: target(changes.tags ?? []),
  rights: 'all',
  forMs: HOUR,
  ticket: undefined,
  at: Date.parse('2026-03-02T10:00Z'),
  ...changes,
})

const matched = (match: string, changes: Parameters<typeof input>[0] = {}, effect = 'ask'): boolean =>
  policyOf(`id: r, effect: ${effect}, match: ${match}`).matchingAccess(input(changes)).length === 1

test('what no rule speaks of is asked of one approver within an hour, for eight hours at most', () => {
  const verdict = policyOf('id: r, effect: grant, match: { target: elsewhere }').decideAccess(input({ tags: ['cde'] }))
  assert.deepEqual(verdict, {
    kind: 'ask',
    rule: 'floor/access',
    message: 'No rule grants this; an approver decides.',
    maxMs: 8 * HOUR,
    stages: [{ from: ['approver'], need: 1, notify: [], escalation: undefined }],
    withinMs: HOUR,
  })
})

test('the worst effect of all that match wins', () => {
  const [grant, ask, refuse] = ['grant', 'ask', 'refuse'].map(
    (effect) => `id: ${effect}, effect: ${effect}, match: { target: shop }`,
  )
  assert.ok(grant !== undefined && ask !== undefined && refuse !== undefined)
  assert.equal(policyOf(grant).decideAccess(input()).kind, 'grant')
  assert.deepEqual(policyOf(grant, ask).decideAccess(input()).rule, 't/ask')
  assert.deepEqual(policyOf(grant, ask, refuse).decideAccess(input()), {
    kind: 'refuse',
    rule: 't/refuse',
    message: 'm',
  })
})

test('the smallest longest of all that match counts', () => {
  const rules = [
    'id: a, effect: grant, longest: 30m, match: { target: shop }',
    'id: b, effect: ask, longest: 2h, match: { target: shop }',
    'id: c, effect: ask, longest: 1m, match: { target: other }',
  ]
  const verdict = policyOf(...rules).decideAccess(input())
  assert.equal(verdict.kind === 'ask' && verdict.maxMs, HOUR / 2)
})

test('rules that ask together ask every stage of each, the same people once', () => {
  const rules = [
    'id: a, effect: ask, match: { target: shop }, within: 4h, stages: [{ notify: [chat] }, { from: [security] }]',
    'id: b, effect: ask, match: { target: shop }, within: 30m, stages: [{ need: 2, notify: [mail], escalate: { after: 10m, notify: [phone] } }, { from: [admin] }]',
  ]
  const verdict = policyOf(...rules).decideAccess(input())
  assert.ok(verdict.kind === 'ask')
  assert.deepEqual([verdict.rule, verdict.message, verdict.withinMs], ['t/a, t/b', 'm', HOUR / 2])
  assert.deepEqual(verdict.stages, [
    {
      from: ['approver'],
      need: 2,
      notify: ['chat', 'mail'],
      escalation: [{ afterMs: 600_000, from: [], notify: ['phone'] }],
    },
    { from: ['security'], need: 1, notify: [], escalation: undefined },
    { from: ['admin'], need: 1, notify: [], escalation: undefined },
  ])
})

test('two stages of one rule that ask the same role stay two', () => {
  const rule = 'id: a, effect: ask, match: { target: shop }, stages: [{ from: [approver] }, { from: [approver] }]'
  const verdict = policyOf(rule).decideAccess(input())
  assert.equal(verdict.kind === 'ask' && verdict.stages.length, 2)
})

const rows: readonly [match: string, changes: Parameters<typeof input>[0], matches: boolean][] = [
  ['{ role: engineer }', {}, true],
  ['{ role: [admin, security] }', {}, false],
  ['{ role: { not: [engineer] } }', { principal: person({ roles: [] }) }, true],
  ['{ person: alice }', {}, true],
  ['{ person: bob }', {}, false],
  ['{ target: sh* }', {}, true],
  ['{ target: [a, b] }', {}, false],
  ['{ tag: cde }', { tags: ['internal', 'cde'] }, true],
  ['{ tag: cde }', {}, false],
  ['{ tag: { not: [cde] } }', {}, true],
  ['{ tag: { not: [cde] } }', { tags: ['cde'] }, false],
  ['{ oncall: platform }', {}, true],
  ['{ oncall: [data, platform] }', {}, true],
  ['{ oncall: data }', {}, false],
  ['{ oncall: { not: [platform] } }', { principal: person({ person: personName('carol') }) }, true],
  ["{ ticket: 'OPS-[0-9]+' }", { ticket: 'OPS-12' }, true],
  ["{ ticket: 'OPS-[0-9]+' }", { ticket: 'OPS-12 and more' }, false],
  ["{ ticket: 'OPS-[0-9]+' }", {}, false],
  ['{ days: [mon-fri], hours: "08:00-18:00", zone: UTC }', {}, true],
  ['{ days: [sat, sun], zone: UTC }', {}, false],
  ['{ hours: "18:00-08:00", zone: Asia/Tokyo }', {}, true],
  ['{ when: minutes > 60 }', {}, false],
  ['{ when: minutes > 60 }', { forMs: HOUR + 1 }, true],
  ["{ when: ticket == '' }", {}, true],
  ["{ when: \"'platform' in oncall && target == 'shop' && !('cde' in tags)\" }", {}, true],
  ['{ role: engineer, target: elsewhere }', {}, false],
]

test('every key of a match must hold', () => {
  for (const [match, changes, matches] of rows)
    assert.equal(matched(match, changes), matches, `${match} ${JSON.stringify(changes)}`)
})

test('a rule that grants covers every tag of the target, and a rule that fails to evaluate grants nothing', () => {
  assert.equal(matched('{ tag: internal }', { tags: ['internal', 'cde'] }, 'grant'), false)
  assert.equal(matched('{ tag: internal }', { tags: ['internal'] }, 'grant'), true)
  assert.equal(matched('{ tag: internal }', { tags: [] }, 'grant'), false)
  const failing = '{ when: \'tags[9] == "x"\' }'
  assert.deepEqual([matched(failing, {}, 'grant'), matched(failing, {}, 'ask')], [false, true])
})

const problems = (...lines: readonly string[]): string[] =>
  loadPack(lines.join('\n'), 'p.yaml').problems.map(({ line, column, message }) => `${line}:${column} ${message}`)

const oneRule = (...lines: readonly string[]): string[] =>
  problems('name: p', 'access:', '  - id: r', '    description: d', ...lines.map((line) => `    ${line}`))

const faulty: readonly [lines: readonly string[], problem: RegExp][] = [
  [['effect: allow'], /^5:13 access\[0\]\.effect: "allow" is not known here/],
  [
    ['match: { role: [enginer] }'],
    /^5:21 access\[0\]\.match\.role\[0\]: "enginer" is not known here; did you mean "engineer"/,
  ],
  [['match: { roles: [engineer] }'], /^5:14 access\[0\]\.match: unknown key "roles"; did you mean "role"/],
  [['match: {}'], /^5:12 access\[0\]\.match: is empty and would match everything/],
  [['match: { hours: "08:00-18:00" }'], /match\.zone: is missing; days and hours are those of a time zone/],
  [['match: { hours: "8-18", zone: UTC }'], /^5:21 access\[0\]\.match\.hours: must be two times of a day/],
  [['match: { days: [monday], zone: UTC }'], /match\.days\[0\]: must be a day or a range/],
  [['match: { days: [mon], zone: Mars }'], /match\.zone: must be a time zone/],
  [['match: { role: engineer, zone: UTC }'], /match\.zone: says nothing without days or hours/],
  [["match: { ticket: '(a' }"], /^5:22 access\[0\]\.match\.ticket: has a \( without its \)/],
  [['match: { oncall: nights }'], /match\.oncall: "nights" is no list of oncall; write oncall:/],
  [['match: { when: minutes }'], /match\.when: must be true or false, but is a int/],
  [['match: { when: "size(effects) == 0" }'], /match\.when: is not a CEL expression over the facts/],
  [['longest: 9h'], /^5:14 access\[0\]\.longest: must be between 1m and 8h/],
  [['stages: [{ from: [boss] }]'], /stages\[0\]\.from\[0\]: "boss" is not known here/],
  [['stages: []'], /stages: must hold at least one stage/],
  [['stages: [{ need: 0 }]'], /stages\[0\]\.need: must be at least 1/],
  [['stages: [{ escalate: { after: 10m } }]'], /escalate\.notify: is missing/],
  [['stages: [{ escalate: [{ after: 10m, from: [boss] }] }]'], /escalate\[0\]\.from\[0\]: "boss" is not known here/],
  [['stages: [{ escalate: [] }]'], /escalate: must hold one to 5 steps/],
  [['effect: grant', 'stages: [{}]'], /^6:13 access\[0\]\.stages: only a rule with effect: ask has stages/],
  [['effect: ask'], /access\[0\]\.message: is missing/],
  [['effect: refuse', 'longest: 1h'], /^6:14 access\[0\]\.longest: a rule that refuses grants for no time/],
  [['examples: { catches: [{ at: tomorrow }], spares: [{}] }'], /catches\[0\]\.at: must be an instant with its zone/],
  [
    ['examples: { catches: [{ role: admin }], spares: [{}] }'],
    /catches\[0\]: unknown key "role"; did you mean "roles"/,
  ],
]

test('a mistake in an access rule is said with its file and line', () => {
  for (const [lines, problem] of faulty) assert.match(oneRule(...lines).join('\n'), new RegExp(problem.source, 'm'))
})

test('an escalation may be a list, of channels and of people, which is followed in the order of time', () => {
  const stages = 'stages: [{ escalate: [{ after: 20m, from: [security, admin] }, { after: 10m, notify: [phone] }] }]'
  const verdict = policyOf(`id: r, effect: ask, match: { tag: x }, ${stages}`).decideAccess(input({ tags: ['x'] }))
  assert.deepEqual(verdict.kind === 'ask' && verdict.stages[0]?.escalation, [
    { afterMs: 600_000, from: [], notify: ['phone'] },
    { afterMs: 1_200_000, from: ['security', 'admin'], notify: [] },
  ])
})

test('an escalation comes before the end of the request', () => {
  const rule = 'id: r, effect: ask, match: { tag: x }, within: 10m, stages: [{ escalate: { after: 10m, notify: [a] } }]'
  assert.match(problems(textOf(rule)).join('\n'), /stages: escalates after the request has expired/)
})

test('an id is used once in a pack, and channels are those of the configuration', () => {
  const [first, second] = ['id: r, effect: ask, match: { tag: x }', 'id: r, effect: grant, match: { tag: x }'] as const
  assert.match(problems(textOf(first, second)).join('\n'), /access\[1\]\.id: "r" is already the id of access\[0\]/)
  const stages = 'stages: [{ notify: [chat, pager], escalate: { after: 10m, notify: [phone] } }]'
  const named = unknownChannels([pack(textOf(`id: r, effect: ask, match: { tag: x }, ${stages}`))], ['chat'])
  assert.deepEqual(
    named.map(({ line, message }) => `${line} ${message}`),
    [
      '4 access[0].stages[0].notify: no channel "pager"; known: chat',
      '4 access[0].stages[0].escalate.notify: no channel "phone"; known: chat',
    ],
  )
})

test('a rule may tell reading from more', () => {
  assert.equal(matched('{ rights: read }', { rights: 'read' }), true)
  assert.equal(matched('{ rights: read }', { rights: 'write' }), false)
  assert.equal(matched('{ rights: [write, all] }', { rights: 'all' }), true)
  assert.equal(matched('{ rights: { not: [read] } }', { rights: 'read' }, 'refuse'), false)
  assert.equal(matched('{ rights: read }', { rights: 'all' }, 'grant'), false)
  assert.equal(matched(`{ when: 'rights == "read" && minutes <= 60' }`, { rights: 'read' }, 'grant'), true)
})

const askable: readonly [name: string, rules: readonly string[], may: boolean][] = [
  ['a rule of another target', ['id: r, effect: grant, match: { target: elsewhere }'], true],
  ['a rule that grants', ['id: r, effect: grant, match: { target: shop }'], true],
  ['a rule that asks', ['id: r, effect: ask, match: { target: shop }'], true],
  ['a refusal of the target', ['id: r, effect: refuse, match: { target: shop }'], false],
  ['a refusal of another target', ['id: r, effect: refuse, match: { target: elsewhere }'], true],
  ['a refusal of the tag', ['id: r, effect: refuse, match: { tag: internal }'], false],
  ['a refusal of the role that she lacks', ['id: r, effect: refuse, match: { role: { not: [admin] } }'], false],
  ['a refusal at night', ['id: r, effect: refuse, match: { target: shop, hours: "20:00-06:00", zone: UTC }'], true],
  ['a refusal of some tickets', ['id: r, effect: refuse, match: { target: shop, ticket: "OPS-[0-9]+" }'], true],
  ['a refusal of more than reading', ['id: r, effect: refuse, match: { target: shop, rights: [write, all] }'], true],
  ['a refusal of long wishes', ['id: r, effect: refuse, match: { target: shop, when: minutes > 60 }'], true],
  [
    'a refusal beside a grant',
    ['id: g, effect: grant, match: { target: shop }', 'id: r, effect: refuse, match: { person: alice }'],
    false,
  ],
]

for (const [name, rules, may] of askable)
  test(`what a person may ask for: with ${name} the target ${may ? 'is' : 'is not'} among it`, () => {
    assert.equal(policyOf(...rules).mayAsk(input({ tags: ['internal'] })), may)
  })
