import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBackend } from '../../../src/protocol/postgres/encode.ts'
import type { BackendMessage } from '../../../src/protocol/postgres/messages.ts'
import { connectSimple, type ClientLimits, type SimpleClient } from '../../../src/proxy/postgres/simple-client.ts'
import { UpstreamError } from '../../../src/proxy/postgres/upstream-error.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { answering, fakeUpstream } from '../../support/fake-upstream.ts'

const said = (...messages: readonly BackendMessage[]): Buffer => Buffer.concat(messages.map(encodeBackend))
const ready: BackendMessage = { name: 'readyForQuery', status: 'idle' }
const row = (...cells: readonly (string | null)[]): BackendMessage => ({
  name: 'dataRow',
  cells: cells.map((cell) => (cell === null ? null : Buffer.from(cell))),
})
const done: BackendMessage = { name: 'commandComplete', commandTag: 'SELECT 1' }
const refused: BackendMessage = {
  name: 'errorResponse',
  fields: new Map([
    ['C', '22012'],
    ['M', '4111111111111111'],
  ]),
}

const LIMITS: ClientLimits = { queryMs: 5000, bytes: 1000 }

/** A client whose upstream answers the login and then each query with the next of these. */
async function asking(
  answers: readonly Buffer[],
  body: (client: SimpleClient) => Promise<void>,
  limits = LIMITS,
): Promise<void> {
  const upstream = await fakeUpstream(answering(said({ name: 'authenticationOk' }, ready), ...answers))
  const target = { host: '127.0.0.1', port: upstream.port, tls: 'off' } as const
  const login = { user: 'app', database: 'cards', parameters: new Map<string, string>() }
  const client = await connectSimple({ ...login, target, clock: systemClock, deadlineMs: 5000 }, limits)
  await body(client)
  client.close()
  await upstream.stop()
}

const failsWith = (code: string) => (error: unknown) => error instanceof UpstreamError && error.code === code

test('a query gives its rows as text, NULL as null', async () => {
  await asking([said(row('1', null), row('', 'é'), done, ready)], async (client) => {
    assert.deepEqual(await client.query('SELECT'), [
      ['1', null],
      ['', 'é'],
    ])
  })
})

test('queries run one after the other, each with its own rows', async () => {
  await asking([said(row('1'), done, ready), said(row('2'), done, ready)], async (client) => {
    assert.deepEqual(await Promise.all([client.query('a'), client.query('b')]), [[['1']], [['2']]])
  })
})

test('a refused query tells its SQLSTATE and nothing of the text, and the next one works', async () => {
  await asking([said(refused, ready), said(row('1'), done, ready)], async (client) => {
    const error = await client.query('SELECT 1/0').catch((thrown: unknown) => thrown)
    assert.ok(error instanceof UpstreamError)
    assert.deepEqual([error.code, error.fields['sqlState']], ['E_UPSTREAM_QUERY', '22012'])
    assert.doesNotMatch(JSON.stringify([error.message, error.clientMessage, error.stack]), /4111/)
    assert.deepEqual(await client.query('SELECT 1'), [['1']])
  })
})

const BREACHES: readonly (readonly [what: string, answer: Buffer])[] = [
  ['more bytes of rows than allowed', said(row('x'.repeat(600)), row('x'.repeat(600)))],
  ['a COPY', said({ name: 'copyOutResponse', format: 'text', columnFormats: [] })],
  ['garbage', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
  ['a second ReadyForQuery', said(ready, ready)],
]

for (const [what, answer] of BREACHES) {
  test(`a client closes when its upstream sends ${what}`, async () => {
    await asking([answer], async (client) => {
      await client.query('SELECT').catch(() => undefined)
      await client.closed
      assert.equal(client.isOpen, false)
      await assert.rejects(client.query('SELECT'), failsWith('E_UPSTREAM_PROTOCOL'))
    })
  })
}

test('a query without an answer fails at its deadline and closes the client', async () => {
  await asking(
    [],
    async (client) => {
      await assert.rejects(client.query('SELECT pg_sleep(9)'), failsWith('E_UPSTREAM_TIMEOUT'))
      assert.equal(client.isOpen, false)
    },
    { ...LIMITS, queryMs: 1 },
  )
})

test('closing a client fails what it runs and what waits', async () => {
  await asking([], async (client) => {
    const asked = [client.query('a'), client.query('b')].map((query) =>
      assert.rejects(query, failsWith('E_UPSTREAM_ABORTED')),
    )
    await new Promise((resolve) => setImmediate(resolve))
    client.close()
    await Promise.all(asked)
  })
})
