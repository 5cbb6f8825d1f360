import assert from 'node:assert/strict'
import { scryptSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { passwordMatches, passwordProblem, passwordVerifier } from '../../src/access/password.ts'
import { personName } from '../../src/model/ids.ts'
import {
  admin,
  cards,
  grantsOf,
  peopleOf,
  scratchStore,
  seedGrant,
  seedPeople,
  threadedStore,
} from '../store/scratch.ts'

const alice = personName('alice')
const bob = personName('bob')
const robot = personName('robot')

const passwords: readonly [string, RegExp | undefined][] = [
  ['correct horse 1', undefined],
  ['пароль-подлиннее-9', undefined],
  ['short1', /at least 12/],
  ['elevenchar1', /at least 12/],
  ['onlylettersxx', /letters and digits/],
  ['123456789012', /letters and digits/],
  [`a1${'x'.repeat(255)}`, /at most 256/],
]

for (const [password, problem] of passwords) {
  test(`the password ${password.slice(0, 20)} is ${problem ? 'refused' : 'taken'}`, () => {
    const found = passwordProblem(password)
    if (problem === undefined) assert.equal(found, undefined)
    else assert.match(found ?? '', problem)
  })
}

test('a verifier is met by its password alone, and holds cost and salt but not the password', async () => {
  const verifier = await passwordVerifier('correct horse 1')
  assert.match(verifier, /^scrypt\$32768\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
  assert.equal(await passwordMatches('correct horse 1', verifier), true)
  assert.equal(await passwordMatches('correct horse 2', verifier), false)
  for (const broken of ['', 'scrypt$1', 'plain$correct horse 1', verifier.slice(0, -1)]) {
    assert.equal(await passwordMatches('correct horse 1', broken), false, broken)
  }
})

test('a name is taken for ever, also after its account was disabled', async (context) => {
  const people = peopleOf(scratchStore(context))
  assert.deepEqual(await people.add({ name: alice, roles: ['engineer'] }, admin), { ok: true })
  assert.deepEqual(await people.disable(alice, admin), { ok: true })
  assert.equal((await people.add({ name: alice, roles: ['engineer'] }, admin)).ok, false)
  assert.equal((await people.disable(alice, admin)).ok, false)
  assert.equal((await people.setRoles(alice, ['admin'], admin)).ok, false)
})

test('the last four passwords are refused and an older one is taken', async (context) => {
  const scratch = scratchStore(context)
  const people = peopleOf(scratch)
  await people.add({ name: alice, roles: [] }, admin)
  const note = { kind: 'x', at: 1, by: 'x', origin: 'x', outcome: 'x', resource: 'x', detail: {} }
  for (const n of [1, 2, 3, 4]) {
    await scratch.store.people.setPassword({
      ...{ name: alice, verifier: cheapVerifier(`correct horse ${n}`), temporary: false, at: n, note },
    })
  }
  for (const n of [1, 4]) assert.equal((await people.setPassword(alice, `correct horse ${n}`, admin)).ok, false)
  assert.deepEqual(await people.setPassword(alice, 'correct horse 5', admin), { ok: true })
  assert.deepEqual(await people.setPassword(alice, 'correct horse 1', admin), { ok: true })
  assert.equal((await scratch.store.people.passwords({ name: alice })).length, 4)
})

/** A verifier of the same form at a small cost, as an older version might have made it. */
function cheapVerifier(password: string): string {
  const salt = Buffer.alloc(16, password)
  const hash = scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 })
  return `scrypt$1024$8$1$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

test('no password lies readable in the files of the store', async (context) => {
  const scratch = await threadedStore(context)
  await peopleOf(scratch).add({ name: alice, roles: [], password: 'correct horse 1' }, admin)
  for (const file of [scratch.path, `${scratch.path}-wal`])
    assert.equal(readFileSync(file).includes('correct horse'), false, file)
})

test('a service account has an owner, one target, no password and no role that decides', async (context) => {
  const scratch = scratchStore(context)
  const people = peopleOf(scratch)
  await seedPeople(scratch, { alice: ['engineer'] })
  const add = (more: object) => people.add({ name: robot, roles: ['engineer'], serviceOf: cards, ...more }, admin)
  assert.equal((await add({})).ok, false)
  assert.equal((await add({ owner: bob })).ok, false)
  assert.equal((await add({ owner: robot })).ok, false)
  assert.equal((await add({ owner: alice, password: 'correct horse 1' })).ok, false)
  assert.equal((await add({ owner: alice, roles: ['approver'] })).ok, false)
  assert.deepEqual(await add({ owner: alice }), { ok: true })
  assert.equal((await people.setRoles(robot, ['approver'], admin)).ok, false)
  assert.equal((await people.setPassword(robot, 'correct horse 1', admin)).ok, false)
  const owned = await people.add({ name: bob, roles: ['engineer'], owner: robot }, admin)
  assert.equal(owned.ok, false, 'owners are no chains')
})

test('who is disabled loses grants and owned accounts in the same step, and the ledger is told', async (context) => {
  const scratch = scratchStore(context)
  await seedPeople(scratch, { alice: ['engineer'], bob: ['approver'] })
  await seedPeople(scratch, { robot: ['engineer'] }, { owner: alice, serviceOf: cards })
  await seedGrant(scratch, 'alice')
  await seedGrant(scratch, 'robot')
  await peopleOf(scratch).disable(alice, admin)
  const grants = grantsOf(scratch)
  assert.deepEqual(await grants.liveOf(alice), [])
  assert.deepEqual(await grants.liveOf(robot), [])
  assert.notEqual((await peopleOf(scratch).find(robot))?.disabledAt, undefined)
  assert.equal((await peopleOf(scratch).find(bob))?.disabledAt, undefined)
  const notes = await scratch.store.journal.take({ limit: 99 })
  const { note } = notes.at(-1) ?? assert.fail('no note')
  assert.deepEqual(
    [note.kind, note.by, note.origin, note.resource, note.outcome],
    ['person.disabled', 'local:root', 'local', 'person:alice', 'done'],
  )
})
