import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt } from '../../src/access/totp.ts'
import { ORIGIN } from '../access/entry.ts'
import { seedPeople } from '../store/scratch.ts'
import { Authenticator } from '../support/authenticator.ts'
import { house, told } from './house.ts'

type House = Awaited<ReturnType<typeof house>>

const Creation = z.looseObject({
  challenge: z.string(),
  rp: z.looseObject({ id: z.string() }),
  user: z.looseObject({ id: z.string(), name: z.string() }),
  authenticatorSelection: z.looseObject({ userVerification: z.string(), residentKey: z.string() }),
  attestation: z.string(),
})
const Request = z.looseObject({ challenge: z.string(), rpId: z.string(), userVerification: z.string() })

async function register(all: House, who: string, factor?: unknown) {
  const options = Creation.parse(await (await all.post(who, 'passkeys/options')).json())
  const device = new Authenticator(ORIGIN)
  const body = { response: device.create(options), name: 'laptop', ...(factor === undefined ? {} : { factor }) }
  return { device, options, done: await told(await all.post(who, 'passkeys', body)) }
}

const assertion = async (all: House, who: string, { device, purpose }: { device: Authenticator; purpose: string }) =>
  device.get(Request.parse(await (await all.post(who, 'factors/options', { purpose })).json()))

test('a passkey is registered with a fresh code, signs in alone and steps up', async (context) => {
  const all = await house(context, { alice: ['engineer'] })
  const without = await register(all, 'alice')
  assert.equal(without.done.status, 201, 'who has no factor at all and has just signed in sets up the first')
  const bare = await register(all, 'alice')
  assert.deepEqual([bare.done.status, bare.done['code']], [403, 'factor-refused'], 'the second needs the first')
  const { options, device, done } = await register(all, 'alice', await all.code('alice'))
  assert.equal(done.status, 201)
  assert.deepEqual([options.rp.id, options.user.name], ['countersign.example', 'alice'])
  assert.deepEqual(options.authenticatorSelection, {
    ...{ residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  })
  assert.equal(options.attestation, 'none')
  const asked = Request.parse(await (await all.post(undefined, 'login/passkey/options')).json())
  assert.deepEqual([asked.userVerification, asked['allowCredentials'] ?? []], ['required', []], 'names nobody')
  const signedIn = await told(await all.post(undefined, 'login/passkey', { response: device.get(asked) }))
  assert.deepEqual([signedIn.status, signedIn['person']], [200, 'alice'])
  const removed = await all.post('alice', `passkeys/${without.device.id}/remove`, {
    factor: await assertion(all, 'alice', { device, purpose: 'remove passkey' }),
  })
  assert.equal(removed.status, 200)
  const factors = await told(await all.get('alice', 'factors'))
  const keys = z.array(z.looseObject({ id: z.string(), name: z.string() })).parse(factors['passkeys'])
  assert.deepEqual([factors['totp'], keys.map(({ id }) => id)], [true, [device.id]])
})

test('a step-up answer for one purpose is refused for another, and nobody answers for somebody else', async (context) => {
  const all = await house(context, { alice: [], bob: [] })
  const { device } = await register(all, 'alice')
  const { device: bobs } = await register(all, 'bob')
  const code = await all.code('alice')
  const remove = async (factor: unknown) => (await all.post('alice', `passkeys/${device.id}/remove`, { factor })).status
  assert.equal(await remove(await assertion(all, 'alice', { device, purpose: 'approve a_1' })), 403)
  assert.equal(await remove(await assertion(all, 'bob', { device: bobs, purpose: 'remove passkey' })), 403)
  assert.equal(await remove(await assertion(all, 'bob', { device, purpose: 'remove passkey' })), 403)
  assert.equal(await remove(code), 200)
  for (const purpose of ['', 'x'.repeat(101), 'Approve a_1', 'approve a_1\nlogin', 1])
    assert.equal((await all.post('alice', 'factors/options', { purpose })).status, 400, JSON.stringify(purpose))
})

test('another person’s token reaches no passkey, and the last factor stays', async (context) => {
  const all = await house(context, { alice: [], bob: ['admin'] })
  const { device } = await register(all, 'alice')
  const at = `passkeys/${device.id}`
  assert.equal((await all.post('bob', `${at}/rename`, { name: 'mine' })).status, 404)
  assert.equal((await all.post('bob', `${at}/remove`, { factor: await all.code('bob') })).status, 404)
  const bobs = await told(await all.get('bob', 'factors'))
  assert.deepEqual(bobs['passkeys'], [])
  const last = await told(await all.post('alice', `${at}/remove`, { factor: '123456' }))
  assert.deepEqual([last.status, last['code']], [409, 'last-factor'])
  assert.equal((await all.post('alice', `${at}/rename`, { name: 'phone' })).status, 200)
})

test('one-time codes are set up with a code that the app shows, and a fresh other factor', async (context) => {
  const all = await house(context, { alice: [] })
  const { device } = await register(all, 'alice')
  const offer = await told(await all.post('alice', 'factors/totp/options'))
  const secret = fromBase32(String(offer['secret'])) ?? assert.fail('no secret')
  const enrol = async (more: object) =>
    (
      await all.post('alice', 'factors/totp', {
        ticket: offer['ticket'],
        code: codeAt(secret, all.clock.now()),
        ...more,
      })
    ).status
  assert.equal(await enrol({}), 403, 'the passkey is needed')
  assert.equal(await enrol({ code: '000000' }), 403)
  const factor = await assertion(all, 'alice', { device, purpose: 'enrol code' })
  assert.equal(await enrol({ factor }), 200)
  const again = await assertion(all, 'alice', { device, purpose: 'enrol code' })
  assert.equal(await enrol({ factor: again }), 409, 'a second secret does not replace the first')
})

test('the first factor is set up right after a sign-in, not by whoever finds the token later', async (context) => {
  const all = await house(context, { alice: [] })
  await all.get('alice', 'me')
  all.clock.advance(10 * 60_000)
  const { done } = await register(all, 'alice')
  assert.deepEqual([done.status, done['code'], done['detail']], [403, 'factor-refused', 'sign in again first'])
})

test('a second admin confirms over the API with a fresh factor of exactly that purpose', async (context) => {
  const all = await house(context, { ada: ['admin'], ben: ['admin'], alice: ['engineer'], carol: ['auditor'] })
  const wanted = { kind: 'roles', person: 'alice', roles: ['engineer', 'approver'], reason: 'joins the desk' }
  assert.equal((await all.post('ada', 'proposals', { ...wanted, factor: '000000' })).status, 403)
  assert.equal((await all.post('alice', 'proposals', { ...wanted, factor: '000000' })).status, 403)
  const made = await told(await all.post('ada', 'proposals', { ...wanted, factor: await all.code('ada') }))
  assert.equal(made.status, 201)
  const { id } = z.looseObject({ id: z.string() }).parse(made['proposal'])
  const seen = z.looseObject({ proposals: z.array(z.looseObject({ mayConfirm: z.boolean() })) })
  for (const [who, may] of Object.entries({ ada: false, ben: true, carol: false }))
    assert.equal(seen.parse(await told(await all.get(who, 'proposals'))).proposals[0]?.mayConfirm, may, who)
  assert.equal((await all.get('alice', 'proposals')).status, 403)
  const own = await told(await all.post('ada', `proposals/${id}/confirm`, { factor: await all.code('ada') }))
  assert.deepEqual([own.status, own['code']], [403, 'own-proposal'])
  const { device } = await register(all, 'ben')
  const confirm = async (purpose: string) =>
    all.post('ben', `proposals/${id}/confirm`, { factor: await assertion(all, 'ben', { device, purpose }) })
  assert.equal((await confirm(`reject ${id}`)).status, 403, 'a factor for something else')
  const done = await told(await confirm(`confirm ${id}`))
  assert.deepEqual([done.status, done['state'], done['settledBy']], [200, 'confirmed', 'ben'])
  assert.equal((await told(await confirm(`confirm ${id}`)))['code'], 'settled')
  const people = z.looseObject({ people: z.array(z.looseObject({ person: z.string(), roles: z.array(z.string()) })) })
  const roles = people.parse(await told(await all.get('ada', 'people'))).people.find((one) => one.person === 'alice')
  assert.deepEqual(roles?.roles, ['engineer', 'approver'])
  for (const odd of ['p_none', 'p_abcdefghij01', '..%2f..', 'p_'])
    assert.equal((await all.post('ben', `proposals/${odd}/confirm`, { factor: '123456' })).status, 404, odd)
})

test('a confirmed reset gives the confirmer a link that needs the person’s own password', async (context) => {
  const all = await house(context, { ada: ['admin'], ben: ['admin'] })
  await seedPeople(all, { alice: ['engineer'] }, { password: 'my own password 1' })
  await all.code('alice')
  const wanted = { kind: 'reset-factor', person: 'alice' }
  const made = await told(await all.post('ada', 'proposals', { ...wanted, factor: await all.code('ada') }))
  assert.equal(made['link'], null)
  const { id } = z.looseObject({ id: z.string() }).parse(made['proposal'])
  const done = await told(await all.post('ben', `proposals/${id}/confirm`, { factor: await all.code('ben') }))
  assert.match(String(done['link']), /^https:\/\/countersign\.example\/welcome\/[\w-]{43}$/)
  const page = await (await all.app.request(String(done['link']))).text()
  assert.match(page, /Welcome, alice[^]*current-password/)
  assert.doesNotMatch(page, /name="again"/)
})

test('an invite gives a link at once and the weighty roles after a second admin', async (context) => {
  const all = await house(context, { ada: ['admin'], ben: ['admin'] })
  const body = { person: 'eve', roles: ['engineer', 'approver'], factor: await all.code('ada') }
  const made = await told(await all.post('ada', 'invites', body))
  assert.deepEqual([made.status, made['roles']], [201, ['engineer']])
  assert.match(String(made['link']), /\/welcome\//)
  const proposal = z.looseObject({ roles: z.array(z.string()), state: z.string() }).parse(made['proposal'])
  assert.deepEqual([proposal.roles, proposal.state], [['engineer', 'approver'], 'open'])
  const taken = { person: 'ben', roles: ['engineer'], factor: await all.code('ada') }
  assert.equal((await told(await all.post('ada', 'invites', taken)))['code'], 'change-refused')
})

test('a new password needs the old one and a factor, keeps the rules and ends every token', async (context) => {
  const all = await house(context, {})
  await seedPeople(all, { alice: [] }, { password: 'my own password 1' })
  const change = async (more: object) =>
    told(
      await all.post('alice', 'password', {
        ...{ password: 'my own password 1', newPassword: 'my next password 2', factor: await all.code('alice') },
        ...more,
      }),
    )
  assert.equal((await change({ password: 'not my password 1' })).status, 403)
  assert.equal((await change({ newPassword: 'weak' }))['code'], 'password-refused')
  assert.equal((await change({ factor: '000000' })).status, 403)
  assert.equal((await change({})).status, 200)
  assert.equal((await all.get('alice', 'me')).status, 401)
})
