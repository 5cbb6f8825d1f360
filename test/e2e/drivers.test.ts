import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startClient, without } from '../support/clients.ts'
import { testStage, type TestStage } from '../support/stage.ts'
import { nodePostgres } from './drivers/node-postgres.ts'
import { postgresJs } from './drivers/postgres-js.ts'
import { compare, REASON, told, type Story } from './drivers/story.ts'

const PYTHON = '/usr/bin/python3'
const JDBC = '/usr/share/java/postgresql.jar'
const program = (name: string): string => fileURLToPath(new URL(`./drivers/${name}`, import.meta.url))
const hasModule = (name: string): string | false => without(PYTHON, '-c', `import ${name}`)
const noJava = without('javac', '-version') || without('test', '-e', JDBC)

/** What only one driver does, or reports in its own way. */
const OWN = {
  psycopg2: {},
  psycopg3: {
    'prepared-at-once': [2, 3],
    'cursor-scroll': 'moved',
    pipeline: true,
    'pipeline-error': '22012',
    'pipeline-denied': '42501',
    'pipeline-after': 0,
  },
  asyncpg: {
    // No mask fits a number or an array: what holds a card number becomes NULL.
    'found-binary': [null, null],
    introspection: 'YES',
    'cursor-fetch': [1, 2, 3, 4, 5, 6],
    'cursor-forward': '42501',
    'copy-query': 7,
    'copy-in': 'COPY 1',
    approved: 'UPDATE 5000',
  },
  nodePostgres: {},
  postgresJs: { array: 8, 'after-savepoint': 1 },
  // The driver itself fetches everything where it may not use the extended protocol.
  jdbcSimple: { columns: 9, key: 'id', tables: 5, limit: 5000 },
  jdbc: { columns: 9, key: 'id', tables: 5 },
} as const satisfies Record<string, Story>

describe('drivers through a node', () => {
  let stage: TestStage
  let classes: string
  before(async () => {
    classes = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-jdbc-'))
    stage = await testStage()
  })
  after(async () => {
    await stage.stop()
    rmSync(classes, { recursive: true, force: true })
  })

  /** Lets a driver tell its story while one person countersigns and denies, and looks for holds that nobody meant. */
  async function story(tell: () => Promise<Story>, own: Story): Promise<void> {
    const before = (await stage.approvals()).length
    const [got] = await Promise.all([
      tell(),
      stage.approve('UPDATE payments').then(() => stage.deny('UPDATE customers', REASON)),
    ])
    compare(got, own)
    const held = (await stage.approvals()).slice(before)
    assert.deepEqual(
      held.map(({ state }) => state),
      ['done', 'denied'],
    )
  }

  const python = (name: string, env: Readonly<Record<string, string>> = {}): Promise<Story> =>
    told(PYTHON, ['-B', program(`${name}_story.py`)], { ...stage.env, ...env })

  for (const name of ['psycopg2', 'asyncpg'] as const)
    test(`${name} tells its story`, { skip: hasModule(name) }, () => story(() => python(name), OWN[name]))

  test('psycopg 3 tells its story, over verified TLS with channel binding', { skip: hasModule('psycopg') }, () => {
    const tls = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: stage.ca, PGCHANNELBINDING: 'require' }
    return story(() => python('psycopg3', tls), OWN.psycopg3)
  })

  test('node-postgres tells its story', () => story(() => nodePostgres(stage.env), OWN.nodePostgres))

  test('postgres.js tells its story', () => story(() => postgresJs(stage.env), OWN.postgresJs))

  const jdbc = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Story> =>
    told('java', ['-XX:TieredStopAtLevel=1', '-cp', `${JDBC}:${classes}`, 'JdbcStory', ...args], {
      ...stage.env,
      ...env,
    })

  test('pgjdbc tells its story in each of its query modes', { skip: noJava }, async () => {
    const compiled = startClient('javac', ['-cp', JDBC, '-d', classes, program('JdbcStory.java')], {})
    assert.equal((await compiled.ended).status, 0, compiled.errors())
    const tls = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: stage.ca }
    await story(() => jdbc(['extended', '5'], tls), OWN.jdbc)
    await story(() => jdbc(['simple', '0']), OWN.jdbcSimple)
    await story(() => jdbc(['extendedForPrepared', '1']), OWN.jdbc)
    await story(() => jdbc(['extendedCacheEverything', '-1']), OWN.jdbc)
  })

  test(
    'SQLAlchemy connects, looks at tables and selects without a hold',
    { skip: hasModule('sqlalchemy') },
    async () => {
      const before = (await stage.approvals()).length
      const { version, ...got } = await python('sqlalchemy', { DIALECT: 'psycopg2' })
      assert.equal(typeof version, 'string')
      assert.deepEqual(got, {
        simple: 1,
        tables: ['cards', 'customers', 'payments', 'refunds'],
        columns: ['id', 'customer_id', 'brand', 'holder'],
        foreign: ['customers'],
        masked: ['401288******1881', '***'],
      })
      assert.equal((await stage.approvals()).length, before)
    },
  )

  test(
    'pgcli starts, shows a masked row and leaves, without a hold',
    { skip: without('pgcli', '--version') },
    async () => {
      const before = (await stage.approvals()).length
      const env = { ...stage.env, TERM: 'dumb', HOME: classes }
      const terminal = startClient(PYTHON, ['-B', program('terminal.py'), 'pgcli', '--less-chatty'], env)
      terminal.type('EXPECT\tcards>\nTYPE\tSELECT pan FROM cards WHERE id = 1;\\r\n')
      terminal.type('EXPECT\t401288******1881\nEXPECT\tTime\nTYPE\t\\\\q\\r\n')
      terminal.close()
      const { status, out, err } = await terminal.ended
      assert.equal(status, 0, `${out}${err}`)
      assert.doesNotMatch(out, /4012888888881881|held/)
      assert.equal((await stage.approvals()).length, before)
    },
  )
})
