import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqlFacts } from '../../../src/model/facts.ts'
import { one } from './classified.ts'

const behind = (text: string): { names: () => readonly SqlFacts[] } => ({ names: () => [one(text)] })

test('EXECUTE does what the prepared text does', () => {
  const facts = one('EXECUTE p(1)', behind('PREPARE p AS DELETE FROM cards WHERE pan = $1 RETURNING pan'))
  assert.deepEqual(facts.verbs, ['execute', 'delete'])
  assert.equal(facts.complete, true)
  assert.deepEqual(facts.probes, ['pan'])
  assert.deepEqual(
    facts.writes.map((use) => use.name),
    ['cards'],
  )
  assert.equal(facts.output.kind, 'origin')
  assert.deepEqual(facts.names, [{ kind: 'execute', name: 'p' }])
})

test('EXECUTE of an incomplete or unfiltered text is so itself', () => {
  assert.equal(one('EXECUTE p', behind('PREPARE p AS SELECT nosuch()')).complete, false)
  assert.equal(one('EXECUTE p', behind('PREPARE p AS DELETE FROM items')).filtered, false)
  assert.equal(one('EXPLAIN ANALYZE EXECUTE p', behind('PREPARE p AS DELETE FROM items')).filtered, false)
  assert.equal(one('EXPLAIN EXECUTE p', behind('PREPARE p AS DELETE FROM items')).filtered, true)
})

test('FETCH shows what the cursor shows', () => {
  const cursor = behind('DECLARE c CURSOR FOR SELECT pan FROM cards')
  assert.equal(one('FETCH 5 FROM c', cursor).output.kind, 'origin')
  assert.equal(one('MOVE 5 FROM c', cursor).output.kind, 'none')
  assert.deepEqual(one('FETCH c', cursor).classes, ['holder', 'pan', 'cvv', 'expiry'])
  assert.equal(one('FETCH c', behind('DECLARE c CURSOR FOR SELECT id FROM items')).output.kind, 'clear')
})

test('a name that nobody made, or that the protocol made, leaves the statement incomplete', () => {
  for (const names of [() => undefined, () => 'protocol' as const]) {
    assert.equal(one('EXECUTE p', { names }).complete, false)
    assert.equal(one('FETCH ALL FROM c', { names }).complete, false)
  }
})

test('prepared statements and cursors are asked for by their kind', () => {
  const asked: string[] = []
  const names = (name: string, kind: string): undefined => void asked.push(`${kind} ${name}`)
  one('EXECUTE x', { names })
  one('FETCH x', { names })
  assert.deepEqual(asked, ['statement x', 'cursor x'])
})

test('what becomes of names is listed', () => {
  const names = (text: string): unknown => one(text).names
  assert.deepEqual(names('PREPARE p AS SELECT 1'), [{ kind: 'prepare', name: 'p' }])
  assert.deepEqual(names('DEALLOCATE p'), [{ kind: 'deallocate', name: 'p' }])
  assert.deepEqual(names('DEALLOCATE PREPARE ALL'), [{ kind: 'deallocate', name: undefined }])
  assert.deepEqual(names('DECLARE "C" CURSOR WITH HOLD FOR SELECT 1'), [{ kind: 'declare', name: 'C', hold: true }])
  assert.deepEqual(names('DECLARE c CURSOR FOR SELECT 1'), [{ kind: 'declare', name: 'c', hold: false }])
  assert.deepEqual(names('CLOSE c'), [{ kind: 'close', name: 'c' }])
  assert.deepEqual(names('CLOSE ALL'), [{ kind: 'close', name: undefined }])
  assert.deepEqual(names('DISCARD TEMP'), [{ kind: 'discard', what: 'temp' }])
})

test('settings are listed with their literal value and their reach', () => {
  const settings = (text: string): unknown => one(text).settings
  assert.deepEqual(settings('SET "Work_Mem" = 5'), [{ name: 'work_mem', value: '5', scope: 'session' }])
  assert.deepEqual(settings('SET LOCAL search_path TO a, b'), [
    { name: 'search_path', value: 'a, b', scope: 'transaction' },
  ])
  assert.deepEqual(settings('SET work_mem TO DEFAULT'), [{ name: 'work_mem', value: undefined, scope: 'session' }])
  assert.deepEqual(settings('RESET ALL'), [{ name: 'all', value: undefined, scope: 'session' }])
  assert.deepEqual(settings("SELECT set_config('TimeZone', 'UTC', true)"), [
    { name: 'timezone', value: 'UTC', scope: 'transaction' },
  ])
  assert.deepEqual(settings('BEGIN READ ONLY'), [{ name: 'transaction_read_only', value: '1', scope: 'transaction' }])
  assert.deepEqual(settings('SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY'), [
    { name: 'default_transaction_read_only', value: '1', scope: 'session' },
  ])
})

test('a COPY with the client is described as far as its framing is known', () => {
  const copy = (text: string): unknown => one(text).copy
  const table = (text: string): unknown => one(text).copy?.table?.columns
  assert.deepEqual(copy('COPY (SELECT 1) TO STDOUT'), {
    direction: 'out',
    format: 'text',
    header: false,
    standardOptions: true,
    table: undefined,
  })
  assert.deepEqual(table('COPY customers TO STDOUT'), ['id', 'name', 'email', 'created_at'])
  assert.deepEqual(table('COPY customers (email, id) FROM STDIN'), ['email', 'id'])
  assert.equal(one('COPY items TO STDOUT CSV HEADER').copy?.header, true)
  assert.equal(one('COPY items TO STDOUT (FORMAT csv, HEADER false)').copy?.header, false)
  assert.equal(one('COPY items TO STDOUT BINARY').copy?.format, 'binary')
  for (const option of [
    "DELIMITER ','",
    "NULL 'x'",
    "QUOTE '4'",
    "ENCODING 'LATIN1'",
    'FORCE_QUOTE *',
    'FORMAT nosuch',
  ]) {
    assert.equal(one(`COPY items TO STDOUT (${option})`).copy?.standardOptions, false, option)
  }
  assert.equal(copy("COPY items TO PROGRAM 'cat'"), undefined)
})
