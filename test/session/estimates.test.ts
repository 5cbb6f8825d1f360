import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqlFacts } from '../../src/model/facts.ts'
import { drift, estimatesOf, estimatesOfScript } from '../../src/session/estimates.ts'
import type { JudgeRequest } from '../../src/session/judgement.ts'
import { TransactionSoFar } from '../../src/session/so-far.ts'
import { all } from '../classify/sql/classified.ts'

function asked(text: string, more: Partial<JudgeRequest['scope']> & { values?: number } = {}) {
  const facts: readonly SqlFacts[] = all(text)
  const value = { type: 23, format: 'text', value: Buffer.from('1') } as const
  const parameters = Array.from({ length: more.values ?? 0 }, () => value)
  const request: JudgeRequest = {
    ...{ frame: Buffer.from(text), message: 'query', transaction: 'idle', preparesOnly: false },
    statement: { kind: 'sql', dialect: 'postgres', text, parameters },
    scope: {
      ...{ searchPath: ['public'], dirty: false, settings: 0, statement: () => undefined, cursor: () => undefined },
      ...more,
    },
    screen: () => undefined,
  }
  const reading = { facts, redacted: [], kept: [], catalog: undefined, epoch: 'e', tagged: false, wantsFresh: false }
  return { request, reading }
}

/** Says how long each text is, and keeps what it was asked. */
function planner() {
  const texts: string[] = []
  const plan = (all: readonly string[]) => {
    texts.push(...all)
    return Promise.resolve(all.map(({ length }) => length))
  }
  return { plan, texts }
}

test('complete statements with built-in functions alone are planned, each by itself', async () => {
  const { plan, texts } = planner()
  const found = await estimatesOf(plan, asked("DELETE FROM items WHERE name = 'é'; SELECT lower(name) FROM items"))
  assert.deepEqual(texts, ["DELETE FROM items WHERE name = 'é'", 'SELECT lower(name) FROM items'])
  assert.deepEqual(found, [{ rows: 34 }, { rows: 29 }])
})

test('nothing is planned that runs functions of the database, is not understood, has values, or is no query', async () => {
  const cases: readonly (readonly [string, RegExp, object?])[] = [
    ['SELECT addone(1)', /completely|not built in/],
    ['SELECT id FROM nowhere', /not understood completely/],
    ['DELETE FROM items WHERE id = $1', /bound values/, { values: 1 }],
    ['DELETE FROM items', /not understood completely/, { dirty: true }],
    ['CREATE TABLE t (id integer)', /no query or change of rows/],
    ['EXPLAIN ANALYZE DELETE FROM items', /no query or change of rows/],
    ['DELETE FROM items', /could not be asked/, { searchPath: undefined }],
  ]
  for (const [text, why, more] of cases) {
    const { plan, texts } = planner()
    const [estimate] = await estimatesOf(plan, asked(text, more ?? {}))
    assert.ok(estimate !== undefined && 'none' in estimate, text)
    assert.match(estimate.none, why, text)
    assert.deepEqual(texts, [], text)
  }
  assert.deepEqual(await estimatesOf(undefined, asked('DELETE FROM items')), [
    { none: 'the planner could not be asked' },
  ])
  assert.deepEqual(await estimatesOf(() => Promise.resolve([]), asked('DELETE FROM items')), [{ none: 'the planner could not be asked' }]) // prettier-ignore
})

test('tenfold and by more than a thousand rows is a drift, in either direction; less is none', () => {
  const moved = (then: number, now: number): boolean => drift([{ rows: then }], [{ rows: now }]) !== undefined
  assert.equal(moved(3, 3_000_000), true)
  assert.equal(moved(3_000_000, 3), true)
  assert.equal(moved(3, 1003), false)
  assert.equal(moved(3, 1004), true)
  assert.equal(moved(5000, 50_000), false)
  assert.equal(moved(5000, 50_001), true)
  assert.equal(moved(0, 900), false)
  assert.equal(drift([{ none: 'x' }], [{ rows: 9_000_000 }]), undefined, 'nobody saw an estimate')
  assert.notEqual(drift([{ rows: 1 }], [{ none: 'x' }]), undefined, 'it cannot be compared any more')
})

test('a transaction counts from its BEGIN', () => {
  let now = 100
  const soFar = new TransactionSoFar(() => now)
  soFar.note('idle')
  assert.equal(soFar.before('idle'), undefined)
  now = 200
  soFar.note('transaction')
  assert.deepEqual(soFar.before('transaction'), { statements: 1, since: 100 })
  soFar.note('transaction')
  assert.deepEqual(soFar.before('transaction'), { statements: 2, since: 100 })
  soFar.note('idle')
  soFar.note('failed')
  assert.deepEqual(soFar.before('failed'), { statements: 1, since: 200 })
})

test('each statement of a script is planned as if it were sent now, and where it is not, it says why', async () => {
  const { plan, texts } = planner()
  const text = '-- fix\nUPDATE items SET name = 1; COMMIT; DELETE FROM items WHERE id = 1'
  const found = await estimatesOfScript(plan, { text, searchPath: ['public'], facts: all(text) })
  assert.deepEqual(texts, ['UPDATE items SET name = 1', 'DELETE FROM items WHERE id = 1'])
  assert.deepEqual(found, [{ rows: 25 }, { none: 'it is no query or change of rows' }, { rows: 30 }])
  assert.deepEqual(await estimatesOfScript(undefined, { text: 'SELECT 1', searchPath: [], facts: all('SELECT 1') }), [
    { none: 'the planner could not be asked' },
  ])
})
