import assert from 'node:assert/strict'
import { test } from 'node:test'
import { celFault, compileCel } from '../../src/policy/cel.ts'

const good: readonly string[] = [
  'complete',
  '"ddl" in effects && !filtered',
  'tables.exists(t, t.startsWith("shop.") || t in ["a.b", "c.d"])',
  'size(reads) > 3 ? service : person != "alice"',
  'tags.exists_one(t, t.contains("c")) || columns.all(c, c.endsWith(".id"))',
]

const bad: readonly [expression: string, fault: RegExp][] = [
  ['effects', /must be true or false, but is a list<string>/],
  ['size(effects)', /but is a int/],
  ['dyn(complete)', /must be true or false, but is a dyn/],
  ['nope == 1', /Unknown variable: nope/],
  ['complete &&', /is not a CEL expression/],
  ['complete == 1', /is not a CEL expression/],
  ['person.matches("a+")', /may not call "matches" is not known here/],
  ['effects.exists(e, e.matches("a"))', /may not call "matches"/],
  ['timestamp("2024-01-01T00:00:00Z").getHours() > 1', /may not call/],
  ['string(complete) == "true"', /may not call "string"/],
  ['tables.exists(t, reads.exists(r, r == t))', /may not nest/],
  ['tables.exists(t, t in reads)', /may not use reads inside a loop/],
  ['tables.exists(t, size(reads) > 1)', /may not use reads inside a loop/],
  ['tables.map(t, t).size() > 1', /may not call "(map|size)"/],
  [`complete${' || complete'.repeat(300)}`, /is not a CEL expression/],
]

test('an expression over the facts that is true or false is taken', () => {
  for (const expression of good) assert.equal(celFault(expression), undefined, expression)
})

test('anything else is refused when it is loaded, patterns and loops in loops included', () => {
  for (const [expression, fault] of bad) assert.match(celFault(expression) ?? 'nothing', fault, expression)
})

test('an evaluation that fails is neither true nor false', () => {
  assert.equal(compileCel('person == "alice"')({}), undefined)
  assert.equal(compileCel('person == "alice"')({ person: 'alice' }), true)
})
