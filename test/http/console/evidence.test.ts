import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reportOf } from '../evidence-desk.ts'
import { SESSION, world } from '../world.ts'
import { seated } from './seat.ts'

test('a report is a table with what was verified, and the files of it', async () => {
  const { app, state } = world()
  const carol = await seated(app, 'carol')
  const text = await carol.page('/evidence?report=touched&table=cards&from=2026-11-01')
  assert.deepEqual(
    state.asked.map(({ what, by }) => [what, by]),
    [['report', 'carol']],
  )
  assert.match(text, /verdict good/)
  assert.match(text, /Everything is as it was written/)
  assert.match(text, /href="\/evidence\?report=touched&amp;table=cards&amp;from=2026-11-01&amp;format=html"/)
  const csv = await carol.get('/evidence?report=accounts&format=csv')
  assert.equal(await csv.text(), 'person\r\nalice\r\n')
  const file = await carol.get('/evidence?report=accounts&format=html')
  assert.match(file.headers.get('content-disposition') ?? '', /^attachment/)
  assert.doesNotMatch(file.headers.get('content-security-policy') ?? '', /script-src/)
})

test('a broken chain is red and names its codes', async () => {
  const { app, deps } = world()
  deps.evidence.report = (question) => {
    const report = reportOf(question)
    const verification = { ...report.front.verification, ok: false, problems: 2, codes: ['changed (2)'] }
    return Promise.resolve({ ...report, front: { ...report.front, verification } })
  }
  const text = await (await seated(app, 'carol')).page('/evidence?report=chain')
  assert.match(text, /verdict bad/)
  assert.match(text, /2 problems: changed \(2\)/)
})

test('whatever stands in a report is text', async () => {
  const { app, deps } = world()
  const hostile = '<script>alert(1)</script>\u202e'
  deps.evidence.report = (question) =>
    Promise.resolve(
      reportOf(question, { rows: [[hostile]], columns: [{ name: 'person', title: hostile }], title: hostile }),
    )
  const text = await (await seated(app, 'carol')).page('/evidence?report=accounts')
  assert.doesNotMatch(text, /<script>|\u202e/)
})

test('a question that lacks something is not asked', async () => {
  const { app, state } = world()
  const carol = await seated(app, 'carol')
  assert.match(await carol.page('/evidence?report=touched'), /this report needs a table, a column or a class/)
  assert.match(await carol.page('/evidence?report=person&person=Nobody!'), /this report needs a person/)
  assert.deepEqual(state.asked, [])
})

test('the ledger is browsed with filters in the address, and nobody but auditors and security sees any of it', async () => {
  const { app, state } = world()
  const dan = await seated(app, 'dan')
  assert.match(await dan.page('/evidence/ledger?kind=approval.&by=bob'), /No entry fits/)
  assert.deepEqual(
    state.asked.map(({ what }) => what),
    ['ledger'],
  )
  for (const person of ['alice', 'bob', 'adam'])
    for (const path of ['/evidence', '/evidence/ledger', '/evidence?report=chain'])
      assert.equal(
        (await (await seated(app, person, String(200_000 + state.spent.size).replace('2', '1'))).get(path)).status,
        403,
        person,
      )
  assert.equal(state.asked.length, 1)
})

test('a statement of a report leads to its moment in the replay, and the replay opens there', async () => {
  const { app, deps, state } = world()
  const at = '2026-11-22T00:00:01.500000Z'
  deps.evidence.report = (question) => {
    const columns = ['at', 'session', 'statement'].map((name) => ({ name, title: name }))
    return Promise.resolve(reportOf(question, { columns, rows: [[at, SESSION, 3]] }))
  }
  const carol = await seated(app, 'carol')
  const text = await carol.page('/evidence?report=touched&table=cards')
  const href = /href="([^"]*\/replay\?time=[^"]*)">#3</.exec(text)?.[1] ?? ''
  assert.equal(href, `/sessions/${SESSION}/replay?${new URLSearchParams({ time: at }).toString()}`)
  await carol.page(href)
  assert.deepEqual(state.asked.find(({ what }) => what === 'page')?.question, {
    ...{ recording: SESSION, limit: 100 },
    from: { at: Date.parse(at) },
  })
})
