import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClassifier } from '../../../src/classify/sql/classify.ts'
import type { SqlFacts } from '../../../src/model/facts.ts'
import { calm, parser } from './classified.ts'

const classify = createClassifier({ parse: parser.parse })
const harmless = classify(parser.parse('PREPARE p AS SELECT 1'), calm)

/** The last statement of a text, in a session where `p` and `c` stand for something harmless. */
function last(text: string): SqlFacts {
  const facts = classify(parser.parse(text), { ...calm, names: () => harmless }).at(-1)
  assert.ok(facts)
  return facts
}

for (const text of [
  "DEALLOCATE p; PREPARE p AS SELECT cvv || '' FROM cards; EXECUTE p",
  "CLOSE c; DECLARE c CURSOR WITH HOLD FOR SELECT cvv || '' FROM cards; FETCH c",
])
  test(`a name takes the meaning that its own text gave it: ${text}`, () => {
    const facts = last(text)
    assert.equal(facts.output.kind, 'origin')
    assert.ok(facts.classes.includes('cvv'))
  })

for (const text of [
  'DEALLOCATE p; EXECUTE p',
  'DEALLOCATE ALL; EXECUTE p',
  'DISCARD ALL; EXECUTE p',
  'CLOSE ALL; FETCH c',
])
  test(`a name that its own text dropped stands for nothing: ${text}`, () => {
    assert.equal(last(text).complete, false)
  })

for (const text of [
  'CREATE TEMP TABLE orders AS SELECT cvv AS id FROM cards; SELECT id FROM orders',
  'SELECT cvv AS id INTO TEMP orders FROM cards; SELECT id FROM orders',
  'SET search_path TO other; SELECT id FROM orders',
])
  test(`a table is not the one of the catalog once its own text moved names: ${text}`, () => {
    assert.equal(last(text).complete, false)
  })

test('what a text does not move keeps its meaning', () => {
  assert.equal(last('DEALLOCATE q; EXECUTE p').complete, true)
  assert.equal(last('SELECT 1; SELECT id FROM orders').complete, true)
})
