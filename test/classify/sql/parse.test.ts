import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createParser } from '../../../src/classify/sql/parse.ts'
import { loadGrammar } from '../../../src/parsing/grammar.ts'
import { all, one, parser } from './classified.ts'

const good = 'SELECT id FROM items'
const parses = (text: string): boolean => parser.parse(text).kind === 'parsed'

test('what the server would cut short or rewrite is not parsed', () => {
  for (const text of ['SELECT 1\0; DROP TABLE items', "SELECT '\ud800'", 'x'.repeat(300_000)]) {
    const outcome = parser.parse(text)
    assert.equal(outcome.kind, 'unfit')
    assert.equal(one(text).complete, false)
  }
})

test('the cap on length is in bytes and can be set', async () => {
  const small = await createParser({ grammar: await loadGrammar(), maxBytes: 12 })
  assert.equal(small.parse("SELECT 'aa'").kind, 'parsed')
  assert.equal(small.parse("SELECT 'ää'").kind, 'unfit')
})

test('a syntax error is a value that does not repeat the text', () => {
  const facts = one('SELECT * FRM cards WHERE pan = 4111111111111111')
  assert.deepEqual([facts.verb, facts.complete, facts.output.kind], ['other', false, 'origin'])
  assert.deepEqual(facts.gaps, ['syntax error at character 10'])
})

test('a hundred broken texts leave the parser good', async () => {
  for (let round = 0; round < 100; round++)
    assert.equal(parser.parse(`SELECT ${'('.repeat(round + 1)}`).kind, 'syntax-error')
  assert.ok(parses(good))
  const deep = `SELECT ${'1+'.repeat(50_000)}1`
  for (let round = 0; round < 5; round++) {
    assert.equal(parser.parse(deep).kind, 'unfit')
    // A replaced instance is made while the next texts come in.
    await new Promise((resolve) => setImmediate(resolve))
  }
  while (parser.parse(good).kind === 'unfit') await new Promise((resolve) => setImmediate(resolve))
  assert.equal(one(good).complete, true)
})

test('deep texts are read or left incomplete, never thrown at', () => {
  const texts = [
    `SELECT ${'1+'.repeat(1_900)}1`,
    `SELECT ${'('.repeat(1_000)}1${')'.repeat(1_000)}`,
    `${'SELECT * FROM ('.repeat(200)}SELECT 1${') s'.repeat(200)}`,
    `SELECT ${'NOT '.repeat(900)}true`,
    `SELECT 1 WHERE ${'true AND '.repeat(400)}true`,
    `${'WITH RECURSIVE a AS (SELECT * FROM ('.repeat(30)}SELECT 1${') s UNION SELECT 1) SELECT * FROM a'.repeat(30)}`,
  ]
  for (const text of texts) assert.equal(all(text).length, 1)
  assert.equal(one(`SELECT ${'1+'.repeat(1_900)}1`).complete, false)
  assert.equal(one(`SELECT 1 WHERE ${'true AND '.repeat(400)}true`).complete, true)
})

test('reading takes no time that grows beyond the text', () => {
  const start = performance.now()
  one(`${'WITH RECURSIVE a AS (SELECT * FROM ('.repeat(40)}SELECT 1${') s UNION SELECT 1) SELECT * FROM a'.repeat(40)}`)
  assert.ok(performance.now() - start < 1000)
})
