import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName } from '../../src/model/ids.ts'
import { alice, answer, hall, MINUTE, terms } from './hall.ts'

const HOUR = 60 * MINUTE
const bob = personName('bob')

/** Alice approved something of bob's just now. */
async function favoured(context: Parameters<typeof hall>[0]) {
  const made = await hall(context)
  const theirs = await made.open({ person: bob, eligible: [{ person: alice, roles: ['approver'] }] })
  const outcome = await made.approvals.decide(answer(theirs.id, 'alice', { roles: ['approver'] }))
  assert.equal(outcome.outcome, 'recorded')
  return made
}

test('a favour that would be returned is found for a day, for the human behind the account, and for nobody else', async (context) => {
  const { approvals, clock } = await favoured(context)
  const since = (): number => clock.now() - 24 * HOUR
  assert.notEqual(await approvals.favour({ by: alice, for: bob, since: since() }), undefined)
  assert.equal(await approvals.favour({ by: alice, for: personName('carol'), since: since() }), undefined)
  assert.equal(await approvals.favour({ by: bob, for: alice, since: since() }), undefined)
  clock.advance(24 * HOUR)
  assert.equal(await approvals.favour({ by: alice, for: bob, since: since() }), undefined)
})

test('a rule may refuse it: bob cannot approve for alice within the time, may deny, and somebody else may approve', async (context) => {
  const { approvals, open, clock } = await favoured(context)
  const holds = [{ ...terms(), withinMs: 48 * HOUR, notReciprocalMs: 24 * HOUR }]
  const { id } = await open({ holds })
  const refused = await approvals.decide(answer(id, 'bob'))
  assert.equal(refused.outcome === 'refused' && refused.why, 'reciprocal')
  assert.equal((await approvals.decide(answer(id, 'carol'))).outcome, 'recorded')
  const denied = await open({ holds })
  assert.equal((await approvals.decide(answer(denied.id, 'bob', { kind: 'deny' }))).outcome, 'recorded')
  clock.advance(24 * HOUR)
  const later = await open({ holds })
  assert.equal((await approvals.decide(answer(later.id, 'bob'))).outcome, 'recorded')
})
