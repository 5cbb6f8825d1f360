import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import type { RulingEvent, StatementEvent, StatementFacts } from '../../src/recording/event.ts'
import { Notables } from '../../src/recording/notable.ts'
import { verify } from '../../src/recording/verify.ts'
import { clean, header, linesOf, result, scratch, startNode, statement } from './node.ts'

const facts = (effects: StatementFacts['effects'], table = 'public.t'): StatementFacts => ({
  ...{ verbs: ['create'], effects, tables: [clean(table)], columns: [], classes: [], complete: true, gaps: [] },
})
const intent = (number: number, more: Partial<StatementEvent>): StatementEvent => statement(number, more)
const refusal = (number: number): RulingEvent => ({
  ...{ kind: 'ruling', statement: number, ruling: 'refused', approval: undefined, by: [] },
  reason: clean('no'),
})

test('a changed object is told when it has happened, with its tables', () => {
  const notables = new Notables()
  assert.equal(notables.see(intent(1, { facts: [facts(['ddl'])] })), undefined)
  assert.deepEqual(notables.see(result(1)), {
    kind: 'object.changed',
    outcome: 'executed',
    detail: { statement: 1, verbs: ['create'], tables: ['public.t'], classes: [], sqlstate: null },
  })
  assert.equal(notables.see(result(1)), undefined)
})

test('each statement of one text has its own end, and the first failure is the last', () => {
  const notables = new Notables()
  const several = [facts(['transaction']), facts(['ddl']), facts(['privileges']), facts(['ddl'])]
  notables.see(intent(4, { facts: several }))
  const told = [result(4), result(4), result(4, { end: 'failed', sqlstate: '42501' }), result(4)]
  assert.deepEqual(
    told.map((event) => notables.see(event)).map((found) => found && [found.kind, found.outcome]),
    [undefined, ['object.changed', 'executed'], ['privileges.changed', 'failed'], undefined],
  )
})

test('preparing changes nothing; what is bound and executed does', () => {
  const notables = new Notables()
  notables.see(intent(1, { message: 'parse', facts: [facts(['ddl'])] }))
  assert.equal(notables.see(result(1)), undefined)
  notables.see(intent(2, { message: 'bind', facts: [facts(['ddl'])] }))
  assert.equal(notables.see(result(2))?.kind, 'object.changed')
})

test('harmless statements leave nothing to the ledger', () => {
  const notables = new Notables()
  notables.see(intent(1, { facts: [facts(['read', 'write', 'setting'])] }))
  assert.equal(notables.see(result(1)), undefined)
})

test('a refused statement is told with the rules that refused it', () => {
  const notables = new Notables()
  const verdict = { effect: 'deny', rules: ['pci/no-ddl'], policyVersion: 'p' } as const
  notables.see(intent(3, { facts: [facts(['ddl'])], verdict }))
  assert.deepEqual(notables.see(refusal(3)), {
    kind: 'statement.refused',
    outcome: 'denied',
    detail: { statement: 3, rules: ['pci/no-ddl'], approval: null, by: [], reason: 'no' },
  })
  assert.equal(notables.see(result(3)), undefined)
})

test('statements that never end are forgotten, the oldest first', () => {
  const notables = new Notables()
  for (let number = 1; number <= 1000; number += 1) notables.see(intent(number, { facts: [facts(['ddl'])] }))
  assert.equal(notables.see(result(1)), undefined)
  assert.equal(notables.see(result(1000))?.kind, 'object.changed')
})

test('the line has the six fields of the session, and the recordings verify with it', async (context) => {
  const folder = scratch(context)
  const node = await startNode(folder)
  const recording = node.recorder.open(header())
  recording.append(intent(1, { facts: [facts(['ddl'])] }))
  recording.append(result(1))
  await recording.close({ reason: 'client-left' })
  await node.ledger.stop('stopped')
  const lines = linesOf(path.join(node.folder, 'ledger.ndjson')).filter((line) => line !== '')
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const found = entries.find(({ kind }) => kind === 'object.changed')
  assert.deepEqual(
    [found?.['by'], found?.['origin'], found?.['outcome'], found?.['resource']],
    ['alice', '127.0.0.1:55012', 'executed', 'target:cards'],
  )
  assert.equal((found?.['detail'] as Record<string, unknown>)['session'], recording.session)
  assert.equal((await verify(node.folder)).ok, true)
})
