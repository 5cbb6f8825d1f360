import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createBrowserLogins, type BrowserAnswer, type BrowserAsking } from '../../src/access/browser-login.ts'
import { createStops } from '../../src/access/stops.ts'
import { personName } from '../../src/model/ids.ts'
import type { Secret } from '../../src/std/secret.ts'
import { admin, peopleOf, scrub, seedPeople } from '../store/scratch.ts'
import { entry } from './entry.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const [alice, bob] = [personName('alice'), personName('bob')]
const asking: BrowserAsking = { client: 'countersign on laptop', person: undefined, address: '10.0.0.7' }

/** Alice and bob, signed in in a browser each; a terminal that has asked. */
async function terminal(context: TestContext, more: Partial<BrowserAsking> = {}) {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'], bob: ['approver'] })
  const { tokens, store, clock } = all
  const logins = createBrowserLogins({ tokens, journal: store.journal, clock, scrub })
  const signIn = async (person: typeof alice): Promise<Secret> => {
    const note = { kind: 'x', at: 0, by: person, origin: 'x', outcome: 'done', resource: 'api', detail: {} }
    return (await tokens.issue(person, note))?.token ?? assert.fail('no account')
  }
  const seats = new Map([
    [alice, await signIn(alice)],
    [bob, await signIn(bob)],
  ])
  await all.notes()
  const begun = logins.begin({ ...asking, ...more })
  assert.ok(begun !== 'too-many')
  const say = (by: typeof alice, kind: BrowserAnswer['kind'] = 'confirm', code = begun.userCode) =>
    logins.answer({ code, by, token: seats.get(by) ?? assert.fail(), address: '10.0.0.9', kind })
  const poll = async (): Promise<string> => {
    clock.advance(5 * SECOND)
    return (await logins.take(begun.deviceCode, '10.0.0.7')).outcome
  }
  return { ...all, logins, begun, say, poll, seats }
}

test('a code that its reader confirms gives the terminal one token of theirs, and the ledger both halves', async (context) => {
  const { logins, begun, say, clock, tokens, notes } = await terminal(context)
  assert.match(begun.userCode, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
  assert.match(begun.deviceCode.reveal(), /^csd_[\w-]{43}$/)
  assert.equal((await logins.take(begun.deviceCode, '10.0.0.7')).outcome, 'pending')
  assert.equal(await say(alice), 'answered')
  clock.advance(5 * SECOND)
  const taken = await logins.take(begun.deviceCode, '10.0.0.7')
  assert.ok(taken.outcome === 'done')
  assert.deepEqual(taken.principal, { person: 'alice', roles: ['engineer'], service: false })
  assert.equal((await tokens.personOf(taken.token))?.name, 'alice')
  assert.deepEqual(
    (await notes()).map(({ kind, by, origin, outcome, detail }) => [kind, by, origin, outcome, detail]),
    [
      ...[['login.confirmed', 'alice', '10.0.0.9', 'done', { client: asking.client, from: '10.0.0.7', person: null }]],
      ...[['login', 'alice', '10.0.0.7', 'done', { factors: ['browser'], client: asking.client }]],
    ],
  )
})

test('a code is used once: the first answer counts, and the token is fetched once', async (context) => {
  const { say, poll } = await terminal(context)
  const answers = await Promise.all([say(alice), say(bob), say(alice, 'deny'), say(alice)])
  assert.deepEqual(answers, ['answered', 'unknown', 'unknown', 'unknown'])
  assert.deepEqual([await poll(), await poll()], ['done', 'expired'])
  assert.equal(await say(alice), 'unknown')
})

test('a thousand fetches at once of a confirmed login get one token', async (context) => {
  const { logins, begun, say, clock } = await terminal(context)
  await say(alice)
  clock.advance(5 * SECOND)
  const all = await Promise.all(Array.from({ length: 1000 }, () => logins.take(begun.deviceCode, '10.0.0.7')))
  assert.equal(all.filter(({ outcome }) => outcome === 'done').length, 1)
})

test('a login that was asked for alice is nobody else’s to confirm', async (context) => {
  const { logins, say, poll, begun, notes } = await terminal(context, { person: alice })
  assert.equal(logins.look(begun.userCode, bob), 'other-person')
  assert.equal(await say(bob), 'other-person')
  assert.equal(await poll(), 'pending')
  const [note] = await notes()
  assert.deepEqual(
    [note?.kind, note?.by, note?.outcome, note?.detail],
    ['login.confirmed', 'bob', 'refused', { why: 'other-person' }],
  )
  assert.equal(await say(alice), 'answered')
  assert.equal(await poll(), 'done')
})

test('after five minutes neither the answer nor the token is to be had', async (context) => {
  const late = await terminal(context)
  late.clock.advance(5 * MINUTE)
  assert.equal(await late.say(alice), 'unknown')
  assert.equal(await late.poll(), 'expired')
  const slow = await terminal(context)
  assert.equal(await slow.say(alice), 'answered')
  slow.clock.advance(5 * MINUTE)
  assert.equal(await slow.poll(), 'expired')
})

test('a refusal ends it', async (context) => {
  const { say, poll, notes } = await terminal(context)
  assert.equal(await say(bob, 'deny'), 'answered')
  assert.deepEqual([await poll(), await poll()], ['denied', 'expired'])
  assert.deepEqual(
    (await notes()).map(({ kind, by }) => [kind, by]),
    [['login.denied', 'bob']],
  )
})

const ends: Readonly<Record<string, (all: Awaited<ReturnType<typeof terminal>>) => Promise<unknown>>> = {
  'signed out': ({ tokens, seats }) => tokens.revoke(seats.get(alice) ?? assert.fail()),
  disabled: (all) => peopleOf(all).disable(alice, admin),
  'stopped by the kill switch': ({ store, clock }) =>
    createStops({ store: store.stops, clock, scrub }).order({ scope: 'person', name: 'alice', reason: 'r' }, admin),
}

for (const [what, end] of Object.entries(ends))
  test(`somebody who was ${what} after the confirmation signs no terminal in`, async (context) => {
    const all = await terminal(context)
    await all.say(alice)
    await end(all)
    assert.equal(await all.poll(), 'denied')
  })

test('whoever polls too soon is told to slow down, and loses nothing', async (context) => {
  const { logins, begun, say, poll, clock } = await terminal(context)
  await logins.take(begun.deviceCode, '10.0.0.7')
  await say(alice)
  clock.advance(SECOND)
  assert.equal((await logins.take(begun.deviceCode, '10.0.0.7')).outcome, 'slow-down')
  assert.equal(await poll(), 'done')
})

test('codes are read as people type them; ten wrong ones of a person and even the right one waits five minutes', async (context) => {
  const { logins, begun, clock } = await terminal(context)
  const [left, right] = begun.userCode.split('-')
  for (const typed of [begun.userCode, `${left}${right}`.toLowerCase(), ` ${left} ${right} `])
    assert.ok(typeof logins.look(typed, alice) === 'object', typed)
  for (const wrong of ['', 'AAAA-AAAA', 'x'.repeat(100_000)]) assert.equal(logins.look(wrong, alice), 'unknown')
  for (let n = 0; n < 7; n += 1) logins.look('BBBB-BBBB', alice)
  assert.equal(logins.look(begun.userCode, alice), 'slow')
  assert.ok(typeof logins.look(begun.userCode, bob) === 'object', 'others are not slowed down')
  clock.advance(5 * MINUTE)
  const again = logins.begin(asking)
  assert.ok(again !== 'too-many' && typeof logins.look(again.userCode, alice) === 'object')
})

test('one address has twenty that wait, and all together two thousand', async (context) => {
  const { logins, clock } = await terminal(context)
  for (let n = 1; n < 20; n += 1) assert.ok(logins.begin(asking) !== 'too-many')
  assert.equal(logins.begin(asking), 'too-many')
  for (let n = 20; n < 2000; n += 1) logins.begin({ ...asking, address: `10.1.${n >> 8}.${n & 255}` })
  assert.equal(logins.begin({ ...asking, address: '10.2.0.1' }), 'too-many')
  clock.advance(5 * MINUTE)
  assert.ok(logins.begin(asking) !== 'too-many')
})

test('what the program calls itself holds no card number, and no code lies in the ledger', async (context) => {
  const { logins, begun, say, store } = await terminal(context, { client: 'card 4111111111111111' })
  const shown = logins.look(begun.userCode, alice)
  assert.ok(typeof shown === 'object')
  assert.equal(shown.client, 'card 411111******1111')
  await say(alice)
  const text = JSON.stringify(await store.journal.take({ limit: 500 }))
  for (const secret of ['4111111111111111', begun.userCode, begun.deviceCode.reveal()])
    assert.ok(!text.includes(secret))
})
