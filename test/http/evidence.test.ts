import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeDesk, reportOf } from './evidence-desk.ts'
import { call, json, SESSION, world } from './world.ts'

const V1 = '/api/v1'

test('a search is asked as the person of the token: those who watch of everything, anybody else of their own', async () => {
  const { app, state } = world()
  const path = `${V1}/search?person=alice&table=cards&text=select&from=2026-11-01&to=2026-11-22&limit=5`
  const found = await json(await call(app, 'carol', { path }))
  assert.deepEqual([found['next'], found['complete']], [null, true])
  await call(app, 'mallory', { path: `${V1}/search` })
  assert.deepEqual(
    state.asked.map(({ by, sees }) => [by, sees]),
    [
      ['carol', 'everything'],
      ['mallory', { person: 'mallory' }],
    ],
  )
  const { from, to, table } = { from: 0, to: 0, table: '', ...(state.asked[0]?.question as object) }
  // A day is taken in whole.
  assert.deepEqual([from, to, table], [Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 23), 'cards'])
})

test('questions in a wrong form are refused before anybody is asked', async () => {
  const { app, state } = world()
  const wrong = [
    'search?from=yesterday',
    'search?verdict=maybe',
    'search?limit=0',
    'search?limit=501',
    'search?session=x',
    'search?colour=red',
    'search?to=2026-13-40',
    'ledger?limit=9999',
    'evidence/touched',
    'evidence/person',
    'evidence/chain?format=pdf',
    `recordings/${SESSION}/search`,
    `recordings/${SESSION}/events?limit=1001`,
    `recordings/${SESSION}/events?from=-1`,
    `recordings/${SESSION}/export?format=exe`,
    'sessions?verdict=maybe',
    'sessions?cursor=x',
  ]
  for (const path of wrong) assert.equal((await call(app, 'carol', { path: `${V1}/${path}` })).status, 400, path)
  for (const path of ['evidence/nonsense', 'recordings/x/events', `recordings/${'s_'.padEnd(22, 'x')}/events`])
    assert.equal((await call(app, 'carol', { path: `${V1}/${path}` })).status, 404, path)
  assert.deepEqual(state.asked, [])
})

test('a report comes as JSON, CSV or one page that runs nothing, is never cached, and says whether its evidence is whole', async () => {
  const { app } = world()
  const get = (format: string) => call(app, 'carol', { path: `${V1}/evidence/accounts?format=${format}` })
  const csv = await get('csv')
  assert.equal(await csv.text(), 'person\r\nalice\r\n')
  assert.equal(csv.headers.get('Content-Disposition'), 'attachment; filename="countersign-accounts.csv"')
  const html = await get('html')
  assert.match(
    html.headers.get('Content-Security-Policy') ?? '',
    /^default-src 'none'; style-src 'sha256-[^ ;]+'; .*frame-ancestors 'none'$/,
  )
  assert.match(await html.text(), /<h1>Accounts<\/h1>/)
  const data = await get('json')
  assert.deepEqual((await json(data))['name'], 'accounts')
  for (const response of [csv, html, data]) {
    assert.equal(response.headers.get('Cache-Control'), 'no-store')
    assert.equal(response.headers.get('X-Content-Type-Options'), 'nosniff')
    assert.equal(response.headers.get('Countersign-Verification'), 'ok')
  }
})

test('a report over broken evidence says so in its headers', async () => {
  const desk = fakeDesk({ asked: [], events: [] })
  const report = reportOf({ name: 'chain' })
  const front = { ...report.front, verification: { ...report.front.verification, ok: false } }
  const { app } = world({ evidence: { ...desk, report: () => Promise.resolve({ ...report, front }) } })
  const response = await call(app, 'carol', { path: `${V1}/evidence/chain?format=csv` })
  assert.equal(response.headers.get('Countersign-Verification'), 'problems')
})

test('a person pages, searches and exports their own recording; to anybody else it does not exist', async () => {
  const { app, state } = world()
  state.events.push({ seq: 0, kind: 'open' }, { seq: 1, kind: 'close' })
  const at = `${V1}/recordings/${SESSION}`
  const page = await json(await call(app, 'alice', { path: `${at}/events?limit=1` }))
  assert.deepEqual(page, { events: [{ seq: 0, kind: 'open' }], from: 0, next: 1, lines: 2 })
  const moment = await call(app, 'alice', { path: `${at}/events?at=2026-11-22T10:00:00Z&limit=1` })
  assert.equal(moment.status, 200)
  const exported = await call(app, 'alice', { path: `${at}/export` })
  assert.equal(await exported.text(), '{"seq":0,"kind":"open"}\n{"seq":1,"kind":"close"}\n')
  assert.deepEqual(
    state.asked.map(({ what, by }) => [what, by]),
    [
      ['page', 'alice'],
      ['page', 'alice'],
      ['lines', 'alice'],
    ],
  )
  for (const path of ['events', 'search?text=a', 'export'])
    for (const who of ['mallory', 'bob', 'adam'])
      assert.equal((await call(app, who, { path: `${at}/${path}` })).status, 404, `${who} ${path}`)
  assert.equal(state.asked.length, 3)
})

test('sessions are listed by what their statements did, and an engineer finds only their own so', async () => {
  const { app, state } = world()
  const path = `${V1}/sessions?text=select&state=open`
  const watching = await json(await call(app, 'carol', { path }))
  assert.equal(Array.isArray(watching['sessions']) && watching['sessions'].length, 1)
  const own = await json(await call(app, 'alice', { path }))
  assert.equal(Array.isArray(own['sessions']) && own['sessions'].length, 1)
  const others = await json(await call(app, 'mallory', { path }))
  assert.deepEqual(others, { sessions: [], next: null })
  // An admin sees who is connected, not what they do.
  await call(app, 'adam', { path })
  assert.deepEqual(
    state.asked.map(({ by, sees }) => [by, sees]),
    [
      ['carol', 'everything'],
      ['alice', { person: 'alice' }],
      ['mallory', { person: 'mallory' }],
      ['adam', { person: 'adam' }],
    ],
  )
})
