import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt } from '../../src/access/totp.ts'
import { personName } from '../../src/model/ids.ts'
import { Secret } from '../../src/std/secret.ts'
import type { TestContext } from 'node:test'
import { admin, cards, peopleOf, seedPeople } from '../store/scratch.ts'
import { entry } from './entry.ts'

const alice = personName('alice')
const PASSWORD = 'correct horse 1'
const STEP = 30_000
const totp = (code: string) => ({ kind: 'totp', code }) as const

async function ready(context: TestContext) {
  const scratch = entry(context)
  const { store, clock, factors, login } = scratch
  await seedPeople(scratch, { alice: ['engineer', 'approver'] }, { password: PASSWORD })
  const enrolment = await factors.enrol(alice, admin)
  const secret = fromBase32(enrolment?.secret.reveal() ?? '') ?? assert.fail('no secret')
  const code = (ms = clock.now()): string => codeAt(secret, ms)
  const attempt = (more: { person?: string; password?: string; totp?: string } = {}) =>
    login.login({
      person: more.person ?? 'alice',
      password: new Secret(more.password ?? PASSWORD),
      totp: more.totp ?? code(),
      address: '10.0.0.1',
    })
  const admitted = async () => {
    const outcome = await attempt()
    return outcome.outcome === 'done' ? outcome : assert.fail(outcome.outcome)
  }
  return { scratch, store, clock, factors, login, code, attempt, admitted }
}

test('password and code together give a token that stands for the person and their roles', async (context) => {
  const { login, admitted } = await ready(context)
  const { token, principal } = await admitted()
  assert.match(token.reveal(), /^cst_[\w-]{43}$/)
  assert.deepEqual(principal, { person: 'alice', roles: ['engineer', 'approver'], service: false })
  assert.deepEqual(await login.principalOf(token), principal)
  assert.equal(await login.principalOf(new Secret(`${token.reveal()}x`)), undefined)
})

test('whoever goes on behind a lock gets one line of the ledger a minute, which counts the others', async (context) => {
  const { scratch, clock, login, attempt } = await ready(context)
  for (let tries = 0; tries < 10; tries += 1) await attempt({ password: 'correct horse 2' })
  await scratch.notes()
  const proof = { person: alice, proof: totp('000000'), purpose: 'approve a_1', address: '10.0.0.1' }
  for (let tries = 0; tries < 20; tries += 1) {
    assert.equal((await attempt()).outcome, 'locked')
    assert.equal(await login.verifyFactor(proof), 'locked')
  }
  assert.deepEqual(
    (await scratch.notes()).map(({ kind, outcome, detail }) => [kind, outcome, detail['since']]),
    [
      ['login', 'locked', 0],
      ['factor', 'locked', 0],
    ],
  )
  clock.advance(60_000)
  await attempt({ person: 'alice' })
  await attempt({ person: 'alice' })
  const [later, ...more] = await scratch.notes()
  assert.deepEqual([later?.outcome, later?.detail['since'], more.length], ['locked', 19, 0])
})

test('every wrong part gives the same answer', async (context) => {
  const { scratch, attempt, code } = await ready(context)
  await seedPeople(scratch, { nofactor: [] }, { password: PASSWORD })
  await seedPeople(scratch, { gone: [] }, { password: PASSWORD })
  await peopleOf(scratch).disable(personName('gone'), admin)
  await seedPeople(scratch, { robot: [] }, { owner: alice, serviceOf: cards })
  const wrong = [
    { password: 'correct horse 2' },
    { totp: '000000' },
    { totp: '' },
    { person: 'nobody' },
    { person: 'nofactor' },
    { person: 'gone' },
    { person: 'robot' },
    { person: 'Alice' },
    { person: '' },
  ]
  for (const one of wrong) {
    assert.deepEqual(await attempt(one), { outcome: 'refused' }, JSON.stringify(one))
  }
  assert.equal((await attempt({ totp: code() })).outcome, 'done')
})

test('a name that does not exist takes as long as a wrong password', async (context) => {
  const { attempt } = await ready(context)
  const took = async (more: object): Promise<number> => {
    const times: number[] = []
    for (let n = 0; n < 3; n += 1) {
      const start = process.cpuUsage()
      await attempt(more)
      const { user, system } = process.cpuUsage(start)
      times.push(user + system)
    }
    return Math.min(...times)
  }
  const [known, unknown] = [await took({ password: 'correct horse 2' }), await took({ person: 'nobody' })]
  // One scrypt is nearly all of it; without it the ratio would be above five.
  assert.ok(known / unknown < 2.5 && unknown / known < 2.5, `${known} and ${unknown} µs of CPU`)
})

test('a code is good once, at all doors together, and an older one is not good after it', async (context) => {
  const { clock, code, attempt, login } = await ready(context)
  const proof = { person: alice, purpose: 'approve a_1', address: '10.0.0.1' }
  const [earlier, now] = [code(clock.now() - STEP), code()]
  assert.equal(await login.verifyFactor({ ...proof, proof: totp(now) }), 'accepted')
  assert.equal(await login.verifyFactor({ ...proof, proof: totp(now) }), 'refused')
  assert.deepEqual(await attempt({ totp: now }), { outcome: 'refused' })
  assert.deepEqual(await attempt({ totp: earlier }), { outcome: 'refused' })
  clock.advance(STEP)
  assert.equal((await attempt()).outcome, 'done')
})

test('of many parallel uses of one code exactly one succeeds', async (context) => {
  const { login, code } = await ready(context)
  const proof = { person: alice, proof: totp(code()), purpose: 'race', address: '10.0.0.1' }
  const answers = await Promise.all(Array.from({ length: 8 }, () => login.verifyFactor(proof)))
  assert.equal(answers.filter((answer) => answer === 'accepted').length, 1)
})

test('a code stays used when the factor is reset, and nobody resets their own', async (context) => {
  const { clock, factors, code, login } = await ready(context)
  const proof = { person: alice, purpose: 'p', address: '10.0.0.1' }
  assert.equal(await login.verifyFactor({ ...proof, proof: totp(code()) }), 'accepted')
  assert.equal(await factors.enrol(alice, admin), undefined, 'a second factor does not replace the first')
  assert.equal(await factors.reset(alice, { by: 'alice', origin: '10.0.0.1' }), false)
  assert.equal(await factors.reset(alice, admin), true)
  assert.equal(await factors.isEnrolled(alice), false)
  assert.equal(await login.verifyFactor({ ...proof, proof: totp(code()) }), 'refused')
  const secret = fromBase32((await factors.enrol(alice, admin))?.secret.reveal() ?? '') ?? assert.fail('no secret')
  assert.equal(await login.verifyFactor({ ...proof, proof: totp(codeAt(secret, clock.now())) }), 'refused', 'same step')
  clock.advance(STEP)
  assert.equal(await login.verifyFactor({ ...proof, proof: totp(codeAt(secret, clock.now())) }), 'accepted')
})

test('ten failures at any door lock the others too, and the right factors do not open them', async (context) => {
  const { clock, attempt, login, admitted, code } = await ready(context)
  for (let n = 0; n < 5; n += 1) await attempt({ password: 'correct horse 2' })
  for (let n = 0; n < 5; n += 1) {
    await login.verifyFactor({ person: alice, proof: totp('000000'), purpose: 'p', address: '10.0.0.2' })
  }
  assert.deepEqual(await attempt(), { outcome: 'locked', retryAfterSeconds: 1800 })
  const proof = { person: alice, proof: totp(code()), purpose: 'p', address: '10.0.0.3' }
  assert.equal(await login.verifyFactor(proof), 'locked')
  clock.advance(30 * 60_000)
  await admitted()
})

test('a token ends after fifteen idle minutes, after twelve hours, at logout and with its person', async (context) => {
  const { scratch, clock, login, admitted } = await ready(context)
  const idle = (await admitted()).token
  clock.advance(15 * 60_000 - 1)
  assert.notEqual(await login.principalOf(idle, 'passive'), undefined)
  clock.advance(1)
  assert.equal(await login.principalOf(idle), undefined, 'watching does not keep it alive')
  const busy = (await admitted()).token
  for (let minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
    clock.advance(10 * 60_000)
    assert.notEqual(await login.principalOf(busy), undefined, `after ${minutes} minutes`)
  }
  clock.advance(10 * 60_000)
  assert.equal(await login.principalOf(busy), undefined)
  const out = (await admitted()).token
  await login.logout(out, '10.0.0.7')
  const ended = (await scratch.store.journal.take({ limit: 500 }))
    .map(({ note }) => note)
    .find(({ kind }) => kind === 'login.ended')
  assert.deepEqual([ended?.by, ended?.origin], ['alice', '10.0.0.7'])
  assert.equal(await login.principalOf(out), undefined)
  clock.advance(STEP)
  const last = (await admitted()).token
  await peopleOf(scratch).disable(alice, admin)
  assert.equal(await login.principalOf(last), undefined)
})

test('failures and successes are noted with who, whence and what, and nothing that was typed as a secret', async (context) => {
  const { store, attempt, admitted } = await ready(context)
  await attempt({ password: 'a wrong password 1' })
  await attempt({ person: 'typed my password 1' })
  await admitted()
  const notes = (await store.journal.take({ limit: 99 })).map((one) => one.note).filter((note) => note.kind === 'login')
  assert.deepEqual(
    notes.map((note) => [note.by, note.outcome, note.origin]),
    [
      ['alice', 'refused', '10.0.0.1'],
      ['?', 'refused', '10.0.0.1'],
      ['alice', 'done', '10.0.0.1'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(notes), /password 1|typed|cst_/)
})

test('a password that somebody else chose only serves to choose one’s own', async (context) => {
  const { scratch, login, clock, code } = await ready(context)
  assert.deepEqual(await peopleOf(scratch).setPassword(alice, 'chosen for you 1', admin), { ok: true })
  const attempt = { person: 'alice', password: new Secret('chosen for you 1'), address: '10.0.0.1' }
  const tried = (newPassword?: string) =>
    login.login({
      ...attempt,
      totp: code(),
      newPassword: newPassword === undefined ? undefined : new Secret(newPassword),
    })
  assert.deepEqual(await tried(), { outcome: 'password-change', problem: undefined })
  assert.deepEqual(await tried('short 1'), {
    outcome: 'password-change',
    problem: 'a password has at least 12 characters',
  })
  assert.deepEqual(await tried('chosen for you 1'), {
    outcome: 'password-change',
    problem: 'the password is one of the last four',
  })
  assert.equal((await tried('my own password 1')).outcome, 'done', 'the code was not used up before')
  clock.advance(STEP)
  assert.equal((await tried()).outcome, 'refused', 'the old one is gone')
  const own = { ...attempt, password: new Secret('my own password 1'), totp: code() }
  assert.equal((await login.login(own)).outcome, 'done')
})

test('a wrong password or code never tells that the password is a temporary one', async (context) => {
  const { scratch, attempt } = await ready(context)
  await peopleOf(scratch).setPassword(alice, 'chosen for you 1', admin)
  assert.deepEqual(await attempt({ totp: '000000', password: 'chosen for you 1' }), { outcome: 'refused' })
  assert.deepEqual(await attempt({ password: 'chosen for you 2' }), { outcome: 'refused' })
})

test('people change their own password with the old one and a fresh factor, and every token ends', async (context) => {
  const { login, clock, code, admitted, attempt } = await ready(context)
  const { token } = await admitted()
  clock.advance(STEP)
  const change = {
    person: alice,
    current: new Secret(PASSWORD),
    next: new Secret('another horse 2'),
    purpose: 'password',
    address: '10.0.0.1',
  }
  assert.equal(await login.changePassword({ ...change, proof: totp('000000') }), 'refused')
  assert.equal(
    await login.changePassword({ ...change, current: new Secret('wrong password 1'), proof: totp(code()) }),
    'refused',
  )
  const weak = await login.changePassword({ ...change, next: new Secret('horse'), proof: totp(code()) })
  assert.deepEqual(weak, { problem: 'a password has at least 12 characters' })
  assert.equal(await login.changePassword({ ...change, proof: totp(code()) }), 'changed')
  assert.equal(await login.personOf(token), undefined)
  clock.advance(STEP)
  assert.equal((await attempt()).outcome, 'refused')
  clock.advance(STEP)
  assert.equal((await attempt({ password: 'another horse 2' })).outcome, 'done')
})
