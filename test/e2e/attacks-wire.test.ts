import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { encodeFrontend } from '../../src/protocol/postgres/encode.ts'
import type { FrontendMessage } from '../../src/protocol/postgres/messages.ts'
import { encodeStartup } from '../../src/protocol/postgres/startup.ts'
import { Secret } from '../../src/std/secret.ts'
import { attackStage, type AttackStage, type Enrolled } from '../support/attack-stage.ts'
import { PLANTED, planted } from '../support/planted.ts'
import { bind, RawClient, startupOf, unnamed, type RawLogin } from '../support/raw-client.ts'

const SYNC: FrontendMessage = { name: 'sync' }

describe('attacks on the wire itself', () => {
  let stage: AttackStage
  let mallory: Enrolled

  before(async () => {
    stage = await attackStage()
    await stage.beside.query(`UPDATE cards SET pan = '${PLANTED.pan}', cvv = '${PLANTED.cvv}' WHERE id = 1`)
    await stage.beside.query(
      `CREATE TABLE "${PLANTED.pan}" ("${PLANTED.pan}" int); CREATE TABLE item (pan_note text UNIQUE)`,
    )
    mallory = await stage.enrol('mallory', 'root')
  })
  after(() => stage.stop())

  const attack = (threat: string, claim: string, play: (client: RawClient) => Promise<void>): void => {
    test(`${threat}: ${claim}`, async () => {
      const client = await RawClient.enter(mallory.login)
      try {
        await play(client)
        assert.deepEqual(planted(client.received), [])
      } finally {
        client.close()
      }
      await livesOn()
    })
  }

  /** Whatever became of one connection, the next one is served. */
  async function livesOn(): Promise<void> {
    const next = await RawClient.enter(mallory.login)
    assert.deepEqual((await next.query('SELECT 1')).rows, [['1']])
    next.close()
  }

  attack('PG-15', 'a function call by its number is refused, and the session lives on', async (client) => {
    client.send({
      ...{ name: 'functionCall', functionOid: 1598, argumentFormats: [], arguments: [], resultFormat: 'text' },
    })
    const reply = await client.reply()
    assert.deepEqual([reply.end, reply.errors], ['ready', ['42501']])
    assert.deepEqual((await client.query('SELECT 1')).rows, [['1']])
  })

  const STARTUPS: readonly (readonly [threat: string, change: Partial<RawLogin>])[] = [
    ...['database', 'true', '1', 'on', 'off', 'x'].map(
      (value) => ['PG-16', { parameters: new Map([['replication', value]]) }] as const,
    ),
    ['PG-16', { parameters: new Map([['REPLICATION', 'database']]) }],
    ['PG-17', { parameters: new Map([['options', '-c standard_conforming_strings=off']]) }],
    ['PG-17', { parameters: new Map([['options', '--search_path=twin']]) }],
    ['PG-17', { parameters: new Map([['options', '-c\\ search_path=a\\ b']]) }],
    ['PG-17', { parameters: new Map([['search_path', 'twin']]) }],
    ['PG-17', { parameters: new Map([['Standard_Conforming_Strings', 'off']]) }],
    ['PG-17', { parameters: new Map([['session_preload_libraries', 'x']]) }],
    ['PG-20', { parameters: new Map([['client_encoding', 'SJIS']]) }],
    ['PG-61', { parameters: new Map([['User', 'postgres']]) }],
    ['PG-61', { parameters: new Map([['DATABASE', 'postgres']]) }],
    ['PG-61', { parameters: new Map([['my.box', 'x']]) }],
  ]
  for (const [threat, change] of STARTUPS) {
    const asked = JSON.stringify([...(change.parameters ?? [])])
    test(`${threat}: a startup packet with ${asked} is refused before any password is asked for`, async () => {
      const client = await RawClient.open(mallory.login.port)
      client.write(startupOf({ ...mallory.login, ...change }))
      const reply = await client.reply()
      assert.equal(reply.end, 'closed')
      assert.equal(reply.errors.length, 1)
      assert.match(reply.errors[0] ?? '', /^(0A000|08P01)$/)
    })
  }

  test('PG-61: a newer minor version and unknown protocol options are negotiated down', async () => {
    const client = await RawClient.enter({ ...mallory.login, minor: 2, options: new Map([['_pq_.magic', 'on']]) })
    assert.deepEqual((await client.query('SELECT 1')).rows, [['1']])
    client.close()
  })

  const PACKETS: readonly (readonly [what: string, bytes: Buffer])[] = [
    ['a name twice', rawStartup('user\0mallory\0user\0postgres\0\0')],
    ['bytes behind the last name', rawStartup('user\0mallory\0\0trailing')],
    ['a name without its value', rawStartup('user\0')],
    ['no end', rawStartup('user\0mallory')],
    ['protocol 2', Buffer.concat([i32(8), i32(2 << 16)])],
    ['protocol 4', Buffer.concat([i32(9), i32(4 << 16), Buffer.from('\0')])],
    ['invalid UTF-8', rawStartup(Buffer.from('user\0\xff\xfe\0\0', 'latin1'))],
    ...[3, 0, -1, 2 ** 31 - 1, 10_001].map(
      (length) => [`length ${length}`, Buffer.concat([i32(length), i32(196_608)])] as const,
    ),
  ]
  for (const [what, bytes] of PACKETS) {
    test(`PG-55, PG-61: a startup packet with ${what} ends its connection`, async () => {
      const client = await RawClient.open(mallory.login.port)
      client.write(bytes)
      await client.ended()
      await livesOn()
    })
  }

  const TEXTS: readonly (readonly [threat: string, what: string, bytes: Buffer])[] = [
    ['PG-20', 'half a character of SJIS', Buffer.from("SELECT E'\x835C' , (SELECT pan FROM cards) --'", 'latin1')],
    ['PG-21', 'an overlong form', Buffer.from("SELECT '\xc0\xa7'", 'latin1')],
    ['PG-21', 'a surrogate', Buffer.from("SELECT '\xed\xa0\x80'", 'latin1')],
    ['PG-21', 'a cut character', Buffer.from("SELECT '\xe2\x82", 'latin1')],
    ['PG-22', 'a NUL', Buffer.from('SELECT 1\0; DELETE FROM payments')],
  ]
  for (const [threat, what, bytes] of TEXTS) {
    attack(threat, `a Query and a Parse with ${what} end the session`, async (client) => {
      client.write(framed('Q', Buffer.concat([bytes, ZERO])))
      assert.equal((await client.reply()).end, 'closed')
      const second = await RawClient.enter(mallory.login)
      second.write(framed('P', Buffer.concat([ZERO, bytes, ZERO, Buffer.from([0, 0])])))
      assert.equal((await second.reply()).end, 'closed')
    })
  }

  for (const tag of 'QPBEDCSHXFdcfp') {
    attack('PG-55', `lengths that lie on message ${tag} end the session without waiting for a body`, async (client) => {
      client.write(Buffer.concat([Buffer.from(tag), i32(2 ** 30 - 1)]))
      assert.equal((await client.reply()).end, 'closed')
      for (const length of [3, 0, -1, 2 ** 31 - 1]) {
        const other = await RawClient.enter(mallory.login)
        other.write(Buffer.concat([Buffer.from(tag), i32(length)]))
        assert.equal((await other.reply()).end, 'closed', `length ${length}`)
      }
    })
  }

  attack('PG-55', 'unknown tags and trailing bytes end the session', async (client) => {
    client.write(framed('!', Buffer.from('x')))
    assert.equal((await client.reply()).end, 'closed')
    for (const bytes of [
      framed('S', Buffer.from('x')),
      framed('Q', Buffer.from('SELECT 1\0x')),
      framed('p', Buffer.from('pw\0')),
    ]) {
      const other = await RawClient.enter(mallory.login)
      other.write(bytes)
      assert.equal((await other.reply()).end, 'closed')
    }
  })

  test('PG-56, PG-57: encryption is declined in clear where none is set up, GSSAPI only once', async () => {
    const client = await RawClient.open(mallory.login.port)
    client.isRaw = true
    const ask = encodeStartup({ name: 'gssEncRequest' })
    client.write(ask)
    await new Promise((resolve) => client.socket.once('data', resolve))
    client.write(ask)
    await client.ended()
    assert.equal(client.received.subarray(0, 1).toString(), 'N')
    await livesOn()
  })

  attack('PG-58', 'a cancel request works with the right key only, and only on its own session', async (client) => {
    const other = await RawClient.enter((await stage.enrol('trent', 'root')).login)
    assert.equal((await client.query('DELETE FROM payments')).end, 'held')
    const key = client.key
    assert.ok(key !== undefined)
    await other.cancel({ ...key, key: Buffer.from([1, 2, 3, 4]) })
    await other.cancel({ ...key, key: Buffer.alloc(200) })
    // Its own key, while it is idle: what it runs next is not hit by a request that is still under way.
    await other.cancel()
    assert.deepEqual((await other.query('SELECT 1 FROM pg_sleep(0.3)')).rows, [['1']])
    other.send({ name: 'query', text: 'SELECT pg_sleep(30)' })
    await other.cancel()
    assert.deepEqual((await other.reply()).errors, ['57014'])
    assert.deepEqual((await other.query('SELECT 1 FROM pg_sleep(0.3)')).rows, [['1']])
    const bob = await stage.person('bob', ['approver'])
    assert.ok(await stage.openApproval(bob), 'still held')
    assert.deepEqual((await client.withdraw()).errors, ['57014'])
    other.close()
  })

  attack('PG-60', 'what is recorded at Bind is the text behind the name that was bound', async (client) => {
    const parse = (statement: string, text: string): FrontendMessage => ({
      name: 'parse',
      statement,
      text,
      parameterTypes: [],
    })
    client.send(
      parse('one', 'SELECT 1 AS first_name'),
      parse('two', 'SELECT 2 AS second_name'),
      parse('', 'SELECT 3 AS unnamed_one'),
      SYNC,
    )
    await client.reply()
    client.send(bind({ portal: 'two', statement: 'one' }), { name: 'execute', portal: 'two', maxRows: 0 }, SYNC)
    assert.deepEqual((await client.reply()).rows, [['1']])
    client.send({ name: 'terminate' })
    await client.ended()
    const binds = (await recorded(stage)).filter((line) => line.includes('"message":"bind"'))
    assert.match(binds.at(-1) ?? '', /SELECT 1 AS first_name/)
  })

  test('PG-62: a password in clear, a binding without TLS and another mechanism are refused', async () => {
    const attempts: readonly Buffer[] = [
      encodeFrontend({ name: 'password', password: new Secret('guess') }),
      encodeFrontend({
        name: 'saslInitialResponse',
        mechanism: 'SCRAM-SHA-256-PLUS',
        response: Buffer.from('p=tls-server-end-point,,n=,r=abcdefghijklmnopqrstuvwx'),
      }),
      encodeFrontend({
        name: 'saslInitialResponse',
        mechanism: 'SCRAM-SHA-1',
        response: Buffer.from('n,,n=,r=abcdefghijklmnopqrstuvwx'),
      }),
      encodeFrontend({ name: 'query', text: 'SELECT 1' }),
    ]
    for (const attempt of attempts) {
      const client = await RawClient.open(mallory.login.port)
      client.write(startupOf(mallory.login))
      await client.until('authenticationSasl')
      client.write(attempt)
      const reply = await client.reply()
      assert.equal(reply.end, 'closed')
      assert.ok(!reply.messages.some(({ name }) => name === 'authenticationOk'))
    }
    await livesOn()
  })

  attack('PG-31', 'a bad row of a COPY FROM STDIN is not repeated with its card number', async (client) => {
    assert.equal((await client.query('COPY customers (id, full_name, email, city, country) FROM STDIN')).end, 'copy-in')
    client.send(
      { name: 'copyData', bytes: Buffer.from(`not-a-number ${PLANTED.pan}\t${PLANTED.pan}\tx\ty\tz\n`) },
      { name: 'copyDone' },
    )
    const reply = await client.reply()
    assert.equal(reply.errors.length, 1)
    assert.ok(!(await recorded(stage)).some((line) => line.includes(PLANTED.pan)))
  })

  attack('PG-41', 'a notification is cut down wherever it comes from', async (client) => {
    await client.query('LISTEN jobs')
    await stage.beside.query(`SELECT pg_notify('jobs', 'paid with ${PLANTED.pan}')`)
    const heard = await client.until('notificationResponse')
    assert.equal(heard.payload, 'paid with 401288******1881')
  })

  attack('PG-43', 'the detail of a broken constraint does not repeat a card number', async (client) => {
    const insert = `INSERT INTO customers (full_name, email, city, country) VALUES ('x', '${PLANTED.pan}', 'x', 'xx')`
    assert.deepEqual((await client.query(insert)).errors, [])
    const twice = await client.query(insert)
    assert.deepEqual(twice.errors, ['23505'])
    assert.match(twice.said, /401288\*{6}1881/)
    await client.query('SELECT pan FROM cards LIMIT 1')
    const tainted = await client.query(insert)
    assert.ok(!tainted.said.includes('1881'), tainted.said)
  })

  attack('PG-48', 'a column whose name is a card number arrives cut down', async (client) => {
    const reply = await client.query(`SELECT * FROM "${PLANTED.pan}"`)
    assert.deepEqual([reply.errors, reply.columns], [[], ['401288******1881']])
    const missing = await client.query(`SELECT "${PLANTED.pan}x" FROM "${PLANTED.pan}"`)
    assert.equal(missing.errors.length + Number(missing.end === 'held'), 1)
    if (missing.end === 'held') await client.withdraw()
  })

  attack('PG-45', 'a status message does not carry what the client did not set itself', async (client) => {
    await client.query(`SET application_name = 'shop ${PLANTED.pan}'`)
    const status = (await client.query('SELECT 1')).messages.filter(({ name }) => name === 'parameterStatus')
    assert.deepEqual(planted(Buffer.from(JSON.stringify(status))), [])
    client.send(...unnamed('SELECT 1'), SYNC)
    await client.reply()
  })
})

const ZERO = Buffer.from([0])

function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const framed = (tag: string, body: Buffer): Buffer => Buffer.concat([Buffer.from(tag), i32(body.length + 4), body])

function rawStartup(body: string | Buffer): Buffer {
  return Buffer.concat([i32(Buffer.byteLength(body) + 8), i32(196_608), Buffer.from(body)])
}

/** Every line of every recording. */
async function recorded({ folder }: AttackStage): Promise<readonly string[]> {
  await new Promise((resolve) => setTimeout(resolve, 50))
  const root = path.join(folder, 'data', 'recordings')
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('events.ndjson'))
    .flatMap((name) => readFileSync(path.join(root, name), 'utf8').split('\n'))
}
