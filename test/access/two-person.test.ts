import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { ProposalId } from '../../src/access/proposal.ts'
import { createTwoPerson } from '../../src/access/two-person.ts'
import { personName } from '../../src/model/ids.ts'
import { newId } from '../../src/std/ids.ts'
import { peopleOf, scrub, seedPeople } from '../store/scratch.ts'
import { ADDRESS, entry } from './entry.ts'

const name = personName
const ROOT = { by: 'local:root', origin: 'local' }
const ADA = { by: 'ada', origin: ADDRESS }

async function ready(context: TestContext, { cde = true, admins = ['ada', 'ben'] } = {}) {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'], ...Object.fromEntries(admins.map((one) => [one, ['admin']])) })
  const two = createTwoPerson({
    ...{
      store: all.store.proposals,
      people: all.store.people,
      factors: all.store.factors,
      cde,
      clock: all.clock,
      scrub,
    },
    newId: () => newId('p_', 12) as ProposalId,
  })
  const roles = async (who = 'alice') => (await peopleOf(all).find(name(who)))?.roles
  const settle = (id: ProposalId, who: string, to: 'confirmed' | 'rejected' = 'confirmed') =>
    two.settle(id, to, { person: name(who), address: ADDRESS })
  await all.notes()
  return { ...all, two, roles, settle }
}

type Ready = Awaited<ReturnType<typeof ready>>
const MAKE_APPROVER = { kind: 'roles', person: name('alice'), roles: ['engineer', 'approver'] } as const

async function waiting({ two }: Ready, actor = ADA, change: Parameters<Ready['two']['propose']>[0] = MAKE_APPROVER) {
  const done = await two.propose(change, actor, 'she joins the desk 4111111111111111')
  return done.outcome === 'waits' ? done.proposal : assert.fail(JSON.stringify(done))
}

for (const role of ['approver', 'admin', 'security'] as const) {
  test(`making somebody ${role} waits for a second admin, who makes it so`, async (context) => {
    const all = await ready(context)
    const proposal = await waiting(all, ADA, { ...MAKE_APPROVER, roles: ['engineer', role] })
    assert.deepEqual(await all.roles(), ['engineer'])
    const settled = await all.settle(proposal.id, 'ben')
    assert.equal(settled.outcome === 'settled' && settled.proposal.settledBy, 'ben')
    assert.deepEqual(await all.roles(), ['engineer', role])
    const notes = await all.notes()
    assert.deepEqual(
      notes.map(({ kind, by }) => [kind, by]),
      [
        ['proposal.made', 'ada'],
        ['proposal.confirmed', 'ben'],
        ['person.roles', 'ben'],
      ],
    )
    assert.doesNotMatch(JSON.stringify(notes), /4111111111111111/)
  })
}

test('what gives nobody a say over others, or takes it away, one admin does alone', async (context) => {
  const all = await ready(context)
  const set = (roles: readonly ('engineer' | 'auditor' | 'approver')[]) =>
    all.two.propose({ kind: 'roles', person: name('alice'), roles }, ADA)
  assert.deepEqual(await set(['engineer', 'auditor']), { outcome: 'applied' })
  const proposal = await waiting(all)
  await all.settle(proposal.id, 'ben')
  assert.deepEqual(await set([]), { outcome: 'applied' })
  assert.deepEqual(await all.roles(), [])
})

test('neither the proposer, nor the one it is about, nor an account of either, nor a non-admin confirms', async (context) => {
  const all = await ready(context, { admins: ['ada', 'ben'] })
  await seedPeople(all, { 'ada-second': ['admin'] }, { owner: name('ada') })
  await seedPeople(all, { 'alice-admin': ['admin'] }, { owner: name('alice') })
  await seedPeople(all, { sam: ['security', 'approver'], gone: ['admin'] })
  await peopleOf(all).disable(name('gone'), ROOT)
  const proposal = await waiting(all)
  const tried = async (who: string) => {
    const done = await all.settle(proposal.id, who)
    return done.outcome === 'refused' ? done.why : done.outcome
  }
  const answers = {
    ada: 'own',
    'ada-second': 'own',
    'alice-admin': 'own',
    alice: 'not-admin',
    sam: 'not-admin',
    gone: 'not-admin',
  }
  for (const [who, why] of Object.entries(answers)) assert.equal(await tried(who), why, who)
  assert.equal(await tried('ben'), 'settled')
})

test('a proposal is answered once, in time, and a race has one outcome', async (context) => {
  const all = await ready(context, { admins: ['ada', 'ben', 'cid'] })
  const proposal = await waiting(all)
  const race = await Promise.all([
    all.settle(proposal.id, 'ben'),
    all.settle(proposal.id, 'cid', 'rejected'),
    all.settle(proposal.id, 'cid'),
  ])
  assert.equal(race.filter(({ outcome }) => outcome === 'settled').length, 1)
  const late = await waiting(all, ADA, { ...MAKE_APPROVER, roles: ['security'] })
  all.clock.advance(7 * 24 * 3_600_000)
  assert.equal((await all.two.find(late.id))?.state, 'expired')
  assert.deepEqual(await all.settle(late.id, 'ben'), { outcome: 'refused', why: 'not-open' })
  assert.deepEqual(await all.settle('p_none' as ProposalId, 'ben'), { outcome: 'refused', why: 'not-found' })
})

test('the proposer may take it back, and a newer proposal of theirs takes its place', async (context) => {
  const all = await ready(context)
  const first = await waiting(all)
  const second = await waiting(all, ADA, { ...MAKE_APPROVER, roles: ['security'] })
  assert.deepEqual(await all.settle(first.id, 'ben'), { outcome: 'refused', why: 'not-open' })
  assert.equal((await all.settle(second.id, 'ada', 'rejected')).outcome, 'settled')
  assert.deepEqual(await all.roles(), ['engineer'])
})

test('taking somebody’s factors away waits too, and is never one’s own', async (context) => {
  const all = await ready(context)
  await all.factors.enrol(name('alice'), ROOT)
  const reset = { kind: 'reset-factor', person: name('alice') } as const
  const proposal = await waiting(all, ADA, reset)
  assert.equal(await all.factors.isEnrolled(name('alice')), true)
  assert.equal((await all.settle(proposal.id, 'ben')).outcome, 'settled')
  assert.equal(await all.factors.isEnrolled(name('alice')), false)
  const own = await all.two.propose({ ...reset, person: name('ada') }, ADA)
  assert.equal(own.outcome, 'refused')
})

test('on the machine, one admin in total may act alone, and the ledger says so; with a second it waits', async (context) => {
  const all = await ready(context, { admins: ['ada'] })
  await seedPeople(all, { 'ada-second': ['admin'] }, { owner: name('ada') })
  await all.notes()
  assert.deepEqual(await all.two.propose(MAKE_APPROVER, ROOT), { outcome: 'applied' })
  const [note] = await all.notes()
  assert.deepEqual([note?.kind, note?.detail['alone']], ['person.roles', 'this node has no second admin'])
  assert.equal(
    (await all.two.propose({ ...MAKE_APPROVER, roles: ['security'] }, ADA)).outcome,
    'waits',
    'not over the API',
  )
  await seedPeople(all, { ben: ['admin'] })
  const proposal = await waiting(all, ROOT, { ...MAKE_APPROVER, roles: ['approver', 'security'] })
  assert.equal((await all.settle(proposal.id, 'ben')).outcome, 'settled')
})

test('a command by an account that bears an admin’s name is that admin’s own proposal', async (context) => {
  const all = await ready(context)
  const proposal = await waiting(all, { by: 'local:ben', origin: 'local' })
  assert.deepEqual(await all.settle(proposal.id, 'ben'), { outcome: 'refused', why: 'own' })
  assert.equal((await all.settle(proposal.id, 'ada')).outcome, 'settled')
})

test('without a card-data target one admin is enough', async (context) => {
  const all = await ready(context, { cde: false })
  assert.deepEqual(await all.two.propose(MAKE_APPROVER, ADA), { outcome: 'applied' })
  assert.deepEqual(await all.roles(), ['engineer', 'approver'])
  const none = await all.two.propose({ kind: 'reset-factor', person: name('alice') }, ADA)
  assert.equal(none.outcome, 'refused', 'there is no factor to take')
})

test('nothing is proposed for nobody, the disabled or a program, but for an invite that is still open', async (context) => {
  const all = await ready(context)
  await seedPeople(all, { gone: [] })
  await peopleOf(all).disable(name('gone'), ROOT)
  await seedPeople(all, { robot: ['engineer'] }, { owner: name('ada'), serviceOf: 'cards' as never })
  for (const person of ['nobody', 'gone', 'robot'].map(name))
    assert.equal((await all.two.propose({ ...MAKE_APPROVER, person }, ADA)).outcome, 'refused', person)
  assert.deepEqual(await all.two.atOnce(['engineer', 'approver'], ADA), {
    ...{ roles: ['engineer'], waits: true, alone: undefined },
  })
  const proposal = await waiting(all, ADA, { ...MAKE_APPROVER, person: name('eve'), invited: true })
  assert.deepEqual(await all.settle(proposal.id, 'ben'), { outcome: 'refused', why: 'no-such-person' })
  await seedPeople(all, { eve: ['engineer'] })
  assert.equal((await all.settle(proposal.id, 'ben')).outcome, 'settled')
  assert.deepEqual(await all.roles('eve'), ['engineer', 'approver'])
})
