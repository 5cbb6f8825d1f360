import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { byRights, RIGHTS, type Rights } from '../../src/model/rights.ts'
import type { Facts } from '../../src/model/facts.ts'
import { createPolicy } from '../../src/policy/decide.ts'
import { everyday, facts as lineFacts } from '../classify/shell/corpus.ts'
import { all } from '../classify/sql/classified.ts'
import { evasions, unmet } from '../classify/sql/corpus.ts'
import { person, policyOf, target } from './builders.ts'

const ALLOW_ALL = policyOf('id: all, effect: allow, match: { verb: { not: [copy] } }')

/** The least rights under which no floor speaks. */
const leastFor = (facts: readonly Facts[]): Rights =>
  RIGHTS.find((rights) => {
    const verdict = createPolicy([]).decide({ facts, principal: person(), target: target(), rights })
    return !verdict.matches.some(({ rule }) => rule === 'floor/rights')
  }) ?? assert.fail('all is not all')

const SQL: Readonly<Record<Rights, readonly string[]>> = {
  read: [
    'SELECT id FROM orders WHERE id = 1',
    'SELECT count(*) FROM cards',
    'EXPLAIN SELECT id FROM orders',
    'SHOW search_path',
    'BEGIN; SELECT 1; COMMIT',
    "SET statement_timeout = '5s'",
    'COPY orders TO STDOUT',
  ],
  write: [
    "UPDATE orders SET status = 'x' WHERE id = 1",
    'DELETE FROM orders',
    'INSERT INTO orders (id) VALUES (1)',
    'WITH gone AS (DELETE FROM orders WHERE id = 1 RETURNING id) SELECT * FROM gone',
    'EXPLAIN ANALYZE DELETE FROM orders WHERE id = 1',
    'SELECT id FROM orders FOR UPDATE',
    'COPY orders FROM STDIN',
    'SELECT 1; DELETE FROM orders WHERE id = 1',
    'SELECT pg_advisory_lock(1)',
  ],
  all: [
    'DROP TABLE orders',
    'TRUNCATE orders; DROP TABLE orders',
    'SELECT id INTO copied FROM orders',
    'CREATE TEMP TABLE t (id integer)',
    'GRANT SELECT ON orders TO app',
    'SET ROLE postgres',
    'DO $$ BEGIN END $$',
    "SELECT pg_read_file('/etc/passwd')",
    'SELECT pg_terminate_backend(1)',
    'SELECT not_known_at_all(1)',
    'VACUUM orders',
    'this is no sql',
  ],
}

const LINES: Readonly<Record<Rights, readonly string[]>> = {
  read: ['ls -l /var/log', 'uptime', 'tail -50 app.log', 'df -h | grep data', 'cd /tmp && pwd', 'echo done'],
  write: ['rm -f old.log', 'echo x > notes.txt', 'chmod 600 notes.txt', 'ls; touch a', 'cp a b'],
  all: [
    'sudo ls',
    'bash -c "$X"',
    'systemctl restart app',
    'curl https://example.com',
    'kill 1',
    'ls | sh',
    'nosuchprogram',
  ],
}

describe('what a grant for less than everything covers', () => {
  for (const rights of RIGHTS) {
    test(`of statements, ${rights}`, () => {
      for (const text of SQL[rights]) assert.equal(leastFor(all(text)), rights, text)
    })

    test(`of command lines, ${rights}`, () => {
      for (const line of LINES[rights]) assert.equal(leastFor(lineFacts(line)), rights, line)
    })
  }

  test('a wider right holds the narrower one', () => {
    assert.deepEqual([...RIGHTS].sort(byRights), ['read', 'write', 'all'])
  })
})

test('no evasion that writes, runs code or is not understood passes as reading', () => {
  const harmful = ['write', 'ddl', 'code', 'privileges', 'program', 'file', 'network']
  for (const { text, must } of evasions()) {
    const facts = all(text)
    const dangerous = harmful.some((effect) => must.includes(effect) && unmet(facts, effect) === undefined)
    if (dangerous || facts.some(({ complete }) => !complete)) assert.notEqual(leastFor(facts), 'read', text)
  }
})

test('everyday lines that change nothing pass as reading, so that the right is of use', () => {
  const lines = everyday()
  const read = lines.filter((line) => leastFor(lineFacts(line)) === 'read')
  assert.ok(read.length > lines.length / 4, `${read.length} of ${lines.length}`)
})

test('what the grant does not cover is refused, whatever a rule allows, and the words say what to ask for', () => {
  const wanted = { facts: all('DELETE FROM orders WHERE id = 1'), principal: person(), target: target(['cde']) }
  assert.equal(ALLOW_ALL.decide({ ...wanted, rights: 'all' }).effect, 'allow')
  assert.equal(ALLOW_ALL.decide(wanted).effect, 'allow')
  assert.equal(ALLOW_ALL.decide({ ...wanted, rights: 'write' }).effect, 'allow')
  const verdict = ALLOW_ALL.decide({ ...wanted, rights: 'read' })
  assert.deepEqual([verdict.effect, verdict.matches[0]?.rule], ['deny', 'floor/rights'])
  assert.match(verdict.matches[0]?.message ?? '', /reading only.*--rights write/)
})

test('rights open nothing that a rule holds or denies', () => {
  const policy = policyOf('id: reads, effect: deny, match: { effect: read }')
  const wanted = { facts: all('SELECT id FROM orders'), principal: person(), target: target() }
  assert.equal(policy.decide({ ...wanted, rights: 'read' }).effect, 'deny')
})
