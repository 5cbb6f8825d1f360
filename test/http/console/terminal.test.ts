import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createBrowserLogins } from '../../../src/access/browser-login.ts'
import { personName } from '../../../src/model/ids.ts'
import { admin, peopleOf, scrub } from '../../store/scratch.ts'
import { house, told } from '../house.ts'
import { HOME, visitor } from './visitor.ts'

const MINUTE = 60_000

interface Begun {
  readonly deviceCode: string
  readonly userCode: string
  readonly link: string
}

/** Alice and bob in a house with real identity; alice is signed in in a browser, by an invite's password or an organisation alike: by her token. */
async function terminal(context: TestContext, more: object = {}) {
  const all = await house(context, { alice: ['engineer'], bob: ['approver'] }, ({ tokens, store, clock }) => ({
    browserLogins: createBrowserLogins({ tokens, journal: store.journal, clock, scrub }),
  }))
  const begin = async (): Promise<Begun> => {
    const asked = await all.post(undefined, 'login/browser', { client: 'countersign on laptop', ...more })
    return (await asked.json()) as Begun
  }
  const begun = await begin()
  const take = async () => {
    all.clock.advance(5000)
    return told(await all.post(undefined, 'login/browser/token', { deviceCode: begun.deviceCode }))
  }
  return { ...all, begun, begin, take }
}

/** A browser that is signed in as somebody, by the sign-in's own form. */
async function browserOf(all: Awaited<ReturnType<typeof terminal>>, who: string) {
  const browser = visitor(all.app)
  await peopleOf(all).setPassword(personName(who), 'correct horse 1', admin)
  const factors = { password: 'correct horse 1', newPassword: 'battery staple 2', totp: await all.code(who) }
  assert.equal((await browser.post('/login', { person: who, ...factors })).status, 303)
  await browser.get('/account/terminal')
  return browser
}

test('the link leads to the sign-in and from there to the page, and looking decides nothing', async (context) => {
  const all = await terminal(context)
  assert.equal(all.begun.link, 'https://countersign.example/terminal')
  const link = await all.app.request('/terminal')
  assert.deepEqual([link.status, link.headers.get('location')], [303, '/account/terminal'])
  const page = await all.app.request('/account/terminal')
  assert.deepEqual([page.status, page.headers.get('location')], [303, '/login?next=%2Faccount%2Fterminal'])
  const alice = await browserOf(all, 'alice')
  const seen = await alice.post('/account/terminal', { code: all.begun.userCode.toLowerCase() })
  assert.equal(seen.status, 200)
  for (const part of ['countersign on laptop', '192.0.2.7', all.begun.userCode, 'Sign it in', 'Refuse'])
    assert.ok(seen.text.includes(part), part)
  await alice.get(`/account/terminal/confirm?code=${all.begun.userCode}`)
  assert.deepEqual(await all.take(), { status: 200, state: 'pending', login: null })
})

test('a confirmed code gives the terminal a token that works', async (context) => {
  const all = await terminal(context)
  const alice = await browserOf(all, 'alice')
  const done = await alice.post('/account/terminal/confirm', { code: all.begun.userCode })
  assert.deepEqual([done.status, done.location], [303, '/account'])
  assert.match((await alice.get('/account')).text, /Confirmed\. The terminal is signed in/)
  const taken = await all.take()
  assert.equal(taken['state'], 'done')
  const { token, person } = taken['login'] as { token: string; person: string }
  assert.equal(person, 'alice')
  const me = await all.app.request('/api/v1/me', { headers: { Authorization: `Bearer ${token}` } })
  assert.equal(me.status, 200)
  assert.equal((await all.take())['code'], 'login-expired')
  assert.equal((await alice.post('/account/terminal/confirm', { code: all.begun.userCode })).status, 404)
})

test('a form of another site, of nobody’s sign-in or of no type confirms nothing', async (context) => {
  const all = await terminal(context)
  const alice = await browserOf(all, 'alice')
  const code = all.begun.userCode
  const path = '/account/terminal/confirm'
  assert.equal((await alice.post(path, { code, csrf: 'forged' })).status, 403)
  assert.equal((await alice.post(path, { code }, { Origin: 'https://evil.example' })).status, 403)
  assert.equal((await alice.post(path, { code }, { ...HOME, 'Content-Type': 'text/plain' })).status, 400)
  assert.equal((await visitor(all.app).post(path, { code })).status, 401)
  assert.equal((await all.take())['state'], 'pending')
})

test('a tab that was left open asks for a factor before it signs anything in', async (context) => {
  const all = await terminal(context)
  const alice = await browserOf(all, 'alice')
  all.clock.advance(11 * MINUTE)
  const { userCode, deviceCode } = await all.begin()
  const page = await alice.post('/account/terminal', { code: userCode })
  assert.match(page.text, /A new one-time code/)
  assert.equal((await alice.post('/account/terminal/confirm', { code: userCode })).status, 403)
  assert.equal((await alice.post('/account/terminal/confirm', { code: userCode, totp: '000000' })).status, 403)
  const totp = await all.code('alice')
  assert.equal((await alice.post('/account/terminal/confirm', { code: userCode, totp })).status, 303)
  const taken = await told(await all.post(undefined, 'login/browser/token', { deviceCode }))
  assert.equal(taken['state'], 'done')
  const factor = (await all.notes()).findLast(({ kind }) => kind === 'factor')
  assert.deepEqual([factor?.outcome, factor?.detail['purpose']], ['accepted', 'login terminal'])
})

test('a login for bob is none that alice could confirm, and a refused one is over', async (context) => {
  const all = await terminal(context, { person: 'bob' })
  const [alice, bob] = [await browserOf(all, 'alice'), await browserOf(all, 'bob')]
  const code = all.begun.userCode
  assert.match((await alice.post('/account/terminal', { code })).text, /This was asked for somebody else/)
  assert.equal((await alice.post('/account/terminal/confirm', { code })).status, 403)
  assert.equal((await bob.post('/account/terminal/deny', { code })).status, 303)
  assert.deepEqual((await all.take())['code'], 'login-denied')
})

test('what asks cannot draw on the page', async (context) => {
  const all = await terminal(context, { client: '<img src=x>\u202Etxt' })
  const alice = await browserOf(all, 'alice')
  const page = await alice.post('/account/terminal', { code: all.begun.userCode })
  assert.ok(page.text.includes('&lt;img src=x&gt;'))
  assert.ok(!page.text.includes('<img') && !page.text.includes('\u202E'))
})
