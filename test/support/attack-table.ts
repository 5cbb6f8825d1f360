/** What must become of a statement. The client gets nothing that could give a planted value away, whichever it is. */
export type Must =
  /** Waits for a person; nothing of it reaches the database. */
  | 'held'
  /** Refused at once; nothing of it reaches the database, and the session lives on. */
  | 'refused'
  /** Runs; rows come, card data masked. */
  | 'masked'
  /** Runs like anything harmless: a false hold is an outage. */
  | 'runs'
  /** Refused as the server would refuse it. */
  | 'invalid'

/** Threat, outcome, statement; all of them as a superuser, whom the database itself stops from nothing. */
export type Attack = readonly [threat: string, must: Must, text: string]

/** One group a label (PG hides statements, MK gets round masks), for attacks that a text alone can show; the rest is played over the wire. */
export const ATTACKS: readonly Attack[] = [
  ['PG-01', 'held', "DO $$ BEGIN EXECUTE 'dr' || 'op table payments'; END $$"],
  ['PG-01', 'held', "DO 'BEGIN DELETE FROM payments; END'"],
  ['PG-01', 'held', 'DO LANGUAGE plpgsql $body$ BEGIN PERFORM 1; END $body$'],
  ['PG-18', 'held', "UPDATE pg_settings SET setting = 'off' WHERE name = 'standard_conforming_strings'"],
  ['PG-18', 'held', "SELECT set_config('standard_conforming_strings', 'off', false)"],
  ['PG-18', 'held', "SELECT set_config('client_' || 'encoding', 'SJIS', false)"],
  ['PG-18', 'held', "ALTER ROLE postgres SET standard_conforming_strings = 'off'"],
  ['PG-18', 'held', 'ALTER DATABASE cards SET search_path = elsewhere'],
  ['PG-18', 'refused', 'ALTER SYSTEM SET standard_conforming_strings = off'],
  // Back to what the login began with, which is pinned.
  ['PG-18', 'runs', 'RESET ALL'],
  ['PG-18', 'held', 'RESET search_path'],
  ['PG-19', 'held', 'SET standard_conforming_strings = off'],
  ['PG-19', 'held', 'SET LOCAL standard_conforming_strings TO 0'],
  ['PG-19', 'held', "SET backslash_quote = 'on'"],
  ['PG-20', 'held', "SET client_encoding = 'SJIS'"],
  ['PG-20', 'held', "SET NAMES 'BIG5'"],
  ['PG-20', 'held', "SET client_encoding = 'GB18030'"],
  ['PG-23', 'held', 'SELECT 1 --\r; DELETE FROM payments'],
  ['PG-23', 'runs', 'SELECT 1 /* /* */ ; DELETE FROM payments; */'],
  ['PG-23', 'held', 'SELECT 1;\fDELETE\fFROM\fpayments'],
  ['PG-23', 'held', 'SELECT 1;\vDELETE\vFROM\vpayments'],
  ['PG-23', 'invalid', 'SELECT 1;\u00a0DELETE FROM payments'],
  ['PG-24', 'masked', 'SELECT U&"p\\0061n" FROM U&"c\\0061rds" LIMIT 3'],
  ['PG-24', 'masked', 'SELECT U&"p!0061n" UESCAPE \'!\' AS harmless FROM "cards" LIMIT 3'],
  ['PG-24', 'masked', 'SELECT PaN, CVV FROM Public.CaRdS LIMIT 3'],
  ['PG-24', 'held', 'DELETE FROM U&"p\\0061yments"'],
  ['PG-25', 'held', 'SELECT 1; DELETE FROM payments'],
  [
    'PG-25',
    'held',
    "BEGIN; INSERT INTO refunds (payment_id, amount, reason) VALUES (1, 1, 'x'); COMMIT; DELETE FROM payments",
  ],
  ['PG-25', 'refused', "SELECT 1; SELECT pg_read_file('PG_VERSION')"],
  ['PG-26', 'held', 'WITH gone AS (DELETE FROM payments RETURNING id) SELECT 1'],
  ['PG-26', 'held', 'WITH a AS (WITH b AS (DELETE FROM payments) SELECT 1) SELECT 2'],
  ['PG-26', 'held', "WITH x AS (UPDATE cards SET holder = 'x' WHERE id = 1 RETURNING pan) SELECT * FROM x"],
  ['PG-27', 'held', 'EXPLAIN ANALYZE DELETE FROM payments'],
  ['PG-27', 'held', 'EXPLAIN (ANALYZE 1) DELETE FROM payments'],
  ['PG-27', 'held', 'EXPLAIN (COSTS off, ANALYZE on) DELETE FROM payments'],
  ['PG-27', 'held', 'EXPLAIN (ANALYZE "true") DELETE FROM payments'],
  ['PG-27', 'held', 'EXPLAIN (ANALYZE off, ANALYZE) DELETE FROM payments'],
  ['PG-27', 'held', 'EXPLAIN ANALYZE CREATE TABLE copied AS SELECT * FROM cards'],
  ['PG-27', 'runs', 'EXPLAIN (ANALYZE false) DELETE FROM payments'],
  ['PG-27', 'runs', 'EXPLAIN (ANALYZE 0) DELETE FROM payments'],
  ['PG-28', 'held', 'MERGE INTO payments USING refunds r ON true WHEN MATCHED THEN DELETE'],
  [
    'PG-28',
    'held',
    "INSERT INTO cards (id, customer_id, brand, holder, pan, cvv, expiry_month, expiry_year) VALUES (1, 1, 'v', 'h', 'p', 'c', 1, 2030) ON CONFLICT (id) DO UPDATE SET pan = excluded.pan",
  ],
  ['PG-28', 'held', 'TRUNCATE payments'],
  ['PG-28', 'held', 'LOCK TABLE payments'],
  ['PG-28', 'held', 'VACUUM FULL payments'],
  ['PG-28', 'held', 'CLUSTER payments USING payments_pkey'],
  ['PG-28', 'held', 'REINDEX TABLE payments'],
  ['PG-28', 'held', 'REFRESH MATERIALIZED VIEW mat_cards'],
  ['PG-28', 'held', 'CALL nosy()'],
  ['PG-29', 'held', "SELECT setval('payments_id_seq', 4111111111111111)"],
  ['PG-29', 'refused', 'SELECT lo_create(4711)'],
  ['PG-29', 'refused', 'SELECT pg_terminate_backend(1)'],
  ['PG-29', 'held', "SELECT set_config('my.box', 'x', false)"],
  ['PG-29', 'held', 'SELECT pg_advisory_lock(4111)'],
  ['PG-29', 'held', 'SELECT pg_try_advisory_xact_lock_shared(1, 2)'],
  ['PG-29', 'refused', "SELECT pg_logical_emit_message(false, 'a', 'b')"],
  ['PG-29', 'held', 'SELECT pan INTO copied FROM cards'],
  ['PG-29', 'refused', 'SELECT pg_switch_wal()'],
  ['PG-30', 'refused', "COPY payments TO PROGRAM 'cat'"],
  ['PG-30', 'refused', "COPY payments FROM PROGRAM 'id'"],
  ['PG-30', 'refused', "COPY payments TO '/tmp/countersign-attack'"],
  ['PG-30', 'refused', 'COPY (SELECT pan FROM cards) TO STDOUT'],
  ['PG-30', 'refused', 'COPY (SELECT pan FROM cards) TO STDOUT WITH (FORMAT binary)'],
  ['PG-30', 'refused', "COPY cards TO STDOUT WITH (FORMAT csv, QUOTE '4', FORCE_QUOTE *)"],
  ['PG-30', 'refused', "COPY cards TO STDOUT WITH (DELIMITER '1')"],
  ['PG-30', 'refused', "COPY cards TO STDOUT WITH (NULL '4012888888881881')"],
  ['PG-30', 'refused', "COPY cards TO STDOUT WITH (ENCODING 'UTF16')"],
  ['PG-30', 'held', "COPY payments TO STDOUT WITH (FORMAT csv, QUOTE '4')"],
  ['PG-30', 'held', 'COPY cards TO STDOUT'],
  ['PG-32', 'refused', "SELECT lo_import('/etc/hostname')"],
  ['PG-32', 'refused', "SELECT lo_export(1, '/tmp/x')"],
  ['PG-32', 'refused', 'SELECT lo_get(1)'],
  ['PG-32', 'refused', "SELECT lo_put(1, 0, 'x')"],
  ['PG-32', 'refused', 'SELECT lo_from_bytea(0, (SELECT pan::bytea FROM cards LIMIT 1))'],
  ['PG-32', 'refused', 'SELECT loread(lo_open(1, 262144), 100)'],
  ['PG-33', 'held', 'CREATE EXTENSION dblink'],
  ['PG-33', 'refused', 'CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw'],
  ['PG-33', 'refused', "CREATE SUBSCRIPTION s CONNECTION 'host=elsewhere' PUBLICATION p"],
  ['PG-33', 'refused', "SELECT * FROM dblink('dbname=cards', 'SELECT pan FROM cards') AS t (pan text)"],
  ['PG-34', 'refused', "SELECT pg_read_file('PG_VERSION')"],
  ['PG-34', 'refused', "SELECT pg_read_binary_file(pg_relation_filepath('cards'))"],
  ['PG-34', 'refused', "SELECT pg_ls_dir('.')"],
  ['PG-34', 'refused', 'SELECT * FROM pg_ls_waldir()'],
  ['PG-34', 'refused', "SELECT get_raw_page('cards', 0)"],
  ['PG-34', 'refused', "SELECT * FROM bt_page_items('cards_customer_id_pan_key', 1)"],
  ['PG-35', 'masked', 'SELECT * FROM card_overview LIMIT 3'],
  ['PG-35', 'masked', 'SELECT harmless FROM view_two LIMIT 3'],
  ['PG-35', 'masked', 'SELECT harmless FROM mat_cards LIMIT 3'],
  ['PG-35', 'masked', 'SELECT * FROM part_cards LIMIT 3'],
  ['PG-35', 'masked', 'SELECT * FROM part_cards_one LIMIT 3'],
  ['PG-35', 'masked', 'SELECT * FROM kid_cards LIMIT 3'],
  ['PG-35', 'masked', 'TABLE cards LIMIT 3'],
  ['PG-36', 'held', 'CREATE TRIGGER t AFTER INSERT ON payments EXECUTE FUNCTION nosy_trigger()'],
  ['PG-36', 'held', 'CREATE RULE r AS ON INSERT TO refunds DO ALSO INSERT INTO notes SELECT pan FROM cards'],
  // What a trigger that was there before us does is the database's own; where it leaves card numbers, they are found by their looks.
  ['PG-36', 'runs', "INSERT INTO watched (id, note) VALUES (1, 'harmless')"],
  ['PG-36', 'masked', 'SELECT body FROM notes LIMIT 3'],
  ['PG-37', 'held', "CREATE OR REPLACE FUNCTION customer_spend(integer) RETURNS numeric LANGUAGE sql AS 'SELECT 1'"],
  ['PG-37', 'held', 'CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)'],
  ['PG-37', 'held', 'CREATE CAST (text AS integer) WITH INOUT AS IMPLICIT'],
  ['PG-37', 'held', "CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE sql AS 'SELECT 1'"],
  ['PG-37', 'held', 'SELECT nosy_function(1)'],
  ['PG-38', 'held', "SELECT query_to_xml('SELECT pan FROM cards', true, true, '')"],
  ['PG-38', 'held', "SELECT query_to_xml('SELECT p' || 'an FROM cards', true, true, '')"],
  ['PG-38', 'held', "SELECT table_to_xml('cards', true, true, '')"],
  ['PG-38', 'held', "SELECT schema_to_xml('public', true, true, '')"],
  ['PG-38', 'held', "SELECT database_to_xml(true, true, '')"],
  ['PG-38', 'held', "SELECT cursor_to_xml('c', 1, true, true, '')"],
  ['PG-38', 'held', "SELECT * FROM ts_stat('SELECT to_tsvector(pan) FROM cards')"],
  ['PG-38', 'held', "SELECT ts_rewrite('a'::tsquery, 'SELECT pan::tsquery, pan::tsquery FROM cards')"],
  ['PG-39', 'held', 'CREATE TABLE copied AS SELECT * FROM cards'],
  ['PG-39', 'held', 'CREATE TEMP TABLE copied AS SELECT * FROM cards'],
  ['PG-39', 'held', 'CREATE TEMP VIEW copied AS SELECT pan AS harmless FROM cards'],
  ['PG-39', 'held', 'SELECT * INTO UNLOGGED copied FROM cards'],
  ['PG-39', 'held', 'INSERT INTO notes SELECT pan FROM cards'],
  ['PG-39', 'held', 'CREATE MATERIALIZED VIEW copied AS SELECT pan FROM cards'],
  ['PG-40', 'held', 'CREATE TEMP VIEW payments AS SELECT pan AS status FROM cards'],
  ['PG-41', 'held', "NOTIFY jobs, 'x'"],
  ['PG-41', 'held', "SELECT pg_notify('jobs', pan) FROM cards"],
  ['PG-42', 'held', 'SELECT pan::date FROM cards'],
  ['PG-42', 'held', 'SELECT CAST(pan AS integer) FROM cards'],
  ['PG-42', 'held', 'SELECT pan::regclass FROM cards'],
  ['PG-42', 'held', 'SELECT now() AT TIME ZONE pan FROM cards'],
  ['PG-42', 'held', 'SELECT date_trunc(pan, now()) FROM cards'],
  ['PG-42', 'held', "SELECT convert_to('a', pan) FROM cards"],
  ['PG-42', 'held', 'SELECT current_setting(pan) FROM cards'],
  ['PG-42', 'held', 'SELECT set_config(pan, pan, false) FROM cards'],
  ['PG-42', 'held', 'SELECT 1 / (length(pan) - 16) FROM cards'],
  ['PG-44', 'held', 'DO $$ BEGIN RAISE NOTICE USING MESSAGE = (SELECT pan FROM cards LIMIT 1); END $$'],
  ['PG-44', 'held', 'SELECT raiser(1)'],
  ['PG-45', 'held', "SELECT set_config('application_name', (SELECT string_agg(pan, ',') FROM cards), false)"],
  ['PG-45', 'held', "SELECT set_config('application_name', full_name, false) FROM customers"],
  ['PG-46', 'held', "SET my.box = 'x'"],
  ['PG-46', 'held', "SELECT set_config('my.box', pan, false) FROM cards"],
  ['PG-47', 'held', "SELECT setval('payments_id_seq', pan::bigint) FROM cards"],
  ['PG-47', 'held', 'SELECT pg_try_advisory_lock(pan::bigint) FROM cards'],
  ['PG-47', 'held', "PREPARE carrier AS SELECT pan FROM cards WHERE pan = '1'"],
  ['PG-48', 'held', "DO $$ BEGIN EXECUTE format('CREATE TABLE t (%I int)', (SELECT pan FROM cards LIMIT 1)); END $$"],
  ['PG-49', 'held', "SELECT most_common_vals FROM pg_stats WHERE tablename LIKE 'car%'"],
  ['PG-49', 'held', 'SELECT * FROM pg_stats'],
  ['PG-49', 'held', 'SELECT histogram_bounds FROM pg_catalog.pg_stats'],
  ['PG-49', 'held', 'SELECT stavalues1 FROM pg_statistic'],
  ['PG-49', 'held', 'SELECT * FROM pg_stats_ext_exprs'],
  ['PG-49', 'held', 'SELECT * FROM pg_statistic_ext_data'],
  ['PG-50', 'held', 'SELECT query FROM pg_stat_activity'],
  ['PG-50', 'held', 'SELECT pid FROM pg_stat_activity ORDER BY query'],
  ['PG-50', 'held', "SELECT pid FROM pg_stat_activity WHERE query LIKE '%4%'"],
  ['PG-50', 'held', 'SELECT a FROM pg_stat_activity a'],
  ['PG-50', 'runs', 'SELECT pid, state, wait_event, pg_blocking_pids(pid) FROM pg_stat_activity ORDER BY xact_start'],
  ['PG-49', 'runs', "SELECT attname, n_distinct, correlation FROM pg_stats WHERE tablename = 'payments'"],
  ['PG-18', 'runs', 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'],
  ['PG-18', 'runs', 'SET CONSTRAINTS ALL DEFERRED'],
  ['PG-50', 'held', 'SELECT pg_stat_get_activity(NULL)'],
  ['PG-50', 'held', 'SELECT statement FROM pg_prepared_statements'],
  ['PG-50', 'held', 'SELECT statement FROM pg_cursors'],
  ['PG-51', 'refused', "SELECT * FROM pg_create_logical_replication_slot('s', 'test_decoding')"],
  ['PG-51', 'refused', "SELECT * FROM pg_logical_slot_get_changes('s', NULL, NULL)"],
  ['PG-52', 'held', 'EXPLAIN (VERBOSE) SELECT nosy_immutable(1)'],
  ['PG-52', 'held', "EXPLAIN ANALYZE SELECT 1 FROM cards WHERE pan LIKE '4%'"],
  ['PG-52', 'held', 'SET client_min_messages = log'],
  ['PG-52', 'held', 'SET debug_print_parse = on'],
  ['PG-52', 'held', 'SET log_statement_stats = on'],
  ['PG-53', 'held', 'SELECT to_jsonb(c) FROM cards c'],
  ['PG-53', 'held', 'SELECT (c).to_jsonb FROM cards c'],
  ['PG-53', 'held', 'SELECT nosy_row(c) FROM cards c'],
  ['PG-53', 'held', 'SELECT (c).nosy_row FROM cards c'],
  ['PG-63', 'held', "PREPARE TRANSACTION 'later'"],
  ['PG-63', 'held', "COMMIT PREPARED 'later'"],
  ['PG-63', 'held', "ROLLBACK PREPARED 'later'"],
  ['PG-64', 'held', 'SET ROLE app'],
  ['PG-64', 'held', 'SET SESSION AUTHORIZATION app'],
  ['PG-64', 'held', 'SET row_security = off'],
  ['PG-64', 'held', 'SET session_replication_role = replica'],
  ['PG-64', 'held', "SELECT set_config('role', 'app', false)"],
]

/** Made beside the proxy before the attacks: what a database that was not made for Countersign might hold. */
export const TRAPS = `
CREATE TABLE notes (body text);
CREATE VIEW view_one AS SELECT id, pan AS inner_name FROM cards;
CREATE VIEW view_two AS SELECT inner_name AS harmless FROM view_one;
CREATE MATERIALIZED VIEW mat_cards AS SELECT pan AS harmless FROM cards;
CREATE TABLE part_cards (id int, pan text) PARTITION BY RANGE (id);
CREATE TABLE part_cards_one PARTITION OF part_cards FOR VALUES FROM (0) TO (10000);
INSERT INTO part_cards SELECT id, pan FROM cards;
CREATE TABLE kid_cards (extra text) INHERITS (cards);
INSERT INTO kid_cards SELECT * FROM cards WHERE id < 10;
CREATE TABLE watched (id int, note text);
CREATE FUNCTION nosy_trigger() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO notes SELECT pan FROM cards; RETURN new; END $$;
CREATE TRIGGER nosy AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION nosy_trigger();
CREATE FUNCTION nosy_function(int) RETURNS text LANGUAGE sql AS 'SELECT pan FROM cards WHERE id = $1';
CREATE FUNCTION nosy_immutable(int) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN RETURN (SELECT pan FROM cards WHERE id = 1); END $$;
CREATE FUNCTION nosy_row(cards) RETURNS text LANGUAGE sql AS 'SELECT $1.pan';
CREATE FUNCTION levenshtein(text, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE nosy() LANGUAGE sql AS 'DELETE FROM payments';
CREATE FUNCTION raiser(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
  RAISE NOTICE 'seen %', (SELECT pan FROM cards WHERE id = 1) USING DETAIL = (SELECT cvv FROM cards WHERE id = 1),
    HINT = (SELECT pan || cvv FROM cards WHERE id = 1), COLUMN = (SELECT cvv FROM cards WHERE id = 1);
  RETURN 1; END $$;
`
