import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsOf } from '../../../src/proxy/postgres/estimate.ts'
import { checkStartup } from '../../../src/proxy/postgres/startup-parameters.ts'

const plan = (node: object): unknown => [{ Plan: node }]
const scan = (rows: number, more: object = {}): object => ({ 'Node Type': 'Seq Scan', 'Plan Rows': rows, ...more })

test('a query gives the rows of its plan, a change those that come out of what is below it', () => {
  assert.equal(rowsOf(plan(scan(42))), 42)
  assert.equal(rowsOf(plan({ 'Node Type': 'ModifyTable', 'Plan Rows': 0, Plans: [scan(5000)] })), 5000)
  const limited = { 'Node Type': 'Limit', 'Plan Rows': 1, Plans: [scan(9000)] }
  assert.equal(rowsOf(plan(limited)), 1, 'what is thrown away is not reached')
})

test('a change inside a query counts, and what its conditions look up does not', () => {
  const change = { 'Node Type': 'ModifyTable', 'Plan Rows': 0, Plans: [scan(700)], 'Parent Relationship': 'InitPlan' }
  assert.equal(rowsOf(plan({ 'Node Type': 'Aggregate', 'Plan Rows': 1, Plans: [change, scan(3)] })), 700)
  const lookup = scan(100_000, { 'Parent Relationship': 'InitPlan' })
  assert.equal(rowsOf(plan({ 'Node Type': 'ModifyTable', 'Plan Rows': 0, Plans: [lookup, scan(2)] })), 2)
})

test('what is no plan has no rows', () => {
  for (const nothing of [undefined, null, [], [{}], {}, 'text', [{ Plan: 3 }]]) assert.equal(rowsOf(nothing), undefined)
})

test('a session may say which script it runs, and then sets nothing that changes how values are read', () => {
  const script: readonly [string, string] = ['countersign.script', 'x_abcdefghij01']
  const ok = checkStartup([['user', 'a'], script, ['application_name', 'psql'], ['client_encoding', 'UTF8']])
  assert.ok(ok.ok && ok.script === 'x_abcdefghij01')
  assert.deepEqual([...ok.settings.keys()], ['application_name', 'client_encoding'], 'it is not passed on')
  assert.equal(checkStartup([['user', 'a'], script, ['datestyle', 'ISO']]).ok, false)
  assert.equal(
    checkStartup([
      ['user', 'a'],
      ['countersign.script', 'x_1; SET'],
    ]).ok,
    false,
  )
  assert.equal(
    checkStartup([
      ['user', 'a'],
      ['countersign.other', 'x'],
    ]).ok,
    false,
  )
  const plain = checkStartup([
    ['user', 'a'],
    ['datestyle', 'ISO'],
  ])
  assert.ok(plain.ok && plain.script === undefined)
})
