import type { Effect } from '../../model/facts.ts'

/** Built-in functions that do more than compute, by the whole name. The first pattern that fits counts. */
const EFFECTS: readonly (readonly [RegExp, readonly Effect[]])[] = [
  // Query text, table names or cursors in arguments: rows come back that the parse tree does not show.
  [/^(query|table|schema|database)_to_xml/, ['code', 'read']],
  [/^cursor_to_xml/, ['code', 'session-name']],
  [/^(ts_stat|ts_rewrite)$/, ['code', 'read']],
  [/^(currtid2?|pg_get_sequence_data|pg_sequence_last_value)$/, ['sequence']],
  [/^pg_(read|stat)_(binary_)?file(_old)?$/, ['file']],
  [/^pg_(ls_|current_logfile|show_all_file_settings|hba_file_rules|ident_file_mappings)/, ['file']],
  [/^pg_(get_loaded_modules|wal_summary_contents|available_wal_summaries)$/, ['file']],
  [/^(lo_import|lo_export|be_lo_import|be_lo_export)/, ['large-object', 'file']],
  [/^(lo_.*|loread|lowrite)$/, ['large-object']],
  [/^pg_logical_emit_message$/, ['replication']],
  [
    /^pg_(logical_|create_(logical|physical)_|copy_(logical|physical)_|drop_replication|replication_(slot|origin)|sync_replication)/,
    ['replication'],
  ],
  [
    /^pg_(switch_wal|wal_replay_|promote|backup_|start_backup|stop_backup|create_restore_point|log_standby_snapshot)/,
    ['replication'],
  ],
  [/^pg_export_snapshot$/, ['transaction']],
  [/^(nextval|currval|lastval|setval)$/, ['sequence']],
  // Letting go of one's own locks is what asyncpg does with every connection that it takes back.
  [/^pg_(try_)?advisory_(?!unlock_all$)/, ['lock']],
  [/^pg_notify$/, ['notify']],
  [/^set_config$/, ['reading-setting']],
  [/^pg_(cancel_backend|terminate_backend|reload_conf|rotate_logfile|log_backend_memory_contexts)/, ['signal']],
  [/^pg_(get_process_memory_contexts)$/, ['signal']],
  [/^pg_stat_get_(activity|backend_activity|wal_receiver|wal_senders)$/, ['others-statements']],
  [/^pg_(prepared_statement|cursor|prepared_xact)$/, ['others-statements']],
  // Not pg_ndistinct and pg_dependencies: those hold counts; the others hold values.
  [/^(pg_mcv_list_items|pg_mcv_list_.*|pg_stats_ext_.*)$/, ['statistics']],
  [/^pg_(restore|clear)_(relation|attribute)_stats$/, ['write', 'statistics']],
  [/^pg_stat_reset|^pg_stat_force_next_flush$/, ['maintenance']],
  [
    /^(brin_(de)?summarize|gin_clean_pending_list|pg_import_system_collations|pg_extension_config_dump)/,
    ['maintenance'],
  ],
  [/^(pg_nextoid|pg_stop_making_pinned_objects|binary_upgrade_.*)$/, ['ddl', 'code']],
  [/^(plpgsql|fmgr_.*|pg_.*)_(validator|call_handler|inline_handler)$/, ['code']],
  [/^pg_event_trigger_/, ['code']],
]

/** Volatile functions that were looked at and only tell the time, make a random value or report the server's state. */
export const HARMLESS_VOLATILE: ReadonlySet<string> = new Set(
  `current_query pg_advisory_unlock_all pg_show_replication_origin_status array_sample array_shuffle clock_timestamp gen_random_uuid uuidv4 uuidv7 random random_normal setseed timeofday
  pg_sleep pg_sleep_for pg_sleep_until pg_blocking_pids pg_safe_snapshot_blocking_pids pg_isolation_test_session_is_blocked
  pg_collation_actual_version pg_database_collation_actual_version pg_control_checkpoint pg_control_init pg_control_recovery
  pg_control_system pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn pg_database_size pg_indexes_size
  pg_relation_size pg_table_size pg_tablespace_size pg_total_relation_size pg_get_aios pg_get_backend_memory_contexts
  pg_get_multixact_members pg_get_shmem_allocations pg_get_shmem_allocations_numa pg_get_wait_events
  pg_get_wal_replay_pause_state pg_get_wal_resource_managers pg_get_wal_summarizer_state pg_is_in_recovery pg_is_wal_replay_paused
  pg_jit_available pg_last_committed_xact pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp
  pg_lock_status pg_notification_queue_usage pg_partition_ancestors pg_partition_tree amvalidate
  pg_stat_get_backend_io pg_stat_get_backend_wal pg_stat_get_io pg_stat_get_recovery_prefetch pg_stat_get_xact_blocks_fetched
  pg_stat_get_xact_blocks_hit pg_stat_get_xact_function_calls pg_stat_get_xact_function_self_time
  pg_stat_get_xact_function_total_time pg_stat_get_xact_numscans pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched
  pg_stat_get_xact_tuples_hot_updated pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_newpage_updated
  pg_stat_get_xact_tuples_returned pg_stat_get_xact_tuples_updated pg_stat_have_stats pg_stat_clear_snapshot
  pg_xact_commit_timestamp pg_xact_commit_timestamp_origin pg_xact_status txid_status`.split(/\s+/),
)

/** Functions of information_schema that its own views and the drivers use. */
export const INFORMATION_SCHEMA: ReadonlySet<string> = new Set(
  `_pg_char_max_length _pg_char_octet_length _pg_datetime_precision _pg_expandarray _pg_index_position _pg_interval_type
  _pg_numeric_precision _pg_numeric_precision_radix _pg_numeric_scale _pg_truetypid _pg_truetypmod`.split(/\s+/),
)

/** What calling the built-in function can do beyond computing, or undefined where that is nothing. */
export const effectsOf = (name: string): readonly Effect[] | undefined =>
  EFFECTS.find(([pattern]) => pattern.test(name))?.[1]
