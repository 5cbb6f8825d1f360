import assert from 'node:assert/strict'
import { appendFileSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { before, test } from 'node:test'
import { Client as PgClient } from 'pg'
import { run as exportRecording } from '../../src/cli/export.ts'
import type { Run } from '../../src/cli/io.ts'
import { run as replay } from '../../src/cli/replay.ts'
import { run as verify } from '../../src/cli/verify.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { connectSimple } from '../../src/proxy/postgres/simple-client.ts'
import { systemClock } from '../../src/std/clock.ts'
import { apiPerson, type ApiPerson } from '../support/api-person.ts'
import { testStage, type TestStage } from '../support/stage.ts'

/** PCI DSS v4.0.1 10.2.1.1 to 10.2.1.7, and what each of them is here. */
const REQUIREMENTS: Readonly<Record<string, readonly string[]>> = {
  '10.2.1.1 access to cardholder data': ['session.start', 'session.end'],
  '10.2.1.2 actions of administrators': [
    ...['person.added', 'grant.added', 'session.terminated', 'policy.loaded', 'policy.changed', 'policy.refused'],
    'approval.decided',
  ],
  '10.2.1.3 access to audit logs': [
    ...['recording.viewed', 'recording.exported', 'recording.verified', 'ledger.viewed', 'evidence.searched'],
  ],
  '10.2.1.4 invalid access': ['login', 'login.failed', 'access.refused', 'statement.refused'],
  '10.2.1.5 identities and rights': [
    ...['person.roles', 'person.disabled', 'factor.enrolled', 'factor.reset', 'credential.minted', 'grant.revoked'],
    'privileges.changed',
  ],
  '10.2.1.6 start and stop of logging': ['node.start', 'node.stop', 'session.start', 'session.end'],
  '10.2.1.7 system-level objects': ['object.changed'],
}

interface Line {
  readonly kind: string
  readonly at: string
  readonly happenedAt: string
  readonly by: string
  readonly origin: string
  readonly outcome: string
  readonly resource: string
  readonly detail: Readonly<Record<string, unknown>>
}

let stage: TestStage
let lines: readonly Line[] = []
let session = ''

const ACTOR = { by: 'local:test', origin: 'local' }
const recordings = (): string => path.join(stage.stage.folder, 'data', 'recordings')
const ledger = (): readonly Line[] =>
  readFileSync(path.join(recordings(), 'ledger.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)

before(async () => {
  stage = await testStage()
  await prepare()
  const [auditor, admin, engineer] = [
    await apiPerson(stage.stage, 'una', ['auditor']),
    await apiPerson(stage.stage, 'vic', ['admin']),
    await apiPerson(stage.stage, 'wim', ['engineer']),
  ]
  await work(admin)
  await lookedAt(auditor)
  await turnedAway(engineer)
  await identities()
  await packs()
  await stage.stage.app.stop()
  lines = ledger()
  await stage.stop()
})

/** What the shop's account may not do by itself. */
async function prepare(): Promise<void> {
  const { superuser, port } = stage.stage.postgres
  const client = await connectSimple({
    ...{ database: 'cards', user: superuser.name, password: superuser.password, parameters: new Map() },
    ...{ target: { host: '127.0.0.1', port, tls: 'off' }, clock: systemClock, deadlineMs: 10_000 },
  })
  await client.query('GRANT CREATE ON SCHEMA public TO app; ALTER TABLE refunds OWNER TO app')
  client.close()
}

const connected = async (): Promise<PgClient> => {
  const { PGHOST: host, PGPORT, PGUSER: user, PGPASSWORD: password, PGDATABASE: database } = stage.env
  const client = new PgClient({ host, port: Number(PGPORT), user, password, database, ssl: false })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** A session that reads, changes an object and a right, is refused, denied and ended by an admin. */
async function work(admin: ApiPerson): Promise<void> {
  const alice = await connected()
  await alice.query('SELECT holder FROM cards LIMIT 1')
  const created = alice.query('CREATE TABLE notes_of_alice (id integer)')
  await stage.approve('CREATE TABLE')
  await created
  const granted = alice.query('GRANT SELECT ON notes_of_alice TO PUBLIC')
  await stage.approve('GRANT SELECT')
  await granted
  const denied = alice.query('DELETE FROM payments').catch(() => undefined)
  await stage.deny('DELETE FROM', 'not today')
  await denied
  await alice.query("COPY cards TO PROGRAM 'cat'").catch(() => undefined)
  const found = (await api(admin, 'GET /sessions?state=open&person=alice')) as { sessions: { id: string }[] }
  session = found.sessions[0]?.id ?? ''
  await api(admin, `POST /sessions/${session}/terminate`, { reason: 'enough' })
  await alice.end().catch(() => undefined)
}

async function lookedAt(auditor: ApiPerson): Promise<void> {
  await api(auditor, `GET /sessions/${session}/events`)
  await api(auditor, 'GET /ledger')
  await api(auditor, 'GET /search?table=public.payments')
  const folder = path.join(recordings(), session)
  await command(replay, folder, '--no-wait')
  await command(exportRecording, folder, '--format', 'jsonl')
  await command(verify, recordings())
}

/** Wrong at every door. */
async function turnedAway(engineer: ApiPerson): Promise<void> {
  const { url } = engineer
  const login = { person: 'alice', password: 'not-her-password', totp: '000000' }
  await fetch(`${url}/api/v1/login`, {
    ...{ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(login) },
  })
  await fetch(`${url}/api/v1/me`, { headers: { Authorization: 'Bearer nobodys-token-0123456789' } })
  assert.equal(((await api(engineer, 'GET /people')) as { status: number }).status, 403)
  const wrong = new PgClient({
    ...{ host: 'localhost', port: Number(stage.env['PGPORT']), user: 'alice@cards', password: 'wrong' },
    ...{ database: 'cards', ssl: false },
  })
  await assert.rejects(wrong.connect())
}

async function identities(): Promise<void> {
  const { access } = stage.stage.app
  const name = personName('zoe')
  await access.people.add({ name, roles: ['engineer'], password: 'zoe-and-a-long-password-1' }, ACTOR)
  await access.people.setRoles(name, ['engineer', 'approver'], ACTOR)
  await access.factors.enrol(name, ACTOR)
  await access.factors.reset(name, ACTOR)
  const grant = { person: name, target: targetName('cards'), forMs: 60_000, reason: 'a test' }
  const granted = await access.grants.grant(grant, ACTOR)
  assert.ok(granted.outcome === 'granted')
  await access.grants.revoke(granted.grant.id, ACTOR)
  await access.people.disable(name, ACTOR)
}

async function packs(): Promise<void> {
  const file = path.join(stage.stage.folder, 'policies', 'demo.yaml')
  appendFileSync(file, '# reviewed\n')
  await stage.stage.app.reload()
  appendFileSync(file, 'nonsense: [\n')
  await stage.stage.app.reload()
}

async function api(person: ApiPerson, call: string, body?: object): Promise<unknown> {
  const [method = '', place = ''] = call.split(' ')
  const answer = await fetch(`${person.url}/api/v1${place}`, {
    method,
    headers: { Authorization: `Bearer ${person.token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return answer.json()
}

async function command(run: Run, ...argv: readonly string[]): Promise<void> {
  let said = ''
  const say = (text: string): void => void (said += text)
  const code = await run(argv, { out: say, err: say, isTty: false, env: {} })
  assert.equal(code, 0, said)
}

for (const [requirement, kinds] of Object.entries(REQUIREMENTS)) {
  test(`PCI DSS ${requirement}`, () => {
    const known = new Set(lines.map(({ kind }) => kind))
    assert.deepEqual(
      kinds.filter((kind) => !known.has(kind)),
      [],
      `the ledger has ${[...known].sort().join(', ')}`,
    )
  })
}

test('PCI DSS 10.2.2: every line names who, what, when, the outcome, from where and on what', () => {
  for (const line of lines) {
    const { kind, at, happenedAt, by, origin, outcome, resource } = line
    for (const field of [kind, by, origin, outcome, resource]) {
      assert.ok(typeof field === 'string' && field.length > 0, JSON.stringify(line))
    }
    for (const time of [at, happenedAt]) assert.ok(!Number.isNaN(Date.parse(time)), JSON.stringify(line))
  }
})

test('whoever came over the network is named with an address', () => {
  const local = lines.filter(
    ({ kind, origin }) => NETWORK.includes(kind) && !/^(::ffff:)?127\.0\.0\.1|^::1/.test(origin),
  )
  assert.deepEqual(
    local.filter(({ by }) => !by.startsWith('local:')),
    [],
  )
})
const NETWORK = [
  'session.start',
  'session.terminated',
  'recording.viewed',
  'ledger.viewed',
  'access.refused',
  'login.failed',
]

test('what an approver refused and what the policy refused are told with session and rules', () => {
  const refused = lines
    .filter(({ kind }) => kind === 'statement.refused')
    .map(({ by, detail }) => [by, detail['session']])
  assert.deepEqual(refused, [
    ['alice', session],
    ['alice', session],
  ])
})

test('attempts that failed say so by their outcome', () => {
  const outcomes = (kind: string): readonly string[] =>
    lines.filter((line) => line.kind === kind).map(({ outcome }) => outcome)
  assert.ok(outcomes('login').includes('refused') && outcomes('login').includes('done'))
  assert.ok(outcomes('approval.decided').includes('denied'))
  assert.deepEqual([...new Set(outcomes('access.refused'))], ['refused'])
})

test('no line carries a literal, a password or a card number', () => {
  const text = JSON.stringify(lines)
  assert.doesNotMatch(text, /not-her-password|nobodys-token|long-password|\b\d{16}\b/)
})
