import assert from 'node:assert/strict'
import { test } from 'node:test'
import { walkSqlAst } from '@pgsql/traverse'
import type { SqlFacts } from '../../../src/model/facts.ts'
import { all, parser } from './classified.ts'
import { evasions, everyday, unmet } from './corpus.ts'

/** Effects that an application has every day. */
const HARMLESS = new Set<string>(
  'read write transaction setting session-name listen notify export import lock rowlock sequence'.split(' '),
)

test('every everyday statement is understood and harmless', () => {
  const wrong = everyday().flatMap((text) =>
    all(text)
      .filter((one) => !one.complete || one.effects.some((effect) => !HARMLESS.has(effect)))
      .map((one) => ({ text: text.slice(0, 200), effects: one.effects, gaps: one.gaps })),
  )
  assert.deepEqual(wrong, [])
})

test('every evasion shows what it is', () => {
  const wrong = evasions().flatMap(({ must, text }) => {
    const facts = all(text)
    const missing = must.filter((word) => unmet(facts, word) !== undefined)
    return missing.length === 0 ? [] : [{ text, missing }]
  })
  assert.deepEqual(wrong, [])
})

test('every entry of the corpora parses', () => {
  const texts = [...everyday(), ...evasions().map(({ text }) => text)]
  assert.ok(texts.length > 500)
  assert.deepEqual(
    texts.filter((text) => parser.parse(text).kind !== 'parsed'),
    [],
  )
})

/** Relation and function names of a text by an exhaustive walk of a second maker, CTE names and aliases left in. */
function namesByOracle(text: string): { relations: Set<string>; functions: Set<string>; ctes: Set<string> } {
  const relations = new Set<string>()
  const functions = new Set<string>()
  const ctes = new Set<string>()
  const outcome = parser.parse(text)
  if (outcome.kind !== 'parsed') throw new Error('does not parse')
  for (const { stmt } of outcome.statements) {
    walkSqlAst(stmt, {
      RangeVar: ({ node }: { node: { relname?: string } }) => void relations.add(node.relname ?? ''),
      CommonTableExpr: ({ node }: { node: { ctename?: string } }) => void ctes.add(node.ctename ?? ''),
      FuncCall: ({ node }: { node: { funcname?: { String?: { sval?: string } }[] } }) =>
        void functions.add(node.funcname?.at(-1)?.String?.sval ?? ''),
    })
  }
  return { relations, functions, ctes }
}

const named = (facts: readonly SqlFacts[]): Set<string> =>
  new Set(facts.flatMap((one) => [...one.reads, ...one.writes].map((use) => use.name)))

test('no relation or function of the tree is lost', () => {
  let compared = 0
  const lost = [...everyday(), ...evasions().map(({ text }) => text)].flatMap((text) => {
    const facts = all(text)
    const { relations, functions, ctes } = namesByOracle(text)
    compared += relations.size + functions.size
    const called = new Set(
      facts.flatMap((one) => [...one.functions.map((use) => use.name), ...one.columns.map((use) => use.column)]),
    )
    const missing = [
      ...[...relations].filter((name) => !named(facts).has(name) && !ctes.has(name)),
      ...[...functions].filter((name) => !called.has(name)),
    ]
    return missing.length === 0 ? [] : [{ text: text.slice(0, 200), missing }]
  })
  assert.deepEqual(lost, [])
  assert.ok(compared > 1000, `only ${compared} names were compared`)
})
