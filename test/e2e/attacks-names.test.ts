import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { FrontendMessage } from '../../src/protocol/postgres/messages.ts'
import { approve, attackStage, deny, type AttackStage, type Person } from '../support/attack-stage.ts'
import { PLANTED, planted } from '../support/planted.ts'
import { bind, unnamed, type RawClient, type Reply } from '../support/raw-client.ts'

const SYNC: FrontendMessage = { name: 'sync' }
const FLUSH: FrontendMessage = { name: 'flush' }
const parse = (statement: string, text: string): FrontendMessage => ({
  name: 'parse',
  statement,
  text,
  parameterTypes: [],
})
const execute = (portal: string, maxRows = 0): FrontendMessage => ({ name: 'execute', portal, maxRows })
const close = (subject: 'statement' | 'portal', subjectName: string): FrontendMessage => ({
  name: 'close',
  subject,
  subjectName,
})
const CARD = 'SELECT pan, cvv FROM cards WHERE id = 1'

describe('attacks on names, pipelines and the moment of approval', () => {
  let stage: AttackStage
  let bob: Person

  before(async () => {
    stage = await attackStage()
    await stage.beside.query(`UPDATE cards SET pan = '${PLANTED.pan}', cvv = '${PLANTED.cvv}' WHERE id = 1`)
    await stage.beside.query(`CREATE SCHEMA twin; CREATE TABLE twin.customers AS
      SELECT c.id, pan AS full_name, cvv AS email, 'x'::text AS city, 'xx'::character(2) AS country, now() AS created_at FROM cards c`)
    bob = await stage.person('bob', ['approver'])
  })
  after(() => stage.stop())

  const count = async (table: string): Promise<string> =>
    (await stage.beside.query(`SELECT count(*) FROM ${table}`))[0]?.[0] ?? ''

  const attack = (threat: string, claim: string, play: (client: RawClient) => Promise<void>): void => {
    test(`${threat}: ${claim}`, async () => {
      const client = await stage.enter(threat.toLowerCase(), 'root')
      try {
        await play(client)
        assert.deepEqual(planted(client.received), [])
      } finally {
        client.close()
      }
    })
  }

  const say = (client: RawClient, ...messages: readonly FrontendMessage[]): Promise<Reply> => {
    client.send(...messages)
    return client.reply()
  }

  attack('PG-02', 'what SQL prepared is judged again when it is executed', async (client) => {
    assert.deepEqual((await client.query('PREPARE reads AS SELECT pan, cvv FROM cards WHERE id = 1')).errors, [])
    const read = await client.query('EXECUTE reads')
    assert.deepEqual([read.errors, read.rows], [[], [['401288******1881', '***']]])
    const made = await client.query('PREPARE writes AS DELETE FROM payments')
    if (made.end === 'held') await approveThen(client)
    assert.equal((await client.query('EXECUTE writes')).end, 'held')
    await client.withdraw()
    assert.equal((await client.query('EXPLAIN ANALYZE EXECUTE writes')).end, 'held')
    await client.withdraw()
    assert.equal(await count('payments'), '5000')
  })

  attack('PG-03', 'a statement that SQL put in the place of a protocol-made one is not bound', async (client) => {
    assert.deepEqual((await say(client, parse('s1', 'SELECT id FROM payments'), SYNC)).errors, [])
    await client.query(`DEALLOCATE s1; PREPARE s1 AS ${CARD}`)
    const reply = await say(client, bind({ statement: 's1' }), execute(''), SYNC)
    assert.deepEqual([reply.errors, reply.rows], [['42501'], []])
    const again = await say(client, { name: 'describe', subject: 'statement', subjectName: 's1' }, SYNC)
    assert.deepEqual(again.errors, ['42501'])
  })

  attack('PG-04', 'SQL does not execute what Parse made', async (client) => {
    await say(client, parse('s2', CARD), SYNC)
    const reply = await client.query('EXECUTE s2')
    assert.deepEqual([reply.errors, reply.rows], [['42501'], []])
    assert.deepEqual((await client.query('CREATE TEMP TABLE t AS EXECUTE s2')).errors, ['42501'])
    assert.deepEqual((await client.query('EXPLAIN ANALYZE EXECUTE s2')).errors, ['42501'])
  })

  attack('PG-05', 'cursors and portals are not reached from the other side', async (client) => {
    await client.query('BEGIN')
    await client.query(`DECLARE c CURSOR FOR ${CARD}`)
    const portal = await say(client, execute('c'), SYNC)
    assert.deepEqual(portal.rows, [])
    assert.match(portal.errors[0] ?? '', /^(42501|34000)$/)
    await client.query('ROLLBACK')
    await client.query('BEGIN')
    await say(client, parse('', CARD), bind({ portal: 'p1' }), SYNC)
    const fetched = await client.query('FETCH ALL FROM p1')
    assert.deepEqual([fetched.errors, fetched.rows], [['42501'], []])
    assert.deepEqual((await client.query('MOVE p1')).errors, ['42501'])
    await client.query('ROLLBACK')
    await client.query('BEGIN')
    await client.query(`DECLARE masked CURSOR FOR ${CARD}`)
    assert.deepEqual((await client.query('FETCH ALL FROM masked')).rows, [['401288******1881', '***']])
  })

  attack('PG-06', 'a name is what the server last confirmed', async (client) => {
    await say(client, parse('s', 'SELECT id FROM payments LIMIT 1'), SYNC)
    assert.deepEqual((await say(client, parse('s', CARD), SYNC)).errors, ['42P05'])
    const first = await say(client, bind({ statement: 's' }), execute(''), SYNC)
    assert.deepEqual(first.rows, [['1']])
    await say(client, close('statement', 's'), parse('s', CARD), SYNC)
    const second = await say(client, bind({ statement: 's' }), execute(''), SYNC)
    assert.deepEqual(second.rows, [['401288******1881', '***']])
    // A Close and a Parse that an error in front of them skips change nothing.
    const skipped = await say(
      client,
      parse('', 'SELECT 1/0'),
      bind({}),
      execute(''),
      close('statement', 's'),
      parse('s', 'SELECT id FROM payments LIMIT 1'),
      SYNC,
    )
    assert.deepEqual(skipped.errors, ['22012'])
    assert.deepEqual((await say(client, bind({ statement: 's' }), execute(''), SYNC)).rows, [
      ['401288******1881', '***'],
    ])
  })

  attack('PG-07', 'a pipeline is judged whole before its first frame leaves', async (client) => {
    const before = await count('refunds')
    const insert = "INSERT INTO refunds (payment_id, amount, reason) VALUES (1, 1, 'first')"
    client.send(...unnamed(insert), ...unnamed('DELETE FROM payments'), SYNC)
    assert.equal((await client.reply()).end, 'held')
    assert.equal(await count('refunds'), before)
    const reply = await client.withdraw()
    assert.deepEqual(reply.errors, ['57014'])
    assert.deepEqual([await count('refunds'), await count('payments')], [before, '5000'])
    await say(client, parse('', 'DELETE FROM payments'), SYNC)
    await client.query('SELECT 1')
    assert.deepEqual((await say(client, bind({}), execute(''), SYNC)).errors, ['26000'])
  })

  attack('PG-08', 'what comes behind a held statement waits, and nothing can change the held one', async (client) => {
    await say(client, parse('victim', 'UPDATE refunds SET amount = amount'), SYNC)
    client.send(bind({ statement: 'victim' }), execute(''), SYNC)
    const held = await client.reply()
    assert.equal(held.end, 'held', held.said)
    client.send(
      close('statement', 'victim'),
      parse('victim', 'DELETE FROM payments'),
      bind({ statement: 'victim' }),
      execute(''),
      SYNC,
    )
    client.send({ name: 'query', text: 'SELECT 42' })
    await approve(stage, bob)
    assert.deepEqual((await client.reply()).tags, ['UPDATE 400'])
    assert.equal((await client.reply()).end, 'held', 'the swapped statement has a hold of its own')
    await deny(stage, bob, 'no')
    assert.deepEqual((await client.reply()).errors, ['42501'])
    assert.deepEqual((await client.reply()).rows, [['42']])
    assert.equal(await count('payments'), '5000')
  })

  attack('PG-08b', 'an approval given after Terminate is void', async (client) => {
    assert.equal((await client.query('DELETE FROM payments')).end, 'held')
    const approval = await stage.openApproval(bob)
    client.send({ name: 'terminate' })
    await client.ended()
    await assert.rejects(bob.client.approve(approval.id, { digest: approval.digest, factor: bob.code() }))
    assert.equal(await count('payments'), '5000')
  })

  attack('PG-09', 'a prepared statement is judged anew when a temporary object may hide its table', async (client) => {
    await say(client, parse('s', 'SELECT full_name, email FROM customers LIMIT 1'), SYNC)
    assert.equal(
      (await client.query('CREATE TEMP TABLE customers AS SELECT * FROM twin.customers WHERE id = 1')).end,
      'held',
    )
    assert.deepEqual((await approveThen(client)).errors, [])
    const reply = await say(client, bind({ statement: 's' }), execute(''), SYNC)
    assert.deepEqual([reply.end, reply.rows], ['held', []])
    await client.withdraw()
    assert.equal((await client.query('SELECT full_name FROM customers')).end, 'held')
    await client.withdraw()
  })

  attack('PG-10', 'a prepared statement is judged anew when the search path has moved', async (client) => {
    await say(client, parse('s', 'SELECT full_name, email FROM customers LIMIT 1'), SYNC)
    assert.equal((await client.query('SET search_path = twin')).end, 'held')
    await approveThen(client)
    const reply = await say(client, bind({ statement: 's' }), execute(''), SYNC)
    assert.deepEqual([reply.end, reply.rows], ['held', []])
    await client.withdraw()
  })

  attack('PG-11', 'an approval is for the values that were shown', async (client) => {
    const text = 'DELETE FROM refunds WHERE id > $1 OR $2'
    client.send(...unnamed(text, ['1000000', 'false']), SYNC)
    assert.equal((await client.reply()).end, 'held')
    const first = (await stage.openApproval(bob)).digest
    await client.withdraw()
    client.send(...unnamed(text, ['1000000', 'true']), SYNC)
    assert.equal((await client.reply()).end, 'held')
    assert.notEqual((await stage.openApproval(bob)).digest, first)
    await client.withdraw()
  })

  attack('PG-12', 'binary parameters are part of what is judged', async (client) => {
    const value = Buffer.from(PLANTED.pan)
    client.send(
      parse('', 'SELECT id FROM cards WHERE pan = $1'),
      {
        ...{
          name: 'bind',
          portal: '',
          statement: '',
          parameterFormats: ['binary'],
          parameters: [value],
          resultFormats: [],
        },
      },
      execute(''),
      SYNC,
    )
    assert.equal((await client.reply()).end, 'held')
    await client.withdraw()
  })

  attack('PG-13', 'a mask belongs to the portal, however its rows are fetched', async (client) => {
    await client.query('BEGIN')
    const cards = 'SELECT pan, cvv FROM cards WHERE id = 1 OR id = 1001 OR id = 2001'
    const clear = 'SELECT full_name, city FROM customers'
    const reply = await say(
      client,
      ...[
        parse('a', cards),
        parse('b', clear),
        bind({ portal: 'pa', statement: 'a' }),
        bind({ portal: 'pb', statement: 'b' }),
      ],
      ...[execute('pa', 1), execute('pb', 1), execute('pa', 1), execute('pb', 1), execute('pa', 1)],
      SYNC,
    )
    assert.deepEqual(reply.errors, [])
    assert.deepEqual(
      reply.rows.map(([, second]) => second === '***'),
      [true, false, true, false, true],
    )
  })

  attack('PG-14', 'rows are masked where nobody asked for a description, in text and in binary', async (client) => {
    const first = await say(client, parse('', CARD), bind({}), execute(''), SYNC)
    assert.deepEqual(first.rows, [['401288******1881', '***']])
    assert.ok(!first.messages.some(({ name }) => name === 'rowDescription'))
    const second = await say(client, parse('', CARD), bind({ binary: true }), execute(''), SYNC)
    assert.deepEqual([second.errors, second.rows], [[], [['401288******1881', '***']]])
  })

  attack('PG-54', 'reading and writing are policy, not a setting of the transaction', async (client) => {
    await client.query('SET default_transaction_read_only = on')
    assert.deepEqual((await client.query('BEGIN READ WRITE')).errors, [])
    assert.equal((await client.query('DELETE FROM payments')).end, 'held')
    await client.withdraw()
  })

  attack('PG-59', 'after an error in a pipeline, each result has its own mask again', async (client) => {
    const failed = [parse('', 'SELECT 1/0'), bind({}), execute('')]
    client.send(
      ...unnamed('SELECT full_name, email FROM customers LIMIT 1'),
      ...failed,
      ...unnamed('SELECT city, country FROM customers LIMIT 1'),
      SYNC,
    )
    client.send(...unnamed(CARD), SYNC, ...unnamed('SELECT city FROM customers LIMIT 1'), FLUSH, ...unnamed(CARD), SYNC)
    const one = await client.reply()
    assert.deepEqual([one.errors, one.rows.length], [['22012'], 1])
    assert.deepEqual((await client.reply()).rows, [['401288******1881', '***']])
    const three = await client.reply()
    assert.deepEqual(three.rows.at(-1), ['401288******1881', '***'])
    assert.notEqual(three.rows[0]?.[0], '***')
  })

  async function approveThen(client: RawClient): Promise<Reply> {
    await approve(stage, bob)
    return client.reply()
  }
})
