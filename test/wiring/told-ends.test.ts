import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGrants } from '../../src/access/grants.ts'
import type { StopsPort } from '../../src/http/ports.ts'
import type { Occasion } from '../../src/model/occasion.ts'
import { grantsTold, stopsTold } from '../../src/wiring/told-ends.ts'
import { admin, grantId, scratchStore, scrub, seedGrant, seedPeople } from '../store/scratch.ts'

const short = ({ kind, subject, by, person, target, facts }: Occasion) => ({ kind, subject, by, person, target, facts })

test('a grant that is revoked is told once, with whose it was', async (context) => {
  const scratch = scratchStore(context)
  await seedPeople(scratch, { alice: ['engineer'] })
  const grant = await seedGrant(scratch, 'alice')
  const told: Occasion[] = []
  const { store, clock } = scratch
  const grants = grantsTold(createGrants({ store: store.grants, clock, newId: grantId, scrub }), (one) =>
    told.push(one),
  )
  assert.equal(await grants.revoke(grant.id, admin, 'a reason of their own'), true)
  assert.equal(await grants.revoke(grant.id, admin), false)
  assert.deepEqual(told.map(short), [
    {
      ...{ kind: 'grant.revoked', subject: `grant:${grant.id}`, by: 'local:root', person: 'alice', target: 'cards' },
      facts: [{ label: 'Grant', text: grant.id }],
    },
  ])
})

test('an order of the kill switch is told with what it ended, and so is its end', async () => {
  const told: Occasion[] = []
  const counts = { sessions: 2, holds: 1, grants: 0, credentials: 3 }
  const fake: StopsPort = {
    order: ({ name }) => Promise.resolve(name === 'nobody' ? undefined : counts),
    resume: ({ name }) => Promise.resolve(name === 'cards'),
    standing: () => Promise.resolve([]),
  }
  const stops = stopsTold(fake, (one) => told.push(one))
  await stops.order({ scope: 'target', name: 'cards', reason: 'secret reason' }, admin)
  await stops.order({ scope: 'person', name: 'nobody', reason: 'x' }, admin)
  await stops.order({ scope: 'everything', name: undefined, reason: 'x' }, admin)
  await stops.resume({ scope: 'target', name: 'cards', reason: 'x' }, admin)
  await stops.resume({ scope: 'everything', name: undefined, reason: 'x' }, admin)
  assert.deepEqual(
    told.map(({ kind, subject, target, facts }) => [kind, subject, target, facts[1]?.text]),
    [
      ['stop.ordered', 'target:cards', 'cards', '2 sessions, 1 holds, 0 grants, 3 credentials'],
      ['stop.ordered', 'everything', undefined, '2 sessions, 1 holds, 0 grants, 3 credentials'],
      ['stop.lifted', 'target:cards', 'cards', undefined],
    ],
  )
  assert.doesNotMatch(JSON.stringify(told), /secret reason/)
})
