import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fromBase32 } from '../../src/access/base32.ts'
import type { Grant } from '../../src/access/grants.ts'
import { codeAt } from '../../src/access/totp.ts'
import { createClient, NET, type Client as Api } from '../../src/cli/client.ts'
import { mintFor } from '../../src/cli/demo/people.ts'
import { openLocalStops } from '../../src/cli/local-stops.ts'
import { personName, targetName, type PersonName } from '../../src/model/ids.ts'
import { systemClock } from '../../src/std/clock.ts'
import { connectSimple, type SimpleClient } from '../../src/proxy/postgres/simple-client.ts'
import { apiPerson } from '../support/api-person.ts'
import { runClient, startClient, without, type Client } from '../support/clients.ts'
import { testStage, type TestStage } from '../support/stage.ts'

const ACTOR = { by: 'dan', origin: 'test' }
const MINUTE = 60_000
const STEP_MS = 30_000
/** What everything that ends access is promised to take at most, and what a busy machine adds. */
const PROMISED_MS = 2000
const BUSY_MS = 2000

interface Visitor {
  readonly person: PersonName
  readonly grant: Grant
  readonly env: Readonly<Record<string, string>>
}

describe('access that ends under a connected psql', { skip: without('psql', '--version') }, () => {
  let stage: TestStage
  let target: SimpleClient
  let dan: { readonly api: Api; code(): string }
  before(async () => {
    stage = await testStage()
    const { superuser, port } = stage.stage.postgres
    target = await connectSimple({
      ...{ database: 'cards', user: superuser.name, password: superuser.password, parameters: new Map() },
      ...{ target: { host: '127.0.0.1', port, tls: 'off' }, clock: systemClock, deadlineMs: 10_000 },
    })
    dan = await officer()
  })
  after(async () => {
    target.close()
    await stage.stop()
  })

  /** Somebody of security with a session at the API. */
  async function officer(): Promise<typeof dan> {
    const { config, people } = stage.stage
    const { name, password, factor } = people.find((one) => one.name === 'dan') ?? assert.fail('there is no dan')
    const secret = fromBase32(factor) ?? Buffer.alloc(0)
    let last = Date.now() - 2 * STEP_MS
    // Never one that was used, and never one that is out of date on a slow machine.
    const code = (): string => {
      last = Math.max(last + STEP_MS, Date.now() - STEP_MS)
      return codeAt(secret, last)
    }
    const net = { url: config.publicUrl, fetch: NET.fetch }
    const { token } = await createClient({ ...net, token: undefined }).login({ person: name, password, totp: code() })
    return { api: createClient({ ...net, token }), code }
  }

  /** A person with a grant for this long and a credential under it. */
  async function visitor(name: string, forMs = 60 * MINUTE): Promise<Visitor> {
    const { access } = stage.stage.app
    const person = personName(name)
    await access.people.add({ name: person, roles: ['engineer'], password: `${name}-and-a-long-password-1` }, ACTOR)
    const given = await access.grants.grant({ person, target: targetName('cards'), forMs, reason: 'a test' }, ACTOR)
    assert.ok(given.outcome === 'granted')
    const secret = await mintFor(access, name)
    const env = { ...stage.env, PGUSER: `${name}@cards`, PGPASSWORD: secret.reveal() }
    return { person, grant: given.grant, env }
  }

  /** A psql at a statement that would run for a minute. */
  async function busy({ person, env }: Visitor): Promise<Client> {
    const text = `SELECT pg_sleep(60), '${person}'`
    const client = startClient('psql', ['-X', '-q', '-A', '-t'], env)
    client.type(`${text};\n`)
    await until(`the statement of ${person}`, async () => (await active(person)) === 1)
    return client
  }

  async function active(person: string): Promise<number> {
    const like = `SELECT pg_sleep(60), ''${person}''`
    const sql = `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '${like}%' AND state = 'active'`
    return Number((await target.query(sql))[0]?.[0])
  }

  async function until(what: string, isSo: () => Promise<boolean> | boolean, ms = 20_000): Promise<number> {
    const start = Date.now()
    while (!(await isSo())) {
      if (Date.now() - start > ms) throw new Error(`no sign of ${what}`)
      await pause(20)
    }
    return Date.now() - start
  }

  /** Both ends know within what was promised: the client was told why, and nothing runs at the target. */
  async function endsSoon(client: Client, person: string, why: RegExp): Promise<void> {
    const within = PROMISED_MS + BUSY_MS
    await until(`an end of ${person}`, async () => (await active(person)) === 0, within)
    await until(`a word to ${person}`, () => /ERROR/.test(client.errors()), within)
    // At its prompt psql does not read: it hears the last word when it is asked for something again.
    client.type('SELECT 1;\n')
    client.close()
    const { err, status } = await client.ended
    assert.match(err, why)
    assert.match(err, /ERROR: {2}canceling statement due to user request/)
    assert.notEqual(status, 0)
  }

  /** As people renew: asked for at the API by whoever sits in the session, and approved by somebody else. */
  async function renew({ person, grant }: Visitor, forMs: number): Promise<void> {
    const { app, config } = stage.stage
    const factor = await app.access.factors.enrol(person, ACTOR)
    const secret = fromBase32(factor?.secret.reveal() ?? '') ?? Buffer.alloc(0)
    const net = { url: config.publicUrl, fetch: NET.fetch }
    const word = { person, password: `${person}-and-a-long-password-1`, totp: codeAt(secret, Date.now()) }
    const { token } = await createClient({ ...net, token: undefined }).login(word)
    const { access } = createClient({ ...net, token })
    // Who becomes an approver after it was asked does not decide it.
    const approver = await apiPerson(stage.stage, `${person}-2nd`, ['approver'])
    const asked = await access.ask({ target: 'cards', forMs, reason: 'it takes longer' })
    assert.deepEqual([asked.state, asked.renews], ['open', grant.id])
    const given = await approver.client.access.approve(asked.id, { factor: await approver.code() })
    assert.deepEqual([given.state, given.grant], ['granted', grant.id])
  }

  const lastWords = async (person: PersonName): Promise<{ reason: string; text: string }> => {
    const sessions = await dan.api.sessions({ person, state: 'closed' })
    const folder = path.join(stage.stage.config.data, 'recordings', sessions[0]?.id ?? '')
    const lines = readFileSync(path.join(folder, 'events.ndjson'), 'utf8').trim().split('\n')
    const close = lines.map((line): unknown => JSON.parse(line)).findLast((line) => hasKind(line, 'close'))
    return close as { reason: string; text: string }
  }

  const hasKind = (line: unknown, kind: string): boolean =>
    typeof line === 'object' && line !== null && 'kind' in line && line.kind === kind

  test('warnings come before the end, and at the end what runs is cancelled and the session closed', async () => {
    const [soon, sooner, now] = [
      await visitor('vera', 5 * MINUTE + 3000),
      await visitor('walt', MINUTE + 3000),
      await visitor('xena', 6000),
    ]
    const [veras, walts, xenas] = [await busy(soon), await busy(sooner), await busy(now)]
    await until('the first warning', () => /NOTICE: {2}your access to cards ends in 5 minutes, at/.test(veras.errors()))
    await until('the second', () => /NOTICE: {2}your access to cards ends in 1 minute, at/.test(walts.errors()))
    await until('the last', () => /NOTICE: {2}your access to cards ends in \d seconds?, at/.test(xenas.errors()))
    await until('the end', () => Date.now() >= now.grant.expiresAt)
    await endsSoon(xenas, 'xena', /FATAL: {2}your access to cards has ended: it was until/)
    assert.equal((await lastWords(now.person)).reason, 'grant-ended')
    for (const client of [veras, walts]) {
      assert.doesNotMatch(client.errors(), /FATAL/)
      client.signal('SIGTERM')
      await client.ended
    }
    const late = await runClient('psql', ['-X', '-c', 'SELECT 1'], now.env)
    assert.match(late.err, /password authentication failed/)
  })

  test('a renewal reaches the connected session, which goes on', async () => {
    const yuri = await visitor('yuri', 20_000)
    const client = await busy(yuri)
    await renew(yuri, 10 * MINUTE)
    assert.ok(Date.now() < yuri.grant.expiresAt, 'it was renewed in time')
    await until('the news', () => /NOTICE: {2}your access to cards now ends at/.test(client.errors()))
    await until('the old end', () => Date.now() > yuri.grant.expiresAt + 1500, 30_000)
    assert.equal(await active('yuri'), 1)
    client.signal('SIGTERM')
    await client.ended
  })

  test('a revoke ends what runs under the grant', async () => {
    const zoe = await visitor('zoe')
    const client = await busy(zoe)
    await stage.stage.app.access.grants.revoke(zoe.grant.id, ACTOR)
    await endsSoon(client, 'zoe', /FATAL: {2}dan revoked your access to cards/)
  })

  test('a revoked credential ends the sessions that began with it', async () => {
    const abel = await visitor('abel')
    const client = await busy(abel)
    const [credential] = await stage.stage.app.access.credentials.liveOf(abel.person)
    assert.ok(credential)
    await stage.stage.app.access.credentials.revoke(credential.id, ACTOR)
    await endsSoon(client, 'abel', /FATAL: {2}the credential of this session was revoked/)
  })

  test('a disabled person is out', async () => {
    const bea = await visitor('bea')
    const client = await busy(bea)
    await stage.stage.app.access.people.disable(bea.person, ACTOR)
    await endsSoon(client, 'bea', /FATAL: {2}the account was disabled/)
  })

  test('a disabled owner ends the sessions of a service account, and it does not come back', async () => {
    const { access } = stage.stage.app
    const cleo = await visitor('cleo')
    const [name, cards] = [personName('nightly'), targetName('cards')]
    await access.people.add({ name, roles: ['engineer'], owner: cleo.person, serviceOf: cards }, ACTOR)
    await access.grants.grant({ person: name, target: cards, forMs: 60 * MINUTE, reason: 'jobs' }, ACTOR)
    const secret = await mintFor(access, 'nightly')
    const env = { ...stage.env, PGUSER: 'nightly@cards', PGPASSWORD: secret.reveal() }
    const client = await busy({ person: name, grant: cleo.grant, env })
    await access.people.disable(cleo.person, ACTOR)
    await endsSoon(client, 'nightly', /FATAL: {2}the account was disabled/)
    assert.equal((await runClient('psql', ['-X', '-c', 'SELECT 1'], env)).status, 2)
  })

  test('what waits is void with the grant, and nobody is asked any more', async () => {
    const dora = await visitor('dora')
    const client = startClient('psql', ['-X', '-q'], dora.env)
    client.type('DELETE FROM payments;\n')
    const { id } = await stage.held('DELETE FROM payments')
    await stage.stage.app.access.grants.revoke(dora.grant.id, ACTOR)
    const voided = await stage.reaches(id, 'void')
    assert.match(voided.ended?.reason ?? '', /dan revoked your access to cards/)
    assert.ok((await stage.approvals()).every(({ state }) => state !== 'open'))
    client.close()
    assert.match((await client.ended).err, /FATAL: {2}dan revoked your access to cards/)
  })

  test('an order on the machine itself stops a target, without a login, until it is resumed', async () => {
    const emil = await visitor('emil')
    const client = await busy(emil)
    const stops = await openLocalStops(stage.stage.configFile, process.env)
    try {
      assert.equal(await stops.order({ scope: 'target', name: 'nowhere', reason: 'a typo' }), undefined)
      const counts = await stops.order({ scope: 'target', name: 'cards', reason: 'leak suspected' })
      assert.ok(counts !== undefined && counts.sessions >= 1)
      await endsSoon(client, 'emil', /FATAL: {2}local:\S+ stopped all access to this target: leak suspected/)
      await assert.rejects(visitor('emil'), /emil: stopped/, 'no credential is made')
      assert.match((await runClient('psql', ['-X', '-c', 'SELECT 1'], emil.env)).err, /password authentication failed/)
      assert.equal(await stops.resume({ scope: 'target', name: 'cards', reason: 'false alarm' }), true)
      const { env } = await visitor('emil')
      assert.equal((await runClient('psql', ['-X', '-A', '-t', '-c', 'SELECT 7'], env)).out, '7\n')
    } finally {
      await stops.close()
    }
  })

  test('stop everything ends everybody and everything that waits, and nobody comes in until it is resumed', async () => {
    const [finn, gwen] = [await visitor('finn'), await visitor('gwen')]
    const [running, waiting] = [await busy(finn), startClient('psql', ['-X', '-q'], gwen.env)]
    waiting.type('DELETE FROM payments;\n')
    const { id } = await stage.held('DELETE FROM payments')
    const stopped = await dan.api.stops.stop({
      ...{ scope: 'everything', name: undefined, reason: 'incident 7', factor: dan.code() },
    })
    assert.ok(stopped.sessions >= 2 && stopped.holds === 1 && stopped.grants >= 2)
    await endsSoon(running, 'finn', /FATAL: {2}dan stopped all access to everything: incident 7/)
    assert.equal((await stage.reaches(id, 'void')).ended?.by, 'dan')
    // At its prompt psql does not read: it hears the last word when it is asked for something again.
    waiting.type('SELECT 1;\n')
    waiting.close()
    assert.match((await waiting.ended).err, /FATAL: {2}dan stopped all access to everything: incident 7/)
    for (const { person } of [finn, gwen]) {
      const { reason, text } = await lastWords(person)
      assert.deepEqual([reason, text], ['terminated', 'dan stopped all access to everything: incident 7'])
    }
    await assert.rejects(visitor('finn'), /finn: stopped/)
    await dan.api.stops.resume({ scope: 'everything', name: undefined, reason: 'over', factor: dan.code() })
    const again = await visitor('finn')
    assert.equal((await runClient('psql', ['-X', '-A', '-t', '-c', 'SELECT 7'], again.env)).out, '7\n')
  })

  test('the counters tell all of it in fixed words', async () => {
    const text = await (await fetch(`${stage.stage.config.publicUrl}/metrics`)).text()
    const count = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
    assert.ok(count('countersign_sessions_closed_total{reason="grant-ended"}') >= 4, text)
    assert.ok(count('countersign_sessions_closed_total{reason="terminated"}') >= 3)
    assert.ok(count('countersign_holds_total{end="void"}') >= 2)
    assert.ok(count('countersign_statements_total{verdict="hold"}') >= 2)
    assert.ok(count('countersign_failed_logins_total{door="postgres"}') >= 1)
    assert.doesNotMatch(text, /vera|finn|cards/)
  })
})
