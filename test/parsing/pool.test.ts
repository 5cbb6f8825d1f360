import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { SqlFacts } from '../../src/model/facts.ts'
import type { SqlStatement } from '../../src/model/statement.ts'
import { createParserPool, type ParserPool } from '../../src/parsing/pool.ts'
import { systemClock, type Clock } from '../../src/std/clock.ts'
import { calm } from '../classify/sql/classified.ts'

const statement = (text: string): SqlStatement => ({ kind: 'sql', dialect: 'postgres', text, parameters: [] })

let pool: ParserPool
before(async () => {
  pool = await createParserPool({ clock: systemClock })
})
after(() => pool.close())

const facts = async (text: string): Promise<SqlFacts> => {
  const [first] = await pool.classify(statement(text), calm)
  if (first === undefined) throw new Error('no facts')
  return first
}

test('a short text is read at once', () => {
  const result = pool.classify(statement('SELECT id FROM items'), calm)
  assert.ok(!(result instanceof Promise))
})

test('a long text is read in a thread, with the same facts', async () => {
  const text = `SELECT id FROM items WHERE id IN (${Array.from({ length: 5000 }, (_, at) => at).join(', ')})`
  const result = pool.classify(statement(text), calm)
  assert.ok(result instanceof Promise)
  const [one] = await result
  assert.deepEqual([one?.complete, one?.effects, one?.reads[0]?.name], [true, ['read'], 'items'])
  assert.equal(one?.span.end, Buffer.byteLength(text))
})

test('texts that exhaust a stack come out incomplete, and the next one is read', async () => {
  const hostile = [
    `SELECT ${'1+'.repeat(50_000)}1`,
    `${'SELECT ('.repeat(3_000)}SELECT 1${')'.repeat(3_000)}`,
    `SELECT ${'('.repeat(20_000)}`,
    `SELECT 1; SELECT 2\0${' '.repeat(5_000)}`,
    `SELECT '\ud800'${' '.repeat(5_000)}`,
    'x'.repeat(300_000),
  ]
  for (const text of hostile) assert.equal((await facts(text)).complete, false, text.slice(0, 20))
  assert.equal((await facts(`SELECT id FROM items${' '.repeat(5_000)}`)).complete, true)
})

test('nested row assignments, which double the tree each time, do not reach this thread', async () => {
  const text = `${'WITH a AS (UPDATE items SET (name, price) = ('.repeat(8)}SELECT 1, 2${') RETURNING 1) SELECT 1, 2'.repeat(8)}`
  const result = pool.classify(statement(text), calm)
  assert.ok(result instanceof Promise)
  assert.equal((await result).length, 1)
})

test('a text that takes longer than the deadline counts as not understood', async () => {
  const due: (() => void)[] = []
  const clock: Clock = { ...systemClock, after: (_ms, callback) => (due.push(callback), () => undefined) }
  const hurried = await createParserPool({ clock })
  const waiting = hurried.analyse('SELECT 1', calm)
  while (due.length === 0) await new Promise((resolve) => setImmediate(resolve))
  for (const callback of due) callback()
  const [one] = await waiting
  assert.deepEqual([one?.complete, one?.gaps], [false, ['the text could not be read in time']])
  const [next] = await hurried.analyse('SELECT 1', calm)
  assert.equal(next?.complete, true)
  await hurried.close()
})

test('texts beyond the queue are refused rather than kept', async () => {
  const small = await createParserPool({ clock: systemClock, waiting: 1 })
  const results = await Promise.all([1, 2, 3].map(() => small.analyse('SELECT 1', calm)))
  assert.deepEqual(results.map(([one]) => one?.complete).sort(), [false, true, true])
  await small.close()
})
