import assert from 'node:assert/strict'
import { test } from 'node:test'
import { all, one } from './classified.ts'
import { relation, shop, userFunction } from './shop-catalog.ts'

test('a constant select is complete without a catalog, and nothing with a name is', () => {
  const scope = { catalog: undefined, searchPath: undefined }
  for (const text of ['SELECT 1', "SELECT 'a'::text", 'BEGIN', "SET work_mem = '1MB'"]) {
    assert.equal(one(text, scope).complete, true, text)
  }
  for (const text of ['SELECT * FROM items', 'SELECT lower($1)', 'SELECT * FROM pg_class', "SELECT 'x'::mood"]) {
    assert.equal(one(text, scope).complete, false, text)
  }
})

test('an unknown search path leaves only qualified names known', () => {
  const scope = { searchPath: undefined }
  assert.equal(one('SELECT id FROM items', scope).complete, false)
  assert.equal(one('SELECT id FROM public.items', scope).complete, true)
  assert.equal(one('SELECT relname FROM pg_catalog.pg_class', scope).complete, true)
  assert.equal(one('SELECT lower(name) FROM public.items', scope).complete, false)
  assert.equal(one('SELECT pg_catalog.lower(name) FROM public.items', scope).complete, true)
})

test('a session that has changed definitions knows no names until they are read again', () => {
  const scope = { dirty: true }
  for (const text of ['SELECT id FROM items', 'SELECT lower($1)', 'SELECT 1 + 1', 'INSERT INTO items VALUES (1)']) {
    const { complete } = one(text, scope)
    assert.equal(complete, text === 'SELECT lower($1)', text)
  }
  assert.equal(one('SELECT 1', scope).complete, true)
  assert.equal(one('COMMIT', scope).complete, true)
})

test('an unqualified name is looked up in pg_catalog first, then along the path', () => {
  const catalog = {
    ...shop,
    relations: [
      ...shop.relations,
      relation('pg_class', ['id text pan']),
      relation('items', ['id'], { schema: 'evil' }),
    ],
  }
  assert.equal(one('SELECT * FROM pg_class', { catalog }).reads[0]?.schema, 'pg_catalog')
  assert.equal(one('SELECT * FROM items', { catalog, searchPath: ['evil', 'public'] }).reads[0]?.schema, 'evil')
  assert.equal(
    one('SELECT * FROM pg_class', { catalog, searchPath: ['public', 'pg_catalog'] }).reads[0]?.schema,
    'public',
  )
})

test('a relation that does not resolve is a gap with oid 0', () => {
  const facts = one('SELECT * FROM nosuch')
  assert.equal(facts.complete, false)
  assert.deepEqual(
    facts.reads.map((use) => [use.oid, use.kind]),
    [[0, 'unknown']],
  )
  assert.match(facts.gaps.join(), /nosuch/)
})

test('names of CTEs and aliases are no relations', () => {
  const facts = one('WITH cards AS (SELECT id FROM items) SELECT * FROM cards AS orders')
  assert.deepEqual(
    facts.reads.map((use) => use.name),
    ['items'],
  )
  assert.deepEqual(facts.classes, [])
  assert.equal(facts.output.kind, 'clear')
})

test('a CTE does not hide the target of a write', () => {
  const facts = one('WITH items AS (SELECT 1) DELETE FROM items WHERE id = 1')
  assert.deepEqual(
    facts.writes.map((use) => use.oid > 0),
    [true],
  )
})

test('under RECURSIVE a query sees a later one, else it does not', () => {
  assert.equal(one('WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT id FROM items) SELECT * FROM a').complete, true)
  assert.equal(one('WITH a AS (SELECT * FROM b), b AS (SELECT id FROM items) SELECT * FROM a').complete, false)
})

test('a view lists itself and everything under it with the view that leads there', () => {
  const facts = one('SELECT n FROM card_view_2')
  assert.deepEqual(
    facts.reads.map((use) => [use.name, use.via]),
    [
      ['card_view_2', undefined],
      ['card_pans', 'public.card_view_2'],
      ['cards', 'public.card_view_2'],
    ],
  )
})

test('a function of a user, an extension or another name than pg_catalog is a gap, and is listed', () => {
  for (const text of [
    'SELECT addone(1)',
    'SELECT similarity(name, name) FROM items',
    'SELECT initcap(name) FROM items',
    'SELECT nosuch()',
  ]) {
    const facts = one(text)
    assert.equal(facts.complete, false, text)
    assert.equal(facts.functions[0]?.builtin, false, text)
  }
})

test('a function of the same name in a schema off the path does not shadow the built-in one', () => {
  assert.equal(one('SELECT lower(name) FROM items').complete, true)
  assert.equal(one('SELECT lower(name) FROM items', { searchPath: ['evil', 'public'] }).complete, false)
  const catalog = { ...shop, functions: [userFunction('now')] }
  assert.equal(one('SELECT now()', { catalog }).complete, false)
  assert.equal(one('SELECT pg_catalog.now()', { catalog }).complete, true)
})

test('a built-in function has the OIDs of the server that is asked', () => {
  const oids = (serverVersion: number): readonly number[] =>
    one('SELECT random()', { catalog: { ...shop, serverVersion } }).functions[0]?.oids ?? []
  assert.deepEqual(oids(150018), [1598])
  assert.ok(oids(180000).length > 1)
})

test('a function that the server is too old for is not taken for the built-in one', () => {
  assert.equal(one('SELECT uuidv7()').complete, false)
  assert.equal(one('SELECT uuidv7()', { catalog: { ...shop, serverVersion: 180000 } }).complete, true)
  assert.equal(one("SELECT JSON_VALUE('1', '$')").complete, false)
  assert.equal(one("SELECT JSON_VALUE('1', '$')", { catalog: { ...shop, serverVersion: 170000 } }).complete, true)
})

test('operators and types that somebody made are gaps', () => {
  assert.equal(one('SELECT id % 2 FROM items').complete, false)
  assert.equal(one('SELECT id OPERATOR(pg_catalog.%) 2 FROM items').complete, true)
  assert.equal(one('SELECT id OPERATOR(public.+) 2 FROM items').complete, false)
  assert.equal(one("SELECT 'x'::card_number").complete, false)
  assert.equal(one("SELECT 'x'::mood").complete, true)
  assert.equal(one("SELECT '1'::int", { catalog: { ...shop, types: new Set(['int4']) } }).complete, false)
  assert.equal(one('SELECT * FROM generate_series(1, 2) WITH ORDINALITY AS t(a, b)').complete, true)
})

test('an equality of an extension does not reach a column of a built-in type', () => {
  const catalog = { ...shop, operators: new Set(['=', '<']) }
  assert.equal(one('SELECT id FROM items WHERE id = 1 AND name = $1', { catalog }).complete, true)
  assert.equal(one('SELECT 1 FROM items i JOIN orders o ON i.id = o.id', { catalog }).complete, true)
  assert.equal(one('SELECT 1 FROM items WHERE lower(name) = $1', { catalog }).complete, false)
})

test('system relations are read, except where values or secrets lie', () => {
  const facts = one('SELECT relname FROM pg_class')
  assert.deepEqual([facts.effects, facts.reads[0]?.system, facts.output.kind], [['read'], true, 'clear'])
  assert.equal(one('SELECT * FROM information_schema.columns').complete, true)
  assert.ok(one('SELECT * FROM pg_toast.pg_toast_16400').effects.includes('statistics'))
})

test('several statements have facts each, with their place in bytes', () => {
  const text = "SELECT 'ä'; DELETE FROM items; "
  const facts = all(text)
  const bytes = Buffer.from(text)
  assert.deepEqual(
    facts.map(({ span }) => bytes.subarray(span.start, span.end).toString().trim()),
    ["SELECT 'ä'", 'DELETE FROM items'],
  )
})

test('a text without a statement is empty', () => {
  for (const text of ['', ' ', ';', '-- x', '/* x */;;']) {
    const facts = one(text)
    assert.deepEqual([facts.verb, facts.complete, facts.effects], ['empty', true, []], JSON.stringify(text))
  }
})

test('a carriage return ends a comment', () => {
  assert.equal(all('SELECT 1 -- x\r; DELETE FROM items').length, 2)
})

test('a gap never repeats a name that could be a card number', () => {
  for (const text of [
    'SELECT * FROM "4111 1111 1111 1111"',
    'SELECT "4111111111111111" FROM items',
    'SELECT n4111111111111111()',
  ]) {
    assert.doesNotMatch(one(text).gaps.join(), /\d{4}/, text)
  }
})
