import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createOidc } from '../../src/access/oidc.ts'
import type { Oidc } from '../../src/access/oidc.ts'
import { createPeople } from '../../src/access/people.ts'
import { personName } from '../../src/model/ids.ts'
import type { PersonName } from '../../src/model/ids.ts'
import { createOidcProvider } from '../../src/oidc/provider.ts'
import { Secret } from '../../src/std/secret.ts'
import { ADDRESS, deviceOf, entry } from '../access/entry.ts'
import { admin, credentialId, seedGrant, seedPeople } from '../store/scratch.ts'
import { organisation } from '../support/organisation.ts'
import type { Organisation, OrganisationOptions } from '../support/organisation.ts'

const REDIRECT = 'https://countersign.example/login/oidc/callback'
const alice = personName('alice')
const MEMBER = { sub: 'u-1', preferred_username: 'Alice@example.com', groups: ['platform', 'canteen'] }

/** Our side and a real provider's. */
async function ready(context: TestContext, options: Partial<OrganisationOptions> & { nameClaim?: string } = {}) {
  const org = await organisation(context, { redirectUri: REDIRECT, ...options })
  const all = entry(context)
  const ended: PersonName[] = []
  const provider = createOidcProvider({
    ...{ issuer: org.issuer, clientId: org.clientId, clientSecret: new Secret(org.clientSecret) },
    ...{ redirectUri: REDIRECT, scopes: undefined, groupsClaim: 'groups' },
    nameClaim: options.nameClaim ?? 'preferred_username',
  })
  const oidc = createOidc({
    ...{ store: all.store.identities, provider, tokens: all.tokens, clock: all.clock, journal: all.store.journal },
    lockout: all.lockout,
    key: Buffer.alloc(32, 7),
    groups: new Map([
      ['platform', ['engineer']],
      ['oncall', ['approver', 'engineer']],
    ]),
    onEnded: (person) => void ended.push(person),
  })
  return { ...all, org, oidc, ended, signIn: () => signIn(org, oidc) }
}

async function signIn(org: Organisation, oidc: Oidc, flow?: string) {
  const begun = await oidc.begin()
  const back = await org.visit(begun.url, REDIRECT)
  return oidc.finish({ url: back, flow: flow ?? begun.flow, address: ADDRESS })
}

async function entered(all: Awaited<ReturnType<typeof ready>>) {
  const done = await all.signIn()
  return done.outcome === 'done' ? done : assert.fail(done.why)
}

test('a member of a mapped group enters under the name of their address, with the roles of the group', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  const { token, principal } = await entered(all)
  assert.deepEqual(principal, { person: 'alice', roles: ['engineer'], service: false })
  assert.equal((await all.login.personOf(token))?.name, 'alice')
  const notes = (await all.notes()).map(({ kind, by, outcome }) => [kind, by, outcome])
  assert.deepEqual(notes, [
    ['person.added', 'alice', 'done'],
    ['login', 'alice', 'done'],
  ])
  all.org.change({ ...MEMBER, groups: ['oncall'] })
  assert.deepEqual((await entered(all)).principal.roles, ['engineer', 'approver'], 'the next sign-in brings new roles')
})

test('nobody enters without a mapped group, with a name that is taken, or with a name that is none', async (context) => {
  const all = await ready(context)
  await seedPeople(all, { bob: ['approver'] })
  const tried = async (member: object) => {
    all.org.become({ ...MEMBER, ...member })
    const done = await all.signIn()
    return done.outcome === 'refused' ? done.why : done.outcome
  }
  assert.equal(await tried({ groups: ['canteen'] }), 'no-role')
  assert.equal(await tried({ groups: [] }), 'no-role')
  assert.equal(await tried({ preferred_username: 'bob' }), 'name-taken', 'a local person')
  assert.equal(await tried({ preferred_username: '@' }), 'no-name')
  assert.equal(await tried({ preferred_username: 'system' }), 'no-name')
  assert.equal(await tried({ preferred_username: 'x'.repeat(40) }), 'no-name')
  assert.equal(await tried({}), 'done')
  assert.equal(await tried({ sub: 'u-2', preferred_username: 'ALICE@other.example' }), 'name-taken', 'another subject')
  assert.equal(await tried({ preferred_username: 'renamed@example.com' }), 'done', 'the subject counts, not the name')
  assert.deepEqual(
    (await createPeople({ store: all.store.people, clock: all.clock }).list()).map(({ name }) => name),
    ['alice', 'bob'],
  )
})

test('a disabled person stays out, whatever the provider says', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  await entered(all)
  await createPeople({ store: all.store.people, clock: all.clock }).disable(alice, admin)
  assert.deepEqual(await all.signIn(), { outcome: 'refused', why: 'disabled' })
})

test('an unverified address is no name', async (context) => {
  const all = await ready(context, { nameClaim: 'email' })
  all.org.become({ sub: 'u-1', email: 'alice@example.com', email_verified: false, groups: ['platform'] })
  assert.deepEqual(await all.signIn(), { outcome: 'refused', why: 'no-name' })
  all.org.become({ sub: 'u-1', email: 'alice@example.com', email_verified: true, groups: ['platform'] })
  assert.equal((await entered(all)).principal.person, 'alice')
})

test('what comes back is refused with a wrong state, a changed or old flow, another browser’s flow, and a second time', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  const { oidc, org, clock } = all
  const refused = { outcome: 'refused', why: 'provider' }
  const finish = (url: URL, flow: string) => oidc.finish({ url, flow, address: ADDRESS })
  const other = await oidc.begin()
  assert.deepEqual(await signIn(org, oidc, other.flow), refused, 'the flow of another browser')
  assert.deepEqual(await signIn(org, oidc, ''), refused, 'no flow')
  assert.deepEqual(await signIn(org, oidc, `${other.flow.slice(0, -2)}AA`), refused, 'a forged flow')
  const begun = await oidc.begin()
  const back = await org.visit(begun.url, REDIRECT)
  const wrong = new URL(back)
  wrong.searchParams.set('state', 'x')
  assert.deepEqual(await finish(wrong, begun.flow), refused, 'another state')
  const declined = new URL(`${REDIRECT}?error=access_denied&state=${back.searchParams.get('state') ?? ''}`)
  assert.deepEqual(await finish(declined, begun.flow), refused, 'the person declined')
  clock.advance(10 * 60_000)
  assert.deepEqual(await finish(back, begun.flow), refused, 'ten minutes later')
  const again = await oidc.begin()
  const good = await org.visit(again.url, REDIRECT)
  assert.equal((await finish(good, again.flow)).outcome, 'done')
  assert.deepEqual(await finish(good, again.flow), refused, 'the same code again')
  const notes = (await all.notes()).filter(({ outcome }) => outcome === 'refused')
  assert.ok(notes.length >= 6 && notes.every(({ detail }) => detail['why'] === 'provider'))
})

for (const refresh of [true, false]) {
  const by = refresh ? 'the refresh token' : 'the access token'
  test(`a live session is rechecked every five minutes with ${by}: roles follow, and a leaver is out`, async (context) => {
    const all = await ready(context, { refresh })
    all.org.become(MEMBER)
    const { token } = await entered(all)
    const grant = await seedGrant(all, 'alice')
    const credential = credentialId()
    const made = { id: credential, person: alice, target: grant.target, grant: grant.id, source: undefined }
    const at = all.clock.now()
    const times = { createdAt: at, expiresAt: at + 3_600_000, revokedAt: undefined }
    const note = { kind: 'x', at, by: 'x', origin: 'x', outcome: 'x', resource: 'x', detail: {} }
    await all.store.credentials.add({ credential: { ...made, ...times }, verifier: 'v', limit: 9, note })
    const live = async () => (await all.store.credentials.live({ person: alice, target: undefined, now: at })).length
    all.org.change({ ...MEMBER, groups: ['oncall'] })
    await all.oidc.recheck()
    assert.deepEqual((await all.login.personOf(token))?.roles, ['engineer'], 'not due yet')
    for (let n = 0; n < 3; n += 1) {
      all.clock.advance(300_000)
      await all.oidc.recheck()
      assert.deepEqual((await all.login.personOf(token))?.roles, ['engineer', 'approver'], `round ${n}`)
    }
    assert.deepEqual(all.ended, [])
    all.org.dismiss(MEMBER.sub)
    all.clock.advance(300_000)
    await all.oidc.recheck()
    assert.deepEqual(all.ended, ['alice'])
    assert.equal(await all.login.personOf(token), undefined)
    assert.equal(await live(), 0)
    const kinds = (await all.notes()).map(({ kind }) => kind)
    assert.deepEqual(
      kinds.filter((kind) => kind === 'person.roles' || kind === 'person.ended'),
      ['person.roles', 'person.ended'],
    )
    all.clock.advance(300_000)
    await all.oidc.recheck()
    assert.deepEqual(all.ended, ['alice'], 'who has nothing open is not asked about')
  })
}

test('whoever loses the last mapped group is out at the next check', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  const { token } = await entered(all)
  const grant = await seedGrant(all, 'alice')
  all.org.change({ ...MEMBER, groups: ['canteen'] })
  all.clock.advance(300_000)
  await all.oidc.recheck()
  assert.equal(await all.login.personOf(token), undefined)
  assert.deepEqual(all.ended, ['alice'])
  assert.equal((await all.store.grants.find({ id: grant.id }))?.revokedBy, 'system')
})

test('a provider that is silent for ten minutes confirms nobody; a short silence costs nothing', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  const { token } = await entered(all)
  const grant = await seedGrant(all, 'alice')
  await all.org.vanish()
  all.clock.advance(300_000)
  await all.oidc.recheck()
  assert.notEqual(await all.login.personOf(token), undefined)
  await all.org.comeBack()
  await all.oidc.recheck()
  await all.org.vanish()
  all.clock.advance(599_999)
  await all.oidc.recheck()
  assert.deepEqual(all.ended, [])
  all.clock.advance(1)
  await all.oidc.recheck()
  assert.deepEqual(all.ended, ['alice'])
  const left = await all.store.grants.find({ id: grant.id })
  assert.equal(left?.revokedAt, undefined, 'silence is no verdict: the grant is there when they come back')
  const again = await all.oidc.begin().then(
    () => 'begun',
    () => 'unreachable',
  )
  assert.equal(again, 'begun', 'what was discovered once is known')
})

test('a provider that cannot be reached at the first sign-in rejects, and works once it is there', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  await all.org.vanish()
  await assert.rejects(all.oidc.begin(), { code: 'E_OIDC' })
  await all.org.comeBack()
  assert.equal((await entered(all)).principal.person, 'alice')
})

test('whoever belongs to an organisation enters through it and by no passkey, which stays a fresh factor', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  await entered(all)
  const device = await deviceOf(all, 'alice')
  const response = device.get(await all.passkeys.loginOptions())
  assert.deepEqual(await all.login.loginWithPasskey({ response, address: ADDRESS }), { outcome: 'refused' })
  const purpose = 'approve a_1'
  const proof = { kind: 'passkey', response: device.get(await all.passkeys.assertionOptions(alice, purpose)) } as const
  assert.equal(await all.login.verifyFactor({ person: alice, proof, purpose, address: ADDRESS }), 'accepted')
})

test('the provider’s tokens lie sealed in the store', async (context) => {
  const all = await ready(context, { refresh: true })
  all.org.become(MEMBER)
  await entered(all)
  const [identity] = await all.store.identities.due({
    ...{ before: all.clock.now(), now: all.clock.now(), idleMs: 1 },
  })
  assert.match(identity?.kept ?? '', /^v1\.[\w-]+$/)
})

test('ten sign-ins that the provider does not confirm count against their address, and only theirs', async (context) => {
  const { org, oidc, lockout } = await ready(context)
  org.become(MEMBER)
  const url = new URL(REDIRECT)
  for (let n = 0; n < 99; n += 1) await oidc.finish({ url, flow: '', address: '10.0.0.66' })
  assert.equal(await lockout.lockedUntil({ person: 'alice', source: '10.0.0.66' }), undefined)
  await oidc.finish({ url, flow: '', address: '10.0.0.66' })
  assert.deepEqual(await oidc.finish({ url, flow: '', address: '10.0.0.66' }), { outcome: 'refused', why: 'locked' })
  const begun = await oidc.begin()
  const back = await org.visit(begun.url, REDIRECT)
  assert.equal((await oidc.finish({ url: back, flow: begun.flow, address: ADDRESS })).outcome, 'done')
})

test('a name that is locked at another door is locked here, and a sign-in forgets its failures', async (context) => {
  const all = await ready(context)
  all.org.become(MEMBER)
  const failed = { person: 'alice', source: '10.0.0.66' }
  for (let n = 0; n < 10; n += 1) await all.lockout.failed(failed)
  assert.deepEqual(await all.signIn(), { outcome: 'refused', why: 'locked' })
  const last = (await all.notes()).at(-1)
  assert.deepEqual([last?.kind, last?.by, last?.outcome, last?.detail['why']], ['login', 'alice', 'refused', 'locked'])
  all.clock.advance(30 * 60_000)
  await entered(all)
  for (let n = 0; n < 9; n += 1) await all.lockout.failed({ ...failed, source: '10.0.0.67' })
  await entered(all)
  await all.lockout.failed({ ...failed, source: '10.0.0.68' })
  assert.equal(await all.lockout.lockedUntil({ ...failed, source: ADDRESS }), undefined)
})

test('somebody whose groups give nothing ten times is locked at every door', async (context) => {
  const all = await ready(context)
  all.org.become({ ...MEMBER, groups: ['canteen'] })
  for (let n = 0; n < 10; n += 1) assert.deepEqual(await all.signIn(), { outcome: 'refused', why: 'no-role' })
  assert.deepEqual(await all.signIn(), { outcome: 'refused', why: 'locked' })
  assert.ok(await all.lockout.lockedUntil({ person: 'alice', source: '10.0.0.1' }))
})
