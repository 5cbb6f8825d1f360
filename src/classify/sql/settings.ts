import type { Effect, SettingUse } from '../../model/facts.ts'

/** Settings that change neither how statements are read nor what a role may see; a literal value of any kind is harmless. */
const HARMLESS =
  /^(statement_timeout|lock_timeout|idle_in_transaction_session_timeout|idle_session_timeout|transaction_timeout|datestyle|intervalstyle|timezone|bytea_output|extra_float_digits|work_mem|hash_mem_multiplier|maintenance_work_mem|temp_buffers|effective_cache_size|effective_io_concurrency|jit|jit_[a-z_]+|geqo|geqo_[a-z_]+|enable_[a-z_]+|random_page_cost|seq_page_cost|cpu_[a-z_]+_cost|parallel_[a-z_]+_cost|min_parallel_[a-z_]+|max_parallel_workers|max_parallel_workers_per_gather|join_collapse_limit|from_collapse_limit|plan_cache_mode|constraint_exclusion|cursor_tuple_fraction|transaction_isolation|transaction_read_only|transaction_deferrable|default_transaction_isolation|default_transaction_read_only|default_transaction_deferrable|synchronous_commit|tcp_keepalives_[a-z]+|tcp_user_timeout|client_connection_check_interval|gin_fuzzy_search_limit|commit_delay|commit_siblings)$/

/** Settings through which a session takes other rights. */
const PRIVILEGED = /^(role|session_authorization|row_security|session_replication_role|allow_system_table_mods)$/

/** client_min_messages at notice or above: below it parse trees and other people's text arrive as messages. */
const QUIET_LEVELS = /^(notice|warning|error)$/i

/** What setting `name` to `value` does; an undefined value is DEFAULT, RESET or something computed. */
export function settingEffects(use: SettingUse, change: 'literal' | 'default' | 'computed'): readonly Effect[] {
  const { name, value } = use
  if (PRIVILEGED.test(name)) return ['reading-setting', 'privileges']
  if (change === 'computed') return ['reading-setting']
  if (HARMLESS.test(name)) return ['setting']
  if (name === 'application_name' && change === 'literal') return ['setting']
  if (change === 'default') return name === 'all' || name === 'application_name' ? ['setting'] : ['reading-setting']
  return pinned(name, value ?? '') ? ['setting'] : ['reading-setting']
}

/** Settings that are harmless only at the value that the proxy pins anyway. */
function pinned(name: string, value: string): boolean {
  if (name === 'client_encoding') return /^(utf8|utf-8|unicode)$/i.test(value)
  if (name === 'standard_conforming_strings') return /^(on|true|1|yes)$/i.test(value)
  if (name === 'client_min_messages') return QUIET_LEVELS.test(value)
  return false
}
