import assert from 'node:assert/strict'
import { test } from 'node:test'
import { disableInactive } from '../../src/access/inactivity.ts'
import { personName } from '../../src/model/ids.ts'
import { admin, cards, peopleOf, seedPeople } from '../store/scratch.ts'
import { entry } from './entry.ts'

const DAYS = 24 * 3_600_000

test('after ninety days without a login an account is closed, with a note; programs are their owner’s matter', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'], bob: ['engineer'], gone: [] })
  await seedPeople(all, { robot: ['engineer'] }, { owner: personName('bob'), serviceOf: cards })
  await peopleOf(all).disable(personName('gone'), admin)
  const check = () => disableInactive({ store: all.store.people, clock: all.clock })
  all.clock.advance(60 * DAYS)
  const note = { kind: 'login', at: 1, by: 'bob', origin: 'x', outcome: 'x', resource: 'x', detail: {} }
  await all.tokens.issue(personName('bob'), note)
  all.clock.advance(30 * DAYS - 1)
  assert.deepEqual(await check(), [])
  await all.notes()
  all.clock.advance(1)
  assert.deepEqual(await check(), ['alice'])
  const [said] = await all.notes()
  assert.deepEqual(
    [said?.kind, said?.by, said?.resource, said?.detail['why']],
    ['person.disabled', 'system', 'person:alice', 'no login for 90 days'],
  )
  assert.deepEqual(await check(), [], 'once')
  all.clock.advance(60 * DAYS)
  assert.deepEqual(await check(), ['bob'])
  assert.notEqual(
    (await peopleOf(all).find(personName('robot')))?.disabledAt,
    undefined,
    'the program leaves with its owner',
  )
})

test('somebody who logs in between the look and the deed stays', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: [] })
  all.clock.advance(91 * DAYS)
  const before = await all.store.people.list()
  const note = { kind: 'login', at: 1, by: 'alice', origin: 'x', outcome: 'x', resource: 'x', detail: {} }
  await all.tokens.issue(personName('alice'), note)
  const store = { ...all.store.people, list: () => Promise.resolve(before) }
  assert.deepEqual(await disableInactive({ store, clock: all.clock }), [])
})
