import type { Node } from '@pgsql/types'
import { callStatement, doBlock, loadLibrary } from './code-statements.ts'
import { copy } from './copy.ts'
import { DEFINITIONS } from './definitions.ts'
import { explain } from './explain.ts'
import { inner, ROOT } from './env.ts'
import { printable } from './findings.ts'
import { checkpoint, cluster, lockTables, refresh, reindex, truncate, vacuum } from './maintenance.ts'
import { closeCursor, deallocate, declareCursor, discard, execute, fetch, prepare } from './name-statements.ts'
import { createTableAs, createView } from './query-definitions.ts'
import { query } from './select.ts'
import { setConstraints, setVariable, showVariable } from './setting-statements.ts'
import { transaction } from './transactions.ts'
import { tagOf, type NodeMap, type Tag } from './tree.ts'
import type { Walk } from './walk.ts'
import { dml } from './writes.ts'

/** Whether the statement sends rows to the client. */
export type Rows = boolean
export type StatementTag = Extract<Tag, `${string}Stmt`>
export type StatementReaders = { readonly [T in StatementTag]: (walk: Walk, body: NodeMap[T]) => Rows }

/** Grammar that never stands at the top of a text; were it to, nothing would be known about it. */
const partOnly = (walk: Walk): Rows => {
  walk.found.gap('the statement is not known')
  return true
}

/** Every statement of the grammar. The type demands a row for each, so a new one in a new grammar does not compile. */
const READERS: StatementReaders = {
  ...DEFINITIONS,
  SelectStmt: (walk, body) => {
    query(walk, { SelectStmt: body }, inner(ROOT))
    return body.intoClause === undefined
  },
  InsertStmt: (walk, body) => write(walk, { InsertStmt: body }, body.returningClause),
  UpdateStmt: (walk, body) => write(walk, { UpdateStmt: body }, body.returningClause),
  DeleteStmt: (walk, body) => write(walk, { DeleteStmt: body }, body.returningClause),
  MergeStmt: (walk, body) => write(walk, { MergeStmt: body }, body.returningClause),
  CopyStmt: copy,
  ExplainStmt: explain,
  CreateTableAsStmt: createTableAs,
  ViewStmt: createView,
  PrepareStmt: prepare,
  ExecuteStmt: execute,
  DeallocateStmt: deallocate,
  DeclareCursorStmt: declareCursor,
  FetchStmt: fetch,
  ClosePortalStmt: closeCursor,
  DiscardStmt: discard,
  TransactionStmt: transaction,
  VariableSetStmt: setVariable,
  VariableShowStmt: showVariable,
  ConstraintsSetStmt: setConstraints,
  TruncateStmt: truncate,
  LockStmt: lockTables,
  VacuumStmt: vacuum,
  ClusterStmt: cluster,
  ReindexStmt: reindex,
  RefreshMatViewStmt: refresh,
  CheckPointStmt: checkpoint,
  DoStmt: doBlock,
  CallStmt: callStatement,
  LoadStmt: loadLibrary,
  NotifyStmt: ({ found }) => {
    found.verb('notify')
    found.effect('notify')
    return false
  },
  ListenStmt: ({ found }) => {
    found.verb('listen')
    found.effect('listen')
    return false
  },
  UnlistenStmt: ({ found }) => {
    found.verb('unlisten')
    found.effect('listen')
    return false
  },
  RawStmt: partOnly,
  SetOperationStmt: partOnly,
  ReturnStmt: partOnly,
  PLAssignStmt: partOnly,
}

function write(walk: Walk, node: Node, returning: object | undefined): Rows {
  dml(walk, node, inner(ROOT))
  return returning !== undefined
}

/** Reads one statement into `walk.found`; returns whether it sends rows. */
export function statement(walk: Walk, node: Node): Rows {
  const tag = tagOf(node)
  const bodies: Partial<NodeMap> = node
  const body = isStatement(tag) ? bodies[tag] : undefined
  if (isStatement(tag) && body !== undefined) return read(walk, { tag, body })
  walk.found.gap(`${printable(tag)} is not known`)
  return true
}

const read = <T extends StatementTag>(
  walk: Walk,
  { tag, body }: { readonly tag: T; readonly body: NodeMap[T] },
): Rows => READERS[tag](walk, body)

const isStatement = (tag: string): tag is StatementTag => Object.hasOwn(READERS, tag)
