import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connectSimple, type SimpleClient } from '../../src/proxy/postgres/simple-client.ts'
import { systemClock } from '../../src/std/clock.ts'
import { Secret } from '../../src/std/secret.ts'
import { apiPerson, type ApiPerson } from '../support/api-person.ts'
import { RawClient } from '../support/raw-client.ts'
import { testStage, type TestStage } from '../support/stage.ts'

let stage: TestStage
let superuser: SimpleClient
let fay: ApiPerson

before(async () => {
  stage = await testStage()
  const { postgres } = stage.stage
  superuser = await connectSimple({
    ...{ database: 'cards', user: postgres.superuser.name, password: postgres.superuser.password },
    ...{ parameters: new Map(), target: { host: '127.0.0.1', port: postgres.port, tls: 'off' } },
    ...{ clock: systemClock, deadlineMs: 10_000 },
  })
  await superuser.query('ANALYZE')
  fay = await apiPerson(stage.stage, 'fay', ['approver'])
})
after(async () => {
  superuser.close()
  await stage.stop()
})

async function alice(): Promise<RawClient> {
  const { env } = stage
  const password = new Secret(env['PGPASSWORD'] ?? '')
  return RawClient.enter({ port: Number(env['PGPORT']), user: 'alice@cards', password, database: 'cards' })
}

test('an approver sees what the planner expects, the grant, and the transaction with the time since its locks are held', async () => {
  const client = await alice()
  await client.query('BEGIN')
  await client.query('UPDATE customers SET city = city WHERE id = 1')
  const began = Date.now()
  assert.equal((await client.query('DELETE FROM payments')).end, 'held')
  const { id } = await stage.held('DELETE FROM payments')
  const { shown } = await fay.client.approval(id)
  assert.ok(shown !== null)
  const estimate = shown.statements[0]?.facts[0]?.estimate
  const [count] = await superuser.query('SELECT count(*) FROM payments')
  assert.equal(String(estimate?.rows), count?.[0])
  assert.equal(shown.grant?.reason, 'the demo')
  assert.deepEqual(shown.roles, ['engineer'])
  assert.equal(shown.soFar?.statements, 2)
  assert.ok(Math.abs(Date.parse(shown.soFar.since) - began) < 10_000)
  await client.withdraw()
  await client.query('ROLLBACK')
  assert.equal((await client.query('SELECT customer_spend(1)')).end, 'held')
  const spend = await stage.held('SELECT customer_spend(')
  const detail = await fay.client.approval(spend.id)
  assert.match(detail.shown?.statements[0]?.facts[0]?.estimate?.why ?? '', /not understood completely/)
  await client.withdraw()
  client.close()
})

test('a table that has grown tenfold between the approval and the run is asked about anew', async () => {
  await superuser.query('CREATE TABLE few (id integer, note text); GRANT SELECT, UPDATE, INSERT, DELETE ON few TO app')
  await superuser.query("INSERT INTO few SELECT n, repeat('x', 200) FROM generate_series(1, 10) n")
  await superuser.query('ANALYZE few')
  const client = await alice()
  assert.equal((await client.query('UPDATE few SET note = note')).end, 'held')
  const first = await stage.held('UPDATE few')
  await superuser.query("INSERT INTO few SELECT n, repeat('x', 200) FROM generate_series(1, 50000) n")
  await superuser.query('ANALYZE few')
  await stage.approve('UPDATE few')
  const again = await client.reply()
  assert.equal(again.end, 'held')
  const second = await stage.held('UPDATE few')
  assert.notEqual(second.id, first.id)
  const old = await fay.client.approval(first.id)
  assert.equal(old.state, 'void')
  assert.match(old.ended?.reason ?? '', /about 50010 rows are expected now, and 10 were when it was shown/)
  await stage.approve('UPDATE few')
  assert.deepEqual((await client.reply()).tags, ['UPDATE 50010'])
  client.close()
})

test('whoever asks again after a denial is shown to do so', async () => {
  const client = await alice()
  assert.equal((await client.query("DELETE FROM payments WHERE status = 'x' OR true")).end, 'held')
  const denied = await stage.deny('DELETE FROM payments WHERE', 'all of them?')
  await client.reply()
  assert.equal((await client.query("DELETE FROM payments WHERE status = 'y' OR true")).end, 'held')
  const { id } = await stage.held('DELETE FROM payments WHERE')
  const { nearDenied } = await fay.client.approval(id)
  assert.equal(nearDenied?.approval, denied.id)
  assert.equal(nearDenied.words, 1)
  assert.equal(nearDenied.reason, 'all of them?')
  await client.withdraw()
  client.close()
})
