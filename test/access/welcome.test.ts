import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase32 } from '../../src/access/base32.ts'
import type { WelcomeAnswer } from '../../src/access/welcome.ts'
import { codeAt } from '../../src/access/totp.ts'
import { personName } from '../../src/model/ids.ts'
import { Secret } from '../../src/std/secret.ts'
import { Authenticator } from '../support/authenticator.ts'
import { admin, peopleOf, seedPeople } from '../store/scratch.ts'
import { ADDRESS, entry, ORIGIN } from './entry.ts'
import type { Entry } from './entry.ts'

const alice = personName('alice')
const PASSWORD = 'my own password 1'
const DAY = 24 * 3_600_000

/** The answer of somebody who has entered the offered secret into an app. */
function answerWith({ welcome, clock }: Entry, token: string, more: Partial<WelcomeAnswer> = {}): WelcomeAnswer {
  const { secret, ticket } = welcome.offer(token, 'x')
  const bytes = fromBase32(secret.reveal()) ?? assert.fail('no secret')
  const factor = { kind: 'totp', ticket, code: codeAt(bytes, clock.now()) } as const
  return { token, name: 'alice', password: new Secret(PASSWORD), factor, address: ADDRESS, ...more }
}

async function tokenOf(made: Promise<{ readonly token: Secret } | undefined>): Promise<string> {
  return (await made)?.token.reveal() ?? assert.fail('no invite')
}

test('a node without people has one first admin, whose link works once and whose account works', async (context) => {
  const all = entry(context)
  const before = await tokenOf(all.invites.first(admin))
  const token = await tokenOf(all.invites.first(admin))
  assert.equal(await all.invites.look(before), undefined, 'a new start voids the link before')
  const other = answerWith(all, token, { name: 'mallory' })
  const secret = answerWith(all, token)
  assert.deepEqual(await all.welcome.accept(secret), { outcome: 'welcome', person: 'alice' })
  assert.deepEqual(await all.welcome.accept(other), { outcome: 'gone' })
  assert.equal(await all.invites.look(token), undefined)
  assert.equal(await all.invites.first(admin), undefined, 'there are people now')
  assert.deepEqual((await peopleOf(all).find(alice))?.roles, ['admin'])
  const code = secret.factor.kind === 'totp' ? secret.factor.code : ''
  const login = { person: 'alice', password: new Secret(PASSWORD), totp: code, address: ADDRESS }
  assert.equal((await all.login.login(login)).outcome, 'refused', 'the code of the page was used up there')
  const notes = (await all.notes()).map(({ kind, by }) => `${kind} ${by}`)
  assert.deepEqual(
    notes.filter((line) => !line.startsWith('login')),
    [
      'invite.made local:root',
      'invite.made local:root',
      'invite.accepted alice',
      'person.added alice',
      'factor.enrolled alice',
    ],
  )
})

test('an invited person logs in with what only they know', async (context) => {
  const all = entry(context)
  await seedPeople(all, { root: ['admin'] })
  const token = await tokenOf(all.invites.invite({ person: alice, roles: ['engineer'] }, admin))
  const { secret, ticket } = all.welcome.offer(token, 'alice')
  const bytes = fromBase32(secret.reveal()) ?? assert.fail('no secret')
  const code = (): string => codeAt(bytes, all.clock.now())
  const answer = {
    ...answerWith(all, token),
    name: 'somebody-else',
    factor: { kind: 'totp', ticket, code: code() } as const,
  }
  assert.deepEqual(
    await all.welcome.accept(answer),
    { outcome: 'welcome', person: 'alice' },
    'the invite says the name',
  )
  all.clock.advance(30_000)
  const login = { person: 'alice', password: new Secret(PASSWORD), totp: code(), address: ADDRESS }
  const done = await all.login.login(login)
  assert.deepEqual(done.outcome === 'done' ? done.principal.roles : done.outcome, ['engineer'])
})

test('a passkey can be the second factor from the start', async (context) => {
  const all = entry(context)
  const token = await tokenOf(all.invites.first(admin))
  const device = new Authenticator(ORIGIN)
  const options = (await all.welcome.passkeyOptions(token, 'alice')) ?? assert.fail('no options')
  const response = device.create(options)
  const factor = { kind: 'passkey', response, name: 'phone' } as const
  assert.equal(
    (await all.welcome.accept(answerWith(all, token, { name: 'bob', factor }))).outcome,
    'refused',
    'of alice',
  )
  assert.equal((await all.welcome.accept(answerWith(all, token, { factor }))).outcome, 'welcome')
  const answer = device.get(await all.passkeys.loginOptions())
  assert.equal((await all.login.loginWithPasskey({ response: answer, address: ADDRESS })).outcome, 'done')
})

test('what is refused uses up nothing: weak passwords, wrong codes, foreign tickets, odd names', async (context) => {
  const all = entry(context)
  const token = await tokenOf(all.invites.first(admin))
  const foreign = all.welcome.offer('x'.repeat(43), 'alice')
  const bytes = fromBase32(foreign.secret.reveal()) ?? assert.fail('no secret')
  const good = answerWith(all, token)
  const wrong: Partial<WelcomeAnswer>[] = [
    { password: new Secret('short 1') },
    { password: new Secret('only letters here') },
    { name: 'Alice Smith' },
    { name: '' },
    { factor: { kind: 'totp', ticket: foreign.ticket, code: codeAt(bytes, all.clock.now()) } },
    { factor: { ...good.factor, kind: 'totp', code: '000000', ticket: foreign.ticket } },
    { factor: { kind: 'totp', ticket: '', code: '000000' } },
  ]
  for (const more of wrong) {
    const done = await all.welcome.accept({ ...good, ...more })
    assert.equal(done.outcome, 'refused', JSON.stringify(more))
  }
  assert.equal((await all.welcome.accept({ ...good, token: 'y'.repeat(43) })).outcome, 'gone')
  assert.deepEqual(await peopleOf(all).list(), [])
  assert.equal((await all.welcome.accept(good)).outcome, 'welcome')
})

test('a link lives a day, one at a time for each person, and never for a name that is taken', async (context) => {
  const all = entry(context)
  await seedPeople(all, { bob: ['admin'] })
  assert.equal(await all.invites.invite({ person: personName('bob'), roles: [] }, admin), undefined)
  const first = await tokenOf(all.invites.invite({ person: alice, roles: ['engineer'] }, admin))
  const second = await tokenOf(all.invites.invite({ person: alice, roles: ['auditor'] }, admin))
  assert.equal((await all.welcome.accept(answerWith(all, first))).outcome, 'gone')
  all.clock.advance(DAY - 1)
  assert.notEqual(await all.invites.look(second), undefined)
  all.clock.advance(1)
  assert.equal(await all.invites.look(second), undefined)
  const third = await tokenOf(all.invites.invite({ person: alice, roles: ['auditor'] }, admin))
  await seedPeople(all, { alice: [] })
  assert.deepEqual(await all.welcome.accept(answerWith(all, third)), {
    outcome: 'refused',
    problem: 'the name is taken',
  })
})

test('of two who follow one link at once, one gets the account', async (context) => {
  const all = entry(context)
  const token = await tokenOf(all.invites.first(admin))
  const answers = ['alice', 'mallory'].map((name) => all.welcome.accept(answerWith(all, token, { name })))
  const outcomes = (await Promise.all(answers)).map(({ outcome }) => outcome)
  assert.deepEqual(outcomes.sort(), ['gone', 'welcome'])
  assert.equal((await peopleOf(all).list()).length, 1)
})

test('a new factor after a reset needs the link and the password, and only while there is no factor', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'] }, { password: PASSWORD })
  await all.factors.enrol(alice, admin)
  assert.equal(await all.invites.reenrol(alice, admin), undefined, 'there is a factor')
  await all.factors.reset(alice, admin)
  const token = await tokenOf(all.invites.reenrol(alice, admin))
  all.clock.advance(30_000)
  const wrong = answerWith(all, token, { password: new Secret('another password 1') })
  for (let n = 0; n < 9; n += 1) assert.equal((await all.welcome.accept(wrong)).outcome, 'refused')
  const again = await tokenOf(all.invites.reenrol(alice, admin))
  assert.deepEqual(await all.welcome.accept(answerWith(all, again)), { outcome: 'welcome', person: 'alice' })
  assert.equal(await all.factors.isEnrolled(alice), true)
  assert.deepEqual((await peopleOf(all).find(alice))?.roles, ['engineer'])
})

test('guessing the password behind such a link locks the name like any other door', async (context) => {
  const all = entry(context)
  await seedPeople(all, { alice: ['engineer'] }, { password: PASSWORD })
  const token = await tokenOf(all.invites.reenrol(alice, admin))
  for (let n = 0; n < 10; n += 1)
    await all.welcome.accept(answerWith(all, token, { password: new Secret(`guess number ${n}`) }))
  const done = await all.welcome.accept(answerWith(all, token))
  assert.match(done.outcome === 'refused' ? done.problem : done.outcome, /too many failed attempts/)
  assert.notEqual(await all.lockout.lockedUntil({ person: 'alice', source: '10.9.9.9' }), undefined)
})

test('no token of an invite lies in the store', async (context) => {
  const all = entry(context)
  const token = await tokenOf(all.invites.first(admin))
  assert.equal(await all.store.invites.find({ hash: token, now: all.clock.now() }), undefined)
  assert.doesNotMatch(JSON.stringify(await all.notes()), new RegExp(token))
})
