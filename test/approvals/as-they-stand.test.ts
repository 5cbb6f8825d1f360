import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { createApprovals } from '../../src/approvals/approvals.ts'
import { createReviews } from '../../src/approvals/reviews.ts'
import { createScripts } from '../../src/approvals/scripts.ts'
import { personName, type ReviewId, type ScriptId } from '../../src/model/ids.ts'
import { newId } from '../../src/std/ids.ts'
import { admin, approvalId, cards, peopleOf, scrub, stopsOf } from '../store/scratch.ts'
import { alice, answer, digest, hall, MINUTE, terms } from './hall.ts'

type Hall = Awaited<ReturnType<typeof hall>>
const bob = personName('bob')

/** What may happen to bob after his token was looked at and before the step that takes his answer: a body may trickle in for long. */
const ENDS: Readonly<Record<string, { what: (room: Hall) => Promise<unknown>; why: string }>> = {
  'lost the role': { what: ({ scratch }) => peopleOf(scratch).setRoles(bob, ['engineer'], admin), why: 'role' },
  'was disabled': { what: ({ scratch }) => peopleOf(scratch).disable(bob, admin), why: 'role' },
  'was stopped': {
    what: ({ scratch }) => stopsOf(scratch).order({ scope: 'person', name: 'bob', reason: 'a laptop' }, admin),
    why: 'kept-out',
  },
}
const DESKS: Readonly<Record<string, (context: TestContext) => Promise<{ room: Hall; yes: () => Promise<string> }>>> = {
  async 'a held statement'(context) {
    const room = await hall(context)
    const { id } = await room.open()
    const yes = async (): Promise<string> => {
      const said = await room.approvals.decide(answer(id, 'bob'))
      return said.outcome === 'refused' ? said.why : said.approval.state
    }
    return { room, yes }
  },
  async 'a script'(context) {
    const room = await hall(context)
    const { store, clock } = room
    const scripts = createScripts({ store: store.scripts, clock, scrub, journal: () => undefined })
    const script = await scripts.submit({
      ...{ id: newId('x_', 12) as ScriptId, person: alice, target: cards, database: 'cards', account: 'app' },
      ...{ sealed: 'v1.sealed', redacted: ['DELETE FROM payments'], digest, policyVersion: 'p', matches: [] },
      statements: [{ start: 0, end: 20, rules: ['writes/unfiltered'] }],
      ...{ holds: [terms()], eligible: [{ person: bob, roles: ['approver'] }] },
      ...{ reason: 'release 42', ticket: undefined, forMs: 60 * MINUTE, origin: '10.0.0.1' },
    })
    assert.ok(typeof script !== 'string')
    const yes = async (): Promise<string> => {
      const said = await scripts.decide({ ...answer(approvalId(), 'bob'), id: script.id })
      return said.outcome === 'refused' ? said.why : said.script.state
    }
    return { room, yes }
  },
  async 'the review of a break-glass'(context) {
    const room = await hall(context)
    const { store, clock } = room
    const quiet = { clock, scrub, journal: () => undefined }
    const approvals = createApprovals<string>({
      ...{ ...quiet, store: store.approvals, newId: approvalId, notify: () => undefined },
      breakGlass: {
        termsOf: () => ({ people: [alice], roles: [], longestMs: 20 * MINUTE }),
        newId: () => newId('v_', 12) as ReviewId,
      },
    })
    const hold = await approvals.open(room.request())
    assert.ok(hold.outcome === 'held')
    const use = { id: hold.id, person: alice, roles: [], service: false, digest, factorFresh: true, origin: '10.0.0.9' }
    const used = await approvals.breakGlass({ ...use, incident: 'INC-1', reason: 'down' })
    assert.ok(used.outcome === 'cleared')
    const reviews = createReviews({ ...quiet, store: store.reviews })
    const yes = async (): Promise<string> => {
      const signature = { ...answer(hold.id, 'bob'), id: used.review.id, remark: 'was right' }
      const said = await reviews.sign(signature)
      return said.outcome === 'refused' ? said.why : said.outcome
    }
    return { room, yes }
  },
}

for (const [what, desk] of Object.entries(DESKS))
  describe(`a yes to ${what} counts by how its person stands in the step that takes it`, () => {
    test('it counts from somebody to whom nothing happened', async (context) => {
      const { yes } = await desk(context)
      assert.ok(['approved', 'signed'].includes(await yes()))
    })

    for (const [end, { what: happens, why }] of Object.entries(ENDS))
      test(`not from somebody who ${end} since the token was looked at`, async (context) => {
        const { room, yes } = await desk(context)
        await happens(room)
        assert.equal(await yes(), why)
      })
  })

test('whoever is stopped may still deny', async (context) => {
  const { approvals, open, state, scratch } = await hall(context)
  const { id } = await open()
  await stopsOf(scratch).order({ scope: 'person', name: 'bob', reason: 'a laptop' }, admin)
  await approvals.decide(answer(id, 'bob', { kind: 'deny', reason: 'no' }))
  assert.equal(await state(id), 'denied')
})

test('whoever lost the role that break-glass asks for clears nothing', async (context) => {
  const room = await hall(context)
  const { store, clock, scratch } = room
  const approvals = createApprovals<string>({
    ...{ store: store.approvals, clock, newId: approvalId, scrub, journal: () => undefined, notify: () => undefined },
    breakGlass: {
      termsOf: () => ({ people: [], roles: ['engineer'], longestMs: 20 * MINUTE }),
      newId: () => newId('v_', 12) as ReviewId,
    },
  })
  const hold = await approvals.open(room.request())
  assert.ok(hold.outcome === 'held')
  await peopleOf(scratch).setRoles(alice, ['auditor'], admin)
  const use = { id: hold.id, person: alice, roles: ['engineer' as const], service: false, digest, factorFresh: true }
  const outcome = await approvals.breakGlass({ ...use, incident: 'INC-1', reason: 'down', origin: '10.0.0.9' })
  assert.deepEqual(outcome, { outcome: 'refused', why: 'not-allowed', state: 'open' })
})
