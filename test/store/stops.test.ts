import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createStops, stopWords, type StopScope } from '../../src/access/stops.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { LedgerNote } from '../../src/model/ledger.ts'
import { born, credentialsOf, openHold } from './stop-stage.ts'
import { cards, grantsOf, scratchStore, scrub, seedGrant, seedPeople, type Scratch } from './scratch.ts'

const dan = { by: 'dan', origin: '192.0.2.7' }
const web = targetName('web')

async function stage(context: TestContext) {
  const scratch = scratchStore(context)
  await seedPeople(scratch, { alice: ['engineer'], mallory: ['engineer'] })
  await seedPeople(scratch, { 'alice-2': ['engineer'] }, { owner: personName('alice') })
  const stops = createStops({ store: scratch.store.stops, clock: scratch.clock, scrub })
  const alice = await born(scratch, { person: 'alice', target: cards })
  const mallory = await born(scratch, { person: 'mallory', target: web })
  const stop = (scope: StopScope, name?: string) => stops.order({ scope, name, reason: 'incident 7' }, dan)
  return { scratch, stops, stop, alice, mallory }
}

const notes = async ({ store }: Scratch): Promise<readonly LedgerNote[]> =>
  (await store.journal.take({ limit: 500 })).map(({ note }) => note)

const of = (all: readonly LedgerNote[], kind: string): readonly string[] =>
  all.filter((note) => note.kind === kind).map((note) => note.resource)

test('a stopped person loses grants, credentials and what waits; others keep theirs', async (context) => {
  const { scratch, stop, alice, mallory } = await stage(context)
  const [hers, theirs] = [await openHold(scratch, alice), await openHold(scratch, mallory)]
  assert.deepEqual(await stop('person', 'alice'), { sessions: 1, holds: 1, grants: 1, credentials: 1 })
  assert.deepEqual(await grantsOf(scratch).liveOf(personName('alice')), [])
  assert.equal((await grantsOf(scratch).liveOf(personName('mallory'))).length, 1)
  const states = await Promise.all([hers, theirs].map((id) => scratch.store.approvals.find({ id })))
  assert.deepEqual(
    states.map((one) => one?.state),
    ['void', 'open'],
  )
})

test('the accounts that a person answers for are stopped with them', async (context) => {
  const { scratch, stop } = await stage(context)
  await born(scratch, { person: 'alice-2', target: web })
  assert.deepEqual(await stop('person', 'alice'), { sessions: 2, holds: 0, grants: 2, credentials: 2 })
})

test('a stopped session keeps its grant, and what waits in it is void', async (context) => {
  const { scratch, stop, alice } = await stage(context)
  await openHold(scratch, alice)
  assert.deepEqual(await stop('session', alice.id), { sessions: 1, holds: 1, grants: 0, credentials: 0 })
  assert.equal((await grantsOf(scratch).liveOf(personName('alice'))).length, 1)
})

test('nobody and nothing of that name is stopped', async (context) => {
  const { scratch, stop, alice } = await stage(context)
  await scratch.store.sessions.end({ id: alice.id, at: scratch.clock.now(), reason: 'client-left' })
  assert.deepEqual([await stop('session', alice.id), await stop('person', 'nobody')], [undefined, undefined])
  assert.deepEqual(of(await notes(scratch), 'stop.ordered'), [])
})

test('a target stays stopped until it is resumed, and only once', async (context) => {
  const { scratch, stops, stop, mallory } = await stage(context)
  assert.deepEqual(await stop('target', 'cards'), { sessions: 1, holds: 0, grants: 1, credentials: 1 })
  assert.equal((await stops.of(cards))?.by, 'dan')
  assert.equal(await stops.of(web), undefined)
  assert.equal((await grantsOf(scratch).liveOf(mallory.person)).length, 1)
  const resume = () => stops.resume({ scope: 'target', name: 'cards', reason: 'over' }, dan)
  assert.deepEqual([await resume(), await resume(), await stops.of(cards)], [true, false, undefined])
})

test('whoever is stopped lets nobody in again, not themselves and not by an account of theirs', async (context) => {
  const { stops, stop } = await stage(context)
  await stop('person', 'alice')
  const resume = (by: string) =>
    stops.resume({ scope: 'person', name: 'alice', reason: 'over' }, { by, origin: '10.0.0.1' })
  assert.deepEqual([await resume('alice'), await resume('alice-2')], [false, false])
  assert.equal((await stops.standing()).length, 1)
  assert.deepEqual([await resume('mallory'), await stops.standing()], [true, []])
})

test('everything is every session, grant and hold, and every target until it is resumed', async (context) => {
  const { scratch, stops, stop, alice, mallory } = await stage(context)
  await openHold(scratch, alice)
  await openHold(scratch, mallory)
  assert.deepEqual(await stop('everything'), { sessions: 2, holds: 2, grants: 2, credentials: 2 })
  assert.equal((await stops.of(web))?.scope, 'everything')
  assert.equal(await stops.resume({ scope: 'target', name: 'web', reason: 'over' }, dan), false)
  assert.equal(await stops.resume({ scope: 'everything', name: undefined, reason: 'over' }, dan), true)
  assert.deepEqual(await stops.standing(), [])
})

test('an approval that was given and not claimed yet is void with the stop', async (context) => {
  const { scratch, stop, alice } = await stage(context)
  const id = await openHold(scratch, alice, 'approved')
  await stop('target', 'cards')
  const now = scratch.clock.now()
  const note = { kind: 'x', at: now, by: 'system', origin: 'local', outcome: 'done', resource: 'x', detail: {} }
  assert.equal(await scratch.store.approvals.claim({ id, fence: alice.id, now, note }), false)
  assert.equal((await scratch.store.approvals.find({ id }))?.reason, 'target:cards was stopped')
})

test('the ledger has the order with its counts, each session and each hold, by whom, from where and why', async (context) => {
  const { scratch, stop, alice, mallory } = await stage(context)
  const hold = await openHold(scratch, alice)
  await stop('everything')
  const all = await notes(scratch)
  const ordered = all.find((note) => note.kind === 'stop.ordered')
  assert.deepEqual(ordered, {
    ...{ kind: 'stop.ordered', at: scratch.clock.now(), ...dan, outcome: 'done', resource: 'everything' },
    detail: { scope: 'everything', reason: 'incident 7', sessions: 2, holds: 1, grants: 2, credentials: 2 },
  })
  assert.deepEqual(new Set(of(all, 'session.terminated')), new Set([`session:${alice.id}`, `session:${mallory.id}`]))
  assert.deepEqual(of(all, 'approval.void'), [`approval:${hold}`])
})

test('a reason is scrubbed of card numbers before it is kept', async (context) => {
  const { stops } = await stage(context)
  await stops.order({ scope: 'everything', name: undefined, reason: 'card 4111111111111111 leaked' }, dan)
  assert.deepEqual(
    (await stops.standing()).map((one) => one.reason),
    ['card 411111******1111 leaked'],
  )
})

test('whoever is stopped gets no new credential, even under a new grant, until they are resumed; nor do the accounts they own', async (context) => {
  const { scratch, stops, stop } = await stage(context)
  await stop('person', 'alice')
  const tried = async (person: string, target = cards): Promise<string> => {
    const grant = await seedGrant(scratch, person, target)
    const wanted = { person: grant.person, target, grant, ttlMs: 60_000, service: false }
    const made = await credentialsOf(scratch).mint(wanted, dan)
    return made.outcome === 'minted' ? 'minted' : made.why
  }
  assert.deepEqual(
    [await tried('alice'), await tried('alice-2'), await tried('mallory')],
    ['stopped', 'stopped', 'minted'],
  )
  const resume = () => stops.resume({ scope: 'person', name: 'alice', reason: 'over' }, dan)
  assert.deepEqual([await resume(), await resume()], [true, false])
  assert.deepEqual([await tried('alice'), await tried('alice-2')], ['minted', 'minted'])
  await stop('target', 'cards')
  assert.deepEqual([await tried('mallory'), await tried('mallory', web)], ['stopped', 'minted'])
})

test('a session that begins after the stop of its person ends while the stop stands', async (context) => {
  const { scratch, stops, stop } = await stage(context)
  await stop('person', 'mallory')
  scratch.clock.advance(60_000)
  await stops.resume({ scope: 'person', name: 'mallory', reason: 'over' }, dan)
  const { id } = await born(scratch, { person: 'mallory', target: web })
  const standing = async () => {
    const [one] = await scratch.store.standings.standings({ sessions: [id], now: scratch.clock.now() })
    return one?.standing.kind
  }
  assert.equal(await standing(), 'live')
  await stop('person', 'mallory')
  assert.equal(await standing(), 'stopped')
})

test('a stop says by whom, of what and why, in one sentence', () => {
  const words = (scope: StopScope, name?: string) => stopWords({ scope, name, by: 'dan', reason: 'incident 7' })
  assert.equal(words('person', 'alice'), 'dan stopped the access of alice: incident 7')
  assert.equal(words('target', 'cards'), 'dan stopped access to cards: incident 7')
  assert.equal(words('everything'), 'dan stopped all access: incident 7')
})
