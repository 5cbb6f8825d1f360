import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LONGEST_PAUSE, type Delivery } from '../../src/model/outbox.ts'
import { admin, scratchStore, stopsOf } from './scratch.ts'

test('what is due later than any pause was put off by a clock that has been set back since, and is due now', async (context) => {
  const scratch = scratchStore(context)
  const { store, clock } = scratch
  await stopsOf(scratch).order({ scope: 'everything', name: undefined, reason: 'a test' }, admin)
  const [tiding] = await store.outbox.tidings({ limit: 1 })
  assert.ok(tiding)
  const now = clock.now()
  const letter = (id: string, nextAt: number): Delivery => ({
    ...{
      id,
      nextAt,
      channel: 'oncall',
      body: '{}',
      state: 'waiting',
      attempts: 1,
      createdAt: now,
      reason: 'status 503',
    },
    ...{ subject: undefined, message: 'stop.ordered', person: undefined, deliveredAt: undefined },
  })
  const deliveries = [
    letter('m_now', now),
    letter('m_soon', now + 1),
    letter('m_last', now + LONGEST_PAUSE),
    letter('m_never', now + LONGEST_PAUSE + 1),
  ]
  assert.equal(await store.outbox.add({ tiding: tiding.sequence, deliveries }), true)
  const due = await store.outbox.due({ channel: 'oncall', now, limit: 10 })
  assert.deepEqual(
    due.map(({ id }) => id),
    ['m_now', 'm_never'],
  )
})
