import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadPack } from '../../src/policy/load.ts'

const RULE = (lines: string): string => `name: t
rules:
  - id: two-people
    description: d
    severity: high
    effect: hold
    message: m
    match: { effect: write }
${lines}
    examples: { catches: [DELETE FROM items], spares: [SELECT 1] }
`

const ACCESS = (lines: string): string => `name: t
access:
  - id: nights
    description: d
    effect: ask
    message: m
    match: { target: cards }
${lines}
    examples: { catches: [{ target: cards }], spares: [{ target: web }] }
`

const WRONG: readonly (readonly [where: string, text: string, line: number])[] = [
  ['whom a rule asks', RULE('    approvals: { from: [aprover], need: 1, within: 15m }'), 9],
  [
    'whom it asks later',
    RULE('    approvals: { from: [approver], within: 15m, then: [{ after: 5m, from: [aprover] }] }'),
    9,
  ],
  ['a stage of access', ACCESS('    stages: [{ from: [aprover] }]'), 8],
  ['whom an access rule is about', ACCESS('').replace('{ target: cards }', '{ role: aprover }'), 7],
]

for (const [where, text, line] of WRONG)
  test(`a rule that names an unknown role as ${where} is refused with its line and the nearest role`, () => {
    const { pack, problems } = loadPack(text, 'wrong.yaml')
    assert.equal(pack, undefined)
    const [first] = problems
    assert.deepEqual([first?.file, first?.line], ['wrong.yaml', line])
    assert.match(first?.message ?? '', /"aprover" is not known here; did you mean "approver"\?/)
  })
