import type { ActionEffect } from '../model/action-facts.ts'
import type { Effect, Facts } from '../model/facts.ts'
import type { Rights } from '../model/rights.ts'
import { ACTION_EFFECT_BIT, EFFECT_BIT } from './vocabulary.ts'

/** The least right that each effect takes. A new effect does not compile until it has its row. */
const SQL_NEEDS = {
  read: 'read',
  export: 'read',
  probe: 'read',
  statistics: 'read',
  'others-statements': 'read',
  setting: 'read',
  'reading-setting': 'read',
  transaction: 'read',
  listen: 'read',
  'session-name': 'read',
  write: 'write',
  'unfiltered-write': 'write',
  import: 'write',
  notify: 'write',
  sequence: 'write',
  // A lock stops those who write, and nobody who only reads needs one.
  lock: 'write',
  rowlock: 'write',
  ddl: 'all',
  temporary: 'all',
  privileges: 'all',
  password: 'all',
  code: 'all',
  file: 'all',
  program: 'all',
  network: 'all',
  'two-phase': 'all',
  maintenance: 'all',
  signal: 'all',
  'large-object': 'all',
  replication: 'all',
} as const satisfies Record<Effect, Rights>

const ACTION_NEEDS = {
  'file-read': 'read',
  listing: 'read',
  'system-read': 'read',
  'log-read': 'read',
  environment: 'read',
  output: 'read',
  'file-write': 'write',
  'file-delete': 'write',
  'file-attributes': 'write',
  privilege: 'all',
  shell: 'all',
  code: 'all',
  hidden: 'all',
  detached: 'all',
  schedule: 'all',
  remote: 'all',
  download: 'all',
  upload: 'all',
  network: 'all',
  database: 'all',
  service: 'all',
  process: 'all',
  package: 'all',
  account: 'all',
  key: 'all',
  firewall: 'all',
  disk: 'all',
  kernel: 'all',
  audit: 'all',
  'unknown-program': 'all',
} as const satisfies Record<ActionEffect, Rights>

const COVERED = {
  read: { sql: bitsOf(SQL_NEEDS, EFFECT_BIT, ['read']), action: bitsOf(ACTION_NEEDS, ACTION_EFFECT_BIT, ['read']) },
  write: {
    sql: bitsOf(SQL_NEEDS, EFFECT_BIT, ['read', 'write']),
    action: bitsOf(ACTION_NEEDS, ACTION_EFFECT_BIT, ['read', 'write']),
  },
} as const

/** Whether a grant for less than everything covers this. What was not understood completely may do anything, so it is covered by none. */
export function covers(rights: Exclude<Rights, 'all'>, facts: Facts, effects: number): boolean {
  if (!facts.complete) return false
  const { sql, action } = COVERED[rights]
  return (effects & ~(facts.kind === 'sql' ? sql : action)) === 0
}

function bitsOf<Name extends string>(
  needs: Readonly<Record<Name, Rights>>,
  bits: Readonly<Record<Name, number>>,
  covered: readonly Rights[],
): number {
  let mask = 0
  for (const name in bits) if (covered.includes(needs[name])) mask |= bits[name]
  return mask
}
