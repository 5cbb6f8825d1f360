import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { connect as connectTls } from 'node:tls'
import { after, before, describe, test } from 'node:test'
import { personName } from '../../src/model/ids.ts'
import { encodeStartup } from '../../src/protocol/postgres/startup.ts'
import { Secret } from '../../src/std/secret.ts'
import { ACTOR, attackStage, type AttackStage, type Enrolled } from '../support/attack-stage.ts'
import { testCertificates } from '../support/certificates.ts'
import { fakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts'
import { RawClient, startupOf, type Reply } from '../support/raw-client.ts'
import { tlsServer } from '../support/tls-upstream.ts'

const HOUR = 3_600_000
/** Nothing of what the operator keeps to himself. */
const SECRET = /a-password-for-tests|cs_[a-z2-7]{20}/

describe('bad input, bad logins and bad upstreams', () => {
  let stage: AttackStage
  let alice: Enrolled
  const fakes: FakeUpstream[] = []
  const files = mkdtempSync(path.join(os.tmpdir(), 'countersign-bad-input-'))

  before(async () => {
    const { ca, server, stranger } = testCertificates()
    const file = (name: string, text: string): string => {
      writeFileSync(path.join(files, name), text, { mode: 0o600 })
      return path.join(files, name)
    }
    const hung = await fakeUpstream(() => undefined)
    const liar = await fakeUpstream((socket) => {
      socket.once('data', () => socket.write(Buffer.from('SR\0\0\0\u0008\0\0\0\0Z\0\0\0\u0005I')))
    })
    const plain = await fakeUpstream((socket) => {
      socket.once('data', () => socket.write('N'))
    })
    fakes.push(hung, liar, plain)
    const wrong = await tlsServer(stranger)
    fakes.push(wrong)
    const target = (name: string, port: number, tls: string): string =>
      `  ${name}: { protocol: postgres, address: "127.0.0.1:${port}", database: cards, user: app, password: { file: ./upstream.password }, tls: ${tls}, tags: [cde] }\n`
    const trusted = `{ ca: "${file('ca.pem', ca)}" }`
    stage = await attackStage({
      config: `tls: { cert: "${file('server.pem', server.cert)}", key: "${file('server.key', server.key)}" }\nlimits: { handshakeTimeout: 1s, sessions: 12, sessionsPerPerson: 4 }\n`,
      targets: [
        target('gone', 1, 'off'),
        target('hung', hung.port, 'off'),
        target('liar', liar.port, trusted),
        target('plain', plain.port, trusted),
        target('wrong', wrong.port, trusted),
      ].join(''),
    })
    alice = await stage.enrol('alice', 'cards')
  })
  after(async () => {
    await stage.stop()
    for (const fake of fakes) await fake.stop()
    rmSync(files, { recursive: true, force: true })
  })

  const attempt = async (enrolled: Enrolled, change: object = {}): Promise<Reply> => {
    const { client, reply } = await RawClient.login({ ...enrolled.login, ...change })
    client.close()
    assert.doesNotMatch(client.received.toString('latin1'), SECRET)
    return reply
  }
  const livesOn = async (): Promise<void> => assert.equal((await attempt(alice)).end, 'ready')

  test('every way of not being let in looks the same', async () => {
    const words = new Set<string>()
    const eve = await stage.enrol('eve', 'cards')
    await stage.app.access.people.disable(personName('eve'), ACTOR)
    const rose = await stage.enrol('rose', 'cards')
    await stage.app.access.grants.revoke(rose.grant, ACTOR)
    const carl = await stage.enrol('carl', 'cards')
    await stage.app.access.credentials.revoke(carl.credential, ACTOR)
    const old = await stage.enrol('olga', 'cards')
    stage.clock.move(13 * HOUR)
    alice = await stage.enrol('alice', 'cards')
    const bad: readonly (readonly [Enrolled, object])[] = [
      [alice, { user: 'alice@nowhere' }],
      [alice, { user: 'nobody@cards' }],
      [alice, { user: 'alice@root' }],
      [alice, { password: new Secret('cs_wrong') }],
      [alice, { user: ''.padEnd(200, 'x') }],
      [eve, {}],
      [rose, {}],
      [carl, {}],
      [old, {}],
    ]
    for (const [who, change] of bad) {
      const reply = await attempt(who, change)
      assert.deepEqual([reply.end, reply.errors], ['closed', ['28P01']], JSON.stringify(change))
      words.add(reply.said.replace(/user "[^"]*"/, 'user'))
    }
    assert.equal(words.size, 1)
    await livesOn()
  })

  for (const [what, end] of [
    ['a revoked grant', (who: Enrolled) => stage.app.access.grants.revoke(who.grant, ACTOR)],
    ['a revoked credential', (who: Enrolled) => stage.app.access.credentials.revoke(who.credential, ACTOR)],
    ['a disabled person', () => stage.app.access.people.disable(personName('mid-disabled-person'), ACTOR)],
  ] as const) {
    test(`${what} ends the live session within two seconds, and a statement held in it`, async () => {
      const name = `mid-${what.replace('a ', '').replace(' ', '-')}`
      const who = await stage.enrol(name, 'cards')
      const client = await RawClient.enter(who.login)
      assert.equal((await client.query('DELETE FROM payments')).end, 'held')
      const started = performance.now()
      await end(who)
      const reply = await client.reply()
      assert.equal(reply.end, 'closed')
      assert.ok(performance.now() - started < 2000, `${performance.now() - started} ms`)
      assert.deepEqual(reply.errors.slice(-1), ['57P01'])
      assert.equal((await stage.beside.query('SELECT count(*) FROM payments'))[0]?.[0], '5000')
    })
  }

  for (const [target, sentence] of [
    ['gone', /the target cannot be reached/],
    ['wrong', /no trusted encrypted connection to the target/],
    ['liar', /the target does not speak the protocol as it must/],
    ['plain', /no trusted encrypted connection/],
    ['hung', /the target did not answer in time/],
  ] as const) {
    test(`an upstream that is ${target} gives a clear error, and the node lives on`, async () => {
      const who = await stage.enrol('alice', target as 'cards')
      const { client, reply } = await RawClient.login(who.login).catch((error: unknown) => assert.fail(String(error)))
      assert.equal(reply.end, 'closed')
      assert.equal(reply.errors.length, 1)
      assert.match(reply.said, sentence)
      assert.doesNotMatch(client.received.toString('latin1'), SECRET)
      await livesOn()
    })
  }

  const GARBAGE: readonly (readonly [what: string, bytes: Buffer])[] = [
    ['garbage', Buffer.from('\x81\x7f\x00garbage\r\n', 'latin1')],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['an SSH banner', Buffer.from('SSH-2.0-OpenSSH_9.9\r\n')],
    ['a startup packet of 1 GB', Buffer.from([0x3f, 0xff, 0xff, 0xff, 0, 3, 0, 0])],
    [
      'clear bytes behind an SSLRequest',
      Buffer.concat([encodeStartup({ name: 'sslRequest' }), Buffer.from('injected')]),
    ],
  ]
  for (const [what, bytes] of GARBAGE) {
    test(`${what} on the Postgres port ends that connection at once`, async () => {
      const client = await RawClient.open(alice.login.port)
      client.isRaw = true
      client.write(bytes)
      const started = performance.now()
      await client.ended()
      assert.ok(performance.now() - started < 900, 'not only when the handshake ran out of time')
      assert.ok(!client.received.subarray(0, 1).equals(Buffer.from('S')))
      await livesOn()
    })
  }

  test('a TLS handshake for another protocol is not answered with a session', async () => {
    const { ca } = testCertificates()
    const socket = connectTls({ host: '127.0.0.1', port: alice.login.port, ca, ALPNProtocols: ['h2', 'http/1.1'] })
    const end = await new Promise<string>((resolve) => {
      socket.once('error', () => resolve('refused'))
      socket.once('close', () => resolve('closed'))
    })
    assert.match(end, /refused|closed/)
    const direct = connectTls({ host: '127.0.0.1', port: alice.login.port, ca, ALPNProtocols: ['postgresql'] })
    await new Promise((resolve) => direct.once('secureConnect', resolve))
    direct.write(startupOf(alice.login))
    const [first] = await new Promise<Buffer>((resolve) => direct.once('data', resolve))
    assert.equal(first, 'R'.charCodeAt(0))
    direct.destroy()
  })

  test('AV-01: one byte at a time is cut off when the handshake has run out of time', async () => {
    const packet = startupOf(alice.login)
    const started = performance.now()
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const client = await RawClient.open(alice.login.port)
        let at = 0
        const timer = setInterval(() => client.write(packet.subarray(at, (at += 1))), 100)
        await client.ended()
        clearInterval(timer)
      }),
    )
    const took = performance.now() - started
    assert.ok(took > 900 && took < 3000, `${took} ms`)
    await livesOn()
  })

  test('AV-01: a client that never proves its password is cut off as well', async () => {
    const client = await RawClient.open(alice.login.port)
    client.write(startupOf(alice.login))
    await client.until('authenticationSasl')
    await client.ended()
    await livesOn()
  })

  test('AV-02: a flood of connections is bounded, and those who are in stay in', async () => {
    const inside = await RawClient.enter(alice.login)
    const flood = Array.from({ length: 300 }, () =>
      connect({ host: '127.0.0.1', port: alice.login.port }).on('error', () => undefined),
    )
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.deepEqual((await inside.query('SELECT 1')).rows, [['1']])
    for (const socket of flood) socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 100))
    await livesOn()
    inside.close()
  })

  test('AV-02: nobody opens more sessions than a person may, and a closed one makes room', async () => {
    const bert = await stage.enrol('bert', 'cards')
    const open = await Promise.all(Array.from({ length: 4 }, () => RawClient.enter(bert.login)))
    assert.deepEqual((await attempt(bert)).errors, ['53300'])
    await livesOn()
    open[0]?.close()
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal((await attempt(bert)).end, 'ready')
    for (const client of open) client.close()
  })

  test('each login that failed is in the ledger, with where it came from and nothing secret', async () => {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const ledger = readFileSync(path.join(stage.folder, 'data', 'recordings', 'ledger.ndjson'), 'utf8')
    assert.ok(ledger.split('"login.failed"').length > 10)
    assert.doesNotMatch(ledger, SECRET)
    assert.doesNotMatch(readFileSync(path.join(stage.folder, 'countersign.log'), 'utf8'), SECRET)
  })
})
