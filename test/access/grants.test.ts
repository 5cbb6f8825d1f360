import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName, targetName } from '../../src/model/ids.ts'
import { admin, cards, grantsOf, peopleOf, scratchStore, seedGrant, seedPeople } from '../store/scratch.ts'

const alice = personName('alice')
const web = targetName('web')
const other = targetName('other')

test('a grant is live until its end, and not at it', async (context) => {
  const scratch = scratchStore(context)
  await seedPeople(scratch, { alice: ['engineer'] })
  const grant = await seedGrant(scratch, 'alice')
  scratch.clock.advance(3_599_999)
  assert.deepEqual(await grantsOf(scratch).liveOf(alice), [grant])
  scratch.clock.advance(1)
  assert.deepEqual(await grantsOf(scratch).liveOf(alice), [])
  assert.deepEqual(await grantsOf(scratch).list(alice), [grant])
})

test('a grant is revoked once, and says by whom', async (context) => {
  const scratch = scratchStore(context)
  await seedPeople(scratch, { alice: ['engineer'] })
  const grant = await seedGrant(scratch, 'alice')
  assert.equal(await grantsOf(scratch).revoke(grant.id, admin), true)
  assert.equal(await grantsOf(scratch).revoke(grant.id, admin), false)
  assert.deepEqual(await grantsOf(scratch).liveOf(alice), [])
  assert.equal((await grantsOf(scratch).find(grant.id))?.revokedBy, 'local:root')
})

test('nobody is granted what they cannot have', async (context) => {
  const scratch = scratchStore(context)
  await seedPeople(scratch, { alice: ['engineer'], gone: [] })
  await seedPeople(scratch, { robot: ['engineer'] }, { owner: alice, serviceOf: cards })
  await peopleOf(scratch).disable(personName('gone'), admin)
  const table: readonly [string, typeof cards, number, string][] = [
    ['nobody', cards, 1000, 'no-such-person'],
    ['gone', cards, 1000, 'no-such-person'],
    ['robot', web, 1000, 'not-its-target'],
    ['alice', cards, 0, 'bad-duration'],
    ['alice', cards, Number.NaN, 'bad-duration'],
    ['alice', cards, 91 * 86_400_000, 'bad-duration'],
  ]
  for (const [person, target, forMs, why] of table) {
    const outcome = await grantsOf(scratch).grant({ person: personName(person), target, forMs, reason: '' }, admin)
    assert.deepEqual(outcome, { outcome: 'refused', why }, `${person} ${forMs}`)
  }
})

test('a new session stands on the widest of several grants, and among those on the one that lasts longest', async (context) => {
  const scratch = scratchStore(context)
  await seedPeople(scratch, { alice: ['engineer'] })
  const grants = grantsOf(scratch)
  const give = async (rights: 'read' | 'write' | undefined, forMs: number) => {
    const done = await grants.grant({ person: alice, target: cards, rights, forMs, reason: '' }, admin)
    return done.outcome === 'granted' ? done.grant.id : assert.fail('not granted')
  }
  const resolved = async () => (await grants.resolve({ person: alice, target: cards }, [cards]))?.id
  const long = await give('read', 9000)
  assert.equal(await resolved(), long)
  await give('write', 1000)
  const write = await give('write', 2000)
  assert.equal(await resolved(), write)
  const everything = await give(undefined, 500)
  assert.equal((await grants.find(everything))?.rights, 'all', 'where nothing is said')
  assert.equal(await resolved(), everything)
})

test('a card number in a reason is scrubbed before it is stored', async (context) => {
  const scratch = scratchStore(context)
  await seedPeople(scratch, { alice: ['engineer'] })
  await grantsOf(scratch).grant({ person: alice, target: cards, forMs: 1000, reason: 'see 4111111111111111' }, admin)
  assert.equal((await grantsOf(scratch).list())[0]?.reason, 'see 411111******1111')
  assert.equal(JSON.stringify(await scratch.store.journal.take({ limit: 9 })).includes('4111111111111111'), false)
})

test('a login without a target means the only one that is granted on its protocol', async (context) => {
  const scratch = scratchStore(context)
  await seedPeople(scratch, { alice: ['engineer'] })
  const resolve = async (target: typeof cards | undefined, among: readonly (typeof cards)[]) =>
    (await grantsOf(scratch).resolve({ person: alice, target }, among))?.target
  assert.equal(await resolve(undefined, [cards, web]), undefined, 'no grant')
  await seedGrant(scratch, 'alice', cards)
  await seedGrant(scratch, 'alice', cards)
  assert.equal(await resolve(undefined, [cards, web]), cards, 'two grants of one target')
  assert.equal(await resolve(cards, [cards, web]), cards)
  assert.equal(await resolve(web, [cards, web]), undefined, 'not granted')
  await seedGrant(scratch, 'alice', web)
  assert.equal(await resolve(undefined, [cards, web]), undefined, 'several')
  assert.equal(await resolve(undefined, [web, other]), web, 'one on this protocol')
  assert.equal(await resolve(cards, [web]), undefined, 'granted, but spoken to on another protocol')
})
