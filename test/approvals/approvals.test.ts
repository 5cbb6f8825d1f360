import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../src/approvals/digest.ts'
import type { Answer } from '../../src/approvals/ruling.ts'
import { personName } from '../../src/model/ids.ts'
import { admin, grantsOf, peopleOf, stopsOf } from '../store/scratch.ts'
import { alice, answer, hall, MINUTE, terms } from './hall.ts'

test('one approver of one is enough, and the statement is claimed and finished once', async (context) => {
  const { approvals, open, state } = await hall(context)
  const hold = await open()
  assert.equal(approvals.shown(hold.id), 'DELETE FROM payments')
  const outcome = await approvals.decide(answer(hold.id, 'bob', { reason: 'seen, 4111111111111111 is fine' }))
  assert.equal(outcome.outcome, 'recorded')
  const settled = await hold.settled
  assert.ok(settled.state === 'approved')
  assert.deepEqual(
    settled.approval.decisions.map((one) => [one.person, one.kind, one.reason]),
    [['bob', 'approve', 'seen, 411111******1111 is fine']],
  )
  assert.equal(await approvals.claim(hold.id, 'node-1'), true)
  assert.equal(await approvals.claim(hold.id, 'node-1'), false)
  assert.equal(await state(hold.id), 'executing')
  assert.equal(approvals.shown(hold.id), undefined)
  assert.equal(await approvals.finish(hold.id, 'done'), true)
  assert.equal(await approvals.finish(hold.id, 'unknown'), false)
  assert.equal(await state(hold.id), 'done')
})

const refusals: readonly [string, string, Partial<Answer>, string][] = [
  ['the requester', 'alice', {}, 'own'],
  ['the requester who denies', 'alice', { kind: 'deny' }, 'own'],
  ['a second account of the requester', 'bob', { owner: alice }, 'own'],
  ['an admin without the role', 'eve', {}, 'role'],
  ['a role that was lost since', 'bob', { roles: ['engineer'] }, 'role'],
  ['a role that was gained since', 'eve', { roles: ['admin', 'approver'] }, 'role'],
  ['a person who came later', 'frank', {}, 'role'],
  ['a program', 'bob', { service: true }, 'role'],
  ['another digest', 'bob', { digest: 'e'.repeat(64) }, 'digest'],
  ['no digest', 'bob', { digest: '' }, 'digest'],
  ['no fresh factor', 'bob', { factorFresh: false }, 'factor'],
  ['a denial without a fresh factor', 'bob', { factorFresh: false, kind: 'deny' }, 'factor'],
]

for (const [what, name, more, why] of refusals) {
  test(`refused as "${why}": ${what}`, async (context) => {
    const { approvals, open, state } = await hall(context)
    const { id } = await open()
    assert.deepEqual(await approvals.decide(answer(id, name, more)), { outcome: 'refused', why })
    assert.equal(await state(id), 'open')
    assert.deepEqual((await approvals.get(id))?.decisions, [])
  })
}

test('an id that does not exist is not found', async (context) => {
  const { approvals, open } = await hall(context)
  const { id } = await open()
  await approvals.withdraw(id, 'void', { ...admin, reason: 'over' })
  const other = `${id.slice(0, -1)}_` as typeof id
  assert.deepEqual(await approvals.decide(answer(other, 'bob')), { outcome: 'refused', why: 'not-found' })
  assert.equal(await approvals.get(other), undefined)
})

test('the owner of a service account cannot countersign for it', async (context) => {
  const { approvals, open } = await hall(context)
  const { id } = await open({ person: personName('robot'), owner: personName('bob') })
  assert.deepEqual(await approvals.decide(answer(id, 'bob')), { outcome: 'refused', why: 'own' })
  assert.equal((await approvals.decide(answer(id, 'carol'))).outcome, 'recorded')
})

test('two of two: the second person completes it, the same person twice or by two accounts does not', async (context) => {
  const { approvals, open, state } = await hall(context)
  const bob = personName('bob')
  const eligible = ['bob', 'bob2', 'carol'].map((name) => ({ person: personName(name), roles: ['approver'] as const }))
  const { id, settled } = await open({ holds: [terms(['approver'], 2)], eligible })
  await approvals.decide(answer(id, 'bob'))
  assert.equal(await state(id), 'open')
  assert.deepEqual((await approvals.decide(answer(id, 'bob'))).outcome, 'recorded')
  await approvals.decide(answer(id, 'bob2', { owner: bob }))
  assert.equal(await state(id), 'open')
  await approvals.decide(answer(id, 'carol'))
  assert.equal((await settled).state, 'approved')
})

test('every rule must be satisfied, and the shortest time counts', async (context) => {
  const { approvals, open, state, clock } = await hall(context)
  const holds = [terms(['approver'], 1, 15 * MINUTE), terms(['security'], 1, 5 * MINUTE)]
  const { id, expiresAt } = await open({ holds })
  assert.equal(expiresAt, clock.now() + 5 * MINUTE)
  await approvals.decide(answer(id, 'bob'))
  assert.equal(await state(id), 'open')
  await approvals.decide(answer(id, 'dan'))
  assert.equal(await state(id), 'approved')
})

test('saying the same again is the same answer, also after the end; saying the opposite is too late', async (context) => {
  const { approvals, open, store } = await hall(context)
  const { id } = await open()
  await approvals.decide(answer(id, 'bob'))
  await approvals.claim(id, 'node-1')
  const before = (await store.journal.take({ limit: 999 })).length
  const again = await approvals.decide(answer(id, 'bob'))
  assert.equal(again.outcome === 'recorded' && again.repeated && again.approval.state, 'executing')
  const opposite = await approvals.decide(answer(id, 'bob', { kind: 'deny' }))
  assert.deepEqual(opposite, { outcome: 'refused', why: 'not-open', state: 'executing' })
  assert.deepEqual(await approvals.decide(answer(id, 'carol')), {
    outcome: 'refused',
    why: 'not-open',
    state: 'executing',
  })
  assert.equal((await store.journal.take({ limit: 999 })).length, before)
})

test('a denial wins over approvals until the statement is claimed', async (context) => {
  const { approvals, open, state } = await hall(context)
  const { id, settled } = await open({ holds: [terms(['approver'], 2)] })
  await approvals.decide(answer(id, 'bob'))
  await approvals.decide(answer(id, 'carol', { kind: 'deny', reason: 'not on a Friday' }))
  assert.deepEqual(await settled, { state: 'denied', by: 'carol', reason: 'not on a Friday' })
  const late = await open()
  await approvals.decide(answer(late.id, 'bob'))
  assert.equal((await approvals.decide(answer(late.id, 'carol', { kind: 'deny' }))).outcome, 'recorded')
  assert.equal(await approvals.claim(late.id, 'node-1'), false)
  assert.equal(await state(late.id), 'denied')
})

test('one person may turn an approval into a denial', async (context) => {
  const { approvals, open, state } = await hall(context)
  const { id } = await open({ holds: [terms(['approver'], 2)] })
  await approvals.decide(answer(id, 'bob'))
  await approvals.decide(answer(id, 'bob', { kind: 'deny' }))
  assert.equal(await state(id), 'denied')
})

test('nobody answers: it expires by the timer, and late approvals are void', async (context) => {
  const { approvals, open, clock, state } = await hall(context)
  const { id, settled } = await open()
  clock.advance(15 * MINUTE)
  assert.deepEqual(await settled, { state: 'expired', by: 'system', reason: 'nobody answered in time' })
  assert.deepEqual(await approvals.decide(answer(id, 'bob')), { outcome: 'refused', why: 'not-open', state: 'expired' })
  assert.equal(await state(id), 'expired')
  assert.equal(clock.timers, 0)
})

test('the clock decides and not the timer: an answer in the last millisecond counts, one at the end does not', async (context) => {
  const { approvals, open, store, clock } = await hall(context)
  const { id, expiresAt } = await open()
  const asked = { answer: answer(id, 'bob'), now: expiresAt }
  assert.deepEqual(await store.approvals.decide(asked), { outcome: 'refused', why: 'not-open', state: 'expired' })
  clock.advance(15 * MINUTE - 1)
  assert.equal((await approvals.decide(answer(id, 'bob'))).outcome, 'recorded')
})

test('a quorum that is not used in time cannot be used, and says expired', async (context) => {
  const { approvals, open, store, clock, state } = await hall(context)
  const { id, expiresAt } = await open()
  await approvals.decide(answer(id, 'bob'))
  const note = { kind: 'x', at: 1, by: 'system', origin: 'local', outcome: 'done', resource: 'x', detail: {} }
  assert.equal(await store.approvals.claim({ id, fence: 'f', now: expiresAt, note }), false)
  clock.advance(15 * MINUTE)
  assert.equal(await approvals.claim(id, 'node-1'), false)
  assert.equal(await state(id), 'expired')
})

test('the requester withdraws, and the session that ends makes it void; both only once', async (context) => {
  const { approvals, open } = await hall(context)
  const [first, second] = [await open(), await open()]
  assert.equal(
    await approvals.withdraw(first.id, 'withdrawn', { by: 'alice', origin: '10.0.0.1', reason: 'Ctrl-C' }),
    true,
  )
  assert.equal(await approvals.withdraw(first.id, 'void', { ...admin, reason: 'late' }), false)
  assert.deepEqual(await first.settled, { state: 'withdrawn', by: 'alice', reason: 'Ctrl-C' })
  assert.equal(
    await approvals.withdraw(second.id, 'void', { by: 'system', origin: 'local', reason: 'the client left' }),
    true,
  )
  assert.deepEqual(await second.settled, { state: 'void', by: 'system', reason: 'the client left' })
  const late = await approvals.decide(answer(second.id, 'bob'))
  assert.deepEqual(late, { outcome: 'refused', why: 'not-open', state: 'void' })
})

const ends: Record<string, (room: Awaited<ReturnType<typeof hall>>) => Promise<unknown>> = {
  'its session ended': ({ store, session }) => store.sessions.end({ id: session, at: 1, reason: 'left' }),
  'its grant was revoked': ({ scratch, grant }) => grantsOf(scratch).revoke(grant.id, admin),
  'its person was disabled': ({ scratch }) => peopleOf(scratch).disable(alice, admin),
  'its approver was disabled': ({ scratch }) => peopleOf(scratch).disable(personName('bob'), admin),
  'its approver was stopped': ({ scratch }) =>
    stopsOf(scratch).order({ scope: 'person', name: 'bob', reason: 'a laptop' }, admin),
  'its approver lost the role': ({ scratch }) => peopleOf(scratch).setRoles(personName('bob'), ['engineer'], admin),
}

for (const [what, end] of Object.entries(ends)) {
  test(`a quorum is worth nothing once ${what}`, async (context) => {
    const room = await hall(context)
    const { id } = await room.open()
    await room.approvals.decide(answer(id, 'bob'))
    await end(room)
    assert.equal(await room.approvals.claim(id, 'node-1'), false)
    assert.equal(await room.state(id), 'void')
  })
}

test('of a quorum of two, the yes of somebody who is gone counts neither for the second one nor for the claim', async (context) => {
  const { approvals, open, state, scratch } = await hall(context)
  const hold = await open({ holds: [terms(['approver', 'security'], 2)] })
  await approvals.decide(answer(hold.id, 'bob'))
  await peopleOf(scratch).setRoles(personName('bob'), ['auditor'], admin)
  assert.deepEqual(await approvals.lapsed(hold.id), ['bob'])
  await approvals.decide(answer(hold.id, 'carol'))
  assert.equal(await state(hold.id), 'open', 'one is left')
  await approvals.decide(answer(hold.id, 'dan'))
  assert.equal(await state(hold.id), 'approved')
  await peopleOf(scratch).disable(personName('dan'), admin)
  assert.equal(await approvals.claim(hold.id, 'node-1'), false)
  assert.equal(await state(hold.id), 'void')
})

test('more yeses than were needed make up for one that is gone', async (context) => {
  const { approvals, open, state, scratch } = await hall(context)
  const hold = await open({ holds: [terms(['approver'], 1), terms(['security'], 1)] })
  await approvals.decide(answer(hold.id, 'bob'))
  await approvals.decide(answer(hold.id, 'carol'))
  await approvals.decide(answer(hold.id, 'dan'))
  await peopleOf(scratch).disable(personName('bob'), admin)
  assert.equal(await approvals.claim(hold.id, 'node-1'), true)
  assert.equal(await state(hold.id), 'executing')
})

test('a quorum is worth nothing for a session that is no more on this node, or that the index does not know', async (context) => {
  const { approvals, open, state } = await hall(context)
  let alive = true
  const { id } = await open({ alive: () => alive })
  await approvals.decide(answer(id, 'bob'))
  alive = false
  assert.equal(await approvals.claim(id, 'node-1'), false)
  assert.equal(await state(id), 'approved')
  const unknown = await open({ session: `s_${'0'.repeat(20)}` as never })
  await approvals.decide(answer(unknown.id, 'bob'))
  assert.equal(await approvals.claim(unknown.id, 'node-1'), false)
})

test('what is not approved cannot be claimed, and the try does not end it', async (context) => {
  const { approvals, open, state } = await hall(context)
  const { id } = await open()
  assert.equal(await approvals.claim(id, 'node-1'), false)
  assert.equal(await state(id), 'open')
})

test('a flood of holds is bounded by person, by target and by hour', async (context) => {
  const { approvals, request, open, clock } = await hall(context, {
    quotas: { openPerPerson: 2, openPerTarget: 3, perPersonAndHour: 4 },
  })
  const refused = async (why: string, wanted: object = {}) => {
    assert.deepEqual(await approvals.open(request(wanted)), { outcome: 'refused', why })
  }
  const [first] = [await open(), await open()]
  await refused('person-quota')
  await open({ person: personName('robot') })
  await refused('target-quota', { person: personName('robot2') })
  for (let n = 0; n < 2; n += 1) {
    await approvals.withdraw(
      n === 0 ? first.id : ((await approvals.list({ state: 'open', person: alice }))[0]?.id ?? first.id),
      'withdrawn',
      { ...admin, reason: '' },
    )
    await open()
  }
  await approvals.withdraw((await approvals.list({ state: 'open', person: alice }))[0]?.id ?? first.id, 'withdrawn', {
    ...admin,
    reason: '',
  })
  await refused('hour-quota')
  clock.advance(60 * MINUTE)
  await new Promise(setImmediate)
  await open()
})

test('what nobody could read, and what asks nobody, is refused', async (context) => {
  const { approvals, request } = await hall(context)
  assert.deepEqual(await approvals.open(request({ displayBytes: 256 * 1024 + 1 })), {
    outcome: 'refused',
    why: 'too-long',
  })
  assert.deepEqual(await approvals.open(request({ holds: [] })), { outcome: 'refused', why: 'nobody-asked' })
})

test('the store and the ledger get the redacted text, and never the display', async (context) => {
  const { store, open, approvals } = await hall(context)
  const { id } = await open({ display: "DELETE FROM payments WHERE pan = '4111111111111111'" })
  const kept = JSON.stringify([await approvals.get(id), await store.journal.take({ limit: 99 })])
  assert.match(kept, /DELETE FROM payments WHERE pan = /)
  assert.doesNotMatch(kept, /4111111111111111/)
})

test('listeners hear of each step in its order, and one that throws harms nobody', async (context) => {
  const { approvals, open, events, pokes } = await hall(context)
  const heard: string[] = []
  approvals.subscribe(() => {
    throw new Error('a broken page')
  })
  const stop = approvals.subscribe((event) => heard.push(`${event.kind} ${event.approval.state}`))
  const { id } = await open()
  await approvals.decide(answer(id, 'bob'))
  await approvals.claim(id, 'node-1')
  await approvals.finish(id, 'done')
  const denied = await open()
  await approvals.decide(answer(denied.id, 'bob', { kind: 'deny' }))
  const steps = [
    'opened open',
    'decided approved',
    'executing executing',
    'finished done',
    'opened open',
    'decided denied',
    'settled denied',
  ]
  assert.deepEqual(heard, steps)
  assert.equal(events.length, steps.length)
  assert.equal(pokes(), steps.length)
  stop()
  await open()
  assert.equal(heard.length, steps.length)
})

test('every step stands in the journal with who, whence, what and outcome', async (context) => {
  const { approvals, open, store } = await hall(context)
  const { id } = await open()
  await approvals.decide(answer(id, 'bob', { reason: 'fine' }))
  await approvals.claim(id, 'node-1')
  await approvals.finish(id, 'done')
  const notes = (await store.journal.take({ limit: 99 })).map((one) => one.note)
  assert.deepEqual(
    notes
      .filter((note) => note.resource === `approval:${id}`)
      .map((note) => [note.kind, note.by, note.origin, note.outcome]),
    [
      ['approval.opened', 'alice', '10.0.0.1', 'open'],
      ['approval.decided', 'bob', '10.0.0.9', 'approved'],
      ['approval.executing', 'system', 'local', 'done'],
      ['approval.done', 'system', 'local', 'done'],
    ],
  )
})

test('a list is filtered, newest first, and paged by time', async (context) => {
  const { approvals, open, clock } = await hall(context)
  const ids = []
  for (let n = 0; n < 3; n += 1) {
    ids.unshift((await open()).id)
    clock.advance(1)
  }
  const listed = async (filter: Parameters<typeof approvals.list>[0]) =>
    (await approvals.list(filter)).map((one) => one.id)
  assert.deepEqual(await listed({}), ids)
  assert.deepEqual(await listed({ limit: 1 }), ids.slice(0, 1))
  assert.deepEqual(await listed({ before: clock.now() - 1 }), ids.slice(1))
  assert.deepEqual(await listed({ state: 'denied' }), [])
  assert.deepEqual(await listed({ person: personName('bob') }), [])
})

test('a decision that another process made reaches the hold when it is reconciled', async (context) => {
  const { approvals, open, store, clock } = await hall(context)
  const { id, settled } = await open()
  await store.approvals.decide({ answer: answer(id, 'bob', { kind: 'deny', reason: 'no' }), now: clock.now() })
  await approvals.reconcile()
  assert.deepEqual(await settled, { state: 'denied', by: 'bob', reason: 'no' })
})

test('a hold that was made void elsewhere is told once, to whoever waits and to whoever watches', async (context) => {
  const { approvals, open, store, clock } = await hall(context)
  const { id, settled } = await open()
  const told: string[] = []
  approvals.subscribe(({ kind, approval }) => told.push(`${kind} ${approval.state}`))
  const note = { kind: 'x', at: clock.now(), by: 'dan', origin: 'api', outcome: 'done', resource: 'x', detail: {} }
  await store.approvals.settle({ id, to: 'void', reason: 'target:cards was stopped', note })
  await approvals.reconcile()
  await approvals.reconcile()
  assert.deepEqual(await settled, { state: 'void', by: 'dan', reason: 'target:cards was stopped' })
  assert.deepEqual(told, ['settled void'])
})

test('a lost store makes every waiting hold void, by hand and by the timer', async (context) => {
  const { approvals, open, store, clock } = await hall(context)
  const [first, second] = [await open(), await open({ holds: [terms(['approver'], 1, MINUTE)] })]
  await store.close()
  clock.advance(MINUTE)
  assert.deepEqual(await second.settled, { state: 'void', by: 'system', reason: 'the store failed' })
  approvals.abandon('the store is lost')
  assert.deepEqual(await first.settled, { state: 'void', by: 'system', reason: 'the store is lost' })
  await assert.rejects(open(), { code: 'E_STORE' })
  await assert.rejects(approvals.decide(answer(first.id, 'bob')), { code: 'E_STORE' })
  assert.equal(clock.timers, 0)
})

test('the digest of a subject is what an answer must carry', async (context) => {
  const { approvals, open } = await hall(context)
  const subject = {
    ...{
      frame: Buffer.from('x'),
      parameters: [],
      person: alice,
      session: `s_${'0'.repeat(20)}` as never,
      target: 'cards' as never,
    },
    ...{
      account: 'app',
      database: 'cards',
      settings: {},
      policyVersion: '1',
      classificationVersion: '1',
      catalogEpoch: '1',
    },
  }
  const digest = digestOf(Buffer.alloc(32), subject)
  const { id } = await open({ digest })
  const moved = digestOf(Buffer.alloc(32), { ...subject, catalogEpoch: '2' })
  assert.equal((await approvals.decide(answer(id, 'bob', { digest: moved }))).outcome, 'refused')
  assert.equal((await approvals.decide(answer(id, 'bob', { digest }))).outcome, 'recorded')
})
