import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtinFunction, builtinFunctions } from '../../../src/classify/sql/functions.ts'

/** Functions that the server itself calls, by triggers, types, indexes or aggregates; by SQL they fail or are not known. */
const INTERNAL =
  /^(bernoulli|system|dsnowball_.*|RI_FKey_|suppress_|unique_key_recheck|tsvector_update|.*_(in|out|recv|send|handler|trigger|sel|joinsel|support)$|trigger|.*handler|.*sel)/

test('every volatile function was reviewed, or is one that only the server calls', () => {
  const open = [...builtinFunctions()].filter((one) => !one.reviewed && !INTERNAL.test(one.name)).map((one) => one.name)
  assert.deepEqual(open, [])
})

test('functions that reach beyond their arguments have effects', () => {
  const rows = {
    pg_read_file: 'file',
    pg_ls_dir: 'file',
    pg_stat_file: 'file',
    lo_export: 'file',
    loread: 'large-object',
    query_to_xml: 'code',
    schema_to_xml_and_xmlschema: 'code',
    ts_stat: 'code',
    ts_rewrite: 'code',
    pg_cancel_backend: 'signal',
    pg_rotate_logfile: 'signal',
    pg_create_physical_replication_slot: 'replication',
    pg_replication_origin_create: 'replication',
    pg_wal_replay_pause: 'replication',
    pg_export_snapshot: 'transaction',
    pg_stat_get_activity: 'others-statements',
    pg_stat_get_backend_activity: 'others-statements',
    pg_cursor: 'others-statements',
    pg_try_advisory_xact_lock_shared: 'lock',
    pg_advisory_unlock: 'lock',
    currval: 'sequence',
    pg_notify: 'notify',
    pg_restore_attribute_stats: 'write',
    pg_mcv_list_items: 'statistics',
    binary_upgrade_set_next_pg_authid_oid: 'ddl',
  }
  for (const [name, effect] of Object.entries(rows)) {
    assert.ok(
      builtinFunction(name)?.effects.some((one) => one === effect),
      name,
    )
  }
})

test('functions that only compute or report have none', () => {
  const names =
    'lower now random pg_sleep version current_setting pg_advisory_unlock_all pg_get_viewdef pg_table_size txid_current format to_jsonb has_table_privilege pg_size_pretty array_agg count'
  for (const name of names.split(' ')) assert.deepEqual(builtinFunction(name)?.effects, [], name)
})
