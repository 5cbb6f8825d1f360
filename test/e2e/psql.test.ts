import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runClient, startClient, without, type Client, type Ended } from '../support/clients.ts'
import { testStage, type TestStage } from '../support/stage.ts'

const TERMINAL = fileURLToPath(new URL('./drivers/terminal.py', import.meta.url))
const PYTHON = '/usr/bin/python3'
const QUIET = ['-X', '-q', '-A', '-t']

/** What psql's backslash commands must still show; each runs in a session of its own kind, none may wait. */
const LOOKING: readonly (readonly [command: string, shows: RegExp])[] = [
  ['\\conninfo', /as user "alice@cards"/],
  ['\\d', /public\|payments\|table/],
  ['\\d+', /public\|cards\|table\|.*Published test numbers only/],
  ['\\d cards', /pan\|text\|\|not null/],
  ['\\d+ card_overview', /pan\|text/],
  ['\\dt', /public\|customers\|table/],
  ['\\dv', /card_overview/],
  ['\\di+', /payments_card_id/],
  ['\\ds', /cards_id_seq/],
  ['\\df', /customer_spend/],
  ['\\df+', /customer_spend/],
  ['\\sf customer_spend', /BEGIN ATOMIC/],
  ['\\sv card_overview', /CREATE OR REPLACE VIEW/],
  ['\\dn+', /public/],
  ['\\du', /app/],
  ['\\dp', /payments/],
  ['\\dx', /plpgsql/],
  ['\\dT', /^$/],
  ['\\ddp', /^$/],
  ['\\drds', /^$/],
  ['\\dC', /int4/],
  ['\\dF', /english/],
  ['\\encoding', /UTF8/],
]

/** \l of psql 17 and later; an older psql asks a newer server for a column that it no longer has. */
const DATABASES = `SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_encoding_to_char(d.encoding),
  CASE d.datlocprovider WHEN 'b' THEN 'builtin' WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END, d.datcollate, d.datctype, d.datlocale, d.daticurules,
  CASE WHEN pg_catalog.array_length(d.datacl, 1) = 0 THEN '(none)' ELSE pg_catalog.array_to_string(d.datacl, E'\\n') END
FROM pg_catalog.pg_database d ORDER BY 1`

describe('psql through a node', { skip: without('psql', '--version') }, () => {
  let stage: TestStage
  let folder: string
  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-psql-'))
    stage = await testStage()
  })
  after(async () => {
    await stage.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const started = (args: readonly string[] = []): Client => startClient('psql', [...QUIET, ...args], stage.env)
  const script = (text: string, ...args: readonly string[]): Promise<Ended> => {
    const client = started(args)
    client.type(text)
    client.close()
    return client.ended
  }
  /** One argument for each -c. */
  const commands = (...texts: readonly string[]): Promise<Ended> =>
    runClient('psql', [...QUIET, ...texts.flatMap((text) => ['-c', text])], stage.env)

  /** Nothing that was held is left over from a test. */
  const waiting = async (): Promise<number> => (await stage.approvals()).filter(({ state }) => state === 'open').length

  test('its backslash commands look at everything without waiting', async () => {
    const before = (await stage.approvals()).length
    for (const [command, shows] of LOOKING) {
      const { status, out, err } = await commands(command)
      assert.equal(status, 0, `${command}: ${err}`)
      assert.match(out, shows, command)
    }
    assert.match((await commands(DATABASES)).out, /^cards\|postgres\|UTF8/m)
    assert.equal((await stage.approvals()).length, before)
  })

  test('rows come masked, and no whole card number with them', async () => {
    const { out } = await commands(
      'SELECT id, pan, cvv FROM cards WHERE id = 1',
      'SELECT * FROM cards; TABLE card_overview',
    )
    assert.match(out, /^1\|401288\*{6}1881\|\*{3}$/m)
    assert.doesNotMatch(out, /4012888888881881/)
    assert.equal(out.split('\n').filter((line) => /\*{4,}\d{4}(\||$)/.test(line)).length, 6001)
    assert.doesNotMatch(out, /(?<![\d.+:-])\d{11,19}(?!\d)/)
  })

  test('errors are the server’s, with the place in the text', async () => {
    const rows = [
      ['SELEC 1;', /ERROR: {2}syntax error at or near "SELEC"\nLINE 1: SELEC 1;\n {8}\^/],
      [
        'SELECT nme FROM customers;',
        /ERROR: {2}column "nme" does not exist\nLINE 1: SELECT nme FROM customers;\n {15}\^/,
      ],
      ['SELECT * FROM nowhere;', /ERROR: {2}relation "nowhere" does not exist\nLINE 1: /],
      ['SELECT 1/0;', /ERROR: {2}division by zero/],
    ] as const
    for (const [text, shows] of rows) assert.match((await script(text)).err, shows, text)
  })

  test('\\copy brings rows out and in; one of card data is refused', async () => {
    const file = path.join(folder, 'customers.tsv')
    const out = await commands(`\\copy customers to '${file}'`)
    assert.equal(out.status, 0, out.err)
    const rows = readFileSync(file, 'utf8').split('\n')
    assert.equal(rows.length, 2001)
    assert.match(rows[0] ?? '', /^1\tBen Almeida\t/)
    const into = await script(
      "\\copy customers (full_name, email, city, country) from stdin\nAda\tada@psql.test\tOslo\tNO\n\\.\nSELECT count(*) FROM customers WHERE email = 'ada@psql.test';\n",
    )
    assert.equal(into.out.trim().split('\n').at(-1), '1')
    const refused = await commands('\\copy (select pan from cards) to stdout')
    assert.equal(refused.status, 1)
    assert.match(refused.err, /ERROR: {2}.*cannot be masked/)
    assert.equal(refused.out, '')
  })

  test('\\gexec, \\crosstabview, \\gset, \\bind and \\timing work', async () => {
    const { out, err } = await script(`SELECT 'SELECT ' || g * 7 FROM generate_series(1, 3) g \\gexec
SELECT id, status, 1 FROM payments WHERE id < 4 \\crosstabview
SELECT count(*) AS n FROM payments \\gset
\\echo n=:n
\\timing on
SELECT pan FROM cards WHERE id = 1;
`)
    assert.equal(err, '')
    assert.match(out, /^7\n14\n21$/m)
    assert.match(out, /^n=5000$/m)
    assert.match(out, /^401288\*{6}1881\nTime: /m)
  })

  test('\\watch repeats until it is interrupted', async () => {
    const client = started()
    client.type("SELECT 'again' AS a \\watch 0.1\n")
    while ((client.output().match(/again/g) ?? []).length < 3) await client.more()
    client.signal('SIGINT')
    client.close()
    await client.ended
  })

  test('a string of several statements gives every result, or fails as one', async () => {
    const { out } = await commands('SELECT 1; SELECT pan FROM cards WHERE id = 1; SELECT 3')
    assert.equal(out, '1\n401288******1881\n3\n')
    const failed = await commands(
      "INSERT INTO customers (full_name, email, city, country) VALUES ('Eve', 'eve@psql.test', 'Oslo', 'NO'); SELECT 1/0",
    )
    assert.equal(failed.status, 1)
    const denied = await commands(
      "INSERT INTO customers (full_name, email, city, country) VALUES ('Eve', 'eve@psql.test', 'Oslo', 'NO'); SELECT pg_read_file('/etc/passwd')",
    )
    assert.match(denied.err, /ERROR: {2}.*server's files/)
    assert.equal((await commands("SELECT count(*) FROM customers WHERE full_name = 'Eve'")).out, '0\n')
  })

  test('a large result arrives whole', async () => {
    const { out } = await commands("SELECT g, repeat('x', 100) FROM generate_series(1, 200000) g")
    assert.equal(out.length, 200_000 * 102 + 1_088_895)
  })

  test('a refusal inside a transaction leaves it as it was', async () => {
    const { out, err } = await script(`\\set VERBOSITY verbose
BEGIN;
UPDATE customers SET city = 'Bergen' WHERE id = 1;
SELECT pg_read_file('/etc/passwd');
\\echo state=:SQLSTATE
SELECT city FROM customers WHERE id = 1;
COMMIT;
SELECT city FROM customers WHERE id = 1;
`)
    assert.match(err, /ERROR: {2}42501: .*server's files/)
    assert.equal(out, 'state=42501\nBergen\nBergen\n')
  })

  test('a statement waits, is countersigned and runs once', async () => {
    const client = startClient('psql', ['-X', '-A', '-t'], stage.env)
    client.type('BEGIN;\nDELETE FROM payments;\nROLLBACK;\n')
    client.close()
    const { id } = await stage.approve('DELETE FROM payments')
    const { out, err } = await client.ended
    assert.equal(out, 'BEGIN\nDELETE 5000\nROLLBACK\n')
    assert.match(
      err,
      new RegExp(`NOTICE: {2}this statement is held: .*\\nDETAIL: {2}Approval ${id}.*\\nHINT: {2}Countersign at http`),
    )
    await stage.reaches(id, 'done')
  })

  test('a denied statement says who and why, and the session lives on', async () => {
    const client = started()
    client.type('DROP TABLE payments;\n\\echo state=:SQLSTATE\nSELECT 7;\n')
    client.close()
    await stage.deny('DROP TABLE payments', 'that table is in use')
    const { out, err } = await client.ended
    assert.match(err, /ERROR: {2}approver-\d+ declined to countersign this statement: that table is in use/)
    assert.equal(out, 'state=42501\n7\n')
  })

  test('what nobody countersigns expires, and the session lives on', async () => {
    const { out, err } = await script(
      'UPDATE refunds SET amount = 1 WHERE id = 1;\n\\echo state=:SQLSTATE\nSELECT 7;\n',
    )
    assert.match(err, /ERROR: {2}.*(expired|nobody)/)
    assert.equal(out, 'state=42501\n7\n')
  })

  test('leaving while a statement waits makes the approval void', async () => {
    const client = started(['-c', 'TRUNCATE payments'])
    const { id } = await stage.held('TRUNCATE payments')
    client.signal('SIGKILL')
    await client.ended
    await stage.reaches(id, 'void')
    assert.equal((await commands('SELECT count(*) FROM payments')).out, '5000\n')
  })

  test('NOTIFY waits, then reaches the session that listens', async () => {
    const listener = started()
    listener.type('LISTEN jobs;\n\\echo listening\n')
    while (!listener.output().includes('listening')) await listener.more()
    const sender = started(['-c', "NOTIFY jobs, 'card 4111111111111111'"])
    await stage.approve('NOTIFY jobs')
    assert.equal((await sender.ended).status, 0)
    listener.type('SELECT 1;\n')
    listener.close()
    const { out } = await listener.ended
    assert.match(out, /Asynchronous notification "jobs" with payload "card 411111\*{6}1111" received/)
  })

  test('TLS is verified to the name, with channel binding', async () => {
    const tls = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: stage.ca, PGCHANNELBINDING: 'require' }
    const good = await runClient('psql', [...QUIET, '-c', '\\conninfo'], { ...stage.env, ...tls })
    assert.match(good.out, /SSL connection \(protocol: TLSv1\.3/, good.err)
    const other = { ...stage.env, ...tls, PGHOST: 'ip6-localhost', PGHOSTADDR: '127.0.0.1' }
    const wrongName = await runClient('psql', [...QUIET, '-c', '\\conninfo'], other)
    assert.equal(wrongName.status, 2)
    assert.match(wrongName.err, /does not match host name/)
  })

  test('a wrong password is refused like anywhere', async () => {
    const { status, err } = await runClient('psql', [...QUIET, '-c', 'SELECT 1'], { ...stage.env, PGPASSWORD: 'wrong' })
    assert.equal(status, 2)
    assert.match(err, /password authentication failed for user "alice@cards"/)
  })

  describe('on a terminal', { skip: without(PYTHON, '--version') }, () => {
    /** Pairs of what is waited for and what is typed then. */
    const typed = async (...steps: readonly (readonly [expect: string, type: string])[]): Promise<string> => {
      const env = { ...stage.env, TERM: 'dumb', HOME: folder }
      const terminal = startClient(PYTHON, ['-B', TERMINAL, 'psql', '-X', '-A', '-t'], env)
      for (const [expect, type] of steps) terminal.type(`EXPECT\t${expect}\nTYPE\t${type}\n`)
      terminal.close()
      const { status, out, err } = await terminal.ended
      assert.equal(status, 0, `${out}${err}`)
      return out
    }

    test('Tab completes names of tables and columns without waiting', async () => {
      const before = (await stage.approvals()).length
      await typed(
        ['cards=> ', 'SELECT full_name FROM custo\\t'],
        ['mers', "WHERE full_name = 'Ben Almeida';\\r"],
        ['Ben Almeida', '\\\\d ca\\t'],
        ['rd', '\\t\\t'],
        ['card_overview', 's\\r'],
        ['pan|text', '\\\\q\\r'],
      )
      assert.equal((await stage.approvals()).length, before)
    })

    test('Ctrl-C ends what runs and withdraws what waits; the session lives on', async () => {
      await typed(
        // Rows one by one, so that the first shows that it runs.
        ['cards=> ', '\\\\set FETCH_COUNT 1\\r'],
        ['cards=> ', '\\\\pset pager off\\r'],
        ['cards=> ', 'SELECT g * 1111, pg_sleep(60 * (g - 1)) FROM generate_series(1, 2) g;\\r'],
        ['1111|', '\\x03'],
        ['canceling statement due to user request', 'DELETE FROM customers;\\r'],
        ['this statement is held', '\\x03'],
        ['canceling the held statement', '\\\\echo state=:SQLSTATE\\r'],
        ['state=57014', 'SELECT 6 * 7;\\r'],
        ['42', '\\\\q\\r'],
      )
      assert.equal((await stage.approvals()).at(-1)?.state, 'withdrawn')
      assert.equal(await waiting(), 0)
    })

    test('\\password is refused in words that say why', async () => {
      const out = await typed(
        ['cards=> ', '\\\\password\\r'],
        ['Enter new password', 'a-new-password\\r'],
        ['nter it again', 'a-new-password\\r'],
        ['ERROR:', '\\\\q\\r'],
      )
      assert.match(out, /ERROR: {2}.*(password|credential)/)
      assert.equal(await waiting(), 0)
    })
  })
})
