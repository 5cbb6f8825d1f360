import type { ActionEffect, ActionFacts } from '../model/action-facts.ts'
import type { Effect, Verb } from '../model/facts.ts'
import type { Output } from '../model/lineage.ts'
import type { FileOperation } from '../model/statement.ts'

/** One bit an effect of SQL. A new effect in the model does not compile until it has its bit here. */
export const EFFECT_BIT = {
  read: 1 << 0,
  write: 1 << 1,
  'unfiltered-write': 1 << 2,
  ddl: 1 << 3,
  privileges: 1 << 4,
  code: 1 << 5,
  file: 1 << 6,
  program: 1 << 7,
  network: 1 << 8,
  setting: 1 << 9,
  'reading-setting': 1 << 10,
  lock: 1 << 11,
  rowlock: 1 << 12,
  transaction: 1 << 13,
  'two-phase': 1 << 14,
  maintenance: 1 << 15,
  export: 1 << 16,
  import: 1 << 17,
  listen: 1 << 18,
  notify: 1 << 19,
  sequence: 1 << 20,
  signal: 1 << 21,
  'large-object': 1 << 22,
  replication: 1 << 23,
  statistics: 1 << 24,
  'others-statements': 1 << 25,
  probe: 1 << 26,
  'session-name': 1 << 27,
  temporary: 1 << 28,
  password: 1 << 29,
} as const satisfies Record<Effect, number>

/** One bit an effect of what is done over SSH; no statement has effects of both kinds. */
export const ACTION_EFFECT_BIT = {
  'file-read': 1 << 0,
  'file-write': 1 << 1,
  'file-delete': 1 << 2,
  'file-attributes': 1 << 3,
  listing: 1 << 4,
  'system-read': 1 << 5,
  'log-read': 1 << 6,
  privilege: 1 << 7,
  shell: 1 << 8,
  code: 1 << 9,
  hidden: 1 << 10,
  detached: 1 << 11,
  schedule: 1 << 12,
  remote: 1 << 13,
  download: 1 << 14,
  upload: 1 << 15,
  network: 1 << 16,
  database: 1 << 17,
  service: 1 << 18,
  process: 1 << 19,
  package: 1 << 20,
  account: 1 << 21,
  key: 1 << 22,
  firewall: 1 << 23,
  disk: 1 << 24,
  kernel: 1 << 25,
  audit: 1 << 26,
  environment: 1 << 27,
  output: 1 << 28,
  'unknown-program': 1 << 29,
} as const satisfies Record<ActionEffect, number>

const VERB_TABLE = {
  select: true,
  insert: true,
  update: true,
  delete: true,
  merge: true,
  truncate: true,
  create: true,
  alter: true,
  drop: true,
  comment: true,
  grant: true,
  revoke: true,
  copy: true,
  explain: true,
  call: true,
  do: true,
  prepare: true,
  execute: true,
  deallocate: true,
  declare: true,
  fetch: true,
  move: true,
  close: true,
  set: true,
  show: true,
  reset: true,
  discard: true,
  begin: true,
  commit: true,
  rollback: true,
  savepoint: true,
  release: true,
  listen: true,
  notify: true,
  unlisten: true,
  lock: true,
  vacuum: true,
  analyze: true,
  cluster: true,
  reindex: true,
  refresh: true,
  checkpoint: true,
  load: true,
  empty: true,
  other: true,
} as const satisfies Record<Verb, true>

const OUTPUT_TABLE = { none: true, clear: true, origin: true } as const satisfies Record<Output['kind'], true>

const KIND_TABLE = { sql: true, command: true, shell: true, file: true, forward: true } as const satisfies Record<
  'sql' | ActionFacts['kind'],
  true
>

const OPERATION_TABLE = {
  read: true,
  write: true,
  append: true,
  list: true,
  stat: true,
  attributes: true,
  remove: true,
  rename: true,
  'make-directory': true,
  'remove-directory': true,
  link: true,
} as const satisfies Record<FileOperation, true>

/** Effects of SQL. */
export const SQL_EFFECTS: readonly string[] = Object.keys(EFFECT_BIT)
/** Effects of what is done over SSH. */
export const ACTION_EFFECTS: readonly string[] = Object.keys(ACTION_EFFECT_BIT)
export const EFFECTS: readonly string[] = [...new Set([...SQL_EFFECTS, ...ACTION_EFFECTS])]
/** What facts may be about: a SQL statement, a command of a line, an open shell, a request of a file transfer, a forwarded connection. */
export const KINDS: readonly string[] = Object.keys(KIND_TABLE)
export const OPERATIONS: readonly string[] = Object.keys(OPERATION_TABLE)
export const TRANSFERS: readonly string[] = ['sftp', 'scp', 'rsync']
export const DIRECTIONS: readonly string[] = ['local', 'remote']
export const VERBS: readonly string[] = Object.keys(VERB_TABLE)
export const OUTPUTS: readonly string[] = Object.keys(OUTPUT_TABLE)
/**
 * What a COPY does: rows into a table, a table's rows out, a query's rows out; and `out-custom` as a second word for one that sends rows out
 * with options other than FORMAT and HEADER, whose cells no mask can be sure to find.
 */
export const COPIES: readonly string[] = ['in-table', 'out-table', 'out-query', 'out-custom']
export const PROTOCOLS: readonly string[] = ['postgres', 'ssh']
