import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REQUEST, accessRequest } from '../request-desk.ts'
import { world } from '../world.ts'
import { freshCode, visitor } from './visitor.ts'

const AT = `/access-requests/${REQUEST}`

test('alice sees what she may reach, gives it back, and asks for more', async () => {
  const { app, state } = world()
  const alice = visitor(app)
  await alice.signIn('alice')
  const home = await alice.get('/access')
  assert.match(home.text, /You may reach/)
  assert.match(home.text, /href="\/access\/targets\/cards"/)
  assert.match(home.text, /Ends your access to cards now/)
  const wish = { target: 'other', for: '1h', reason: 'a stuck payment', ticket: '' }
  assert.equal((await alice.post('/access', wish)).status, 303)
  assert.match((await alice.get('/access')).text, /A rule grants it: you may reach other now/)
  const id = /\/access\/grants\/(g_[0-9a-z]{12})\/revoke/.exec(home.text)?.[1] ?? ''
  const after = await alice.post(`/access/grants/${id}/revoke`, { reason: 'given back' })
  assert.deepEqual([after.status, after.location], [303, '/access'])
  assert.deepEqual(state.revoked, [{ id, by: 'alice', reason: 'given back' }])
})

test('what is asked for may be less than everything, and the page says so to whoever decides', async () => {
  const { app, desk } = world()
  const alice = visitor(app)
  await alice.signIn('alice')
  const home = await alice.get('/access')
  assert.match(home.text, /<select name="rights">[^]*value="all"[^]*value="write"[^]*value="read"/)
  const wish = { target: 'cards', for: '1h', rights: 'read', reason: 'to look', ticket: '' }
  assert.equal((await alice.post('/access', wish)).status, 303)
  assert.equal((await alice.post('/access', { ...wish, rights: 'root' })).status, 400)
  const asked = [...desk.rows.values()].find(({ reason }) => reason === 'to look')
  assert.equal(asked?.rights, 'read')
  assert.match((await alice.get('/access')).text, /<span class="tag">reading only<\/span>/)
  const bob = visitor(app)
  await bob.signIn('bob')
  const page = await bob.get(`/access-requests/${asked.id}`)
  assert.match(page.text, /<dt>Rights<\/dt>\s*<dd>reading only<\/dd>/)
  assert.match(page.text, /reach <b>cards<\/b> for reading only\./)
})

test('security takes what somebody else may reach, and comes back to everybody’s grants', async () => {
  const { app, state } = world()
  const dan = visitor(app)
  await dan.signIn('dan')
  const { text } = await dan.get('/access/grants')
  const id = /\/access\/grants\/(g_[0-9a-z]{12})\/revoke/.exec(text)?.[1] ?? ''
  const after = await dan.post(`/access/grants/${id}/revoke`, { reason: 'has left' })
  assert.deepEqual([after.status, after.location], [303, '/access/grants'])
  assert.deepEqual(state.revoked, [{ id, by: 'dan', reason: 'has left' }])
})

test('what is asked for wrongly comes back with the reason and what was typed', async () => {
  const { app } = world()
  const alice = visitor(app)
  await alice.signIn('alice')
  await alice.get('/access')
  const wish = { target: 'cards', for: '4h', reason: 'night <b>shift</b>', ticket: 'OPS-7' }
  const long = await alice.post('/access', wish)
  assert.equal(long.status, 422)
  assert.match(long.text, /Access for so long is not given: at most 2h/)
  assert.match(long.text, /night &lt;b&gt;shift&lt;\/b&gt;<\/textarea/)
  assert.match(long.text, /value="OPS-7"/)
  assert.equal((await alice.post('/access', { ...wish, target: 'nothing' })).status, 404)
  assert.equal((await alice.post('/access', { ...wish, reason: ' ' })).status, 400)
  assert.equal((await alice.post('/access', { ...wish, person: 'bob' })).status, 400)
})

test('how to connect is shown with a live grant alone, and a password once', async () => {
  const { app, state } = world()
  const alice = visitor(app)
  await alice.signIn('alice')
  const page = await alice.get('/access/targets/cards')
  assert.match(page.text, /psql -h 127.0.0.1 -p 6432 -U alice@cards cards/)
  assert.doesNotMatch(page.text, /cs_secret/)
  const minted = await alice.post('/access/targets/cards/credential', { for: '28800' })
  assert.match(minted.text, /cs_secret\/with\?signs/)
  assert.match(minted.text, /postgresql:\/\/alice%40cards:cs_secret%2Fwith%3Fsigns@127.0.0.1:6432\/cards/)
  assert.equal(minted.headers.get('cache-control'), 'no-store')
  const [made] = state.credentials
  assert.equal(made && made.expiresAt - made.createdAt, 3_600_000, 'no longer than the access')
  assert.doesNotMatch((await alice.get('/access/targets/cards')).text, /cs_secret/)
  assert.equal((await alice.get('/access/targets/other')).status, 404)
  const bob = visitor(app)
  await bob.signIn('bob')
  await bob.get('/access')
  assert.equal((await bob.get('/access/targets/cards')).status, 404)
  assert.equal((await bob.post('/access/targets/cards/credential', { for: '900' })).status, 403)
})

test('bob shortens and approves from the link with the sign-in that he made for it', async () => {
  const { app, state } = world()
  const bob = visitor(app)
  await bob.signIn('bob', { next: AT })
  const page = await bob.get(AT)
  assert.match(page.text, /alice wants cards for 30m/)
  for (const part of ['a stuck payment', 'OPS-12', 'access/card-data', '1 approver', 'asked now'])
    assert.ok(page.text.includes(part), part)
  assert.match(page.text, /<option value="15m">/)
  assert.doesNotMatch(page.text, /<option value="1h">/, 'an approver lengthens nothing')
  assert.equal((await bob.post(`${AT}/approve`, { for: '15m' })).status, 303)
  const after = await bob.get(AT)
  assert.match(after.text, /alice may reach cards now/)
  assert.match(after.text, /bob.*approved.*for 15m/s)
  assert.deepEqual(state.purposes, [])
})

test('a decision later needs a factor of its own, and a stale one is told who was faster', async () => {
  const { app, state } = world()
  const [bob, erin] = [visitor(app), visitor(app)]
  await bob.signIn('bob')
  await erin.signIn('erin')
  await bob.get(AT)
  await erin.get(AT)
  assert.equal((await bob.post(`${AT}/deny`, { reason: 'not tonight' })).status, 403)
  assert.equal((await bob.post(`${AT}/deny`, { reason: 'not tonight', totp: '999999' })).status, 403)
  assert.equal((await bob.post(`${AT}/deny`, { reason: 'not tonight', totp: freshCode() })).status, 303)
  assert.deepEqual(state.purposes, [`deny ${REQUEST}`, `deny ${REQUEST}`])
  const stale = await erin.post(`${AT}/approve`, { for: '', totp: freshCode() })
  assert.equal(stale.status, 409)
  assert.match(stale.text, /Nothing was decided now. bob denied it at .*: not tonight/)
})

test('whoever asked decides nothing and may withdraw; others are told that there is nothing', async () => {
  const { app } = world()
  const [alice, mallory] = [visitor(app), visitor(app)]
  await alice.signIn('alice')
  const own = await alice.get(AT)
  assert.match(own.text, /You asked for this/)
  assert.equal((await alice.post(`${AT}/approve`, { totp: freshCode() })).status, 403)
  await mallory.signIn('mallory')
  const foreign = await mallory.get(AT)
  assert.equal(foreign.status, 404)
  assert.doesNotMatch(foreign.text, /stuck payment|alice/)
  assert.equal((await mallory.post(`${AT}/approve`, { totp: freshCode() })).status, 404)
  assert.equal((await mallory.post(`${AT}/withdraw`, {})).status, 404)
  assert.equal((await alice.post(`${AT}/withdraw`, {})).status, 303)
})

test('the history of requests filters, exports and shows nobody more than they may see', async () => {
  const { app } = world()
  const carol = visitor(app)
  await carol.signIn('carol')
  assert.match((await carol.get('/access/history?text=ops-12')).text, new RegExp(REQUEST))
  assert.match((await carol.get('/access/history?state=denied')).text, /No request fits/)
  const csv = await carol.get('/access/history?format=csv')
  assert.match(csv.text, /^id,state,person,target,rights,minutes,reason/)
  assert.match(csv.text, new RegExp(`${REQUEST},open,alice,cards,all,30,a stuck payment,OPS-12`))
  const mallory = visitor(app)
  await mallory.signIn('mallory')
  assert.doesNotMatch((await mallory.get('/access/history?format=json')).text, /r_/)
})

for (const payload of [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</textarea><svg onload=alert(1)>',
]) {
  test(`${payload} is inert text in every field of a request`, async () => {
    const base = world()
    const request = accessRequest({
      reason: payload,
      ticket: payload,
      message: payload,
      rule: payload,
      stages: [
        {
          from: ['approver'],
          need: 1,
          notify: [payload],
          escalation: [{ afterMs: 60_000, from: [], notify: [payload] }],
        },
      ],
    })
    const { requests } = base.deps
    const { app } = world({
      requests: { ...requests, list: () => Promise.resolve([request]), find: () => Promise.resolve(request) },
    })
    const bob = visitor(app)
    await bob.signIn('bob')
    for (const path of [AT, '/access', '/access/history']) {
      const { status, text } = await bob.get(path)
      assert.equal(status, 200)
      assert.doesNotMatch(text, /<script(?! src="\/console\/)|<img|<svg/, path)
    }
  })
}
