import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { FrontendMessage } from '../../src/protocol/postgres/messages.ts'
import { approve, attackStage, deny, passwordOf, type AttackStage, type Person } from '../support/attack-stage.ts'
import { TRAPS } from '../support/attack-table.ts'
import { PLANTED } from '../support/planted.ts'
import { bind, RawClient, unnamed, type Reply } from '../support/raw-client.ts'
import { leakIn, leaksBelow, webhookSink, type Leak } from '../support/sinks.ts'

const { pan, cvv } = PLANTED
const SPACED = pan.replace(/(....)(?=.)/g, '$1 ')
const TRACK = `;${pan}=30121010000012300000?`
const SYNC: FrontendMessage = { name: 'sync' }

/** Tables that hold the planted values in every type that can. A security code outside a tagged column has no looks to be found by. */
const ODD = `
CREATE TABLE odd (id int, pan text, cvv text, pan_list text[], cvv_list text[], pan_big bigint, pan_num numeric, pan_doc jsonb, cvv_doc json,
  track2 text, pan_raw bytea, note text, whole jsonb, big bigint, list text[], raw bytea);
INSERT INTO odd VALUES (1, '${SPACED}', '${cvv}', ARRAY['${pan}', '${SPACED}'], ARRAY['${cvv}'], ${pan}, ${pan}, '{"n": ${pan}}', '{"c": "${cvv}"}',
  '${TRACK}', '${pan}', 'paid with ${SPACED} and ${TRACK}', '{"a": ["${pan}", ${pan}]}', ${pan}, ARRAY['x${SPACED}y'], '${pan}');
CREATE TYPE pair AS (label text, amount numeric);
CREATE TABLE odder (id int, both_of pair, name name DEFAULT '${pan}');
INSERT INTO odder VALUES (1, ROW('${pan}', ${pan}));
CREATE TABLE marked ("${pan}" int, "x${SPACED}" int);
`

/** What runs at once. */
const AT_ONCE: readonly string[] = [
  'SELECT id, customer_id, brand, holder, pan, cvv FROM cards WHERE id = 1',
  'SELECT * FROM odd',
  'SELECT * FROM odder',
  'SELECT both_of FROM odder',
  'SELECT * FROM marked',
  'SELECT * FROM card_overview WHERE card_id = 1',
  'TABLE kid_cards',
  `SELECT '${pan}', '${SPACED}', ${pan}, '${TRACK}' AS "${pan}"`,
  `SELECT 1 AS "${SPACED}" /* ${pan} ${cvv} */ -- ${TRACK}`,
  `SELECT id FROM payments WHERE status = '${pan}'`,
  `SELECT '${pan}'::integer`,
  `SELECT '${pan}'::date`,
  `SELECT * FROM "no ${pan}"`,
  `SELECT "${pan}" FROM customers`,
  `SET application_name = 'till ${pan}'`,
  `SELECT set_config('application_name', '${pan}', false)`,
  `INSERT INTO customers (full_name, email, city, country) VALUES ('${pan}', '${SPACED}', 'x', 'xx')`,
  `INSERT INTO customers (full_name, email, city, country) VALUES ('${pan}', 'other', 'x', 'xx')`,
  `INSERT INTO customers (full_name, email, city, country) VALUES ('other', '${SPACED}', 'x', 'xx')`,
  `UPDATE customers SET city = NULL WHERE full_name = '${pan}'`,
  `LISTEN "${pan}"`,
  `SELEC ${pan} '${cvv}'`,
]

/** What waits for a person: shown to them, kept, told of. */
const HELD: readonly string[] = [
  `UPDATE cards SET cvv = '${cvv}', pan = '${pan}' WHERE id = 1 AND cvv = '${cvv}' /* ${cvv} ${pan} */`,
  `SELECT id FROM cards WHERE cvv = '${cvv}' OR cvv = $tag$${cvv}$tag$ OR cvv = E'${cvv}' OR pan = '${SPACED}'`,
  `INSERT INTO cards (customer_id, brand, holder, pan, cvv, expiry_month, expiry_year) VALUES (1, 'visa', 'x', '${pan}', '${cvv}', 1, 2030)`,
  `INSERT INTO cards (customer_id, brand, holder, pan, cvv, expiry_month, expiry_year) VALUES (1, 'visa', 'x', '${pan}', '${cvv}', 1, 2030)`,
  `SELECT pan::date FROM cards WHERE id = 1`,
  `SELECT raiser(1)`,
  `COPY cards TO STDOUT`,
  `COPY cards (id, pan, cvv) TO STDOUT WITH (FORMAT csv, HEADER)`,
  `COPY odd (id, pan, cvv, pan_big, note, whole, big, list) TO STDOUT WITH (FORMAT binary)`,
  `COPY odd TO STDOUT WITH (FORMAT csv)`,
  `COPY odd TO STDOUT`,
  `NOTIFY jobs, '${pan}'`,
  `NOTIFY "${pan}", 'x'`,
  `DO $$ BEGIN RAISE NOTICE 'seen ${pan}' USING DETAIL = '${SPACED}', HINT = '${TRACK}'; END $$`,
  `DO $$ BEGIN RAISE EXCEPTION 'seen %', (SELECT pan FROM cards WHERE id = 1) USING DETAIL = (SELECT cvv FROM cards WHERE id = 1); END $$`,
  `CREATE TABLE "made ${pan}" (a int)`,
]

describe('planted card data goes in through every door and comes out of none', () => {
  let stage: AttackStage
  let bob: Person
  let carol: Person
  let hook: Awaited<ReturnType<typeof webhookSink>>
  const clients: RawClient[] = []
  const pages: { place: string; body: string }[] = []

  before(async () => {
    hook = await webhookSink()
    stage = await attackStage({
      config: `notify:\n  - { name: oncall, kind: webhook, url: "${hook.url}", secret: { file: ./upstream.password } }\n`,
    })
    await stage.beside.query(`UPDATE cards SET pan = '${pan}', cvv = '${cvv}' WHERE id = 1; ${TRAPS} ${ODD}; ANALYZE`)
    bob = await stage.person('bob', ['approver'])
    carol = await stage.person('carol', ['auditor', 'security'])
    await doors()
  })
  after(async () => {
    for (const client of clients) client.close()
    await stage.stop()
    hook.stop()
  })

  const enter = async (name: string, change: Parameters<AttackStage['enter']>[2] = {}): Promise<RawClient> => {
    const client = await stage.enter(name, 'root', change)
    clients.push(client)
    return client
  }

  async function doors(): Promise<void> {
    await simple(await enter('alice', { parameters: new Map([['application_name', `till ${pan}`]]) }))
    await extended(await enter('anna'))
    await copiedIn(await enter('arno'))
    await held(await enter('agnes'))
    await values(await enter('ada'))
    await names()
    await notified(await enter('albert'))
    await refusals()
  }

  async function simple(client: RawClient): Promise<void> {
    for (const text of AT_ONCE) {
      const reply = await client.query(text)
      if (reply.end === 'held') await lookAt(client)
    }
  }

  async function extended(client: RawClient): Promise<void> {
    for (const binary of [false, true]) {
      for (const text of AT_ONCE.filter((one) => /^(SELECT|TABLE)/.test(one))) {
        client.send({ name: 'parse', statement: '', text, parameterTypes: [] }, bind({ binary }), EXECUTE, SYNC)
        if ((await client.reply()).end === 'held') await lookAt(client)
      }
    }
  }

  async function copiedIn(client: RawClient): Promise<void> {
    await client.query('COPY customers (full_name, email, city, country) FROM STDIN')
    client.send({ name: 'copyData', bytes: Buffer.from(`${pan}\t${TRACK}\n`) }, { name: 'copyDone' })
    await client.reply()
    await client.query('COPY customers (full_name, email, city, country) FROM STDIN')
    client.send({ name: 'copyFail', reason: `no more of ${pan}` })
    await client.reply()
    assert.equal((await client.query('COPY cards (id, pan, cvv) FROM STDIN')).end, 'held')
    await lookAt(client)
  }

  async function held(client: RawClient): Promise<void> {
    for (const text of HELD) {
      const reply = await client.query(text)
      assert.equal(reply.end, 'held', `${text}: ${reply.said}`)
      await look(text)
      await approve(stage, bob)
      await client.reply()
    }
    assert.equal((await client.query(`DELETE FROM odd /* ${pan} */`)).end, 'held')
    await deny(stage, bob, `never for ${pan}, ${SPACED} or ${TRACK}`)
    await client.reply()
  }

  async function values(client: RawClient): Promise<void> {
    const text = 'SELECT id FROM cards WHERE cvv = $1 AND pan = $2'
    client.send(...unnamed(text, [cvv, pan]), SYNC)
    assert.equal((await client.reply()).end, 'held')
    await lookAt(client)
    const binary: FrontendMessage = {
      ...{ name: 'bind', portal: '', statement: '', parameterFormats: ['binary'], resultFormats: [] },
      parameters: [Buffer.from(cvv), Buffer.from(pan)],
    }
    client.send({ name: 'parse', statement: '', text, parameterTypes: [25, 25] }, binary, EXECUTE, SYNC)
    assert.equal((await client.reply()).end, 'held')
    await lookAt(client)
    client.send(...unnamed('SELECT $1::text, $2::text', [pan, SPACED]), SYNC)
    await client.reply()
    client.send(...unnamed('SELECT id FROM payments WHERE status = $1', [pan]), SYNC)
    await client.reply()
    client.send(
      { name: 'parse', statement: pan, text: 'SELECT 1', parameterTypes: [] },
      bind({ portal: pan, statement: pan }),
      SYNC,
    )
    await client.reply()
    client.send(bind({ statement: `no ${pan}` }), SYNC)
    await client.reply()
    await client.query(`EXECUTE "${pan}"`)
  }

  /** Names that a stranger may choose: of the user, of the database, at the API. */
  async function names(): Promise<void> {
    const alice = (await stage.enrol('aaron', 'root')).login
    for (const change of [{ user: pan }, { user: `${pan}@root` }, { user: `aaron@${pan}` }, { database: pan }]) {
      const { client } = await RawClient.login({ ...alice, ...change })
      clients.push(client)
    }
    for (const parameters of [new Map([['application_name', `till-${SPACED}`]]), new Map([[`x${pan}`, pan]])]) {
      const { client } = await RawClient.login({ ...alice, parameters })
      clients.push(client)
    }
    for (const body of [
      { person: pan, password: pan, totp: '123456' },
      { person: 'x', password: pan, totp: pan },
      { [pan]: pan },
    ])
      await page('POST login', '/api/v1/login', { method: 'POST', body: JSON.stringify(body), headers: JSON_TYPE })
    await page('odd path', `/api/v1/approvals/${pan}`, authorised(bob))
    await page('odd query', `/api/v1/sessions?person=${pan}&${pan}=1`, authorised(carol))
  }

  async function notified(client: RawClient): Promise<void> {
    await client.query('LISTEN jobs')
    await client.query(`LISTEN "${pan}"`)
    await stage.beside.query(`SELECT pg_notify('jobs', '${SPACED}'), pg_notify('${pan}', '{"n":${pan}}')`)
    await client.query('SELECT 1')
    await client.query('SELECT 1')
  }

  /** A session ended by hand, for a reason that should not have been written. */
  async function refusals(): Promise<void> {
    const client = await enter('abel')
    const [session] = await carol.client.sessions({ person: 'abel', state: 'open' })
    await page('terminate', `/api/v1/sessions/${session?.id ?? ''}/terminate`, {
      method: 'POST',
      body: JSON.stringify({ reason: `typed ${pan} and ${SPACED}` }),
      headers: { ...JSON_TYPE, ...authorised(carol).headers },
    })
    await client.ended()
  }

  /** Everybody's view of what waits, then it is taken back. */
  async function lookAt(client: RawClient): Promise<Reply> {
    await look('held')
    return client.withdraw()
  }

  async function look(door: string): Promise<void> {
    const { id } = await stage.openApproval(bob)
    for (const [who, person] of [
      ['bob', bob],
      ['carol', carol],
    ] as const) {
      await page(`${who} lists: ${door}`, '/api/v1/approvals', authorised(person))
      await page(`${who} shows: ${door}`, `/api/v1/approvals/${id}`, authorised(person))
    }
    const form = new URLSearchParams({ person: 'bob', password: passwordOf('bob'), totp: bob.code() })
    const login = await fetch(`${stage.url}/login`, {
      ...{ method: 'POST', body: form, redirect: 'manual', headers: { Origin: stage.url } },
    })
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
    assert.equal(login.status, 303)
    await page(`page: ${door}`, `/approvals/${id}`, { headers: { Cookie: cookie } })
  }

  /** Everything that may be asked about what was recorded, in every form, and somebody who looks for the number itself. */
  async function evidence(sessions: readonly string[]): Promise<void> {
    const get = (path: string): Promise<void> => page(`GET ${path}`, `/api/v1/${path}`, authorised(carol))
    for (const format of ['json', 'csv', 'html']) {
      for (const report of ['reach', 'decisions', 'failed', 'views', 'accounts', 'chain'])
        await get(`evidence/${report}?format=${format}`)
      await get(`evidence/touched?column=cards.pan&format=${format}`)
      await get(`evidence/person?person=abel&format=${format}`)
    }
    await get('search?limit=500')
    await get('search?table=cards&limit=500')
    await get('ledger?limit=500')
    const looked = await fetch(`${stage.url}/api/v1/search?text=${pan}`, authorised(carol))
    assert.deepEqual(await looked.json(), { statements: [], next: null, complete: true })
    for (const id of sessions) {
      await get(`recordings/${id}/events?limit=1000`)
      await get(`recordings/${id}/export?format=jsonl`)
      await get(`recordings/${id}/export?format=html`)
      await get(`recordings/${id}/search?text=cards`)
    }
    assert.deepEqual(
      pages.filter(({ place }) => /^GET (evidence|search|ledger|recordings).*\((?!200)/.test(place)),
      [],
    )
    const touched = pages.find(({ place }) => place.startsWith('GET search?table=cards'))
    assert.ok(touched !== undefined && touched.body.includes('public.cards'))
  }

  async function page(place: string, at: string, init: RequestInit = {}): Promise<void> {
    const response = await fetch(`${stage.url}${at}`, init)
    const body = `${[...response.headers].join()} ${await response.text()}`
    pages.push({ place: `${place} (${response.status})`, body })
  }

  test('no byte that a client received holds one of them', () => {
    const found = clients.flatMap((client, at) => leakIn(`client ${at}`, client.received))
    assert.deepEqual(found, [])
  })

  test('neither the API nor the page shows one, to approvers and to auditors', async () => {
    for (const at of ['approvals', 'sessions', 'people', 'targets', 'credentials', 'me', 'openapi.json'])
      for (const person of [bob, carol]) await page(`GET ${at}`, `/api/v1/${at}`, authorised(person))
    for (const at of ['metrics', 'healthz', 'readyz']) await page(`GET ${at}`, `/${at}`)
    const sessions = await carol.client.sessions({})
    assert.ok(sessions.length >= clients.length - 6)
    for (const { id } of sessions)
      await page(`events ${id}`, `/api/v1/sessions/${id}/events?limit=1000`, authorised(carol))
    await evidence(sessions.map(({ id }) => id))
    for (const { id } of await carol.client.approvals(undefined))
      await page(`after ${id}`, `/api/v1/approvals/${id}`, authorised(carol))
    const found = pages.flatMap(({ place, body }) => leakIn(place, Buffer.from(body)))
    assert.deepEqual(brief(found), [])
    assert.ok(pages.filter(({ place }) => place.startsWith('page: ')).every(({ body }) => body.includes('digest')))
  })

  test('no webhook tells one', () => {
    assert.ok(hook.bodies.length >= HELD.length)
    assert.deepEqual(
      hook.bodies.flatMap((body, at) => leakIn(`webhook ${at}`, Buffer.from(body))),
      [],
    )
  })

  test("no file holds one: recordings, ledger, database, its log of changes, the operator's log", () => {
    assert.deepEqual(brief(leaksBelow(stage.folder)), [])
  })
})

const EXECUTE: FrontendMessage = { name: 'execute', portal: '', maxRows: 0 }
const JSON_TYPE = { 'Content-Type': 'application/json' }
const authorised = ({ token }: Person) => ({ headers: { Authorization: `Bearer ${token}` } })

/** One of each kind is enough to read. */
const brief = (leaks: readonly Leak[]): readonly Leak[] => leaks.slice(0, 25)
