import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryShown } from '../../src/model/outbox.ts'
import { APPROVAL, approval, call, json, world } from './world.ts'

const AT = `/api/v1/approvals/${APPROVAL}`
const sent = (more: Partial<DeliveryShown> = {}): DeliveryShown => ({
  ...{ channel: 'oncall', kind: 'slack', message: 'approval.opened', state: 'delivered', attempts: 1 },
  ...{ at: Date.UTC(2026, 10, 22), reason: undefined },
  ...more,
})

test('an approval shows who was told, how, and what became of it', async () => {
  const { app, state } = world()
  state.deliveries.push(
    { subject: `approval:${APPROVAL}`, shown: sent() },
    { subject: `approval:${APPROVAL}`, shown: sent({ state: 'waiting', attempts: 3, reason: 'status 500' }) },
    { subject: 'approval:a_another00001', shown: sent({ channel: 'elsewhere' }) },
  )
  const detail = await json(await call(app, 'bob', { path: AT }))
  const common = { channel: 'oncall', kind: 'slack', message: 'approval.opened', at: '2026-11-22T00:00:00.000Z' }
  assert.deepEqual(detail['deliveries'], [
    { ...common, state: 'delivered', attempts: 1, reason: null },
    { ...common, state: 'waiting', attempts: 3, reason: 'status 500' },
  ])
})

test('an approval says who is asked as well when nobody answers, and those may see it', async () => {
  const { app, state } = world()
  const escalation = [{ afterMs: 600_000, from: ['security'] as const, notify: [] }]
  const [terms] = approval().holds
  assert.ok(terms)
  state.approvals.set(APPROVAL, approval({ holds: [{ ...terms, escalation }] }))
  const detail = await json(await call(app, 'dan', { path: AT }))
  assert.deepEqual(detail['needs'], [
    {
      rule: 'pci/unfiltered-write',
      from: ['approver'],
      need: 1,
      then: [{ at: '2026-11-22T00:10:00.000Z', from: ['security'] }],
    },
  ])
  assert.equal(detail['mayDecide'], false)
})
