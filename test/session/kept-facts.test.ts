import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqlFacts } from '../../src/model/facts.ts'
import { scrubbedBy } from '../../src/model/scrubbed.ts'
import { KeptFacts } from '../../src/session/kept-facts.ts'
import { all, one } from '../classify/sql/classified.ts'
import { everyday, evasions } from '../classify/sql/corpus.ts'

const scrub = scrubbedBy((text) => text)
const fresh = (facts: readonly SqlFacts[]) => new KeptFacts(scrub).of(facts)

test('texts that differ in their values alone are recorded with one object', () => {
  const kept = new KeptFacts(scrub)
  assert.equal(kept.of(all('SELECT pan FROM cards WHERE id = 1')), kept.of(all('SELECT pan FROM cards WHERE id = 222')))
})

test('what is remembered is what would be made anew, over both corpora', () => {
  const kept = new KeptFacts(scrub)
  const texts = [...everyday(), ...evasions().map((evasion) => evasion.text)]
  for (const text of [...texts, ...texts]) assert.deepEqual(kept.of(all(text)), fresh(all(text)), text)
})

const facts = one('UPDATE cards SET holder = $1 FROM orders WHERE orders.id = cards.id AND cards.pan = $2')
const [read] = facts.reads
const [written] = facts.writes
const [column] = facts.columns.filter(({ classes }) => classes.length > 0)
assert.ok(read && written && column)

const CHANGES: Readonly<Record<string, Partial<SqlFacts>>> = {
  verbs: { verbs: [...facts.verbs, 'select'] },
  effects: { effects: facts.effects.slice(1) },
  'a verb that became an effect': { verbs: [], effects: facts.effects },
  classes: { classes: [...facts.classes, 'cvv'] },
  reads: { reads: [] },
  'the name of a read relation': { reads: [{ ...read, name: 'others' }] },
  'the schema of a read relation': { reads: [{ ...read, schema: 'others' }] },
  'the class of a written relation': { writes: [{ ...written, classes: ['track'] }] },
  'a tagged column': { columns: [{ ...column, column: 'other' }] },
  'the table of a tagged column': { columns: [{ ...column, table: 'other' }] },
  'no tagged column': { columns: [] },
  complete: { complete: false, gaps: ['a gap'] },
}

for (const [what, change] of Object.entries(CHANGES))
  test(`facts with other ${what} are never taken for the same`, () => {
    const kept = new KeptFacts(scrub)
    kept.of([facts])
    assert.deepEqual(kept.of([{ ...facts, ...change }]), fresh([{ ...facts, ...change }]))
    assert.notDeepEqual(kept.of([{ ...facts, ...change }]), kept.of([facts]))
  })
