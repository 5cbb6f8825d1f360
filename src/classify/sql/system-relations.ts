import type { Effect } from '../../model/facts.ts'
import { PG_CATALOG_RELATIONS } from './pg-catalog-relations.ts'

/** Relations of the system that hold column values, secrets or other people's text. Everything else there is definitions and counters. */
const EFFECTS: Readonly<Record<string, readonly Effect[]>> = {
  pg_statistic: ['statistics'],
  pg_statistic_ext_data: ['statistics'],
  pg_stats: ['statistics'],
  pg_stats_ext: ['statistics'],
  pg_stats_ext_exprs: ['statistics'],
  pg_stat_activity: ['others-statements'],
  pg_stat_wal_receiver: ['others-statements'],
  pg_prepared_statements: ['others-statements'],
  pg_prepared_xacts: ['others-statements'],
  pg_cursors: ['others-statements'],
  pg_authid: ['privileges'],
  pg_shadow: ['privileges'],
  pg_user_mapping: ['privileges', 'network'],
  pg_user_mappings: ['privileges', 'network'],
  _pg_user_mappings: ['privileges', 'network'],
  user_mapping_options: ['privileges', 'network'],
  pg_subscription: ['network'],
  pg_largeobject: ['large-object'],
  pg_hba_file_rules: ['file'],
  pg_ident_file_mappings: ['file'],
  pg_file_settings: ['file'],
}

/**
 * Those of which most columns are as harmless as the rest of the system: who waits for whom, how big a table is. A column that is not listed here, one of a
 * newer server too, has the effects of its relation.
 */
const HARMLESS_COLUMNS: Readonly<Record<string, ReadonlySet<string>>> = {
  pg_stat_activity:
    columns(`datid datname pid leader_pid usesysid usename application_name client_addr client_hostname client_port backend_start xact_start
    query_start state_change wait_event_type wait_event state backend_xid backend_xmin query_id backend_type`),
  pg_stats: columns('schemaname tablename attname inherited null_frac avg_width n_distinct correlation'),
  pg_subscription:
    columns(`oid subdbid subskiplsn subname subowner subenabled subbinary substream subtwophasestate subdisableonerr subpasswordrequired
    subrunasowner subfailover subslotname subsynccommit subpublications suborigin`),
}

function columns(names: string): ReadonlySet<string> {
  return new Set(names.split(/\s+/))
}

/** The columns of a system relation that tell none of its secrets; undefined where all of it counts alike. */
export const harmlessColumns = (schema: string, name: string): ReadonlySet<string> | undefined =>
  schema === 'pg_catalog' && Object.hasOwn(HARMLESS_COLUMNS, name) ? HARMLESS_COLUMNS[name] : undefined

/** Views of extensions that show other sessions' text, in whatever schema they were made. */
const OTHERS_STATEMENTS = /^pg_stat_(statements|monitor|kcache|plans)/

const NONE: readonly Effect[] = []

/** What reading the relation does beyond `read`. TOAST tables hold the long values of ordinary ones. */
export function readingEffects(schema: string, name: string): readonly Effect[] {
  if (schema.startsWith('pg_toast')) return ['statistics']
  if (isSystemSchema(schema)) return Object.hasOwn(EFFECTS, name) ? (EFFECTS[name] ?? NONE) : NONE
  return OTHERS_STATEMENTS.test(name) ? ['others-statements'] : NONE
}

/** What writing it does beyond `write`: pg_settings is a way to say SET, everything else there is definitions and rights. */
export function writingEffects(schema: string, name: string): readonly Effect[] {
  if (!isSystemSchema(schema)) return NONE
  return name === 'pg_settings' ? ['reading-setting'] : ['ddl', 'code', 'privileges']
}

export const isSystemSchema = (schema: string): boolean =>
  schema === 'pg_catalog' || schema === 'information_schema' || schema.startsWith('pg_toast')

/** Whether every server has this table or view; for catalogs that do not list the system's own. */
export const isBuiltinRelation = (schema: string, name: string): boolean => BUILTIN.get(schema)?.has(name) === true

/** Names by schema: every relation of every text is looked up here, and a name put together anew is dear to look up. */
const BUILTIN = bySchema(PG_CATALOG_RELATIONS)

function bySchema(names: Iterable<string>): ReadonlyMap<string, ReadonlySet<string>> {
  const schemas = new Map<string, Set<string>>()
  for (const name of names) {
    const dot = name.indexOf('.')
    const schema = name.slice(0, dot)
    schemas.set(schema, (schemas.get(schema) ?? new Set()).add(name.slice(dot + 1)))
  }
  return schemas
}
