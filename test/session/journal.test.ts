import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LedgerNote } from '../../src/model/ledger.ts'
import { createJournal } from '../../src/session/journal.ts'

const note = (at: number): LedgerNote => ({
  kind: 'x',
  at,
  by: 'alice',
  origin: '',
  outcome: 'done',
  resource: '',
  detail: {},
})

/** A store of so many notes and the ledger that they go to. */
function shelf(count: number) {
  const entries = Array.from({ length: count }, (_, at) => ({ sequence: at + 1, note: note(at + 1) }))
  const written: number[] = []
  const errors: string[] = []
  const broken = { ledger: false, drop: false }
  const journal = createJournal({
    store: {
      append: () => Promise.reject(new Error('nobody appends here')),
      take: ({ limit }) => Promise.resolve(entries.slice(0, limit)),
      drop: ({ upTo }) => {
        if (broken.drop) return Promise.reject(new Error('store'))
        entries.splice(0, entries.filter((entry) => entry.sequence <= upTo).length)
        return Promise.resolve()
      },
    },
    ledger: {
      record: (...notes) => {
        if (broken.ledger) return Promise.reject(new Error('ledger'))
        written.push(...notes.map((one) => one.at))
        return Promise.resolve()
      },
    },
    onError: (error) => errors.push(error.message),
  })
  return { journal, entries, written, errors, broken }
}

test('notes go to the ledger in order, in as many batches as it takes, and are forgotten', async () => {
  const { journal, entries, written } = shelf(600)
  await journal.move()
  assert.deepEqual(
    written,
    Array.from({ length: 600 }, (_, at) => at + 1),
  )
  assert.equal(entries.length, 0)
})

test('a ledger that fails leaves every note where it is, and the next move takes them', async () => {
  const { journal, entries, written, errors, broken } = shelf(3)
  broken.ledger = true
  await journal.move()
  assert.deepEqual([entries.length, written, errors], [3, [], ['ledger']])
  broken.ledger = false
  await journal.move()
  assert.deepEqual([entries.length, written], [0, [1, 2, 3]])
})

test('moves at the same time write no note twice', async () => {
  const { journal, written } = shelf(300)
  await Promise.all([journal.move(), journal.move(), journal.move()])
  assert.equal(written.length, 300)
})

test('a note is in the ledger before it is forgotten', async () => {
  const { journal, written, errors, broken } = shelf(1)
  broken.drop = true
  await journal.move()
  assert.deepEqual([written, errors], [[1], ['store']])
})
