import type { Node, TransactionStmt } from '@pgsql/types'
import type { Verb } from '../../model/facts.ts'
import { constantOf } from './constants.ts'
import type { Walk } from './walk.ts'

const VERBS: Readonly<Record<NonNullable<TransactionStmt['kind']>, Verb>> = {
  TRANS_STMT_BEGIN: 'begin',
  TRANS_STMT_START: 'begin',
  TRANS_STMT_COMMIT: 'commit',
  TRANS_STMT_ROLLBACK: 'rollback',
  TRANS_STMT_SAVEPOINT: 'savepoint',
  TRANS_STMT_RELEASE: 'release',
  TRANS_STMT_ROLLBACK_TO: 'rollback',
  TRANS_STMT_PREPARE: 'prepare',
  TRANS_STMT_COMMIT_PREPARED: 'commit',
  TRANS_STMT_ROLLBACK_PREPARED: 'rollback',
}

/** BEGIN, COMMIT, ROLLBACK, savepoints and two-phase commit. */
export function transaction(walk: Walk, body: TransactionStmt): boolean {
  const { kind } = body
  if (kind === undefined) walk.found.gap('the statement is not known')
  else {
    walk.found.verb(VERBS[kind])
    walk.found.effect(/PREPARE/.test(kind) ? 'two-phase' : 'transaction')
  }
  transactionModes(walk, body.options ?? [])
  return false
}

const MODES = new Set(['transaction_isolation', 'transaction_read_only', 'transaction_deferrable'])

/** ISOLATION LEVEL, READ ONLY, DEFERRABLE: settings that end with the transaction. */
export function transactionModes(
  walk: Walk,
  options: readonly Node[],
  scope: 'session' | 'transaction' = 'transaction',
): void {
  for (const node of options) {
    const name = 'DefElem' in node ? (node.DefElem.defname ?? '') : ''
    const value = 'DefElem' in node ? constantOf(node.DefElem.arg) : undefined
    if (!MODES.has(name)) {
      walk.found.gap('a mode of the transaction is not known')
      continue
    }
    walk.found.settings.push({ name: scope === 'session' ? `default_${name}` : name, value, scope })
    walk.found.effect('setting')
  }
}
