import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createClassifier } from '../../../src/classify/sql/classify.ts'
import { createParser } from '../../../src/classify/sql/parse.ts'
import type { Scope } from '../../../src/classify/sql/scope.ts'
import { Twin } from '../../../src/classify/sql/twin-texts.ts'
import { loadGrammar } from '../../../src/parsing/grammar.ts'
import { calm } from './classified.ts'
import { shop } from './shop-catalog.ts'

const { parse, glance } = await createParser({ grammar: await loadGrammar() })
const classify = createClassifier({ parse })
const factsOf = (text: string, scope: Scope = calm) => classify(glance(text), scope)

/** `#` stands for a digit; three texts come by first, as an application's do. */
const withDigits = (text: string, digits: readonly number[]): string => {
  const next = [...digits]
  return text.replaceAll('#', () => String(next.shift() ?? 1))
}
const warm = (text: string): void => {
  for (const step of [1, 2, 3]) factsOf(withDigits(text, Array<number>(9).fill(step)))
}

const SHARED: readonly string[] = [
  'SELECT total FROM orders WHERE id = ##',
  'SELECT id FROM orders WHERE id = # AND total = ## LIMIT 10',
  'UPDATE orders SET total = ## WHERE id = #',
  'DELETE FROM orders WHERE id = #',
]

describe('texts that differ in their numbers alone', () => {
  for (const text of SHARED)
    test(`share their facts: ${text}`, () => {
      warm(text)
      const [one, other] = [withDigits(text, [4, 5, 6]), withDigits(text, [7, 8, 9])]
      const facts = factsOf(one)
      assert.equal(factsOf(other), facts)
      assert.deepEqual(facts, classify(parse(other), calm))
    })

  test('share nothing where a number decides what they do', () => {
    const text = 'DELETE FROM orders WHERE id = # OR NOT id = #'
    warm('DELETE FROM orders WHERE id = # OR NOT id = #')
    const effects = (...digits: number[]) => factsOf(withDigits(text, digits))[0]?.effects
    for (const [digits, isFiltered] of [
      [[4, 5], true],
      [[6, 6], false],
      [[7, 8], true],
    ] as const)
      assert.equal(effects(...digits)?.includes('unfiltered-write'), !isFiltered, digits.join())
  })

  test('share nothing with another catalog, another path or a session that changed definitions', () => {
    const text = 'SELECT total FROM orders WHERE id = #'
    warm(text)
    const facts = factsOf(withDigits(text, [4]))
    const other = { ...shop }
    for (const scope of [
      { ...calm, catalog: other },
      { ...calm, dirty: true },
      { ...calm, searchPath: ['elsewhere'] },
      { ...calm, catalog: undefined },
    ]) {
      assert.notEqual(factsOf(withDigits(text, [5]), scope), facts)
      assert.deepEqual(factsOf(withDigits(text, [6]), scope), classify(parse(withDigits(text, [6])), scope))
    }
  })

  test('share nothing where a name of the session stands in them', () => {
    const text = 'SELECT 1 WHERE 2 = #; EXECUTE one'
    warm(text)
    const scopes = [
      calm,
      { ...calm, names: () => 'protocol' as const },
      { ...calm, names: () => factsOf('DROP TABLE orders') },
    ]
    for (const scope of scopes)
      assert.deepEqual(factsOf(withDigits(text, [4]), scope), classify(parse(withDigits(text, [4])), scope))
  })
})

test('a look at a number of a lent tree is noticed, however it is taken', () => {
  const place = {}
  const twin = new Twin([{ stmt: { Integer: place } }], [place])
  twin.lend([47])
  assert.deepEqual(
    twin.watch(() => Object.keys(twin.statements[0]?.stmt ?? {})),
    { made: ['Integer'], isBlind: true },
  )
  for (const look of [
    () => JSON.stringify(twin.statements),
    () => structuredClone(twin.statements),
    () => Object.values(place),
    () => ({ ...place }),
  ])
    assert.equal(twin.watch(look).isBlind, false, String(look))
  assert.equal(twin.watch(() => JSON.stringify(twin.statements)).made, '[{"stmt":{"Integer":{"ival":47}}}]')
})
