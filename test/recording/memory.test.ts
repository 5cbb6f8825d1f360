import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatementFacts, StatementVerdict } from '../../src/recording/event.ts'
import { LineBytes } from '../../src/recording/line-bytes.ts'
import { createMemory } from '../../src/recording/memory.ts'
import { clean, statement } from './node.ts'

/** Another value for every field; a new field of the type is missing here until it gets one, and then is compared below. */
const OTHER_FACTS: Required<StatementFacts> = {
  verbs: ['insert'],
  effects: ['write'],
  tables: [clean('public.people')],
  columns: [clean('public.cards.pan')],
  classes: ['cvv'],
  complete: false,
  gaps: [clean('a gap')],
}
const OTHER_VERDICT: Required<StatementVerdict> = { effect: 'deny', rules: ['none'], policyVersion: 'fedcba9876543210' }

const { facts, verdict } = statement(1)

const judged = (one: typeof facts, other: typeof verdict): string =>
  `,"facts":${JSON.stringify(one)},"verdict":${JSON.stringify(other)}`

for (const [field, value] of Object.entries(OTHER_FACTS)) {
  test(`facts that differ in ${field} alone are not taken for remembered ones`, () => {
    const memory = createMemory()
    memory.judged(facts, verdict)
    const others = facts.map((one) => ({ ...one, [field]: value }))
    assert.equal(memory.judged(others, verdict).json, judged(others, verdict))
  })
}

for (const [field, value] of Object.entries(OTHER_VERDICT)) {
  test(`a verdict that differs in ${field} alone is not taken for a remembered one`, () => {
    const memory = createMemory()
    memory.judged(facts, verdict)
    const other = { ...verdict, [field]: value }
    assert.equal(memory.judged(facts, other).json, judged(facts, other))
  })
}

test('facts of fewer or more statements are not taken for remembered ones', () => {
  const memory = createMemory()
  const twice = [...facts, ...facts]
  assert.deepEqual(
    [facts, twice, facts, []].map((one) => memory.judged(one, verdict).json),
    [facts, twice, facts, []].map((one) => judged(one, verdict)),
  )
})

test('every text comes back as itself with its message, however many came in between and however long it is', () => {
  const memory = createMemory()
  const line = new LineBytes()
  const texts = Array.from({ length: 20 }, (_, at) => [
    [`SELECT ${at}`, 'é'.repeat(at * 500)],
    [`SELECT ${'id, '.repeat(at * 40)}id`],
    [`SELECT ${String.fromCharCode(at + 20)}"\\${String.fromCharCode(at + 120)}`],
    at % 2 === 0 ? [] : [{ withheld: 'text' as const, bytes: at, tag: 'tag' }],
  ]).flat()
  for (const text of [...texts, ...texts.toReversed(), ...texts.flatMap((one) => [one, one, one])])
    for (const message of ['bind', 'execute'] as const) {
      memory.said(message, text, line.begin(0))
      assert.equal(line.view(0, line.length).toString(), `,"message":"${message}","text":${JSON.stringify(text)}`)
    }
})

test('an end comes back as itself, whichever of its parts differs from those before', () => {
  const memory = createMemory()
  const ends = (['done', 'failed', 'cancelled'] as const).flatMap((end) =>
    [undefined, '57014', '42501'].flatMap((sqlstate) =>
      [undefined, clean('SELECT 1'), clean('DELETE 7')].map((tag) => ({ end, sqlstate, tag })),
    ),
  )
  for (const one of [...ends, ...ends.toReversed(), ...ends.flatMap((end) => [end, end, end])]) {
    const { end, sqlstate = null, tag = null } = one
    const fields = { end, sqlstate, tag }
    assert.equal(memory.ended(one).json, `,${JSON.stringify(fields).slice(1, -1)},"rows":`)
  }
})
