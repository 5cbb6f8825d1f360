/*
 * What a catalog is read with. All of it runs under `search_path = pg_catalog`, so that nobody's function or operator of the same name stands in between, and
 * so that pg_get_viewdef writes out the schema of everything else. Servers 14 and newer. Manual: "System Catalogs".
 */

/** OIDs from here on are given to objects that users made. Manual: "System Catalog Declarations and Initial Contents", FirstNormalObjectId. */
const FIRST_USER_OID = 16384
/** The transaction that wrote the rows which every server of a version has. */
const BOOTSTRAP = "'1'::xid"

const KINDS = "('r', 'p', 'v', 'm', 'f', 'S', 'c')"
/** Other sessions' temporary objects are nobody's business; one's own are known by the statements that made them. */
const lasting = (relation: string): string => `${relation}.relkind IN ${KINDS} AND ${relation}.relpersistence <> 't'`
/** A row that a user made, or a built-in one that somebody replaced or altered. */
const madeOrChanged = (row: string): string => `(${row}.oid >= ${FIRST_USER_OID} OR ${row}.xmin <> ${BOOTSTRAP})`

/** As in a new session of this account, before anything else is read. */
export const SEARCH_PATH = `SELECT path.name FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS path (name, place) ORDER BY place`

/** In front of each query below, in the same message: it ends with that message's implicit transaction. */
export const TRUSTED = 'SET LOCAL search_path TO pg_catalog'

/** Opens the one snapshot that a catalog is read from. */
export const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

export const SERVER_VERSION = "SELECT current_setting('server_version_num')"

/** oid, schema, name, relkind, reltuples, system, has rules, definition. */
export const RELATIONS = `
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples, origin.builtin,
         c.relhasrules AND EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type <> '1'),
         CASE WHEN c.relkind IN ('v', 'm') AND NOT origin.builtin THEN pg_get_viewdef(c.oid) END
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         CROSS JOIN LATERAL (SELECT n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.oid < ${FIRST_USER_OID}) AS origin (builtin)
   WHERE ${lasting('c')}`

/**
 * relation oid, attnum, name, type oid, generated, the columns that it is computed from; each relation's in attnum order. What a generated column depends on
 * is noted for the column itself by servers up to 14, for its expression by newer ones.
 */
export const COLUMNS = `
  SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attgenerated <> '',
         CASE WHEN a.attgenerated <> '' THEN
           (SELECT string_agg(DISTINCT d.refobjsubid::text, ' ')
              FROM pg_depend d
             WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid NOT IN (0, a.attnum)
               AND (d.classid = 'pg_class'::regclass AND d.objid = a.attrelid AND d.objsubid = a.attnum
                 OR d.classid = 'pg_attrdef'::regclass
                    AND d.objid = (SELECT e.oid FROM pg_attrdef e WHERE e.adrelid = a.attrelid AND e.adnum = a.attnum)))
         END
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
   WHERE a.attnum > 0 AND NOT a.attisdropped AND ${lasting('c')}
   ORDER BY a.attrelid, a.attnum`

/** child oid, parent oid. */
export const PARENTS = `SELECT i.inhrelid, i.inhparent FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE ${lasting('c')}`

/** oid, schema, name, volatility, language, security definer, extension. */
export const FUNCTIONS = `
  SELECT p.oid, n.nspname, p.proname, p.provolatile, l.lanname, p.prosecdef, x.extname
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
         LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
         LEFT JOIN pg_extension x ON x.oid = d.refobjid
   WHERE n.nspname <> 'pg_catalog' OR p.oid >= ${FIRST_USER_OID}`

/** name. */
export const OPERATORS = `
  SELECT DISTINCT o.oprname FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
   WHERE n.nspname <> 'pg_catalog' OR o.oid >= ${FIRST_USER_OID}`

/**
 * name. Domains and base types run code of the database themselves; ranges and row types run what is inside them. Built-in types join the list when somebody
 * made a cast from or to them. Arrays and enumerations add nothing.
 */
export const TYPES = `
  SELECT t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
   WHERE t.oid >= ${FIRST_USER_OID} AND t.typtype IN ('b', 'd', 'r', 'm', 'c') AND t.typcategory <> 'A'
     AND n.nspname NOT LIKE 'pg\\_temp\\_%' AND n.nspname <> 'pg_toast'
  UNION
  SELECT format_type(t.oid, NULL) FROM pg_cast k JOIN pg_type t ON t.oid IN (k.castsource, k.casttarget)
   WHERE k.oid >= ${FIRST_USER_OID}
  UNION
  SELECT t.typname FROM pg_cast k JOIN pg_type t ON t.oid IN (k.castsource, k.casttarget)
   WHERE k.oid >= ${FIRST_USER_OID}`

/** Identity and writing transaction of every row, in an order-free hash: any committed insert, update or delete changes it, whoever did it. */
const hashOf = (identity: string, from: string): string =>
  `(SELECT bit_xor(hash_record_extended(ROW(${identity}), 0)) FROM ${from})`

const HASHES: readonly string[] = [
  hashOf('c.oid, c.xmin', `pg_class c WHERE ${lasting('c')} AND ${madeOrChanged('c')}`),
  hashOf(
    'a.attrelid, a.attnum, a.xmin',
    `pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnum > 0 AND c.oid >= ${FIRST_USER_OID} AND ${lasting('c')}`,
  ),
  hashOf('p.oid, p.xmin', `pg_proc p WHERE ${madeOrChanged('p')}`),
  hashOf('r.oid, r.xmin', `pg_rewrite r WHERE ${madeOrChanged('r')}`),
  hashOf('o.oid, o.xmin', `pg_operator o WHERE ${madeOrChanged('o')}`),
  hashOf('k.oid, k.xmin', `pg_cast k WHERE ${madeOrChanged('k')}`),
  hashOf(
    't.oid, t.xmin',
    `pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid WHERE t.oid >= ${FIRST_USER_OID} AND t.typcategory <> 'A'
       AND c.relpersistence IS DISTINCT FROM 't'`,
  ),
  hashOf('n.oid, n.xmin', "pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_t%'"),
  hashOf('i.inhrelid, i.inhparent, i.xmin', 'pg_inherits i'),
  hashOf('g.oid, g.xmin', 'pg_trigger g'),
  hashOf('s.setdatabase, s.setrole, s.xmin', 'pg_db_role_setting s'),
]

/**
 * One row that changes with every definition that judging depends on: relations and columns, views and rules, functions, operators, casts, types, schemas,
 * inheritance, triggers, and the settings that sessions start with. Statistics, indexes and temporary objects leave it alone.
 */
export const EPOCH = `SELECT ${HASHES.join(', ')}`
