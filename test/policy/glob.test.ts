import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anyOf, globMatches } from '../../src/policy/glob.ts'

const rows: readonly [pattern: string, text: string, matches: boolean][] = [
  ['cards', 'cards', true],
  ['cards', 'cards2', false],
  ['card?', 'cards', true],
  ['card?', 'card', false],
  ['*', '', true],
  ['*', 'anything', true],
  ['a*c', 'abbbc', true],
  ['a*c', 'abbb', false],
  ['*_pan', 'old_pan', true],
  ['*_pan', 'old_pan_2', false],
  ['*a*b*', 'xxaxxbxx', true],
  ['*a*b*', 'xxbxxaxx', false],
  ['', '', true],
  ['', 'a', false],
  ['a.c', 'abc', false],
  ['[a]', 'a', false],
]

test('a glob stands for its text from the first to the last character', () => {
  for (const [pattern, text, matches] of rows) assert.equal(globMatches(pattern, text), matches, `${pattern} ~ ${text}`)
})

test('many patterns are met by a plain one or by a wildcard', () => {
  const test = anyOf(['cards', 'pay*'])
  assert.deepEqual(['cards', 'payments', 'customers'].map(test), [true, true, false])
})

test('a pattern of many stars takes no more than its length times the text', () => {
  const started = performance.now()
  assert.equal(globMatches(`${'*a'.repeat(60)}b`, 'a'.repeat(5_000)), false)
  assert.ok(performance.now() - started < 500)
})
