import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASSERTION, KEY, REGISTRATION } from '../identity-fakes.ts'
import { world } from '../world.ts'
import { freshCode, HOME, visitor } from './visitor.ts'

const PASSKEY = JSON.stringify(REGISTRATION)

async function alice() {
  const running = world()
  const browser = visitor(running.app)
  await browser.signIn('alice')
  await browser.get('/account')
  return { ...running, browser }
}

test('changing passkeys asks first who it is, once in five minutes', async () => {
  const { browser, clock, state } = await alice()
  const changes: [string, Record<string, string>][] = [
    ['/account/passkeys', { name: 'phone', passkey: PASSKEY }],
    ['/account/passkeys/rename', { id: KEY, name: 'old laptop' }],
    ['/account/passkeys/remove', { id: KEY }],
  ]
  const statuses = async () =>
    Promise.all(changes.map(async ([path, fields]) => (await browser.post(path, fields)).status))
  assert.deepEqual(await statuses(), [403, 403, 403])
  assert.equal((await browser.post('/account/confirm', { totp: '999999' })).status, 403)
  assert.equal((await browser.post('/account/confirm', { totp: freshCode() })).status, 303)
  assert.deepEqual(await statuses(), [303, 303, 303])
  assert.match((await browser.get('/account')).text, /name="id" value="key-of-alice"/)
  clock.advance(300_000)
  assert.deepEqual(await statuses(), [403, 403, 403])
  assert.deepEqual(state.purposes, ['account', 'account'])
})

test('a passkey proves as well as a code', async () => {
  const { browser, state } = await alice()
  const proof = { totp: '', passkey: JSON.stringify(ASSERTION) }
  assert.equal((await browser.post('/account/confirm', proof)).status, 303)
  assert.deepEqual(state.purposes, ['account'])
  for (const passkey of ['{', '[]', '{"id":"x"}', JSON.stringify({ ...ASSERTION, id: 'key-of-bob' })])
    assert.equal((await browser.post('/account/confirm', { passkey })).status, 403, passkey)
})

test('nobody renames or removes the passkey of somebody else', async () => {
  const { app } = world()
  const bob = visitor(app)
  await bob.signIn('bob')
  await bob.get('/account')
  await bob.post('/account/confirm', { totp: freshCode() })
  assert.equal((await bob.post('/account/passkeys/rename', { id: KEY, name: 'mine' })).status, 404)
  assert.equal((await bob.post('/account/passkeys/remove', { id: KEY })).status, 404)
})

test('a changed password signs out', async () => {
  const { browser } = await alice()
  const fields = { username: 'alice', current: 'pw-alice', next: 'a-new-long-one-77' }
  assert.equal((await browser.post('/account/password', fields)).status, 403)
  const done = await browser.post('/account/password', { ...fields, totp: freshCode() })
  assert.equal(done.status, 200)
  assert.match(done.text, /Your password is changed/)
  assert.doesNotMatch(done.text, /a-new-long-one-77|pw-alice/)
  assert.match(done.headers.get('set-cookie') ?? '', /Max-Age=0/)
  assert.equal((await browser.get('/account')).status, 303)
})

test('challenges are for the one who is signed in, with the token of their page', async () => {
  const { app, browser } = await alice()
  const ask = (path: string, headers: Record<string, string>, body: string) =>
    app.request(path, { method: 'POST', body, headers: { ...HOME, 'Content-Type': 'application/json', ...headers } })
  const right = { Cookie: browser.cookie, 'X-Csrf-Token': browser.csrf }
  const wanted = JSON.stringify({ purpose: 'approve a_abcdefghij01' })
  assert.equal((await ask('/console/factor', right, wanted)).status, 200)
  assert.equal((await ask('/console/factor', { Cookie: browser.cookie }, wanted)).status, 403)
  assert.equal((await ask('/console/factor', { 'X-Csrf-Token': browser.csrf }, wanted)).status, 401)
  for (const bad of ['{}', '{"purpose":"<b>"}', '{"purpose":"x","person":"bob"}', 'null'])
    assert.equal((await ask('/console/factor', right, bad)).status, 400, bad)
  assert.equal((await ask('/account/passkeys/options', right, '{}')).status, 403, 'not confirmed')
  await browser.post('/account/confirm', { totp: freshCode() })
  const after = { Cookie: browser.cookie, 'X-Csrf-Token': browser.csrf }
  assert.equal((await ask('/account/passkeys/options', after, '{}')).status, 200)
  const bob = visitor(app)
  await bob.signIn('bob')
  await bob.get('/account')
  const none = await ask('/console/factor', { Cookie: bob.cookie, 'X-Csrf-Token': bob.csrf }, wanted)
  assert.equal(none.status, 404)
  assert.match(await none.text(), /you have no passkey yet/)
})

test('the forms offer what the viewer has: codes, passkeys or both', async () => {
  const base = world()
  const { app } = world({ factors: { ...base.deps.factors, isEnrolled: () => Promise.resolve(false) } })
  const [alone, bare] = [visitor(app), visitor(app)]
  await alone.signIn('alice')
  assert.match((await alone.get('/account')).text, /<body\s+data-no-codes\s*>/)
  await bare.signIn('bob')
  assert.match((await bare.get('/account')).text, /<body\s+data-no-codes\s+data-no-passkeys\s*>/)
})

test('whoever has no authenticator app sets one up after showing who they are; a wrong code keeps the picture', async () => {
  const base = world()
  const kept: unknown[] = []
  const factors = {
    isEnrolled: () => Promise.resolve(false),
    enrolTaken: (person: unknown, taken: unknown, actor: unknown) => {
      kept.push([person, taken, actor])
      return Promise.resolve(true)
    },
  }
  const { app } = world({ factors: { ...base.deps.factors, ...factors } })
  const browser = visitor(app)
  await browser.signIn('alice')
  assert.doesNotMatch((await browser.get('/account')).text, /\/account\/codes/)
  assert.equal((await browser.post('/account/codes', { ticket: 'ticket', code: '123456' })).status, 403)
  await browser.post('/account/confirm', { totp: freshCode() })
  const page = await browser.get('/account')
  const secretIn = (text: string): string | undefined => /id="secret">([A-Z2-7 ]+)</.exec(text)?.[1]
  const ticket = /name="ticket" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  assert.match(page.text, /<svg[^>]*aria-label="QR code of the secret below"/)
  const wrong = await browser.post('/account/codes', { ticket, code: '000000' })
  assert.equal(wrong.status, 403)
  assert.match(wrong.text, /the app shows another code now/)
  assert.equal(secretIn(wrong.text), secretIn(page.text))
  assert.deepEqual(kept, [])
  assert.equal((await browser.post('/account/codes', { ticket: 'ticket', code: '123456' })).location, '/account')
  assert.equal(kept.length, 1)
  assert.match((await browser.get('/account')).text, /One-time codes are set up/)
})

test('whoever has codes is told how to replace them, and gets no new secret', async () => {
  const { browser } = await alice()
  await browser.post('/account/confirm', { totp: freshCode() })
  const { text } = await browser.get('/account')
  assert.match(text, /An authenticator app is set up/)
  assert.doesNotMatch(text, /\/account\/codes|otpauth:/)
})
