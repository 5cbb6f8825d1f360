import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WHO } from '../../src/http/access-table.ts'
import { APPROVAL, approval, call, CREDENTIAL, json, SESSION, world } from './world.ts'

const V1 = '/api/v1'

test('readyz names the part that fails and answers 503', async () => {
  const { app } = world({
    health: {
      checks: () =>
        Promise.resolve([
          { name: 'store', ok: true },
          { name: 'recorder', ok: false, detail: 'cannot write' },
        ]),
    },
  })
  const response = await call(app, undefined, { path: '/readyz' })
  assert.equal(response.status, 503)
  assert.match(await response.text(), /recorder/)
  assert.equal((await call(app, undefined, { path: '/healthz' })).status, 200)
})

test('metrics are Prometheus text, and a sample with text from outside is left out', async () => {
  const samples = [
    {
      name: 'countersign_sessions',
      help: 'Open\nsessions.',
      type: 'gauge',
      value: 2,
      labels: { protocol: 'postgres' },
    },
    { name: 'countersign_sessions', help: '', type: 'gauge', value: 1, labels: { protocol: 'x"} evil 1\n' } },
  ] as const
  const { app } = world({ metrics: { samples: () => samples } })
  const text = await (await call(app, undefined, { path: '/metrics' })).text()
  assert.equal(
    text,
    '# HELP countersign_sessions Open sessions.\n# TYPE countersign_sessions gauge\ncountersign_sessions{protocol="postgres"} 2\n',
  )
})

test('the viewing of a recording is handed over with its viewer, and pages by number', async () => {
  const { app, state } = world()
  state.events.push(...[0, 1, 2].map((seq) => ({ seq })))
  const first = await json(await call(app, 'carol', { path: `${V1}/sessions/${SESSION}/events?limit=2` }))
  assert.deepEqual(first, { events: [{ seq: 0 }, { seq: 1 }], next: 2 })
  const question = { recording: SESSION, from: 0, limit: 2 }
  assert.deepEqual(state.asked, [{ what: 'page', question, by: 'carol', sees: 'everything' }])
})

test('ending a session says who and why, and a second time that it has ended', async () => {
  const { app, state } = world()
  const order = { path: `${V1}/sessions/${SESSION}/terminate`, body: { reason: 'incident 7' } }
  assert.equal((await call(app, 'dan', order)).status, 200)
  assert.deepEqual(state.terminated, [{ id: SESSION, by: 'dan', origin: '192.0.2.7', reason: 'incident 7' }])
  assert.equal((await call(app, 'dan', order)).status, 409)
})

test('a credential comes once with a DSN whose parts are escaped, and only its owner ends it', async () => {
  const { app } = world()
  const minted = await json(
    await call(app, 'alice', { path: `${V1}/credentials`, body: { target: 'cards', forSeconds: 900 } }),
  )
  assert.equal(minted['dsn'], 'postgresql://alice%40cards:cs_secret%2Fwith%3Fsigns@127.0.0.1:6432/cards')
  assert.equal(minted['login'], 'alice@cards')
  const listed = await (await call(app, 'alice', { path: `${V1}/credentials` })).text()
  assert.doesNotMatch(listed, /cs_secret/)
  assert.equal((await call(app, 'bob', { path: `${V1}/credentials/${CREDENTIAL}`, method: 'DELETE' })).status, 404)
  assert.equal((await call(app, 'alice', { path: `${V1}/credentials/${CREDENTIAL}`, method: 'DELETE' })).status, 200)
})

test('a target without a grant and a target that does not exist answer alike', async () => {
  const { app } = world()
  const ask = async (target: string) =>
    json(await call(app, 'alice', { path: `${V1}/credentials`, body: { target, forSeconds: 900 } }))
  assert.equal((await ask('other'))['code'], 'no-grant')
  assert.deepEqual(await ask('other'), await ask('nowhere'))
})

test('a login answers alike for a wrong name, password and code, and tells how long a lock lasts', async () => {
  const { app } = world()
  const attempt = async (body: object) => call(app, undefined, { path: `${V1}/login`, body })
  const wrong = [
    { person: 'nobody', password: 'pw-bob', totp: '100001' },
    { person: 'bob', password: 'wrong', totp: '100002' },
    { person: 'bob', password: 'pw-bob', totp: '999999' },
  ]
  const answers = await Promise.all(wrong.map(async (body) => json(await attempt(body))))
  assert.deepEqual(answers[0], answers[1])
  assert.deepEqual(answers[1], answers[2])
  const locked = await attempt({ person: 'locked', password: 'x', totp: '100001' })
  assert.equal(locked.status, 429)
  assert.equal(locked.headers.get('retry-after'), '60')
})

test('a login never puts the token anywhere but into the body', async () => {
  const { app } = world()
  const response = await call(app, undefined, {
    path: `${V1}/login`,
    body: { person: 'bob', password: 'pw-bob', totp: '100001' },
  })
  assert.deepEqual((await json(response))['person'], 'bob')
  assert.equal(response.headers.get('set-cookie'), null)
})

test('links are built from the configured address, whatever Host says', async () => {
  const { app, state } = world()
  state.approvals.set(APPROVAL, approval())
  const response = await call(app, 'bob', {
    path: `${V1}/approvals/${APPROVAL}`,
    headers: { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' },
  })
  const text = await response.text()
  assert.match(text, /https:\/\/countersign\.example\/approvals\/a_abcdefghij01/)
  assert.doesNotMatch(text, /evil/)
})

test('AP-34: what anyone may call signs somebody in or describes, and decides nothing', () => {
  const open = Object.entries(WHO).flatMap(([name, who]) => (who === 'anyone' ? [name] : []))
  assert.deepEqual(open, [
    ...['login', 'passkeyLoginOptions', 'passkeyLogin', 'beginBrowserLogin', 'takeBrowserLogin'],
    ...['openapi', 'healthz', 'readyz', 'metrics'],
  ])
})
