import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { BackendMessage, FrontendMessage } from '../../src/protocol/postgres/messages.ts'
import { ACCOUNTS, TEST_PASSWORD } from '../support/servers.ts'
import { attackStage, type AttackStage } from '../support/attack-stage.ts'
import { bind, RawClient, unnamed, type RawLogin } from '../support/raw-client.ts'

const query = (text: string): FrontendMessage => ({ name: 'query', text })
const parse = (text: string, statement: string): FrontendMessage => ({
  ...{ name: 'parse', statement, text, parameterTypes: [] },
})
const execute = (portal: string): FrontendMessage => ({ name: 'execute', portal, maxRows: 0 })
const data = (text: string): FrontendMessage => ({ name: 'copyData', bytes: Buffer.from(text) })
const SYNC: FrontendMessage = { name: 'sync' }
const DONE: FrontendMessage = { name: 'copyDone' }
const FLUSH: FrontendMessage = { name: 'flush' }
const FAIL: FrontendMessage = { name: 'copyFail', reason: 'enough' }
const COPY = 'COPY jobs FROM STDIN'

/** Groups of messages; each leaves when the answers to the one before it have come, so that an error of one is known before the next is sent. */
const PIPELINES: readonly (readonly [claim: string, groups: readonly (readonly FrontendMessage[])[]])[] = [
  [
    'what comes after an error and before sync is not run',
    [
      [...unnamed('SELECT 1/0'), FLUSH],
      [...unnamed('INSERT INTO jobs VALUES (1)'), ...unnamed('SELECT 2')],
      [query('INSERT INTO jobs VALUES (2)'), SYNC],
    ],
  ],
  ['a name made after an error is not there', [[...unnamed('SELECT 1/0')], [parse('SELECT 1', 'late'), FLUSH, SYNC], [bind({ statement: 'late' }), SYNC]]], // prettier-ignore
  ['a statement that does not exist fails the transaction', [[query('BEGIN')], [bind({ statement: 'nowhere' }), SYNC], [query('SELECT 1')], [query('ROLLBACK')]]], // prettier-ignore
  ['a portal that does not exist fails it as well', [[query('BEGIN')], [execute('nowhere'), SYNC], [query('COMMIT')]]],
  ['data of a COPY that never opens is ignored', [[...unnamed(`${COPY}; SELECT 1`)], [data('1\n'), DONE, SYNC]]],
  ['sync in a COPY of a query is ignored', [[query(COPY)], [data('3\n'), SYNC, data('4\n'), DONE, SYNC]]],
  [
    'sync in an extended COPY is ignored',
    [
      [...unnamed(COPY), FLUSH],
      [data('5\n'), SYNC, DONE, SYNC],
    ],
  ],
  [
    'the end of a COPY may be said twice',
    [
      [...unnamed(COPY), FLUSH],
      [data('6\n'), DONE, FAIL, data('7\n'), SYNC],
    ],
  ],
]

const LAST = 'the last word'

function line(message: BackendMessage): string {
  switch (message.name) {
    case 'errorResponse':
      return `error ${message.fields.get('C') ?? ''}`
    case 'readyForQuery':
      return `ready ${message.status}`
    case 'commandComplete':
      return message.commandTag
    case 'dataRow':
      return `row ${message.cells.map(String).join()}`
    default:
      return message.name
  }
}

describe('a pipeline', () => {
  let stage: AttackStage
  const logins: Record<string, RawLogin> = {}

  before(async () => {
    stage = await attackStage()
    await stage.beside.query('CREATE TABLE jobs (id int)')
    const direct = { port: stage.server.port, user: ACCOUNTS.superuser, password: TEST_PASSWORD, database: 'cards' }
    Object.assign(logins, { direct, proxied: (await stage.enrol('alice', 'root')).login })
  })
  after(() => stage.stop())

  /** Everything that the server said, and what is in the table afterwards. */
  async function played(login: RawLogin, groups: readonly (readonly FrontendMessage[])[]): Promise<readonly string[]> {
    await stage.beside.query('TRUNCATE jobs')
    const client = await RawClient.enter(login)
    const heard: string[] = []
    for (const group of groups) {
      const before = client.chunks.length
      client.send(...group)
      // Each group is answered with something: an error, a name, a ready or the opening of a COPY.
      while (client.chunks.length === before && !group.every(isSilent)) await new Promise((done) => setImmediate(done))
      await new Promise((done) => setImmediate(done))
    }
    client.send(query(`SELECT '${LAST}'`))
    while (!heard.includes(`row ${LAST}`)) heard.push(...(await client.reply()).messages.map(line))
    client.close()
    const rows = await stage.beside.query(
      'SELECT coalesce(string_agg(id::text, chr(44) ORDER BY id), chr(45)) FROM jobs',
    )
    return [...heard, `table ${JSON.stringify(rows)}`]
  }

  for (const [claim, groups] of PIPELINES)
    test(`is answered as the server answers it: ${claim}`, async () => {
      const { direct, proxied } = logins
      assert.ok(direct !== undefined && proxied !== undefined)
      assert.deepEqual(await played(proxied, groups), await played(direct, groups))
    })
})

/** Nothing is said to what is skipped after an error. */
const isSilent = ({ name }: FrontendMessage): boolean => name !== 'sync' && name !== 'query' && name !== 'flush'
