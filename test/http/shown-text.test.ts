import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownText, shownValue } from '../../src/http/shown-text.ts'
import { scrub } from '../../src/mask/scrub.ts'
import type { SqlFacts } from '../../src/model/facts.ts'
import type { Parameter, SqlStatement } from '../../src/model/statement.ts'
import type { VisiblePiece } from '../../src/http/visible.ts'
import { FACTS } from './world.ts'

const TEXT = "UPDATE cards SET cvv = '737' WHERE id = 5 /* 737 */ AND pan = '4111111111111111'"
const statement: SqlStatement = { kind: 'sql', dialect: 'postgres', text: TEXT, parameters: [] }
const facts = (more: Partial<SqlFacts>): SqlFacts => ({
  ...{ ...FACTS, classes: [], probes: [], writes: [], complete: true, gaps: [] },
  ...{ span: { start: 0, end: TEXT.length }, clearLiterals: new Set([TEXT.indexOf('5 /*')]) },
  ...more,
})
const words = (pieces: readonly VisiblePiece[] | null): string | undefined =>
  pieces?.map((piece) => (typeof piece === 'string' ? piece : piece.label)).join('')
const shown = (more: Partial<SqlFacts>): string | undefined =>
  words(shownText({ statement, facts: [facts(more)] }, scrub))
const value = (more: Partial<SqlFacts>, format: Parameter['format'] = 'text'): string | undefined =>
  words(
    shownValue({ parameter: { type: 25, format, value: Buffer.from('737') }, number: 1, facts: [facts(more)] }, scrub),
  )

test('what touches card data and is understood shows its literals only where they are proved clear, and no comment', () => {
  const text = shown({ classes: ['cvv'] })
  assert.equal(text, 'UPDATE cards SET cvv = ‹text 5› WHERE id = 5 ‹comment 9› AND pan = ‹text 18›')
})

test('what touches none stands as it was typed, its card numbers cut down', () => {
  assert.equal(shown({}), TEXT.replace('4111111111111111', '411111******1111'))
})

test('code that is not understood stands whole, because somebody has to read it', () => {
  assert.equal(shown({ classes: ['cvv'], complete: false }), TEXT.replace('4111111111111111', '411111******1111'))
})

test('bound values follow the same rule', () => {
  const touching: Partial<SqlFacts> = { probes: ['cvv'], clearParameters: new Set<number>() }
  assert.equal(value(touching), '‹text 3›')
  assert.equal(value(touching, 'binary'), '‹binary 3›')
  assert.equal(value({ ...touching, clearParameters: new Set([1]) }), '737')
  assert.equal(value({ ...touching, clearParameters: new Set([2]) }), '‹text 3›')
  assert.equal(value({ clearParameters: new Set<number>() }), '737')
  const none: Parameter = { type: 25, format: 'text', value: undefined }
  assert.equal(shownValue({ parameter: none, number: 1, facts: [facts(touching)] }, scrub), null)
})
