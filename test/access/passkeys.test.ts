import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { createPasskeys } from '../../src/access/passkeys.ts'
import { personName } from '../../src/model/ids.ts'
import { Authenticator } from '../support/authenticator.ts'
import type { Lie } from '../support/authenticator.ts'
import { admin, seedPeople } from '../store/scratch.ts'
import { ADDRESS, deviceOf, entry, ORIGIN } from './entry.ts'

const alice = personName('alice')
const bob = personName('bob')
const bound = (purpose: string) => ({ person: alice, purpose, address: ADDRESS })

for (const algorithm of ['ES256', 'EdDSA'] as const) {
  test(`a passkey with ${algorithm} registers, logs in alone and stands for its person`, async (context) => {
    const all = entry(context)
    await seedPeople(all, { alice: ['engineer'] })
    const device = await deviceOf(all, 'alice', { algorithm })
    const answer = device.get(await all.passkeys.loginOptions())
    const done = await all.login.loginWithPasskey({ response: answer, address: ADDRESS })
    if (done.outcome !== 'done') return assert.fail(done.outcome)
    assert.equal((await all.login.personOf(done.token))?.name, 'alice')
    const login = (await all.notes()).find(({ kind }) => kind === 'login')
    assert.deepEqual([login?.by, login?.detail], ['alice', { factors: ['passkey'] }])
  })
}

test('an answer is good once, however often it is sent', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'] })
  const device = await deviceOf(all, 'alice', { counts: false })
  const response = device.get(await all.passkeys.loginOptions())
  const tried = await Promise.all(
    Array.from({ length: 6 }, () => all.login.loginWithPasskey({ response, address: ADDRESS })),
  )
  assert.equal(tried.filter(({ outcome }) => outcome === 'done').length, 1)
})

test('what does not fit is refused: origin, host, kind, challenge, verification, key, owner, frame', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'], bob: [] })
  const device = await deviceOf(all, 'alice')
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const bobs = (await all.passkeys.registrationOptions(bob, 'x')).user.id
  const lies: Lie[] = [
    { origin: 'https://countersign.example.evil' },
    { origin: 'http://countersign.example' },
    { rpId: 'example' },
    { type: 'webauthn.create' },
    { challenge: Buffer.alloc(54).toString('base64url') },
    { challenge: '' },
    { unverified: true },
    { key: other },
    { userHandle: bobs },
    { crossOrigin: true },
  ]
  for (const lie of lies) {
    const answer = device.get(await all.passkeys.loginOptions(), lie)
    assert.equal(
      await all.passkeys.verify(answer, { purpose: 'login', address: ADDRESS }),
      undefined,
      JSON.stringify(lie),
    )
  }
  const honest = device.get(await all.passkeys.loginOptions())
  assert.equal(await all.passkeys.verify(honest, { purpose: 'login', address: ADDRESS }), 'alice')
})

test('a step-up answer counts for its person and its purpose alone, and for two minutes', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['approver'], bob: ['approver'] })
  const device = await deviceOf(all, 'alice')
  const bobs = await deviceOf(all, 'bob')
  const asked = (person = alice) => all.passkeys.assertionOptions(person, 'approve a_1')
  const verify = (answer: Parameters<typeof all.passkeys.verify>[0], purpose: string) =>
    all.passkeys.verify(answer, bound(purpose))
  assert.equal(await verify(device.get(await asked()), 'approve a_2'), undefined, 'another purpose')
  assert.equal(await verify(device.get(await asked(bob)), 'approve a_1'), undefined, "another's challenge")
  assert.equal(await verify(bobs.get(await asked()), 'approve a_1'), undefined, "another's key")
  assert.equal(await verify(device.get(await all.passkeys.loginOptions()), 'approve a_1'), undefined, 'a login')
  const late = device.get(await asked())
  all.clock.advance(120_000)
  assert.equal(await verify(late, 'approve a_1'), undefined, 'late')
  const inTime = device.get(await asked())
  all.clock.advance(119_999)
  assert.equal(await verify(inTime, 'approve a_1'), 'alice')
})

test('a passkey is a fresh factor for verifyFactor, and the ledger says for what', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['approver'] })
  const device = await deviceOf(all, 'alice')
  const purpose = 'approve a_1'
  const response = device.get(await all.passkeys.assertionOptions(alice, purpose))
  const proof = { person: alice, proof: { kind: 'passkey', response } as const, purpose, address: ADDRESS }
  assert.equal(await all.login.verifyFactor(proof), 'accepted')
  assert.equal(await all.login.verifyFactor(proof), 'refused', 'once')
  const notes = (await all.notes()).filter(({ kind }) => kind === 'factor')
  assert.deepEqual(
    notes.map(({ outcome, detail }) => [outcome, detail]),
    [
      ['accepted', { purpose, factor: 'passkey' }],
      ['refused', { purpose, factor: 'passkey' }],
    ],
  )
})

test('a counter that stands still or goes back is refused and noted: the key may have been copied', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'] })
  const device = await deviceOf(all, 'alice')
  const signIn = async (lie: Lie = {}) =>
    all.passkeys.verify(device.get(await all.passkeys.loginOptions(), lie), { purpose: 'login', address: ADDRESS })
  assert.equal(await signIn({ counter: 7 }), 'alice')
  await all.notes()
  for (const counter of [7, 6, 0]) assert.equal(await signIn({ counter }), undefined, `counter ${counter}`)
  const notes = await all.notes()
  assert.deepEqual(
    notes.map(({ kind, by, outcome }) => [kind, by, outcome]),
    Array.from({ length: 3 }, () => ['factor.counter', 'alice', 'refused']),
  )
  assert.equal(await signIn({ counter: 8 }), 'alice')
})

test('a registration needs its own challenge, a verified owner, a new key and a live human', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'], bob: [] })
  const device = new Authenticator(ORIGIN)
  const options = await all.passkeys.registrationOptions(alice, 'register alice')
  const wanted = { person: alice, purpose: 'register alice', name: 'key' }
  const register = (response: ReturnType<Authenticator['create']>, more: object = {}) =>
    all.passkeys.register({ ...wanted, response, ...more }, admin)
  const refused = { outcome: 'refused', why: 'not-valid' }
  assert.deepEqual(await register(device.create(options, { unverified: true })), refused)
  assert.deepEqual(await register(device.create(options, { origin: 'https://evil.example' })), refused)
  assert.deepEqual(await register(device.create(options), { person: bob }), refused)
  assert.deepEqual(await register(device.create(options), { purpose: 'register bob' }), refused)
  assert.equal((await register(device.create(options))).outcome, 'registered')
  assert.deepEqual(await register(new Authenticator(ORIGIN).create(options)), refused, 'the challenge was answered')
  const again = await all.passkeys.registrationOptions(bob, 'register alice')
  assert.deepEqual(await register(device.create(again), { person: bob }), refused, 'the key is alice’s')
})

test('passkeys are listed, renamed and removed by their owner, and the last factor stays', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'], bob: [] })
  const first = await deviceOf(all, 'alice')
  const actor = { by: 'alice', origin: ADDRESS }
  assert.equal(await all.passkeys.remove({ id: first.id, person: alice }, actor), 'last-factor')
  const second = await deviceOf(all, 'alice')
  assert.equal(await all.passkeys.rename({ id: second.id, person: bob, name: 'mine' }, actor), false)
  assert.equal(await all.passkeys.rename({ id: second.id, person: alice, name: 'desk 4111111111111111' }, actor), true)
  const named = (await all.passkeys.listOf(alice)).map(({ id, name }) => [id === second.id, name])
  assert.deepEqual(named, [
    [false, 'key'],
    [true, 'desk 411111******1111'],
  ])
  assert.equal(await all.passkeys.remove({ id: first.id, person: bob }, actor), 'not-found')
  assert.equal(await all.passkeys.remove({ id: first.id, person: alice }, actor), 'removed')
  assert.equal(await all.passkeys.remove({ id: second.id, person: alice }, actor), 'last-factor')
  await all.factors.enrol(alice, admin)
  assert.equal(await all.passkeys.remove({ id: second.id, person: alice }, actor), 'removed')
})

test('a reset takes passkeys along, and a disabled person’s passkey opens nothing', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'], bob: ['engineer'] })
  const device = await deviceOf(all, 'alice')
  const bobs = await deviceOf(all, 'bob')
  assert.equal(await all.factors.reset(alice, admin), true)
  await all.store.people.disable({ name: bob, at: 1, note: noteOf('x') })
  for (const one of [device, bobs]) {
    const response = one.get(await all.passkeys.loginOptions())
    assert.deepEqual(await all.login.loginWithPasskey({ response, address: ADDRESS }), { outcome: 'refused' })
  }
})

test('ten wrong answers lock the person at every door, and unknown keys lock nobody else', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'], bob: ['engineer'] })
  const device = await deviceOf(all, 'alice')
  const bobs = await deviceOf(all, 'bob')
  const stranger = new Authenticator(ORIGIN)
  const tryWith = async (one: Authenticator, lie: Lie = {}) =>
    (await all.login.loginWithPasskey({ response: one.get(await all.passkeys.loginOptions(), lie), address: ADDRESS }))
      .outcome
  for (let n = 0; n < 12; n += 1) await tryWith(stranger)
  for (let n = 0; n < 10; n += 1) assert.equal(await tryWith(device, { unverified: true }), 'refused')
  assert.equal(await tryWith(device), 'locked')
  assert.equal(await tryWith(bobs), 'done')
})

test('passkeys are offered at host names only: an address is no relying party', (context) => {
  const { store, clock, challenges } = entry(context)
  const at = (publicUrl: string): boolean =>
    createPasskeys({ store: store.passkeys, clock, challenges, publicUrl, key: Buffer.alloc(32), scrub: String })
      .available
  const urls = ['https://countersign.example', 'http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080']
  assert.deepEqual(urls.map(at), [true, true, false, false])
})

const noteOf = (kind: string) => ({ kind, at: 1, by: 'x', origin: 'x', outcome: 'x', resource: 'x', detail: {} })
