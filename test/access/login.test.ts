import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase32 } from '../../src/access/base32.ts'
import { createFactors } from '../../src/access/factors.ts'
import { createLockout } from '../../src/access/lockout.ts'
import { createLogin } from '../../src/access/login.ts'
import { deriveKey, newMasterKey } from '../../src/access/node-key.ts'
import { createTokens } from '../../src/access/tokens.ts'
import { codeAt } from '../../src/access/totp.ts'
import { personName } from '../../src/model/ids.ts'
import { Secret } from '../../src/std/secret.ts'
import { admin, cards, peopleOf, scratchStore, seedPeople } from '../store/scratch.ts'
import { scrub } from '../../src/mask/scrub.ts'

const alice = personName('alice')
const PASSWORD = 'correct horse 1'
const key = deriveKey(newMasterKey(), 'factor')
const STEP = 30_000

async function ready(context: Parameters<typeof scratchStore>[0]) {
  const scratch = scratchStore(context)
  const { store, clock } = scratch
  const factors = createFactors({ store: store.factors, clock, key })
  const tokens = createTokens({ store: store.tokens, clock })
  const lockout = createLockout({ store: store.lockouts, clock, scrub })
  const login = createLogin({ people: store.people, factors, tokens, lockout, journal: store.journal, clock, scrub })
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
  assert.equal(await login.verifyFactor({ ...proof, totp: now }), 'accepted')
  assert.equal(await login.verifyFactor({ ...proof, totp: now }), 'refused')
  assert.deepEqual(await attempt({ totp: now }), { outcome: 'refused' })
  assert.deepEqual(await attempt({ totp: earlier }), { outcome: 'refused' })
  clock.advance(STEP)
  assert.equal((await attempt()).outcome, 'done')
})

test('of many parallel uses of one code exactly one succeeds', async (context) => {
  const { login, code } = await ready(context)
  const proof = { person: alice, totp: code(), purpose: 'race', address: '10.0.0.1' }
  const answers = await Promise.all(Array.from({ length: 8 }, () => login.verifyFactor(proof)))
  assert.equal(answers.filter((answer) => answer === 'accepted').length, 1)
})

test('a code stays used when the factor is reset, and nobody resets their own', async (context) => {
  const { clock, factors, code, login } = await ready(context)
  const proof = { person: alice, purpose: 'p', address: '10.0.0.1' }
  assert.equal(await login.verifyFactor({ ...proof, totp: code() }), 'accepted')
  assert.equal(await factors.enrol(alice, admin), undefined, 'a second factor does not replace the first')
  assert.equal(await factors.reset(alice, { by: 'alice', origin: '10.0.0.1' }), false)
  assert.equal(await factors.reset(alice, admin), true)
  assert.equal(await factors.isEnrolled(alice), false)
  assert.equal(await login.verifyFactor({ ...proof, totp: code() }), 'refused')
  const secret = fromBase32((await factors.enrol(alice, admin))?.secret.reveal() ?? '') ?? assert.fail('no secret')
  assert.equal(await login.verifyFactor({ ...proof, totp: codeAt(secret, clock.now()) }), 'refused', 'same step')
  clock.advance(STEP)
  assert.equal(await login.verifyFactor({ ...proof, totp: codeAt(secret, clock.now()) }), 'accepted')
})

test('ten failures at any door lock the others too, and the right factors do not open them', async (context) => {
  const { clock, attempt, login, admitted, code } = await ready(context)
  for (let n = 0; n < 5; n += 1) await attempt({ password: 'correct horse 2' })
  for (let n = 0; n < 5; n += 1) {
    await login.verifyFactor({ person: alice, totp: '000000', purpose: 'p', address: '10.0.0.2' })
  }
  assert.deepEqual(await attempt(), { outcome: 'locked', retryAfterSeconds: 1800 })
  const proof = { person: alice, totp: code(), purpose: 'p', address: '10.0.0.3' }
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
  await login.logout(out)
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
