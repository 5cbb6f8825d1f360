import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { saveProfile } from '../../src/cli/profile.ts'
import { run as runScript } from '../../src/cli/run.ts'
import { run as submitScript } from '../../src/cli/submit.ts'
import { connectSimple, type SimpleClient } from '../../src/proxy/postgres/simple-client.ts'
import { systemClock } from '../../src/std/clock.ts'
import { Secret } from '../../src/std/secret.ts'
import { apiPerson, type ApiPerson } from '../support/api-person.ts'
import { RawClient } from '../support/raw-client.ts'
import { testStage, type TestStage } from '../support/stage.ts'

let stage: TestStage
let superuser: SimpleClient
let folder: string
let ed: ApiPerson
const approvers: ApiPerson[] = []

before(async () => {
  stage = await testStage()
  const { postgres } = stage.stage
  superuser = await connectSimple({
    ...{ database: 'cards', user: postgres.superuser.name, password: postgres.superuser.password },
    ...{ parameters: new Map(), target: { host: '127.0.0.1', port: postgres.port, tls: 'off' } },
    ...{ clock: systemClock, deadlineMs: 10_000 },
  })
  await superuser.query(
    'GRANT CREATE ON SCHEMA public TO app; ALTER TABLE refunds OWNER TO app; ALTER TABLE payments OWNER TO app',
  )
  folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-scripts-'))
  ed = await apiPerson(stage.stage, 'ed', ['engineer'])
  for (const name of ['fay', 'gus', 'hal', 'ida', 'jon'])
    approvers.push(await apiPerson(stage.stage, name, ['approver']))
  const file = path.join(folder, 'countersign', 'default.json')
  await saveProfile(file, {
    url: ed.url,
    person: 'ed',
    token: ed.token,
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
})

after(async () => {
  superuser.close()
  rmSync(folder, { recursive: true, force: true })
  await stage.stop()
})

/** A migration as people write one: comments, literals with semicolons, a transaction, and rows that depend on what it made. */
const MIGRATION = `-- reasons of refunds
CREATE TABLE refund_reasons (id integer PRIMARY KEY, label text NOT NULL);
INSERT INTO refund_reasons VALUES (1, 'damaged; or lost'), (2, 'late');
ALTER TABLE refunds ADD COLUMN reason_id integer;
BEGIN;
UPDATE refunds SET reason_id = 1 WHERE reason LIKE '%damage%';
UPDATE refunds SET reason_id = 2 WHERE reason_id IS NULL;
COMMIT;
ALTER TABLE refunds ALTER COLUMN reason_id SET NOT NULL;
CREATE INDEX refunds_reason_id ON refunds (reason_id);
/* once a year */ DELETE FROM refund_reasons WHERE id > 2
`

interface Told {
  out: string
  err: string
}

function terminal(): { told: Told; io: Parameters<typeof runScript>[1] } {
  const told: Told = { out: '', err: '' }
  const io = {
    out: (text: string) => void (told.out += text),
    err: (text: string) => void (told.err += text),
    isTty: false,
    env: { XDG_CONFIG_HOME: folder, COUNTERSIGN_PROFILE: 'default' },
  }
  return { told, io }
}

async function submitted(text: string, name = 'change.sql'): Promise<{ id: string; file: string }> {
  const file = path.join(folder, name)
  writeFileSync(file, text)
  const { told, io } = terminal()
  const args = [file, '--target', 'cards', '--reason', 'reasons of refunds', '--ticket', 'OPS-7', '--json']
  assert.equal(await submitScript(args, io), 0, told.out + told.err)
  const { id } = JSON.parse(told.out) as { id: string }
  return { id, file }
}

let turn = 0
/** Whoever's turn it is countersigns it as shown. */
async function approved(id: string): Promise<void> {
  const approver = approvers[turn++ % approvers.length]
  assert.ok(approver !== undefined)
  const { digest, shown } = await approver.client.scripts.find(id)
  assert.ok(shown !== null)
  const after = await approver.client.scripts.approve(id, { digest, factor: await approver.code() })
  assert.equal(after.state, 'approved')
}

async function ran(id: string, ...more: string[]): Promise<{ code: number; told: Told }> {
  const { told, io } = terminal()
  return { code: await runScript([id, ...more], io), told }
}

/** Its end is written when its session is over. */
async function settled(id: string) {
  for (let tries = 0; tries < 100; tries += 1) {
    const script = await ed.client.scripts.find(id)
    if (script.state !== 'running') return script
    await pause(50)
  }
  return ed.client.scripts.find(id)
}

test('a migration of ten statements is approved whole, runs once in its order, and every statement is recorded under it', async () => {
  const { id } = await submitted(MIGRATION)
  const open = await ed.client.scripts.find(id)
  assert.equal(open.statements, 10)
  assert.equal(open.state, 'open')
  assert.ok(open.shown !== null)
  const whole = open.shown.parts.flatMap((part) => part.text)
  assert.equal(whole.map((piece) => (typeof piece === 'string' ? piece : piece.label)).join(''), MIGRATION)
  assert.deepEqual(
    open.shown.parts.map((part) => part.facts[0]?.verb),
    ['create', 'insert', 'alter', 'begin', 'update', 'update', 'commit', 'alter', 'create', 'delete'],
  )
  assert.equal((await ran(id)).code, 1, 'not before it is approved')
  await approved(id)
  const { code, told } = await ran(id)
  assert.equal(code, 0, told.out + told.err)
  assert.deepEqual(told.out.trim().split('\n').slice(0, 3), [
    '1/10 CREATE TABLE',
    '2/10 INSERT 0 2',
    '3/10 ALTER TABLE',
  ])
  assert.match(told.out, /10\/10 DELETE 0/)
  const done = await settled(id)
  assert.equal(done.state, 'done')
  assert.equal(done.detail, 'all 10 statements completed')
  const [row] = await superuser.query('SELECT count(*) FROM refunds WHERE reason_id IS NULL')
  assert.deepEqual(row, ['0'])
  const again = await ran(id)
  assert.equal(again.code, 1)
  assert.match(again.told.err, /it is done/)
})

test('every statement of a run is recorded as cleared under the script, by those who approved it', async () => {
  const { id } = await submitted(
    'UPDATE customers SET city = city WHERE id < 0;\nSELECT count(*) FROM customers',
    'recorded.sql',
  )
  const { state } = await ed.client.scripts.find(id)
  // No rule holds either of them: nobody has to be asked.
  assert.equal(state, 'approved')
  const held = await submitted(
    'UPDATE refunds SET amount = amount WHERE id < 0; DELETE FROM refund_reasons;\n',
    'held.sql',
  )
  await approved(held.id)
  assert.equal((await ran(held.id)).code, 0)
  const { session, decisions } = await settled(held.id)
  const events = readFileSync(
    path.join(stage.stage.folder, 'data', 'recordings', session ?? '', 'events.ndjson'),
    'utf8',
  )
  const rulings = events.split('\n').filter((line) => line.includes('"kind":"ruling"'))
  assert.equal(rulings.length, 2)
  for (const line of rulings) {
    assert.match(line, new RegExp(`"approval":"${held.id}"`))
    assert.match(line, new RegExp(`"by":\\["${decisions[0]?.person ?? '?'}"\\]`))
  }
})

test('a script that was changed by one byte is refused before anything of it runs, and the approved one still runs', async () => {
  await superuser.query("INSERT INTO refund_reasons VALUES (7, 'kept')")
  const text = 'UPDATE refunds SET amount = amount WHERE id < 0;\nDELETE FROM refund_reasons WHERE id = 8 OR true'
  const { id, file } = await submitted(text, 'byte.sql')
  await approved(id)
  writeFileSync(file, text.replace('= 8', '= 9'))
  const { code, told } = await ran(id)
  assert.equal(code, 1)
  assert.match(told.err, /not, byte for byte, the one that was approved; nothing was run/)
  writeFileSync(file, text)
  assert.equal((await ran(id)).code, 0)
})

test('definitions that somebody else changed between approval and run make it void', async () => {
  const { id } = await submitted('DELETE FROM refund_reasons', 'void.sql')
  await approved(id)
  await superuser.query('ALTER TABLE refund_reasons ADD COLUMN spare integer')
  const { code, told } = await ran(id)
  assert.equal(code, 1)
  assert.match(told.err, /the script is void: a definition that it reads or changes is another one now/)
  assert.equal((await ed.client.scripts.find(id)).state, 'void')
  assert.match((await ran(id)).told.err, /it is void/)
})

test('definitions that somebody else changes while it runs make the rest void', async () => {
  const { id, file } = await submitted('DELETE FROM refund_reasons;\nDELETE FROM refunds', 'middle.sql')
  await approved(id)
  const { client, statements } = await raw(id, file)
  const [first = '', second = ''] = statements
  assert.deepEqual((await client.query(first)).errors, [])
  await superuser.query('ALTER TABLE refunds ADD COLUMN spare integer')
  const reply = await client.query(second)
  assert.deepEqual(reply.errors, ['42501'])
  assert.match(reply.said, /the script is void: statement 2: what it reads or changes is defined differently now/)
  client.close()
  assert.equal((await settled(id)).state, 'void')
})

test('another statement in its session ends the run: what is left is judged as always', async () => {
  const { id, file } = await submitted('DELETE FROM refund_reasons;\nDELETE FROM refunds', 'stray.sql')
  await approved(id)
  const { client, statements } = await raw(id, file)
  const [first = '', second = ''] = statements
  assert.deepEqual((await client.query(`${first} `)).end, 'held', 'one byte more')
  await client.withdraw()
  assert.equal((await client.query(first)).end, 'held')
  await client.withdraw()
  assert.equal((await client.query(second)).end, 'held')
  await client.withdraw()
  client.close()
  const script = await settled(id)
  assert.equal(script.state, 'stopped')
  assert.match(script.detail ?? '', /something else than statement 1 came in its session/)
})

test('out of order, or pipelined before the one before has ended, a statement is not the next one', async () => {
  const { id, file } = await submitted('DELETE FROM refund_reasons;\nDELETE FROM refunds', 'order.sql')
  await approved(id)
  const { client, statements } = await raw(id, file)
  assert.equal((await client.query(statements[1] ?? '')).end, 'held')
  client.close()
  assert.equal((await settled(id)).state, 'stopped')
})

test('a denied statement is refused at submission, by its number; so is what the grammar refuses', async () => {
  const { told, io } = terminal()
  const file = path.join(folder, 'denied.sql')
  writeFileSync(file, "SELECT 1;\nSELECT pg_read_file('/etc/passwd')")
  assert.equal(await submitScript([file, '--target', 'cards', '--reason', 'x'], io), 1)
  assert.match(told.err, /statement 2: .*\(pci\/server-files\)/)
  writeFileSync(file, 'SELECT 1;\nSELEC 2')
  assert.equal(await submitScript([file, '--target', 'cards', '--reason', 'x'], io), 1)
  assert.match(told.err, /line 2: syntax error/)
})

test('nobody else runs it, no second session claims it, and a session that runs one sets nothing at its start', async () => {
  const { id, file } = await submitted('DELETE FROM refund_reasons', 'mine.sql')
  await approved(id)
  const login = await stage.login('zoe')
  const zoe = { port: Number(login['PGPORT']), user: 'zoe@cards', password: new Secret(login['PGPASSWORD'] ?? '') }
  const parameters = new Map([['countersign.script', id]])
  const stranger = await RawClient.login({ ...zoe, database: 'cards', parameters })
  assert.match(stranger.reply.said, /there is no script .* of yours/)
  const withSetting = await RawClient.login({ ...zoe, parameters: new Map([...parameters, ['datestyle', 'SQL, DMY']]) })
  assert.match(withSetting.reply.said, /takes no startup parameter "datestyle"/)
  const { client, password } = await raw(id, file)
  const second = await RawClient.login({ ...zoe, user: 'ed@cards', password, database: 'cards', parameters })
  assert.match(second.reply.said, /cannot run: it is running/)
  client.close()
  assert.equal((await settled(id)).state, 'stopped')
})

/** A session of ed's that says it runs the script, and its statements as they have to be sent. */
async function raw(id: string, file: string) {
  const plan = await ed.client.scripts.check(id, readFileSync(file, 'utf8'))
  const minted = await ed.client.mint({ target: 'cards', forSeconds: 300 })
  const password = new Secret(minted.secret)
  const { name, value } = plan.parameter
  const client = await RawClient.enter({
    ...{ port: stage.stage.app.ports.postgres ?? 0, user: 'ed@cards', password, database: 'cards' },
    parameters: new Map([[name, value]]),
  })
  const bytes = readFileSync(file)
  const statements = plan.statements.map(({ start, end }) => bytes.subarray(start, end).toString('utf8'))
  return { client, statements, password }
}

test('an approver sees how many rows the planner expects each statement to reach, or why nobody can say', async () => {
  const { id } = await submitted('DELETE FROM payments;\nCREATE TABLE later (id integer);\nSELECT 1', 'estimates.sql')
  const [approver] = approvers
  assert.ok(approver !== undefined)
  const { shown } = await approver.client.scripts.find(id)
  const estimates = shown?.parts.map((part) => part.facts[0]?.estimate)
  assert.ok((estimates?.[0]?.rows ?? 0) > 1000, JSON.stringify(estimates))
  assert.deepEqual(estimates?.slice(1), [
    { rows: null, why: 'it is no query or change of rows' },
    { rows: 1, why: null },
  ])
  await ed.client.scripts.withdraw(id)
})
