import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createSshCertificates } from '../../src/access/ssh-certificates.ts'
import { createSshKeys } from '../../src/access/ssh-keys.ts'
import { createStops } from '../../src/access/stops.ts'
import { personName } from '../../src/model/ids.ts'
import { admin, cards, peopleOf, scrub, seedPeople } from '../store/scratch.ts'
import { entry } from './entry.ts'

const [alice, bob] = [personName('alice'), personName('bob')]
const HOUR = 3_600_000

/** A key is any text; its fingerprint is the text. */
const read = (text: string) =>
  text === 'no key' ? { fault: 'this is no key' } : { line: text, fingerprint: `SHA256:${text}`, comment: `of ${text}` }

async function hall(t: TestContext) {
  const made = entry(t)
  const notes = (): ReturnType<typeof made.notes> => made.notes()
  const { store, clock } = made
  await seedPeople(made, { alice: ['engineer'], bob: ['engineer'] })
  await seedPeople(made, { nightly: ['engineer'] }, { owner: alice, serviceOf: cards })
  let count = 0
  const keys = createSshKeys({ store: store.sshKeys, clock, read, newId: () => `k_${(count += 1)}`, scrub })
  const certificates = createSshCertificates({
    ...{ store: store.sshCertificates, clock, read, newSerial: () => (count += 1) },
    sign: ({ serial }, line) => `certificate ${serial} over ${line}`,
  })
  await notes()
  const add = async (person: string, text: string, name?: string) =>
    keys.add({ person: personName(person), text, name }, { by: person, origin: '10.0.0.1' })
  return { ...made, notes, keys, certificates, add }
}

test('a key is kept under its owner’s word or its own comment, and noted with its fingerprint', async (t) => {
  const { keys, add, notes } = await hall(t)
  await add('alice', 'one', ' laptop 4111111111111111 ')
  await add('alice', 'two')
  const kept = await keys.listOf(alice)
  assert.deepEqual(
    kept.map(({ id, name, fingerprint, usedAt }) => [id, name, fingerprint, usedAt]),
    [
      ['k_1', 'laptop 411111******1111', 'SHA256:one', undefined],
      ['k_2', 'of two', 'SHA256:two', undefined],
    ],
  )
  assert.deepEqual(await keys.ownerOf('SHA256:one'), { person: 'alice', removed: false })
  const [note] = await notes()
  assert.deepEqual(
    [note?.kind, note?.by, note?.origin, note?.resource, note?.detail['fingerprint']],
    ['key.added', 'alice', '10.0.0.1', 'person:alice', 'SHA256:one'],
  )
})

test('a key is one person’s for good: nobody else’s, and nobody’s once it was removed', async (t) => {
  const { keys, add, notes } = await hall(t)
  await add('alice', 'one')
  assert.deepEqual(await add('bob', 'one'), { outcome: 'refused', why: 'taken' })
  assert.deepEqual(await add('alice', 'one'), { outcome: 'refused', why: 'taken' })
  assert.equal(await keys.remove('k_1', admin, bob), false)
  assert.equal(await keys.remove('k_1', admin, alice), true)
  assert.equal(await keys.remove('k_1', admin, alice), false)
  assert.deepEqual(await keys.listOf(alice), [])
  assert.deepEqual(await keys.ownerOf('SHA256:one'), { person: 'alice', removed: true })
  for (const person of ['alice', 'bob'])
    assert.deepEqual(await add(person, 'one'), { outcome: 'refused', why: 'removed' })
  assert.deepEqual(
    (await notes()).map(({ kind, resource }) => [kind, resource]),
    [
      ['key.added', 'person:alice'],
      ['key.removed', 'key:k_1'],
    ],
  )
})

test('what is no key, and who is no live person, is refused with a reason', async (t) => {
  const { add, ...scratch } = await hall(t)
  assert.deepEqual(await add('alice', 'no key'), { outcome: 'refused', why: 'not-valid', fault: 'this is no key' })
  await peopleOf(scratch).disable(bob, admin)
  for (const person of ['bob', 'nightly', 'nobody'])
    assert.deepEqual(await add(person, 'one'), {
      outcome: 'refused',
      why: 'not-valid',
      fault: 'only a person has keys',
    })
})

test('nobody has more than twenty', async (t) => {
  const { add } = await hall(t)
  for (let at = 0; at < 20; at += 1) assert.equal((await add('alice', `key ${at}`)).outcome, 'added')
  assert.deepEqual(await add('alice', 'one more'), { outcome: 'refused', why: 'too-many' })
  assert.equal((await add('bob', 'one more')).outcome, 'added')
})

test('a certificate is issued for eight hours at most, and noted under the id that it carries', async (t) => {
  const { certificates, clock, notes } = await hall(t)
  const issued = await certificates.issue({ person: alice, key: 'one', ttlMs: 100 * HOUR }, admin)
  assert.ok(issued.outcome === 'issued')
  assert.equal(issued.line, 'certificate 1 over one')
  assert.equal(issued.certificate.expiresAt, clock.now() + 8 * HOUR)
  const [note] = await notes()
  assert.deepEqual([note?.kind, note?.detail['id']], ['ssh-certificate.issued', 'alice/1'])
})

test('a certificate is not issued over a key that is somebody else’s or was removed, nor to a program', async (t) => {
  const { certificates, keys, add } = await hall(t)
  await add('bob', 'of bob')
  await add('alice', 'lost')
  await keys.remove('k_2', admin, alice)
  const issue = async (person: string, key: string) =>
    (await certificates.issue({ person: personName(person), key, ttlMs: HOUR }, admin)).outcome
  assert.equal(await issue('alice', 'of bob'), 'refused')
  assert.equal(await issue('alice', 'lost'), 'refused')
  assert.equal(await issue('nightly', 'one'), 'refused')
  assert.equal(await issue('alice', 'no key'), 'refused')
  assert.equal(await issue('bob', 'of bob'), 'issued')
})

const AFTERWARDS: readonly [what: string, act: (made: Awaited<ReturnType<typeof hall>>) => Promise<unknown>][] = [
  [
    'its time is over',
    ({ clock }) => {
      clock.advance(HOUR)
      return Promise.resolve()
    },
  ],
  ['the account is disabled', (made) => peopleOf(made).disable(alice, admin)],
  ['the factors are reset', ({ factors }) => factors.reset(alice, admin)],
  [
    'the key is removed',
    async ({ add, keys }) => {
      const added = await add('alice', 'one')
      if (added.outcome === 'added') await keys.remove(added.key.id, admin)
    },
  ],
  [
    'access is stopped',
    ({ store, clock }) =>
      createStops({ store: store.stops, clock, scrub }).order({ scope: 'person', name: alice, reason: 'x' }, admin),
  ],
]

for (const [what, act] of AFTERWARDS)
  test(`a certificate stands no longer once ${what}`, async (t) => {
    const made = await hall(t)
    await made.factors.enrol(alice, admin)
    const issued = await made.certificates.issue({ person: alice, key: 'one', ttlMs: HOUR }, admin)
    assert.ok(issued.outcome === 'issued')
    const { serial, fingerprint } = issued.certificate
    const stands = (changes: object = {}) =>
      made.certificates.stands({ serial: BigInt(serial), person: alice, fingerprint, ...changes })
    assert.equal(await stands(), true)
    assert.equal(await stands({ person: bob }), false)
    assert.equal(await stands({ fingerprint: 'SHA256:another' }), false)
    assert.equal(await stands({ serial: 99n }), false)
    assert.equal(await stands({ serial: 2n ** 64n - 1n }), false)
    made.clock.advance(1000)
    await act(made)
    assert.equal(await stands(), false)
  })

test('whoever is kept out gets no certificate, until access is resumed', async (t) => {
  const { certificates, store, clock, factors } = await hall(t)
  await factors.enrol(alice, admin)
  const stops = createStops({ store: store.stops, clock, scrub })
  const issue = async () => (await certificates.issue({ person: alice, key: 'one', ttlMs: HOUR }, admin)).outcome
  for (const stopped of [
    { scope: 'person', name: alice } as const,
    { scope: 'everything', name: undefined } as const,
  ]) {
    await stops.order({ ...stopped, reason: 'x' }, admin)
    const refused = await certificates.issue({ person: alice, key: 'one', ttlMs: HOUR }, admin)
    assert.deepEqual(refused, { outcome: 'refused', why: 'stopped' })
    await stops.resume({ ...stopped, reason: 'over' }, admin)
    assert.equal(await issue(), 'issued')
  }
})
