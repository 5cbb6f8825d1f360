import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Catalog } from '../../src/model/catalog.ts'
import { scrubbedBy } from '../../src/model/scrubbed.ts'
import type { SqlStatement } from '../../src/model/statement.ts'
import { Reader } from '../../src/session/reading.ts'
import type { SessionScope } from '../../src/session/scope.ts'
import { createClassifier } from '../../src/classify/sql/classify.ts'
import { parser } from '../classify/sql/classified.ts'
import { shop } from '../classify/sql/shop-catalog.ts'

const sql = (text: string): SqlStatement => ({ kind: 'sql', dialect: 'postgres', text, parameters: [] })
const scope = (more: Partial<SessionScope> = {}): SessionScope => ({
  searchPath: shop.searchPath,
  dirty: false,
  settings: 0,
  statement: () => undefined,
  cursor: () => undefined,
  ...more,
})

/** A reader that tells how often it classified. */
function counted(): { reader: Reader; reads: () => number } {
  let reads = 0
  const classify = createClassifier({ parse: parser.parse })
  const reader = new Reader({
    classify: ({ text }, session, catalog) => {
      const { searchPath, dirty } = session
      reads += 1
      const names = (name: string, kind: 'statement' | 'cursor') =>
        kind === 'statement' ? session.statement(name) : session.cursor(name)
      return classify(parser.parse(text), { catalog, searchPath, dirty, names })
    },
    redact: (text) => [text],
    scrub: scrubbedBy((text) => text),
  })
  return { reader, reads: () => reads }
}

const SELECT = sql('SELECT id FROM orders')

/** A text is kept from the second time on. */
function kept(reader: Reader, catalog = shop) {
  reader.read(SELECT, scope(), catalog)
  return reader.read(SELECT, scope(), catalog)
}

test('a text that came twice is not read again', () => {
  const { reader, reads } = counted()
  const known = kept(reader)
  assert.equal(reader.read(sql(SELECT.text), scope(), shop), known)
  assert.equal(reads(), 2)
})

const ANEW: readonly (readonly [string, Partial<SessionScope>, Catalog | undefined])[] = [
  ['of a session that changed definitions', { dirty: true }, shop],
  ['of a session that left its search path', { searchPath: undefined }, shop],
  ['of a session with another search path', { searchPath: ['other'] }, shop],
  ['without a catalog', { searchPath: undefined }, undefined],
]

for (const [about, more, catalog] of ANEW)
  test(`a text ${about} is read anew, and what comes out is kept for nobody`, () => {
    const { reader, reads } = counted()
    const shared = kept(reader)
    const own = reader.read(SELECT, scope(more), catalog)
    assert.notEqual(own, shared)
    assert.ok(
      !(own instanceof Promise) && own.facts.every((facts) => more.searchPath?.[0] === 'other' || !facts.complete),
    )
    assert.equal(reader.read(SELECT, scope(), shop), shared)
    assert.equal(reads(), 3)
  })

test('texts that differ in a literal are each read, and share the facts that are recorded', () => {
  const { reader, reads } = counted()
  const [one, other] = [1, 2].map((id) => reader.read(sql(`SELECT id FROM orders WHERE id = ${id}`), scope(), shop))
  assert.ok(one && other && !(one instanceof Promise) && !(other instanceof Promise))
  assert.equal(one.kept, other.kept)
  assert.notEqual(one.facts, other.facts)
  assert.equal(reads(), 2)
})

test('a new catalog makes everything stale, even of the same epoch', () => {
  const { reader, reads } = counted()
  kept(reader)
  const again = { ...shop }
  const reading = reader.read(SELECT, scope(), again)
  assert.ok(!(reading instanceof Promise))
  assert.equal(reading.catalog, again)
  assert.equal(reads(), 3)
})

test('a text that names something of the session is kept for nobody', () => {
  const { reader, reads } = counted()
  const behind = [{ ...firstFacts(counted().reader) }]
  for (let left = 3; left > 0; left -= 1) reader.read(sql('EXECUTE p'), scope({ statement: () => behind }), shop)
  const other = reader.read(sql('EXECUTE p'), scope(), shop)
  assert.ok(!(other instanceof Promise))
  assert.deepEqual([reads(), other.facts[0]?.complete], [4, false])
})

function firstFacts(reader: Reader) {
  const reading = reader.read(SELECT, scope(), shop)
  assert.ok(!(reading instanceof Promise) && reading.facts[0])
  return reading.facts[0]
}

for (const [text, tagged] of [
  ['SELECT id FROM orders', false],
  ['SELECT pan FROM cards', true],
  ['SELECT id FROM cards', true],
  ['DELETE FROM cards WHERE id = 1', true],
] as const)
  test(`${text} ${tagged ? 'touches' : 'does not touch'} tagged columns`, () => {
    const reading = counted().reader.read(sql(text), scope(), shop)
    assert.ok(!(reading instanceof Promise))
    assert.equal(reading.tagged, tagged)
  })
