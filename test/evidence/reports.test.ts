import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { toCsv } from '../../src/evidence/csv.ts'
import { toDocument } from '../../src/evidence/document.ts'
import { REPORTS, type Report, type ReportQuestion } from '../../src/evidence/report.ts'
import { personName } from '../../src/model/ids.ts'
import { clean, header, linesOf, recordSession, result, statement } from '../recording/node.ts'
import { ALICE, CAROL, deskWorld } from './world.ts'

const FIRST = 's_00000000000000000001'
const SECOND = 's_00000000000000000002'
const THIRD = 's_00000000000000000003'

const cells = (report: Report | undefined, ...names: string[]) =>
  report?.table.rows.map((row) => names.map((name) => row[report.table.columns.findIndex((one) => one.name === name)]))

test('a person report tells statements, sessions and entries of and on that person in order of time', async (test) => {
  const { node, desk } = await deskWorld(test)
  await recordSession(node, FIRST, 1)
  const other = node.recorder.open(header(SECOND, { person: personName('bob') }))
  other.append(statement(1))
  await other.close({ reason: 'client-left' })
  const at = node.clock.now()
  await node.ledger.record(
    { kind: 'login', at, by: 'alice', origin: 'api', outcome: 'done', resource: 'api', detail: {} },
    {
      kind: 'person.roles',
      at,
      by: 'adam',
      origin: 'api',
      outcome: 'done',
      resource: 'person:alice',
      detail: { roles: ['approver'] },
    },
    { kind: 'login', at, by: 'bob', origin: 'api', outcome: 'done', resource: 'api', detail: {} },
  )
  const report = await desk.report({ name: 'person', person: personName('alice') }, CAROL)
  assert.deepEqual(cells(report, 'event', 'by', 'outcome')?.reverse(), [
    ['session.start', 'alice', 'allowed'],
    ['statement (query)', 'alice', 'allow'],
    ['session.end', 'alice', 'closed'],
    ['login', 'alice', 'done'],
    ['person.roles', 'adam', 'done'],
  ])
  assert.deepEqual(report?.front.facts.slice(0, 3), [
    { name: 'Logins and attempts', value: 1 },
    { name: 'Sessions', value: 1 },
    { name: 'Statements allowed', value: 1 },
  ])
})

test('a touched report holds what named the column and what reached it without naming it', async (test) => {
  const { node, desk } = await deskWorld(test)
  const recording = node.recorder.open(header(FIRST))
  const facts = {
    verbs: ['select' as const],
    effects: ['read' as const],
    tables: [clean('public.cards')],
    classes: ['pan'],
    complete: true,
    gaps: [],
  }
  recording.append(statement(1, { facts: [{ ...facts, columns: [] }] }))
  recording.append(result(1))
  recording.append(
    statement(2, {
      facts: [{ ...facts, columns: [clean('public.cards.pan')] }],
      verdict: { effect: 'deny', rules: ['no'], policyVersion: 'p' },
    }),
  )
  recording.append(statement(3, { facts: [{ ...facts, tables: [clean('public.other')], classes: [], columns: [] }] }))
  await recording.close({ reason: 'client-left' })
  const report = await desk.report({ name: 'touched', column: 'public.cards.pan' }, CAROL)
  assert.deepEqual(cells(report, 'statement', 'named', 'result'), [
    [2, true, 'did not run'],
    [1, false, 'done'],
  ])
})

test('decisions, failed access and views are told from the ledger, each its own', async (test) => {
  const { node, desk } = await deskWorld(test)
  const at = node.clock.now()
  const note = (kind: string, outcome: string) => ({
    kind,
    at,
    outcome,
    by: 'alice',
    origin: '192.0.2.1',
    resource: 'x',
    detail: {},
  })
  await node.ledger.record(
    note('approval.decided', 'denied'),
    note('request.decided', 'denied'),
    note('login', 'refused'),
    note('login', 'done'),
    note('login.failed', 'refused'),
    note('recording.viewed', 'done'),
  )
  const kinds = async (name: 'decisions' | 'failed' | 'views') =>
    cells(await desk.report({ name }, CAROL), 'kind')
      ?.flat()
      .reverse()
  assert.deepEqual(await kinds('decisions'), ['approval.decided', 'request.decided'])
  assert.deepEqual(await kinds('failed'), ['request.decided', 'login', 'login.failed'])
  // The questions of this very test are views as well.
  assert.deepEqual(await kinds('views'), [
    'recording.viewed',
    'evidence.reported',
    'evidence.reported',
    'evidence.reported',
  ])
})

test('a reach report names who gave a right, on which request, and how it ended', async (test) => {
  const { node, desk, store } = await deskWorld(test)
  const now = node.clock.now()
  const grant = {
    ...{
      id: 'g_1',
      person: 'alice',
      service: false,
      owner: null,
      roles: ['engineer' as const],
      target: 'cards',
      rights: 'read' as const,
    },
    ...{
      grantedAt: now - 1000,
      expiresAt: now + 1000,
      grantedBy: 'rule',
      reason: 'release',
      revokedAt: now - 1,
      revokedBy: 'dan',
    },
    requests: [
      {
        id: 'r_1',
        rule: 'cards-by-day',
        ticket: 'OPS-7',
        reason: 'release',
        createdAt: now - 2000,
        approvedBy: ['bob'],
      },
    ],
  }
  store.grants.push(grant, {
    ...grant,
    id: 'g_2',
    person: 'build',
    service: true,
    owner: 'alice',
    revokedAt: null,
    revokedBy: null,
    requests: [],
  })
  const report = await desk.report({ name: 'reach' }, CAROL)
  assert.deepEqual(cells(report, 'person', 'account', 'ended', 'approved_by', 'tickets'), [
    ['alice', 'person', 'revoked by dan', ['bob'], ['OPS-7']],
    ['build', 'service of alice', 'open', [], []],
  ])
})

test('an accounts report names who lacks a second factor and what nobody has used for long', async (test) => {
  const { node, desk, store } = await deskWorld(test)
  const now = node.clock.now()
  const account = {
    ...{
      person: 'alice',
      roles: ['engineer' as const],
      service: false,
      owner: null,
      target: null,
      createdAt: now - 100 * 86_400_000,
    },
    ...{
      disabledAt: null,
      lastLoginAt: now,
      lastSessionAt: null,
      password: true,
      totp: true,
      passkeys: 0,
      identities: 0,
      liveGrants: 1,
    },
  }
  store.accounts.push(account, { ...account, person: 'bob', totp: false, lastLoginAt: null })
  const report = await desk.report({ name: 'accounts' }, CAROL)
  const fact = (name: string) => report?.front.facts.find((one) => one.name === name)?.value
  assert.deepEqual(fact('Unused for more than 90 days'), ['bob'])
  assert.deepEqual(fact('People without a second factor'), ['bob'])
})

test('a chain report names what was changed, cut, removed and added, and leaves whole what is whole', async (test) => {
  const { node, desk } = await deskWorld(test)
  const folders = []
  for (const session of [FIRST, SECOND, THIRD]) folders.push(await recordSession(node, session))
  const [first = '', second = '', third = ''] = folders
  const whole = await desk.report({ name: 'chain' }, CAROL)
  assert.equal(whole?.front.verification.ok, true)
  assert.deepEqual(
    cells(whole, 'session', 'status', 'findings')?.map((row) => row.join('|')),
    ['ledger|intact|', `${THIRD}|intact|`, `${SECOND}|intact|`, `${FIRST}|intact|`],
  )
  const events = path.join(first, 'events.ndjson')
  writeFileSync(events, readFileSync(events, 'utf8').replace('"rows":3', '"rows":4'))
  const cut = path.join(second, 'events.ndjson')
  writeFileSync(cut, linesOf(cut).slice(0, 3).join(''))
  renameSync(third, path.join(node.folder, 's_00000000000000000009'))
  const report = await desk.report({ name: 'chain' }, CAROL)
  assert.equal(report?.front.verification.ok, false)
  const rows = new Map(
    cells(report, 'session', 'status', 'findings')?.map(([session, status, found]) => [
      session,
      [status, String(found)],
    ]),
  )
  assert.match(rows.get(FIRST)?.join(' ') ?? '', /^broken .*changed/s)
  assert.match(rows.get(SECOND)?.join(' ') ?? '', /^broken .*cut/s)
  assert.match(rows.get(THIRD)?.join(' ') ?? '', /^missing .*gone/s)
  assert.match(rows.get('s_00000000000000000009')?.join(' ') ?? '', /^broken /)
  // Every other report says on its front that the evidence it rests on is not whole.
  const accounts = await desk.report({ name: 'accounts' }, CAROL)
  assert.equal(accounts?.front.verification.ok, false)
  assert.ok(accounts.front.verification.problems >= 3)
})

test('sessions that ended before the period, or began after it, are left out of its verification; strangers never are', async (test) => {
  const { node, desk } = await deskWorld(test)
  const early = await recordSession(node, FIRST)
  node.clock.pass(3_600_000)
  const from = node.clock.now()
  await recordSession(node, SECOND)
  const to = node.clock.now() + 1
  node.clock.pass(3_600_000)
  await recordSession(node, THIRD)
  rmSync(early, { recursive: true })
  const report = await desk.report({ name: 'chain', from, to }, CAROL)
  assert.deepEqual(cells(report, 'session', 'status'), [
    ['ledger', 'intact'],
    [SECOND, 'intact'],
  ])
  mkdirSync(path.join(node.folder, 's_00000000000000000008'))
  const strange = await desk.report({ name: 'chain', from, to }, CAROL)
  assert.equal(cells(strange, 'session')?.flat().includes('s_00000000000000000008'), true)
  assert.equal(strange?.front.verification.ok, false)
})

test('a live session is no fault, however it is caught while it writes', async (test) => {
  const { node, desk } = await deskWorld(test)
  const recording = node.recorder.open(header(FIRST))
  recording.append(statement(1))
  recording.handOver()
  const report = await desk.report({ name: 'chain' }, CAROL)
  assert.equal(report?.front.verification.ok, true)
  assert.deepEqual(cells(report, 'session', 'status')?.[1], [FIRST, 'open'])
})

test('every report is the same again for the same evidence, as JSON, CSV and HTML', async (test) => {
  const { node, desk } = await deskWorld(test)
  await recordSession(node, FIRST)
  const period = { from: node.clock.now() - 60_000, to: node.clock.now() + 1 }
  node.clock.pass(60_000)
  for (const name of REPORTS) {
    const question: ReportQuestion = { name, person: personName('alice'), table: 'cards', ...period }
    const written = async () => {
      const report = await desk.report(question, CAROL)
      assert.ok(report !== undefined)
      // Asking is an entry of its own: only the ledger's length and head may differ.
      const verification = { ...report.front.verification, ledgerEntries: 0, ledgerHead: '' }
      const front = { ...report.front, verification }
      const table = { ...report.table, rows: report.table.rows.filter((row) => row[0] !== 'ledger') }
      const same = { ...report, front, table }
      return [JSON.stringify(same), [...toCsv(table)].join(''), [...toDocument(same)].join('')]
    }
    assert.deepEqual(await written(), await written(), name)
  }
})

test('a page of HTML is inert: markup in any cell is text, and its policy lets nothing run or load', async (test) => {
  const { node, desk } = await deskWorld(test)
  const recording = node.recorder.open(header(FIRST, { account: clean('<b>x</b>') }))
  recording.append(statement(1, { text: [`SELECT '<script>alert(1)</script><img src=x onerror=alert(1)>'`, '\u202e'] }))
  await recording.close({ reason: 'client-left' })
  const report = await desk.report({ name: 'touched', table: 'cards' }, CAROL)
  assert.ok(report !== undefined)
  const page = [...toDocument(report)].join('')
  assert.doesNotMatch(page, /<script|<img|\u202e/)
  assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/)
  assert.match(page, /Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/)
  for (const said of ['Period', 'n1, Countersign 0.1.0', '0123456789abcdef', 'everything is as it was written'])
    assert.ok(page.includes(said), said)
})

test('who may see only their own statements gets only them, no report and no ledger, and no recording of others', async (test) => {
  const { node, desk, notes } = await deskWorld(test)
  await recordSession(node, FIRST, 1)
  const other = node.recorder.open(header(SECOND, { person: personName('bob') }))
  other.append(statement(1))
  await other.close({ reason: 'client-left' })
  await desk.report({ name: 'accounts' }, CAROL)
  const before = notes.length
  assert.deepEqual(
    (await desk.search({ limit: 10 }, ALICE)).items.map((one) => one.session),
    [FIRST],
  )
  assert.deepEqual((await desk.search({ limit: 10, person: personName('bob') }, ALICE)).items, [])
  assert.deepEqual(
    (await desk.sessions({ limit: 10, text: 'select' }, ALICE)).items.map((one) => one.session),
    [FIRST],
  )
  assert.equal(await desk.report({ name: 'accounts' }, ALICE), undefined)
  assert.deepEqual((await desk.ledger({ limit: 10 }, ALICE)).items, [])
  const others = { recording: other.session, from: 0, limit: 5 }
  assert.equal(await desk.page(others, ALICE), undefined)
  assert.equal(await desk.find({ ...others, text: 'x' }, ALICE), undefined)
  assert.equal(await desk.lines({ ...others, format: 'jsonl' }, ALICE), undefined)
  assert.deepEqual(
    notes.slice(before).map(({ kind }) => kind),
    ['evidence.searched', 'evidence.searched'],
  )
})

test('nothing is answered where the ledger cannot take who asked', async (test) => {
  const { node, desk } = await deskWorld(test)
  await recordSession(node, FIRST, 1)
  await desk.report({ name: 'accounts' }, CAROL)
  await node.ledger.stop('over')
  const recording = header(FIRST).session
  await assert.rejects(desk.search({ limit: 1 }, CAROL))
  await assert.rejects(desk.page({ recording, from: 0, limit: 1 }, CAROL))
  await assert.rejects(desk.report({ name: 'views' }, CAROL))
  await assert.rejects(desk.lines({ recording, format: 'html' }, CAROL))
})

test('what somebody looked for is in the ledger, without the card number that they may have typed', async (test) => {
  const { desk, notes } = await deskWorld(test)
  await desk.search({ text: '4012888888881881', limit: 5 }, CAROL)
  assert.deepEqual(notes[0], {
    kind: 'evidence.searched',
    at: notes[0]?.at,
    by: 'carol',
    origin: '192.0.2.9',
    outcome: 'done',
    resource: 'recordings',
    detail: { text: '401288******1881', limit: 5 },
  })
})

test('sessions that begin and end while a running node is verified are no finding', async (test) => {
  const { node, desk } = await deskWorld(test)
  let sessions = 0
  // As many as a verification lasts and more, yet not so many that the next one has ever more to read.
  const work = async (): Promise<void> => {
    for (let made = 0; made < 30; made += 1)
      await recordSession(node, `s_${String((sessions += 1)).padStart(20, '0')}`, 2)
  }
  for (let round = 0; round < 5; round += 1) {
    const working = work()
    const report = await desk.report({ name: 'chain' }, CAROL)
    const findings = cells(report, 'session', 'status', 'findings')?.filter(([, , found]) => found !== '')
    assert.deepEqual(findings, [])
    assert.equal(report?.front.verification.ok, true)
    await working
  }
})
