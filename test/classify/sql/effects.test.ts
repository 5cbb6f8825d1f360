import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Effect, Verb } from '../../../src/model/facts.ts'
import { one } from './classified.ts'

type Row = readonly [text: string, verb: Verb, effects: readonly Effect[]]

const ROWS: readonly Row[] = [
  ['SELECT 1', 'select', []],
  ['TABLE items', 'select', ['read']],
  ['VALUES (1), (2)', 'select', []],
  ["INSERT INTO items (name) VALUES ('x')", 'insert', ['write']],
  ['INSERT INTO items SELECT * FROM items', 'insert', ['write', 'read']],
  ['UPDATE items SET name = $1 WHERE id = 2', 'update', ['write']],
  ['UPDATE items SET name = $1', 'update', ['write', 'unfiltered-write']],
  ['DELETE FROM items WHERE id = 1', 'delete', ['write']],
  ['MERGE INTO items t USING orders o ON t.id = o.id WHEN MATCHED THEN DELETE', 'merge', ['write', 'read']],
  ['TRUNCATE items', 'truncate', ['write', 'unfiltered-write']],
  ['CREATE TABLE t (id int)', 'create', ['ddl']],
  ['CREATE TEMP TABLE t (id int)', 'create', ['ddl', 'temporary']],
  ['CREATE TABLE pg_temp.t AS SELECT 1', 'create', ['ddl', 'temporary']],
  ['CREATE TEMP VIEW v AS SELECT 1', 'create', ['ddl', 'temporary']],
  ['SELECT 1 INTO TEMP t', 'select', ['ddl', 'temporary']],
  ['CREATE DOMAIN pg_temp.text AS int', 'create', ['ddl', 'temporary']],
  ['CREATE INDEX ON items (name)', 'create', ['ddl']],
  ['ALTER TABLE items ADD COLUMN x int', 'alter', ['ddl']],
  ['ALTER TABLE items OWNER TO bob', 'alter', ['privileges', 'ddl']],
  ['ALTER TABLE items ENABLE ROW LEVEL SECURITY', 'alter', ['privileges', 'ddl']],
  ['ALTER TABLE items DISABLE TRIGGER ALL', 'alter', ['code', 'ddl']],
  ['ALTER TABLE items RENAME TO things', 'alter', ['ddl']],
  ['DROP TABLE items', 'drop', ['ddl']],
  ['DROP FUNCTION addone', 'drop', ['ddl', 'code']],
  ['DROP POLICY p ON items', 'drop', ['ddl', 'privileges']],
  ['CREATE ROLE r', 'create', ['ddl', 'privileges']],
  ["CREATE ROLE r LOGIN PASSWORD 'x'", 'create', ['ddl', 'privileges', 'password']],
  ["ALTER ROLE r PASSWORD 'x'", 'alter', ['privileges', 'ddl', 'password']],
  ["ALTER USER CURRENT_USER ENCRYPTED PASSWORD 'x'", 'alter', ['privileges', 'ddl', 'password']],
  ['ALTER ROLE r PASSWORD NULL', 'alter', ['privileges', 'ddl', 'password']],
  ['ALTER ROLE r CONNECTION LIMIT 1', 'alter', ['privileges', 'ddl']],
  ['DROP ROLE r', 'drop', ['privileges', 'ddl']],
  ['GRANT r TO s', 'grant', ['privileges']],
  ['REVOKE SELECT ON items FROM bob', 'revoke', ['privileges']],
  ['CREATE POLICY p ON items', 'create', ['ddl', 'privileges']],
  ['REASSIGN OWNED BY a TO b', 'alter', ['privileges', 'ddl']],
  ["COMMENT ON TABLE items IS 'x'", 'comment', ['ddl']],
  ['CREATE EXTENSION dblink', 'create', ['ddl', 'code']],
  ['CREATE FOREIGN TABLE f (id int) SERVER s', 'create', ['ddl', 'network']],
  ['CREATE USER MAPPING FOR bob SERVER s', 'create', ['ddl', 'network', 'privileges']],
  ["CREATE TABLESPACE t LOCATION '/x'", 'create', ['ddl', 'file']],
  ['CREATE PUBLICATION p FOR TABLE items', 'create', ['ddl', 'replication']],
  ['COPY items TO STDOUT', 'copy', ['export', 'read']],
  ['COPY items FROM STDIN', 'copy', ['import', 'write']],
  ['SHOW work_mem', 'show', []],
  ["SET work_mem = '1MB'", 'set', ['setting']],
  ['SET work_mem TO DEFAULT', 'set', ['setting']],
  ['RESET work_mem', 'reset', ['setting']],
  ['RESET role', 'reset', ['reading-setting', 'privileges']],
  ['SET LOCAL search_path = x', 'set', ['reading-setting']],
  ["SET xmloption = 'content'", 'set', ['reading-setting']],
  ['SET log_statement = none', 'set', ['reading-setting']],
  ['SET escape_string_warning = off', 'set', ['reading-setting']],
  ['SET client_min_messages = notice', 'set', ['setting']],
  ['SET client_min_messages = log', 'set', ['reading-setting']],
  ['SET standard_conforming_strings TO DEFAULT', 'set', ['reading-setting']],
  ['SET CONSTRAINTS ALL DEFERRED', 'set', ['transaction']],
  ['BEGIN', 'begin', ['transaction']],
  ['BEGIN ISOLATION LEVEL SERIALIZABLE', 'begin', ['transaction', 'setting']],
  ['PREPARE TRANSACTION $$x$$', 'prepare', ['two-phase']],
  ['DISCARD ALL', 'discard', ['session-name', 'setting']],
  ['LISTEN x', 'listen', ['listen']],
  ['NOTIFY x', 'notify', ['notify']],
  ["SELECT pg_notify('x', 'y')", 'select', ['notify']],
  ['LOCK items', 'lock', ['lock']],
  ['SELECT id FROM items FOR SHARE', 'select', ['read', 'rowlock']],
  ['SELECT id FROM (SELECT id FROM items FOR UPDATE) s', 'select', ['read', 'rowlock']],
  ['ANALYZE items', 'analyze', ['maintenance']],
  ['CHECKPOINT', 'checkpoint', ['maintenance']],
  ["SELECT nextval('s')", 'select', ['sequence']],
  ['SELECT pg_reload_conf()', 'select', ['signal']],
  ['SELECT pg_stat_reset()', 'select', ['maintenance']],
  ['SELECT pg_switch_wal()', 'select', ['replication']],
  ["SELECT set_config('work_mem', '1MB', true)", 'select', ['setting']],
  ["SELECT pg_catalog.set_config('search_path', '', false)", 'select', ['reading-setting']],
  ['SELECT pg_size_pretty(1::bigint), pg_get_viewdef(1), txid_current(), pg_sleep(0)', 'select', []],
  ['DELETE FROM pg_proc', 'delete', ['write', 'unfiltered-write', 'ddl', 'code', 'privileges']],
  ['CREATE TABLE t (x text DEFAULT pg_read_file($$x$$))', 'create', ['ddl', 'file']],
]

test('a statement has its verb and its effects', () => {
  for (const [text, verb, effects] of ROWS) {
    const facts = one(text)
    assert.equal(facts.verb, verb, text)
    assert.deepEqual([...facts.effects].sort(), [...effects].sort(), text)
  }
})

test('a statement with all its names known is complete', () => {
  for (const [text, , effects] of ROWS.filter(([, verb]) => verb !== 'create' && verb !== 'drop' && verb !== 'alter')) {
    assert.deepEqual(one(text).gaps, [], `${text} ${effects.join()}`)
  }
})

test('definitions change the catalog, and nothing else does', () => {
  for (const text of [
    'CREATE TABLE t (id int)',
    'DROP TABLE items',
    'SELECT 1 INTO t',
    'CREATE TEMP VIEW v AS SELECT 1',
  ]) {
    assert.equal(one(text).changesCatalog, true, text)
  }
  for (const text of ['SELECT 1', 'DELETE FROM items', 'GRANT r TO s', 'EXPLAIN CREATE TABLE t AS SELECT 1']) {
    assert.equal(one(text).changesCatalog, false, text)
  }
})

test('verbs of nested statements are listed behind the first', () => {
  assert.deepEqual(
    one('WITH d AS (DELETE FROM items WHERE id = 1 RETURNING id) INSERT INTO orders SELECT id FROM d').verbs,
    ['insert', 'delete', 'select'],
  )
  assert.deepEqual(one('EXPLAIN ANALYZE UPDATE items SET id = 1').verbs, ['explain', 'update'])
  assert.deepEqual(one('EXPLAIN UPDATE items SET id = 1').verbs, ['explain'])
})

test('a write counts as filtered by its form', () => {
  const filtered = [
    'DELETE FROM items WHERE id = 1',
    'DELETE FROM items WHERE id = 1 OR name = $1',
    'DELETE FROM items i WHERE i.id IN (SELECT item_id FROM order_items)',
    'DELETE FROM items i WHERE EXISTS (SELECT 1 FROM order_items o WHERE o.item_id = i.id)',
    'DELETE FROM items WHERE NOT (id = 1)',
    'DELETE FROM items WHERE CURRENT OF c',
    'DELETE FROM items WHERE true AND id < 5',
    'UPDATE items i SET name = o.status FROM orders o WHERE o.id = i.id',
    'INSERT INTO items DEFAULT VALUES',
    'SELECT 1',
  ]
  const unfiltered = [
    'DELETE FROM items',
    'DELETE FROM items WHERE $1',
    'DELETE FROM items WHERE now() > $1',
    'DELETE FROM items WHERE id = 1 OR true',
    'DELETE FROM items WHERE id = 1 OR 1 = 1',
    'DELETE FROM items WHERE items.id = items.id',
    'DELETE FROM items WHERE id IS NULL OR id IS NOT NULL',
    'DELETE FROM items WHERE id = 1 OR NOT id = 1',
    'DELETE FROM items WHERE EXISTS (SELECT 1 FROM orders)',
    'DELETE FROM items i USING orders o WHERE o.id = 5',
    'WITH d AS (DELETE FROM items) SELECT 1',
    'TRUNCATE items',
  ]
  for (const text of filtered) assert.equal(one(text).filtered, true, text)
  for (const text of unfiltered) {
    assert.equal(one(text).filtered, false, text)
    assert.ok(one(text).effects.includes('unfiltered-write'), text)
  }
})
