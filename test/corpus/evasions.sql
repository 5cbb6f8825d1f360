-- Each entry once was, or could be, a way past a reader of SQL. An entry begins with `-- must:` and what classification has to say of it:
-- an effect; `incomplete` (not understood, so it is held); `probe:CLASS`; `class:CLASS` (tagged data is read); `not-clear` (no column is
-- taken for clear); `reads:NAME`, `writes:NAME`; `statements:N`; or, for what only looks bad, `complete` and `not-EFFECT`.
-- The label at the end groups entries by attack: PG hides a statement or a name, MK gets round a mask. The catalog is that of test/classify/sql/shop-catalog.ts.

-- must: code incomplete PG-01
DO $$ BEGIN EXECUTE 'dr' || 'op table cards'; END $$
-- must: code incomplete PG-01
DO 'begin null; end'
-- must: code incomplete PG-01
DO LANGUAGE plpython3u 'import os'
-- must: session-name incomplete PG-02
EXECUTE p
-- must: write unfiltered-write session-name PG-02
PREPARE p AS DELETE FROM orders
-- must: session-name statements:2 class:pan not-clear PG-03
DEALLOCATE s1; PREPARE s1 AS SELECT pan FROM cards
-- must: session-name incomplete PG-05
FETCH ALL FROM c
-- must: session-name class:pan PG-05
DECLARE c CURSOR WITH HOLD FOR SELECT pan FROM cards
-- must: ddl probe:pan class:pan PG-09
CREATE TEMP TABLE item AS SELECT id, pan AS name FROM cards
-- must: reading-setting PG-10
SET search_path = evil, public
-- must: reading-setting PG-10
SET SCHEMA 'evil'
-- must: unfiltered-write PG-11
DELETE FROM orders WHERE id > $1 OR $2
-- must: reading-setting write PG-18
UPDATE pg_settings SET setting = 'off' WHERE name = 'standard_conforming_strings'
-- must: reading-setting PG-18
SELECT set_config('standard_conforming_strings', 'off', false)
-- must: reading-setting PG-18
SELECT set_config('search' || '_path', 'evil', false)
-- must: reading-setting PG-18
SELECT set_config(name, setting, false) FROM pg_settings
-- must: reading-setting privileges PG-18
ALTER ROLE app SET search_path = evil
-- must: password privileges
ALTER USER app PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy'
-- must: password
CREATE USER u IN ROLE r PASSWORD 'x'
-- must: reading-setting PG-18
ALTER DATABASE cards SET standard_conforming_strings = off
-- must: reading-setting PG-18
ALTER SYSTEM SET log_statement = 'none'
-- must: reading-setting PG-18
RESET search_path
-- must: reading-setting PG-19
SET standard_conforming_strings = off
-- must: reading-setting PG-19
SET backslash_quote = on
-- must: reading-setting PG-20
SET client_encoding = 'SJIS'
-- must: reading-setting PG-20
SET NAMES 'BIG5'
-- must: write unfiltered-write statements:2 PG-23
SELECT 1 -- x
; DELETE FROM orders
-- must: statements:1 complete not-write PG-23
SELECT 1 /* /* */ ; DELETE FROM orders */ + 1
-- must: class:pan not-clear PG-24
SELECT U&"\0070an" FROM U&"c!0061rds" UESCAPE '!'
-- must: class:pan PG-24
SELECT "pan" FROM "cards"
-- must: incomplete PG-24
SELECT "PAN" FROM cards
-- must: unfiltered-write statements:3 transaction PG-25
SELECT 1; DELETE FROM orders; COMMIT
-- must: write unfiltered-write PG-26
WITH gone AS (DELETE FROM orders) SELECT 1
-- must: write unfiltered-write PG-26
WITH a AS (WITH b AS (UPDATE orders SET total = 0 RETURNING 1) SELECT * FROM b) SELECT * FROM items
-- must: write unfiltered-write PG-27
EXPLAIN ANALYZE DELETE FROM orders
-- must: write unfiltered-write PG-27
EXPLAIN (ANALYZE 1) DELETE FROM orders
-- must: write unfiltered-write PG-27
EXPLAIN (analyze on, verbose off) DELETE FROM orders
-- must: write unfiltered-write PG-27
EXPLAIN (ANALYZE 'TRUE') DELETE FROM orders
-- must: ddl PG-27
EXPLAIN (ANALYZE) CREATE TABLE t AS SELECT 1
-- must: incomplete session-name PG-27
EXPLAIN ANALYZE EXECUTE p
-- must: complete not-write not-unfiltered-write PG-27
EXPLAIN (ANALYZE false) DELETE FROM orders
-- must: complete not-write PG-27
EXPLAIN (ANALYZE 0) DELETE FROM orders
-- must: write unfiltered-write PG-28
MERGE INTO orders o USING (SELECT 1 AS one) s ON true WHEN MATCHED THEN DELETE
-- must: write unfiltered-write PG-28
TRUNCATE orders
-- must: maintenance PG-28
REFRESH MATERIALIZED VIEW daily
-- must: lock PG-28
LOCK TABLE orders IN ACCESS EXCLUSIVE MODE
-- must: code incomplete PG-28
CALL p()
-- must: maintenance PG-28
VACUUM FULL orders
-- must: maintenance PG-28
CLUSTER orders
-- must: maintenance PG-28
REINDEX TABLE orders
-- must: two-phase PG-28
PREPARE TRANSACTION 'x'
-- must: sequence PG-29
SELECT setval('items_id_seq', 1)
-- must: large-object PG-29
SELECT lo_create(1)
-- must: signal PG-29
SELECT pg_terminate_backend(pid) FROM pg_locks
-- must: lock PG-29
SELECT pg_advisory_lock(4111)
-- must: network code incomplete PG-29
SELECT dblink_exec('dbname=x', 'delete from cards')
-- must: replication PG-29
SELECT pg_logical_emit_message(true, 'a', 'b')
-- must: ddl PG-29
SELECT * INTO copy_of_items FROM items
-- must: program PG-30
COPY items TO PROGRAM 'sh'
-- must: program write PG-30
COPY items FROM PROGRAM 'id'
-- must: file PG-30
COPY items TO '/tmp/x'
-- must: file write PG-30
COPY items FROM '/etc/passwd'
-- must: export class:pan not-clear PG-30
COPY cards TO STDOUT (FORMAT csv, QUOTE '4')
-- must: write export PG-30
COPY (DELETE FROM orders RETURNING *) TO STDOUT
-- must: import write PG-31
COPY cards FROM STDIN
-- must: large-object file PG-32
SELECT lo_import('/etc/passwd')
-- must: large-object PG-32
SELECT lo_from_bytea(0, 'x')
-- must: large-object PG-32
SELECT lo_get(5)
-- must: large-object PG-32
SELECT data FROM pg_largeobject
-- must: network ddl PG-33
CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw
-- must: network ddl PG-33
CREATE SUBSCRIPTION s CONNECTION 'host=evil' PUBLICATION p
-- must: network incomplete PG-33
SELECT * FROM dblink('dbname=cards', 'select pan from cards') AS t(pan text)
-- must: network PG-33
SELECT * FROM remote
-- must: file PG-34
SELECT pg_read_file('postgresql.conf')
-- must: file PG-34
SELECT pg_read_binary_file('base/5/16400')
-- must: file PG-34
SELECT * FROM pg_ls_dir('.')
-- must: file incomplete PG-34
SELECT get_raw_page('cards', 0)
-- must: class:pan reads:cards not-clear PG-35
SELECT * FROM card_pans
-- must: class:pan reads:cards not-clear PG-35
SELECT n FROM card_view_2
-- must: class:pan not-clear PG-35
SELECT bin FROM card_bins
-- must: class:pan not-clear PG-35
SELECT secret FROM vault
-- must: class:pan not-clear PG-35
SELECT secret FROM vault_2
-- must: code ddl PG-36
CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f()
-- must: code ddl PG-36
CREATE RULE r AS ON INSERT TO orders DO ALSO INSERT INTO items SELECT 1
-- must: incomplete write PG-36
INSERT INTO ruled VALUES (1)
-- must: code ddl PG-37
CREATE OR REPLACE FUNCTION addone(i int) RETURNS int LANGUAGE sql AS 'select 1'
-- must: code ddl PG-37
CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = f)
-- must: incomplete PG-37
SELECT pg_temp.f(1)
-- must: incomplete PG-37
SELECT initcap(name) FROM items
-- must: incomplete PG-37
SELECT id <<< 1 FROM items
-- must: incomplete PG-37
SELECT '4'::card_number
-- must: code PG-38
SELECT query_to_xml('select pan from cards', true, false, '')
-- must: code PG-38
SELECT table_to_xml('cards', true, false, '')
-- must: code PG-38
SELECT cursor_to_xml('c', 1, true, false, '')
-- must: code PG-38
SELECT * FROM ts_stat('select to_tsvector(pan) from cards')
-- must: code incomplete PG-38
SELECT * FROM crosstab('select 1,2,pan from cards') AS t(a int)
-- must: code PG-38
SELECT database_to_xml(true, false, '')
-- must: ddl probe:pan PG-39
SELECT pan INTO TEMP x FROM cards
-- must: ddl probe:pan PG-39
CREATE TEMP VIEW item AS SELECT pan FROM cards
-- must: ddl probe:pan PG-39
CREATE MATERIALIZED VIEW m AS SELECT pan FROM cards
-- must: probe:pan write PG-39
INSERT INTO items (name) SELECT pan FROM cards
-- must: notify probe:pan PG-41
SELECT pg_notify('x', pan) FROM cards
-- must: notify PG-41
NOTIFY x, '4111'
-- must: probe:pan PG-42
SELECT pan::int FROM cards
-- must: reading-setting probe:pan PG-45
SELECT set_config('application_name', string_agg(pan, ','), false) FROM cards
-- must: reading-setting PG-46
SET my.box = '4111'
-- must: reading-setting PG-46
SELECT set_config('my.box', 'x', false)
-- must: sequence probe:pan PG-47
SELECT setval('s', pan::bigint) FROM cards
-- must: lock probe:pan PG-47
SELECT pg_try_advisory_lock(pan::bigint) FROM cards
-- must: statistics not-clear PG-49
SELECT most_common_vals FROM pg_stats WHERE tablename LIKE 'c%'
-- must: statistics not-clear PG-49
SELECT * FROM pg_catalog.pg_statistic
-- must: statistics PG-49
SELECT * FROM pg_stats_ext_exprs
-- must: others-statements not-clear PG-50
SELECT query FROM pg_stat_activity
-- must: others-statements PG-50
SELECT * FROM pg_stat_get_activity(NULL)
-- must: others-statements PG-50
SELECT statement FROM pg_prepared_statements
-- must: others-statements PG-50
SELECT * FROM pg_cursors
-- must: others-statements PG-50
SELECT query FROM pg_stat_statements
-- must: replication PG-51
SELECT * FROM pg_logical_slot_peek_changes('s', NULL, NULL)
-- must: replication PG-51
SELECT pg_create_logical_replication_slot('s', 'test_decoding')
-- must: probe:pan not-clear PG-52
EXPLAIN VERBOSE SELECT 1 FROM cards WHERE pan = '4111111111111111'
-- must: probe:pan not-clear PG-52
EXPLAIN ANALYZE SELECT 1 FROM cards WHERE pan LIKE '4%'
-- must: reading-setting PG-52
SET client_min_messages = debug5
-- must: reading-setting PG-52
SET debug_print_parse = on
-- must: class:pan not-clear probe:pan PG-53
SELECT pan(cards) FROM cards
-- must: class:pan not-clear probe:pan PG-53
SELECT cards.to_jsonb FROM cards
-- must: setting transaction PG-54
BEGIN READ WRITE
-- must: two-phase PG-63
COMMIT PREPARED 'x'
-- must: two-phase PG-63
ROLLBACK PREPARED 'x'
-- must: privileges reading-setting PG-64
SET ROLE postgres
-- must: privileges reading-setting PG-64
SET SESSION AUTHORIZATION postgres
-- must: privileges reading-setting PG-64
SET row_security = off
-- must: privileges reading-setting PG-64
SET session_replication_role = replica
-- must: privileges reading-setting PG-64
SELECT set_config('role', 'postgres', false)
-- must: privileges PG-64
SELECT rolpassword FROM pg_authid
-- must: privileges PG-64
GRANT SELECT ON cards TO PUBLIC
-- must: code file PG-64
LOAD 'evil'
-- must: class:pan not-clear MK-01
SELECT pan AS name, name AS pan FROM cards, items
-- must: class:pan not-clear MK-01
SELECT c FROM cards AS t(a, b, c)
-- must: class:pan not-clear MK-01
WITH x(a, b) AS (SELECT id, pan FROM cards) SELECT b FROM x
-- must: complete MK-01
SELECT pan FROM guess
-- must: probe:pan not-clear MK-02
SELECT name FROM items UNION ALL SELECT pan FROM cards
-- must: probe:pan MK-02
SELECT pan FROM cards EXCEPT SELECT pan FROM guess
-- must: probe:pan MK-03
SELECT pan FROM guess JOIN cards USING (pan)
-- must: probe:pan MK-03
SELECT n FROM guess NATURAL JOIN cards
-- must: probe:pan not-clear MK-04
SELECT c FROM cards c
-- must: probe:pan not-clear MK-04
SELECT (c).pan FROM cards c
-- must: probe:pan not-clear MK-04
SELECT ROW(c.*) FROM cards c
-- must: probe:pan not-clear MK-04
SELECT (c.*)::text FROM cards c
-- must: probe:pan MK-05
SELECT jsonb_build_object(pan, 1) FROM cards
-- must: probe:pan MK-05
SELECT row_to_json(s) FROM (SELECT pan FROM cards) s
-- must: probe:pan MK-05
SELECT key FROM cards c, jsonb_each_text(to_jsonb(c))
-- must: probe:pan MK-06
SELECT unnest(array_agg(pan)) FROM cards
-- must: probe:pan MK-06
SELECT xmlagg(xmlelement(name x, pan)) FROM cards
-- must: probe:pan MK-07
SELECT coalesce(pan, '') FROM cards
-- must: probe:pan MK-07
SELECT CASE WHEN true THEN pan END FROM cards
-- must: probe:pan MK-08
SELECT substr(pan, 7, 6) FROM cards
-- must: probe:pan MK-09
SELECT reverse(pan), translate(pan, '0123456789', 'abcdefghij') FROM cards
-- must: probe:pan MK-10
SELECT md5(pan) FROM cards
-- must: probe:pan MK-11
SELECT encode(pan::bytea, 'base64') FROM cards
-- must: probe:pan MK-12
SELECT max(pan) FROM cards WHERE id = 1
-- must: probe:pan MK-12
SELECT sum(pan::numeric + 1) FROM cards
-- must: probe:pan MK-13
SELECT ('x' || pan)::uuid, to_tsvector(pan) FROM cards
-- must: probe:pan MK-17
SELECT FROM cards WHERE pan LIKE '4%'
-- must: probe:cvv MK-17
UPDATE orders SET status = 'x' FROM cards WHERE cards.cvv = '123' AND orders.id = 1
-- must: probe:pan MK-17
SELECT exists(SELECT FROM cards WHERE pan BETWEEN '4' AND '5')
-- must: probe:pan MK-17
DELETE FROM cards WHERE id = 1 AND pan < '5'
-- must: probe:pan MK-18
SELECT g FROM generate_series(1, 10) g JOIN cards ON cards.pan = g::text
-- must: probe:pan MK-18
SELECT n::text FROM guess INTERSECT SELECT pan FROM cards
-- must: probe:pan MK-19
SELECT id FROM cards ORDER BY pan
-- must: probe:pan MK-19
SELECT id, pan FROM cards ORDER BY 2
-- must: probe:pan MK-19
SELECT count(*) FROM cards GROUP BY pan
-- must: probe:pan MK-19
SELECT rank() OVER (ORDER BY pan) FROM cards
-- must: probe:pan MK-19
SELECT rank() OVER w FROM cards WINDOW w AS (PARTITION BY pan)
-- must: probe:pan MK-19
SELECT DISTINCT pan FROM cards
-- must: probe:pan MK-19
SELECT DISTINCT * FROM cards
-- must: probe:pan MK-19
SELECT count(DISTINCT pan) FROM cards
-- must: probe:pan MK-19
SELECT id FROM cards GROUP BY id HAVING max(pan) > '5'
-- must: probe:pan MK-20
SELECT position(left(pan, 1) in '0123456789') FROM cards
-- must: probe:pan MK-21
SELECT 1 / (pan LIKE '4%')::int FROM cards
-- must: probe:pan incomplete MK-22
SELECT similarity(pan, '4111') FROM cards
-- must: probe:pan MK-23
SELECT lag(pan) OVER (ORDER BY id) FROM cards
-- must: probe:pan MK-23
SELECT (SELECT pan FROM cards LIMIT 1)
-- must: probe:pan MK-23
SELECT x.y FROM cards c, LATERAL (SELECT c.pan || '' AS y) x
-- must: probe:pan MK-23
WITH RECURSIVE r(s, i) AS (SELECT '', 0 UNION ALL SELECT s || substr(pan, i, 1), i + 1 FROM r, cards WHERE i < 16) SELECT s FROM r
-- must: class:pan not-clear MK-24
UPDATE cards SET customer_id = 1 WHERE id = 1 RETURNING pan
-- must: probe:pan MK-24
INSERT INTO items (name) SELECT pan FROM cards RETURNING name
-- must: class:pan not-clear MK-24
WITH d AS (DELETE FROM cards WHERE id = 1 RETURNING pan AS name) SELECT name FROM d
-- must: probe:pan MK-24
UPDATE items SET name = pan FROM cards WHERE items.id = cards.id
-- must: probe:pan MK-25
SELECT (SELECT max(c.pan) FROM items i) FROM cards c, (SELECT id FROM items) i
-- must: probe:pan MK-25
SELECT 1 FROM cards c WHERE EXISTS (SELECT 1 FROM items c2 WHERE c.pan = c2.name)
-- must: incomplete MK-26
SELECT new_column FROM cards
-- must: incomplete MK-27
SELECT number FROM cards_renamed
-- must: probe:pan
INSERT INTO cards (id, pan) VALUES (1, '4111111111111111') ON CONFLICT (pan) DO NOTHING
-- must: probe:pan
MERGE INTO items i USING cards c ON i.name = c.pan WHEN MATCHED THEN UPDATE SET price = 1
-- must: unfiltered-write
DELETE FROM orders WHERE true
-- must: unfiltered-write
DELETE FROM orders WHERE 1 = 1
-- must: unfiltered-write
DELETE FROM orders WHERE id = id
-- must: unfiltered-write
UPDATE orders SET status = 'x' WHERE id IS NOT NULL OR true
-- must: unfiltered-write
DELETE FROM orders WHERE status LIKE '%'
-- must: unfiltered-write
UPDATE orders SET status = i.name FROM items i WHERE i.id = 5
-- must: unfiltered-write
DELETE FROM orders WHERE id = 1 OR id <> 1 OR EXISTS (SELECT 1)
-- must: incomplete
SELECT nosuch(1)
-- must: incomplete
SELECT * FROM nosuch
-- must: incomplete
SELECT id FROM looped
-- must: incomplete
SELECT id FROM opaque
