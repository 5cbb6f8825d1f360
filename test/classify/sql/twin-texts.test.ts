import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClassifier } from '../../../src/classify/sql/classify.ts'
import { createParser } from '../../../src/classify/sql/parse.ts'
import { TwinTexts } from '../../../src/classify/sql/twin-texts.ts'
import { loadGrammar } from '../../../src/parsing/grammar.ts'
import { calm } from './classified.ts'
import { everyday, evasions } from './corpus.ts'

const { parse, glance } = await createParser({ grammar: await loadGrammar() })
const classify = createClassifier({ parse })

/** Whether a text is answered without the parser once others of its mask have come by. */
function isSpared(text: string, before: readonly string[]): boolean {
  const twins = new TwinTexts()
  for (const one of before) {
    assert.equal(twins.find(one), undefined)
    const outcome = parse(one)
    if (outcome.kind === 'parsed') twins.note(outcome.statements)
  }
  const found = twins.find(text)
  if (found === undefined) return false
  const outcome = parse(text)
  assert.ok(outcome.kind === 'parsed')
  assert.deepEqual(structuredClone(found.statements), outcome.statements)
  return true
}

/** Digits in place of each digit: of the same length, and none of them zero. */
const mutated = (text: string, step: number): string =>
  text.replace(/[0-9]/g, (digit, at: number) => String(((Number(digit) * 7 + at * 5 + step * 3) % 9) + 1))

/** What the corpora say, and the same with numbers behind equals signs. */
const texts = [...everyday(), ...evasions().map(({ text }) => text)].flatMap((text) => [
  text,
  text.replace(/'[^']*'/g, '47'),
  text.replace(/(=\s*)(?:'[^']*'|\$\d+|\w+)/g, '$1 5814'),
  `SELECT id FROM orders WHERE id = 12 AND (${text.replace(/[;']/g, ' ')}) = 345`,
  `UPDATE orders SET id = 77 WHERE id = (${text.replace(/[;']/g, ' ')})`,
])

test('a text with other digits has the tree and the facts that the parser gives, whatever came before', () => {
  for (const text of texts)
    for (const step of [0, 1, 2, 3, 4, 5]) {
      const other = mutated(text, step)
      const [lent, made] = [glance(other), parse(other)]
      assert.deepEqual(structuredClone({ ...lent, twin: undefined }), { ...made, twin: undefined })
      assert.deepEqual(classify(lent, calm), classify(made, calm))
    }
})

/** `#` stands for a digit that differs. */
const SPARED: readonly string[] = [
  'SELECT abalance FROM pgbench_accounts WHERE aid = ######;',
  'SELECT abalance FROM pgbench_accounts WHERE aid=# AND bid = #########',
  'UPDATE orders SET total = ###, id =## WHERE (id = ####)',
  'delete from orders where id = ##',
  'SELECT id FROM orders WHERE id = ## LIMIT 10 OFFSET 7',
  'SELECT 1 WHERE 15 = ###; SELECT 2 WHERE id = ##',
]

for (const text of SPARED)
  test(`the parser is spared from the fourth text on: ${text}`, () => {
    const [first = '', ...more] = [1, 2, 3, 4].map((step) => text.replaceAll('#', () => `${step}`))
    assert.equal(isSpared(first, more), true)
    assert.equal(isSpared(first, more.slice(1)), false)
  })

const PARSED: readonly string[] = [
  // No number that stands alone behind an equals sign.
  ...['SELECT 11', 'SELECT id FROM orders WHERE id > 11', 'SELECT id FROM orders LIMIT 11', 'SELECT f(a => 11)'],
  ...['SELECT id FROM orders WHERE id = 1.1', 'SELECT id FROM orders WHERE id = 1e1', 'SELECT 1 WHERE 1 <= 11'],
  ...['SELECT id FROM orders WHERE id = 1111111111', 'SELECT id FROM orders WHERE id = 011', 'SELECT 1 WHERE id = 1_1'],
  ...['SELECT id FROM orders WHERE id = 0x11', 'SELECT id FROM orders WHERE id = 11a', 'SELECT 1 WHERE a = +11'],
  // Signs that begin a text, a comment, a parameter or an operator of more than one sign.
  ...["SELECT 'id = 11'", 'SELECT "id = 11"', 'SELECT 1 -- = 11', 'SELECT 1 /* = 11 */', 'SELECT $$ = 11$$, 1'],
  ...['SELECT 1 WHERE id = -11', 'SELECT id = $11', 'SELECT 1 WHERE id = 11::text', 'SELECT é WHERE id = 11'],
  ...['SELECT 1 WHERE id != 11', 'SELECT 1 WHERE id <= 11', 'SELECT 1 WHERE id == 11', 'SELECT id @= 11'],
  // Other statements keep numbers elsewhere.
  ...['SET work_mem = 11', 'ALTER TABLE orders SET (fillfactor = 11)', 'INSERT INTO orders SELECT 1 WHERE 1 = 11'],
]

for (const text of PARSED)
  test(`is always parsed: ${text}`, () => {
    const others = [2, 3, 4, 5].map((digit) => text.replaceAll('11', `${digit}${digit}`))
    assert.equal(isSpared(text, others), false)
  })

test('a number that stands at two places of the tree is never put there without the parser', () => {
  const text = (id: number): string => `UPDATE orders SET (id, total) = (SELECT id, total FROM orders WHERE id = ${id})`
  assert.equal(isSpared(text(11), [22, 33, 44, 55].map(text)), false)
})

test('a mask that a second text refutes is not used', () => {
  const twins = new TwinTexts()
  const text = (id: number): string => `SELECT id FROM orders WHERE id = ${id}`
  const statements = (id: number, name: string) => {
    const outcome = parse(text(id).replaceAll('orders', name))
    return outcome.kind === 'parsed' ? outcome.statements : []
  }
  for (const [id, name] of [
    [11, 'orders'],
    [22, 'orders'],
    [33, 'others'],
    [44, 'orders'],
    [55, 'orders'],
  ] as const) {
    assert.equal(twins.find(text(id)), undefined)
    twins.note(statements(id, name))
  }
})
