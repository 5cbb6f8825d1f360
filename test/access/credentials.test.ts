import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createCredentials } from '../../src/access/credentials.ts'
import { scramVerifier } from '../../src/access/scram-verifier.ts'
import { deriveKey, newMasterKey } from '../../src/access/node-key.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import {
  admin,
  cards,
  credentialId,
  grantsOf,
  peopleOf,
  scratchStore,
  seedGrant,
  seedPeople,
  threadedStore,
} from '../store/scratch.ts'
import type { Scratch } from '../store/scratch.ts'

const alice = personName('alice')
const bob = personName('bob')
const web = targetName('web')
const key = deriveKey(newMasterKey(), 'scram-salt')

const credentialsOf = ({ store, clock }: Scratch) =>
  createCredentials({ store: store.credentials, clock, newId: credentialId, key })

async function ready(context: TestContext, scratch: Scratch = scratchStore(context)) {
  await seedPeople(scratch, { alice: ['engineer'], bob: ['engineer'] })
  const grant = await seedGrant(scratch, 'alice')
  const credentials = credentialsOf(scratch)
  const mint = async (more: { ttlMs?: number; source?: string } = {}) => {
    const minted = await credentials.mint(
      { person: alice, target: cards, grant, ttlMs: 600_000, service: false, ...more },
      admin,
    )
    if (minted.outcome !== 'minted') throw new Error(minted.why)
    return minted
  }
  const live = async (source = '10.0.0.1') => {
    const offer = await credentials.verifiersFor({ person: alice, target: cards }, source)
    return offer.candidates.map((candidate) => candidate.credential.id)
  }
  return { scratch, grant, credentials, mint, live }
}

test('the proof of the example in RFC 7677 fits the verifier of its password', async () => {
  const verifier = await scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))
  assert.match(verifier, /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$/)
  const [storedKey = '', serverKey = ''] = (verifier.split('$')[2] ?? '').split(':')
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
  const exchange = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`
  const sign = (keyText: string) => createHmac('sha256', Buffer.from(keyText, 'base64')).update(exchange).digest()
  assert.equal(sign(serverKey).toString('base64'), '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64')
  const clientKey = sign(storedKey).map((byte, index) => byte ^ (proof[index] ?? 0))
  assert.equal(createHash('sha256').update(clientKey).digest('base64'), storedKey)
})

test('a credential is shown once, prints as a secret and lies nowhere in the file', async (context) => {
  const { scratch, mint } = await ready(context, await threadedStore(context))
  const { secret } = await mint()
  assert.match(secret.reveal(), /^cs_[a-z2-7]{24}$/)
  assert.equal(JSON.stringify({ secret }), '{"secret":"[secret]"}')
  await scratch.store.close()
  assert.equal(readFileSync(scratch.path).includes(secret.reveal()), false)
})

test('all credentials of one person and target share their salt, and each has its own verifier', async (context) => {
  const { credentials, mint } = await ready(context)
  const first = await mint()
  const second = await mint()
  const offer = await credentials.verifiersFor({ person: alice, target: cards }, '::1')
  const salt = offer.salt.toString('base64')
  assert.deepEqual(
    offer.candidates.map((candidate) => candidate.verifier),
    [await scramVerifier(second.secret.reveal(), offer.salt), await scramVerifier(first.secret.reveal(), offer.salt)],
  )
  assert.ok(offer.candidates.every((candidate) => candidate.verifier.startsWith(`SCRAM-SHA-256$4096:${salt}$`)))
})

test('a login that does not exist is offered a salt as stable and as long as any other, and a decoy', async (context) => {
  const { credentials } = await ready(context)
  for (const login of [
    { person: bob, target: cards },
    { person: personName('nobody'), target: web },
    'Not A Name',
    '',
  ]) {
    const [one, two] = [await credentials.verifiersFor(login, '::1'), await credentials.verifiersFor(login, '::1')]
    assert.equal(one.salt.length, 16)
    assert.deepEqual(one.salt, two.salt)
    assert.deepEqual(one.candidates, [])
    assert.match(one.decoy, /^SCRAM-SHA-256\$4096:[\w+/]{22}==\$[\w+/]{43}=:[\w+/]{43}=$/)
  }
  const known = await credentials.verifiersFor({ person: alice, target: cards }, '::1')
  const unknown = await credentials.verifiersFor({ person: alice, target: web }, '::1')
  assert.notDeepEqual(known.salt, unknown.salt)
})

test('a credential ends with its time, its grant, its revocation and its person', async (context) => {
  const { scratch, grant, credentials, mint, live } = await ready(context)
  const short = await mint({ ttlMs: 1000 })
  const revoked = await mint()
  const long = await mint()
  assert.equal((await live()).length, 3)
  scratch.clock.advance(1000)
  assert.equal((await live()).includes(short.credential.id), false)
  assert.equal(await credentials.revoke(revoked.credential.id, admin, bob), false, 'not of this person')
  assert.equal(await credentials.revoke(revoked.credential.id, admin), true)
  assert.deepEqual(await live(), [long.credential.id])
  await grantsOf(scratch).revoke(grant.id, admin)
  assert.deepEqual(await live(), [])
  const again = await seedGrant(scratch, 'alice')
  await credentials.mint({ person: alice, target: cards, grant: again, ttlMs: 1000, service: false }, admin)
  assert.equal((await live()).length, 1)
  await peopleOf(scratch).disable(alice, admin)
  assert.deepEqual(await live(), [])
})

test('a credential never outlives its grant nor a working day', async (context) => {
  const { scratch, grant, credentials, mint } = await ready(context)
  assert.equal((await mint({ ttlMs: 86_400_000 })).credential.expiresAt, grant.expiresAt)
  const wide = await grantsOf(scratch).grant({ person: alice, target: web, forMs: 30 * 86_400_000, reason: '' }, admin)
  assert.ok(wide.outcome === 'granted')
  const wanted = { person: alice, target: web, grant: wide.grant, ttlMs: 1e12, service: false }
  const minted = await credentials.mint(wanted, admin)
  assert.ok(minted.outcome === 'minted')
  assert.equal(minted.credential.expiresAt, scratch.clock.now() + 12 * 3_600_000)
})

test('a credential is minted only over a live grant of the same person and target, and not without end', async (context) => {
  const { scratch, grant, credentials, mint } = await ready(context)
  const wanted = { person: alice, target: cards, grant, ttlMs: 1000, service: false }
  const why = async (more: object) => credentials.mint({ ...wanted, ...more }, admin)
  assert.deepEqual(await why({ person: bob }), { outcome: 'refused', why: 'no-grant' })
  assert.deepEqual(await why({ target: web }), { outcome: 'refused', why: 'no-grant' })
  assert.deepEqual(await why({ grant: { id: grant.id, expiresAt: grant.expiresAt + 9e9 }, ttlMs: 4_000_000 }), {
    outcome: 'refused',
    why: 'no-grant',
  })
  assert.deepEqual(await why({ ttlMs: 0 }), { outcome: 'refused', why: 'bad-duration' })
  assert.deepEqual(await why({ ttlMs: Number.NaN }), { outcome: 'refused', why: 'bad-duration' })
  for (let n = 0; n < 20; n += 1) await mint()
  assert.deepEqual(await why({}), { outcome: 'refused', why: 'too-many' })
  await grantsOf(scratch).revoke(grant.id, admin)
  assert.deepEqual(await why({}), { outcome: 'refused', why: 'no-grant' })
})

test('a credential that is bound to an address works from there alone, however the socket writes it', async (context) => {
  const { mint, live } = await ready(context)
  await mint({ source: '::ffff:10.0.0.7' })
  assert.equal((await live('10.0.0.7')).length, 1)
  assert.equal((await live('::FFFF:10.0.0.7')).length, 1)
  assert.equal((await live('10.0.0.8')).length, 0)
})
