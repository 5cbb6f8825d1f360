import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Format, FrontendMessage } from '../../src/protocol/postgres/messages.ts'
import { attackStage, type AttackStage } from '../support/attack-stage.ts'
import { PLANTED, planted } from '../support/planted.ts'
import { bind, type RawClient, type Reply } from '../support/raw-client.ts'

const SYNC: FrontendMessage = { name: 'sync' }
const MASKED = ['401288******1881', '***']
const CARD = 'SELECT pan, cvv FROM cards WHERE id = 1'
const CLEAR = 'SELECT full_name, city FROM customers WHERE id = 1'
const parse = (statement: string, text: string): FrontendMessage => ({
  name: 'parse',
  statement,
  text,
  parameterTypes: [],
})
const execute = (portal: string, maxRows = 0): FrontendMessage => ({ name: 'execute', portal, maxRows })

describe('results that try to be shown under the mask of another', () => {
  let stage: AttackStage

  before(async () => {
    stage = await attackStage()
    await stage.beside.query(`UPDATE cards SET pan = '${PLANTED.pan}', cvv = '${PLANTED.cvv}' WHERE id = 1`)
    await stage.beside.query(`CREATE TABLE ruled (id int); CREATE RULE also AS ON INSERT TO ruled DO ALSO ${CARD}`)
    await stage.beside.query(`CREATE TABLE mixed (id int, cvv text, doc jsonb, note text, pan bigint);
      INSERT INTO mixed VALUES (1, '${PLANTED.cvv}', '{"n": "${PLANTED.pan}"}', 'x ${PLANTED.pan} y', ${PLANTED.pan})`)
    await stage.beside.query(
      `CREATE TABLE long_notes AS SELECT repeat('x', n % 97) || '${PLANTED.pan}' || repeat('y', n % 89) AS body FROM generate_series(1, 3000) n`,
    )
  })
  after(() => stage.stop())

  const attack = (threat: string, claim: string, play: (client: RawClient) => Promise<void>): void => {
    test(`${threat}: ${claim}`, async () => {
      const client = await stage.enter('mallory', 'root')
      try {
        await play(client)
        assert.deepEqual((await client.query('SELECT 1')).rows, [['1']])
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

  attack('PG-25', 'each of several results in one Query has its own mask', async (client) => {
    const texts = [
      ';;',
      CLEAR,
      CARD,
      '',
      CLEAR,
      'COPY customers (id) TO STDOUT',
      CARD,
      'SELECT 1 WHERE false',
      CARD,
      ';',
    ]
    const reply = await client.query(texts.join(';'))
    assert.deepEqual(reply.errors, [])
    const hidden = reply.rows.map((row) => JSON.stringify(row) === JSON.stringify(MASKED))
    assert.deepEqual(hidden, [false, true, false, true, true])
  })

  attack('PG-25', 'an error between two results does not shift the masks of the next Query', async (client) => {
    assert.deepEqual((await client.query(`${CLEAR}; SELECT 1/0; ${CARD}`)).errors, ['22012'])
    assert.deepEqual((await client.query(`${CARD}; ${CLEAR}`)).rows[0], MASKED)
  })

  for (const [kind, options] of [
    ['an ordinary', ''],
    ['a binary', 'BINARY'],
    ['a scrolling', 'SCROLL'],
  ] as const) {
    attack('PG-05', `${kind} cursor is masked however it is read`, async (client) => {
      await client.query('BEGIN')
      await client.query(`DECLARE c ${options} CURSOR FOR ${CARD}`)
      assert.deepEqual((await client.query('FETCH 1 FROM c')).rows, [MASKED])
      if (options === 'SCROLL') assert.deepEqual((await client.query('FETCH ABSOLUTE 1 FROM c')).rows, [MASKED])
      const inside = await say(client, parse('', 'FETCH ALL FROM c'), bind({ binary: true }), execute(''), SYNC)
      assert.deepEqual(inside.errors, [])
      await client.query('ROLLBACK')
    })
  }

  attack(
    'PG-05',
    'a cursor that outlives its transaction stays masked, and its name does not pass to another',
    async (client) => {
      await client.query(`DECLARE keep CURSOR WITH HOLD FOR ${CARD}`)
      assert.deepEqual((await client.query('FETCH ALL FROM keep')).rows, [MASKED])
      await client.query('CLOSE keep')
      await client.query('BEGIN')
      await client.query(`DECLARE keep CURSOR FOR ${CLEAR}`)
      await client.query('ROLLBACK')
      await client.query('BEGIN')
      await client.query(`DECLARE keep CURSOR FOR ${CARD}`)
      assert.deepEqual((await client.query('FETCH ALL FROM keep')).rows, [MASKED])
      await client.query('ROLLBACK')
    },
  )

  attack('PG-02', 'a name prepared again under another text has the mask of the newer', async (client) => {
    await client.query(`PREPARE p AS ${CLEAR}`)
    await client.query('DEALLOCATE ALL')
    await client.query(`PREPARE p AS ${CARD}`)
    assert.deepEqual((await client.query('EXECUTE p')).rows, [MASKED])
    await client.query('DISCARD ALL')
    await client.query(`PREPARE p AS ${CARD}`)
    await client.query(`PREPARE p AS ${CLEAR}`)
    assert.deepEqual((await client.query('EXECUTE p')).rows, [MASKED])
    await client.query(`BEGIN; DEALLOCATE p; PREPARE p AS ${CLEAR}; ROLLBACK`)
    const reply = await client.query('EXECUTE p')
    assert.equal(reply.rows.length, 1)
  })

  attack('PG-13', 'a portal that is suspended goes on masked behind other work', async (client) => {
    await client.query('BEGIN')
    const text = 'SELECT pan, cvv FROM cards WHERE id IN (1, 2, 3) ORDER BY id'
    const first = await say(client, parse('a', text), bind({ portal: 'pa', statement: 'a' }), execute('pa', 1), SYNC)
    assert.deepEqual(first.rows, [MASKED])
    assert.equal((await client.query(CLEAR)).rows.length, 1)
    const second = await say(client, parse('', CLEAR), bind({}), execute(''), execute('pa', 1), SYNC)
    assert.deepEqual(second.rows.at(-1)?.[1], '***')
    assert.deepEqual(
      (await say(client, execute('pa'), SYNC)).rows.map((row) => row[1]),
      ['***'],
    )
    await client.query('COMMIT')
    assert.deepEqual((await say(client, execute('pa'), SYNC)).errors, ['34000'])
  })

  const FORMATS: readonly (readonly Format[])[] = [
    [],
    ['binary'],
    ['text', 'binary', 'text', 'binary', 'text'],
    ['binary', 'text', 'binary', 'text', 'binary'],
  ]
  for (const resultFormats of FORMATS) {
    attack('MK-14', `formats ${resultFormats.join() || 'left out'} change nothing`, async (client) => {
      const text = 'SELECT id, cvv, doc, note, pan FROM mixed'
      const message = {
        name: 'bind',
        portal: '',
        statement: '',
        parameterFormats: [],
        parameters: [],
        resultFormats,
      } as const
      const reply = await say(client, parse('', text), message, execute(''), SYNC)
      assert.deepEqual([reply.errors, reply.rows.length], [[], 1])
      const raw = reply.messages.flatMap((one) => (one.name === 'dataRow' ? one.cells : []))
      const big = Buffer.alloc(8)
      big.writeBigInt64BE(BigInt(PLANTED.pan))
      assert.ok(!raw.some((cell) => cell?.equals(big)), 'the number as an int8')
      assert.ok(raw[3]?.toString().includes('401288******1881'))
    })
  }

  attack('PG-36', 'rows that a rule adds to a write are never shown bare', async (client) => {
    const reply = await client.query('INSERT INTO ruled VALUES (1)')
    if (reply.end === 'held') await client.withdraw()
    const inside = await say(client, parse('', 'INSERT INTO ruled VALUES (1)'), bind({}), execute(''), SYNC)
    if (inside.end === 'held') await client.withdraw()
  })

  attack('MK-32', 'card numbers cut by buffers of the target are found: a COPY of many rows', async (client) => {
    const plain = await client.query('COPY long_notes TO STDOUT')
    assert.deepEqual([plain.errors, plain.copied.split('401288******1881').length], [[], 3001])
    const rows = await client.query('SELECT body FROM long_notes')
    assert.equal(rows.rows.length, 3000)
  })

  attack('PG-30', 'a COPY in binary is masked cell by cell', async (client) => {
    const reply = await client.query('COPY long_notes TO STDOUT WITH (FORMAT binary)')
    assert.deepEqual(reply.errors, [])
    assert.ok(reply.copied.length > 3000 * 16)
  })
})
