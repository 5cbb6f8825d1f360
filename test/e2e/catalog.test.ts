import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Catalog, Relation } from '../../src/model/catalog.ts'
import { loadCatalog, readEpoch } from '../../src/proxy/postgres/catalog.ts'
import { createCatalogKeeper } from '../../src/proxy/postgres/catalog-keeper.ts'
import type { SimpleClient } from '../../src/proxy/postgres/simple-client.ts'
import { systemClock } from '../../src/std/clock.ts'
import { ACCOUNTS, serverVersions, startServer, type TestServer } from '../support/servers.ts'

const relation = (catalog: Catalog, schema: string, name: string): Relation => {
  const found = catalog.relations.find((each) => each.schema === schema && each.name === name)
  assert.ok(found, `${schema}.${name}`)
  return found
}

/** Each changes something that judging depends on; they run in this order, by a superuser. */
const CHANGES: readonly string[] = [
  'CREATE TABLE public.extra (id integer, pan text)',
  'ALTER TABLE public.extra RENAME COLUMN pan TO number',
  'ALTER TABLE public.extra ALTER COLUMN number TYPE varchar(40)',
  'ALTER TABLE public.extra ADD COLUMN cvv text',
  'ALTER TABLE public.extra DROP COLUMN cvv',
  'CREATE TABLE public.part (LIKE public.extra); ALTER TABLE public.part INHERIT public.extra',
  'ALTER TABLE public.part NO INHERIT public.extra',
  'CREATE VIEW public.shown AS SELECT id FROM public.extra',
  'CREATE OR REPLACE VIEW public.shown AS SELECT id + 1 AS id FROM public.extra',
  'CREATE RULE odd AS ON INSERT TO public.extra DO ALSO NOTHING',
  'CREATE FUNCTION public.twice(integer) RETURNS integer LANGUAGE sql AS $$ SELECT 2 * $1 $$',
  'CREATE OR REPLACE FUNCTION public.twice(integer) RETURNS integer LANGUAGE sql AS $$ SELECT 3 * $1 $$',
  'CREATE FUNCTION pg_catalog.sneaky() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$',
  'CREATE OR REPLACE FUNCTION pg_catalog.upper(text) RETURNS text LANGUAGE internal IMMUTABLE STRICT AS $$upper$$',
  'CREATE OPERATOR public.<+> (FUNCTION = int4pl, LEFTARG = integer, RIGHTARG = integer)',
  'CREATE DOMAIN public.positive AS integer CHECK (VALUE > 0)',
  'CREATE SCHEMA elsewhere',
  'CREATE CAST (integer AS point) WITH FUNCTION elsewhere.to_point(integer)',
  'ALTER FUNCTION public.twice(integer) SECURITY DEFINER',
  'ALTER ROLE app SET search_path = elsewhere, public',
  'ALTER TABLE public.extra RENAME TO extras',
  'CREATE TRIGGER noisy BEFORE INSERT ON public.extras FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  'DROP VIEW public.shown',
]

/** None of these changes how a statement is read. */
const HARMLESS: readonly string[] = [
  "INSERT INTO public.refunds (payment_id, amount, reason) VALUES (1, 1, 'x')",
  'ANALYZE',
  'VACUUM public.refunds',
  'CREATE INDEX ON public.refunds (payment_id)',
  'CREATE TEMPORARY TABLE scratch (a integer); DROP TABLE scratch',
]

for (const version of serverVersions) {
  describe(`the catalog of Postgres ${version}`, () => {
    let server: TestServer
    let superuser: SimpleClient
    let client: SimpleClient
    before(async () => {
      server = await startServer({ version })
      superuser = await server.connect()
      client = await server.connect({ user: ACCOUNTS.app })
    })
    after(async () => {
      superuser.close()
      client.close()
      await server.stop()
    })

    test('tells an ordinary account all relations with their columns, the system ones too', async () => {
      const catalog = await loadCatalog(client)
      assert.equal(Math.floor(catalog.serverVersion / 10_000), version)
      assert.deepEqual(catalog.searchPath, ['public'])
      const cards = relation(catalog, 'public', 'cards')
      assert.equal(cards.kind, 'table')
      assert.equal(cards.estimatedRows, 3000)
      assert.equal(cards.system, false)
      const pan = cards.columns.find((column) => column.name === 'pan')
      assert.deepEqual(pan, { attnum: 5, name: 'pan', typeOid: 25, classes: [], generated: false })
      assert.equal(
        relation(catalog, 'pg_catalog', 'pg_class').columns.some(({ name }) => name === 'relname'),
        true,
      )
      assert.equal(relation(catalog, 'information_schema', 'columns').system, true)
    })

    test('tells which columns are generated, and what from: COPY without a list leaves them out', async () => {
      await superuser.query('CREATE TABLE public.sums (a integer, twice integer GENERATED ALWAYS AS (a * 2) STORED)')
      const { columns } = relation(await loadCatalog(client), 'public', 'sums')
      assert.deepEqual(
        columns.map(({ name, generated, computedFrom }) => [name, generated, computedFrom]),
        [
          ['a', false, undefined],
          ['twice', true, [1]],
        ],
      )
      await superuser.query('DROP TABLE public.sums')
    })

    test('gives a view as fully qualified text', async () => {
      const { definition, kind } = relation(await loadCatalog(client), 'public', 'card_overview')
      assert.equal(kind, 'view')
      assert.match(definition ?? '', /FROM \(public\.cards\s+JOIN public\.customers/)
    })

    test('tells functions, operators, types, rules and parents that users made', async () => {
      await superuser.query(`CREATE SCHEMA made; CREATE TABLE made.whole (id integer) PARTITION BY RANGE (id);
        CREATE TABLE made.piece PARTITION OF made.whole FOR VALUES FROM (1) TO (9);
        CREATE FUNCTION made.half(integer) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT $1 / 2';
        CREATE OPERATOR made.<#> (FUNCTION = int4pl, LEFTARG = integer, RIGHTARG = integer);
        CREATE DOMAIN made.even AS integer; CREATE TYPE made.mood AS ENUM ('good');
        CREATE RULE silent AS ON INSERT TO made.piece DO INSTEAD NOTHING`)
      const catalog = await loadCatalog(client)
      const [whole, piece] = [relation(catalog, 'made', 'whole'), relation(catalog, 'made', 'piece')]
      assert.deepEqual(
        [whole.kind, piece.parents, piece.hasRules, whole.hasRules],
        ['partitioned', [whole.oid], true, false],
      )
      const half = catalog.functions.find(({ name }) => name === 'half')
      assert.deepEqual(half, {
        ...half,
        schema: 'made',
        volatility: 'stable',
        language: 'sql',
        securityDefiner: true,
        extension: undefined,
      })
      assert.deepEqual([catalog.operators.has('<#>'), catalog.operators.has('=')], [true, false])
      assert.deepEqual(
        [catalog.types.has('even'), catalog.types.has('mood'), catalog.types.has('int4')],
        [true, false, false],
      )
      await superuser.query('DROP SCHEMA made CASCADE')
    })

    test('does not depend on a search path that hides pg_catalog', async () => {
      await superuser.query(`CREATE SCHEMA trap; GRANT USAGE ON SCHEMA trap TO app;
        CREATE FUNCTION trap.bit_xor_fake() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE VIEW trap.pg_class AS SELECT 1 AS oid; GRANT SELECT ON trap.pg_class TO app`)
      const honest = await loadCatalog(client)
      const trapped = await server.connect({
        user: ACCOUNTS.app,
        parameters: new Map([['search_path', 'trap, pg_catalog']]),
      })
      const catalog = await loadCatalog(trapped)
      assert.equal(await readEpoch(trapped), honest.epoch)
      assert.deepEqual(catalog.searchPath, ['trap', 'pg_catalog'])
      assert.equal(catalog.relations.length, honest.relations.length)
      trapped.close()
      await superuser.query('DROP SCHEMA trap CASCADE')
    })

    test('the epoch stays while nothing moves and is the one of the loaded catalog', async () => {
      const epoch = await readEpoch(client)
      for (const text of HARMLESS) {
        await superuser.query(text)
        assert.equal(await readEpoch(client), epoch, text)
      }
      assert.equal((await loadCatalog(client)).epoch, epoch)
    })

    test('the epoch changes with every definition, whoever changed it', async () => {
      const seen = new Set([await readEpoch(client)])
      for (const text of CHANGES) {
        if (text.includes('to_point')) {
          await superuser.query(
            "CREATE FUNCTION elsewhere.to_point(integer) RETURNS point LANGUAGE sql AS 'SELECT point($1, $1)'",
          )
          seen.add(await readEpoch(client))
        }
        await superuser.query(text)
        const epoch = await readEpoch(client)
        assert.equal(seen.has(epoch), false, text)
        seen.add(epoch)
      }
    })

    test('a keeper sees the change of a role setting, as a new session would', async () => {
      const keeper = createCatalogKeeper({
        connect: () => server.connect({ user: ACCOUNTS.app }),
        clock: systemClock,
        onError: (error) => assert.fail(error),
      })
      const first = await keeper.fresh()
      await superuser.query(
        'ALTER ROLE app SET search_path = pg_catalog, public; CREATE TABLE public.newer (id integer)',
      )
      const second = await keeper.fresh()
      assert.notEqual(second?.epoch, first?.epoch)
      assert.deepEqual(second?.searchPath, ['pg_catalog', 'public'])
      assert.equal(keeper.current(), second)
      await superuser.query('ALTER ROLE app RESET search_path')
      keeper.close()
    })
  })
}
