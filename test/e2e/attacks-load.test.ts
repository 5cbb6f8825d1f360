import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { FrontendMessage } from '../../src/protocol/postgres/messages.ts'
import { approve, attackStage, type AttackStage, type Person } from '../support/attack-stage.ts'
import { PLANTED, planted } from '../support/planted.ts'
import { bind, unnamed, type RawClient } from '../support/raw-client.ts'

const SYNC: FrontendMessage = { name: 'sync' }
const MIB = 1024 * 1024

describe('attacks by weight, by leaving and by changing the database meanwhile', () => {
  let stage: AttackStage
  let bob: Person

  before(async () => {
    stage = await attackStage()
    await stage.beside.query(`UPDATE cards SET pan = '${PLANTED.pan}', cvv = '${PLANTED.cvv}' WHERE id = 1`)
    bob = await stage.person('bob', ['approver'])
  })
  after(() => stage.stop())

  const attack = (threat: string, claim: string, play: (client: RawClient) => Promise<void>): void => {
    test(`${threat}: ${claim}`, async () => {
      const client = await stage.enter(threat.toLowerCase(), 'root')
      try {
        await play(client)
        assert.deepEqual(planted(client.received), [])
      } finally {
        client.close()
      }
      const next = await stage.enter('next', 'cards')
      assert.deepEqual((await next.query('SELECT 1')).rows, [['1']])
      next.close()
    })
  }
  const beside = async (sql: string): Promise<string> => (await stage.beside.query(sql))[0]?.[0] ?? ''
  const active = (like: string): Promise<string> =>
    beside(
      `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '${like}' AND state = 'active' AND pid <> pg_backend_pid()`,
    )

  attack('AV-04', 'a row that is too large ends the session, and the rows of a wide one pass', async (client) => {
    const wide = await client.query(`SELECT ${Array.from({ length: 1600 }, (_, at) => `${at} AS c${at}`).join()}`)
    assert.deepEqual([wide.errors, wide.rows[0]?.length], [[], 1600])
    const large = await client.query("SELECT repeat('x', 40000000)")
    assert.equal(large.end, 'closed')
    assert.ok(client.received.length < MIB)
  })

  attack('AV-05', 'a client that stops reading stops the target too, and memory stays where it is', async (client) => {
    client.socket.pause()
    const before = process.memoryUsage.rss()
    client.send({ name: 'query', text: "SELECT repeat('x', 1000) FROM generate_series(1, 2000000)" })
    await pause(1500)
    assert.ok(process.memoryUsage.rss() - before < 200 * MIB)
    assert.equal(await active('%generate_series(1, 2000000)%'), '1')
    client.close()
    await until(async () => (await active('%generate_series(1, 2000000)%')) === '0')
  })

  attack('AV-06', 'ten thousand small statements in one breath are each answered, in order', async (client) => {
    const other = await stage.enter('patient', 'cards')
    const all = Array.from({ length: 10_000 }, (_, at) => ({ name: 'query', text: `SELECT ${at % 100}` }) as const)
    client.send(...all)
    const started = performance.now()
    assert.deepEqual((await other.query('SELECT 1')).rows, [['1']])
    assert.ok(performance.now() - started < 3000, `${performance.now() - started} ms`)
    for (const [at] of all.entries()) assert.deepEqual((await client.reply()).rows, [[String(at % 100)]])
    other.close()
  })

  for (const [what, text] of [
    ['a thousand brackets', `SELECT ${'('.repeat(1000)}1${')'.repeat(1000)}`],
    ['twenty thousand brackets', `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
    ['a hundred thousand brackets', `SELECT ${'('.repeat(100_000)}1${')'.repeat(100_000)}`],
    ['fifty thousand alternatives', `SELECT 1 WHERE ${Array(10_000).fill('1=1').join(' OR ')}`],
    ['a long list', `SELECT 1 WHERE 1 IN (${Array(60_000).fill('1').join()})`],
    [
      'many joins',
      `SELECT 1 FROM ${Array.from({ length: 300 }, (_, at) => `customers c${at}`).join(', ')} WHERE false`,
    ],
    ['deep subqueries', `${'SELECT (SELECT '.repeat(300)}1${')'.repeat(300)}`],
    ['a statement over the limit', `SELECT '${'x'.repeat(3 * MIB)}'`],
  ] as const) {
    attack('AV-07', `${what}: an answer in time, while others are served`, async (client) => {
      const other = await stage.enter('patient', 'cards')
      client.send({ name: 'query', text })
      const started = performance.now()
      assert.deepEqual((await other.query('SELECT 1')).rows, [['1']])
      const waited = performance.now() - started
      assert.ok(waited < 2000, `others waited ${waited} ms`)
      const reply = await client.reply()
      assert.ok(performance.now() - started < 12_000)
      if (reply.end === 'held') await client.withdraw()
      else if (reply.end === 'ready') assert.ok(reply.rows.length + reply.errors.length + reply.tags.length > 0)
      other.close()
    })
  }

  attack('AV-10', 'what runs for a client that has left is cancelled, what waits for it is void', async (client) => {
    client.send({ name: 'query', text: 'SELECT pg_sleep(30), 4711' })
    await until(async () => (await active('SELECT pg_sleep(30), 4711')) === '1')
    client.close()
    await until(async () => (await active('SELECT pg_sleep(30), 4711')) === '0')
    const held = await stage.enter('leaver', 'root')
    assert.equal((await held.query('DELETE FROM payments')).end, 'held')
    const { id } = await stage.openApproval(bob)
    held.socket.resetAndDestroy()
    await until(async () =>
      (await bob.client.approvals(undefined)).some((one) => one.id === id && one.state === 'void'),
    )
    assert.equal(await beside('SELECT count(*) FROM payments'), '5000')
  })

  attack('PG-08', 'no message sent during a hold gets through or breaks it', async (client) => {
    const text: FrontendMessage = { name: 'query', text: 'DELETE FROM payments' }
    const more: readonly FrontendMessage[] = [
      SYNC,
      { name: 'flush' },
      { name: 'describe', subject: 'statement', subjectName: '' },
      { name: 'close', subject: 'portal', subjectName: '' },
      { name: 'copyData', bytes: Buffer.from('1\t2\n') },
      { name: 'copyDone' },
      { name: 'copyFail', reason: 'x' },
      ...unnamed('SELECT 1'),
      SYNC,
      { name: 'functionCall', functionOid: 1, argumentFormats: [], arguments: [], resultFormat: 'text' },
      text,
    ]
    client.send(text)
    assert.equal((await client.reply()).end, 'held')
    client.send(...more)
    await pause(200)
    assert.equal(await beside('SELECT count(*) FROM payments'), '5000')
    assert.deepEqual((await client.withdraw()).errors, ['57014'])
    for (let reply = await client.reply(); reply.end !== 'held'; reply = await client.reply())
      assert.equal(reply.end, 'ready', reply.said)
    await client.withdraw()
    assert.equal(await beside('SELECT count(*) FROM payments'), '5000')
  })

  attack('PG-37', 'a function that is replaced while its statement waits voids the approval', async (client) => {
    await stage.beside.query("CREATE FUNCTION wander() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    assert.equal((await client.query('DELETE FROM refunds WHERE id = wander() OR true')).end, 'held')
    await stage.beside.query(
      "CREATE OR REPLACE FUNCTION wander() RETURNS int LANGUAGE sql AS 'DELETE FROM payments RETURNING 1'",
    )
    await approve(stage, bob)
    const reply = await client.reply()
    assert.deepEqual([reply.errors, await beside('SELECT count(*) FROM payments')], [['42501'], '5000'], reply.said)
  })

  attack(
    'PG-35',
    'a table renamed, or a column added, beside the proxy is masked in the next statement',
    async (client) => {
      await stage.beside.query('CREATE TABLE drifting (id int, harmless text)')
      assert.deepEqual((await client.query('SELECT * FROM drifting')).errors, [])
      await stage.beside.query(
        `ALTER TABLE drifting ADD COLUMN cvv text; INSERT INTO drifting VALUES (1, 'x', '${PLANTED.cvv}')`,
      )
      const reply = await client.query('SELECT * FROM drifting')
      assert.ok(
        reply.end === 'held' || reply.rows[0]?.[2] === '***' || reply.rows[0]?.[2] === null,
        JSON.stringify(reply.rows),
      )
      if (reply.end === 'held') await client.withdraw()
    },
  )

  attack('PG-10', 'a view that is replaced beside the proxy does not show what the old one hid', async (client) => {
    await stage.beside.query('CREATE VIEW shifting AS SELECT 1 AS id, full_name AS harmless FROM customers')
    client.send(
      { name: 'parse', statement: 's', text: 'SELECT * FROM shifting LIMIT 1', parameterTypes: [] },
      bind({ statement: 's' }),
      { name: 'execute', portal: '', maxRows: 0 },
      SYNC,
    )
    assert.equal((await client.reply()).errors.length, 0)
    await stage.beside.query(
      'CREATE OR REPLACE VIEW shifting AS SELECT 1 AS id, cvv AS harmless FROM cards WHERE id = 1',
    )
    // Changes beside the proxy are looked for every three seconds; what touches tagged columns asks at once.
    await until(async () => (await client.query('SELECT * FROM shifting LIMIT 1')).rows[0]?.[1] !== PLANTED.cvv)
    const sofar = client.chunks.length
    client.send(bind({ statement: 's' }), { name: 'execute', portal: '', maxRows: 0 }, SYNC)
    const reply = await client.reply()
    assert.deepEqual(planted(Buffer.concat(client.chunks.splice(0).slice(sofar))), [])
    if (reply.end === 'held') await client.withdraw()
  })
})

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const start = Date.now()
  while (Date.now() - start < 10_000) {
    if (await isSo()) return
    await pause(50)
  }
  assert.fail('it never came to that')
}
