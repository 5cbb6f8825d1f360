import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Decision } from '../../src/approvals/approval.ts'
import { isSatisfied, mayAnswer } from '../../src/approvals/quorum.ts'
import { personName } from '../../src/model/ids.ts'
import type { Role } from '../../src/model/principal.ts'
import type { HoldTerms } from '../../src/model/verdict.ts'

const terms = (from: readonly Role[], need: number): HoldTerms => ({
  rule: 'r',
  from,
  need,
  withinMs: 1000,
  notify: [],
})
const said = (name: string, roles: readonly Role[], more: Partial<Decision> = {}): Decision => {
  const person = personName(name)
  return { person, human: person, kind: 'approve', roles, reason: undefined, at: 1, ...more }
}
const approver: readonly Role[] = ['approver']
const [bob, carol] = [said('bob', approver), said('carol', approver)]
const dan = said('dan', ['security'])

const table: readonly [string, readonly HoldTerms[], readonly Decision[], boolean][] = [
  ['one of one', [terms(approver, 1)], [bob], true],
  ['nobody', [terms(approver, 1)], [], false],
  ['one of two', [terms(approver, 2)], [bob], false],
  ['two of two', [terms(approver, 2)], [bob, carol], true],
  ['the same person twice', [terms(approver, 2)], [bob, bob], false],
  ['two accounts of one human', [terms(approver, 2)], [bob, said('bob2', approver, { human: bob.human })], false],
  ['another role', [terms(approver, 1)], [dan], false],
  ['either role', [terms(['approver', 'security'], 2)], [bob, dan], true],
  ['one of two rules', [terms(approver, 1), terms(['security'], 1)], [bob], false],
  ['both rules by two persons', [terms(approver, 1), terms(['security'], 1)], [bob, dan], true],
  [
    'both rules by one person',
    [terms(approver, 1), terms(['security'], 1)],
    [said('eve', ['approver', 'security'])],
    true,
  ],
  ['the stricter of two rules open', [terms(approver, 1), terms(approver, 2)], [bob], false],
  ['denials', [terms(approver, 1)], [said('bob', approver, { kind: 'deny' })], false],
  ['no rules at all', [], [bob], false],
  ['a rule that needs nobody', [terms(approver, 0)], [], false],
]

for (const [what, holds, decisions, satisfied] of table) {
  test(`${what}: ${satisfied ? 'satisfied' : 'not satisfied'}`, () => {
    assert.equal(isSatisfied(holds, decisions), satisfied)
  })
}

test('who has a role of any of the rules may answer', () => {
  const holds = [terms(['approver'], 1), terms(['security'], 1)]
  assert.equal(mayAnswer(holds, ['security', 'engineer']), true)
  assert.equal(mayAnswer(holds, ['admin', 'engineer', 'auditor']), false)
  assert.equal(mayAnswer(holds, []), false)
})
