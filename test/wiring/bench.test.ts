import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LedgerNote } from '../../src/model/ledger.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { createPolicy } from '../../src/policy/decide.ts'
import { createBench, type BenchDeps } from '../../src/wiring/bench.ts'
import { FACTS } from '../http/world.ts'
import { FakeClock } from '../store/fake-clock.ts'

const catalog = { searchPath: ['public'], relations: [], functions: [], epoch: 'e' }

/** A bench over one target whose catalog and parser are fakes; what it writes into the ledger is kept. */
function bench(answers: { readonly catalog: boolean }) {
  const notes: LedgerNote[] = []
  const order: string[] = []
  const target = { name: targetName('cards'), protocol: 'postgres', database: 'cards', account: 'app', tags: [] }
  const database = { freshCatalog: () => Promise.resolve(answers.catalog ? catalog : undefined) }
  const deps = {
    policy: { current: () => createPolicy([]) },
    pool: { classify: () => Promise.resolve([{ ...FACTS, clearLiterals: 'none' as const }]) },
    targets: new Map([['cards', { target, database: () => database }]]),
    access: { key: () => Buffer.alloc(32, 7) },
    evidence: {
      ledger: {
        record: (note: LedgerNote) => {
          notes.push(note)
          order.push('noted')
          return Promise.resolve()
        },
      },
    },
    clock: new FakeClock(),
  }
  const made = createBench(deps as unknown as BenchDeps)
  const asker = { by: 'dan', origin: '10.0.0.9' }
  const judge = async (name: string, sql: string) => {
    const principal = { person: personName('alice'), roles: ['engineer' as const], service: false }
    const trial = await made.judge({ target: targetName(name), principal, sql, asker })
    order.push('answered')
    return trial
  }
  return { judge, notes, order }
}

test('whoever tries a statement is in the ledger before they see what became of it, without its literals', async () => {
  const { judge, notes, order } = bench({ catalog: true })
  const trial = await judge('cards', "DELETE FROM payments WHERE pan = '4111111111111111'")
  assert.ok(typeof trial === 'object')
  assert.deepEqual(order, ['noted', 'answered'])
  const [note] = notes
  assert.deepEqual(
    [note?.kind, note?.by, note?.origin, note?.resource],
    ['policy.tried', 'dan', '10.0.0.9', 'target:cards'],
  )
  assert.deepEqual([note?.outcome, note?.detail['as']], [trial.verdict.effect, 'alice'])
  assert.match(JSON.stringify(note?.detail), /"DELETE FROM payments WHERE pan = /)
  assert.doesNotMatch(JSON.stringify(note), /4111111111111111/)
})

test('a trial that nothing could be said of is one all the same; a target that is none is not', async () => {
  const { judge, notes } = bench({ catalog: false })
  assert.equal(await judge('cards', 'SELECT 1'), 'no-catalog')
  assert.equal(await judge('nowhere', 'SELECT 1'), 'no-target')
  assert.deepEqual(
    notes.map(({ outcome, resource }) => [outcome, resource]),
    [['no-catalog', 'target:cards']],
  )
})
