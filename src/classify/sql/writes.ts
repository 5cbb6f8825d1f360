import type {
  DeleteStmt,
  InsertStmt,
  MergeStmt,
  Node,
  OnConflictClause,
  ReturningClause,
  UpdateStmt,
  WithClause,
} from '@pgsql/types'
import { commonTables } from './common-tables.ts'
import { EMPTY_SHAPE, OPAQUE, type Column, type Shape } from './column.ts'
import { columnOf, seeing, type Env, type Source } from './env.ts'
import { expression, expressions } from './expressions.ts'
import { clearValue } from './operations.ts'
import { isFilter } from './filter.ts'
import { printable } from './findings.ts'
import { fromItem, fromList } from './from.ts'
import { noteReturned, targetSource } from './relations.ts'
import { query, targets } from './select.ts'
import { tagOf } from './tree.ts'
import { useTainted, type Walk } from './walk.ts'

/** Reads an INSERT, UPDATE, DELETE or MERGE at its own level and returns what its RETURNING gives. */
export function dml(walk: Walk, node: Node, env: Env): Shape {
  if ('InsertStmt' in node) return insert(walk, node.InsertStmt, env)
  if ('UpdateStmt' in node) return update(walk, node.UpdateStmt, env)
  if ('DeleteStmt' in node) return remove(walk, node.DeleteStmt, env)
  if ('MergeStmt' in node) return merge(walk, node.MergeStmt, env)
  walk.found.gap(`${printable(tagOf(node))} is not known as a query`)
  return EMPTY_SHAPE
}

const levelOf = (walk: Walk, clause: WithClause | undefined, env: Env): Env =>
  clause === undefined ? env : commonTables(walk, clause, env)

function insert(walk: Walk, body: InsertStmt, env: Env): Shape {
  walk.found.verb('insert')
  const level = levelOf(walk, body.withClause, env)
  const target = targetSource(walk, body.relation)
  for (const node of body.cols ?? []) assigned(walk, node, { target, env: seeing(level, []) })
  if (body.selectStmt !== undefined) {
    const rows = withoutClearValues(walk, { rows: body.selectStmt, columns: insertedColumns(body, target), env: level })
    written(walk, insertedFrom(walk, rows, seeing(level, [])))
  }
  if (body.onConflictClause !== undefined) onConflict(walk, body.onConflictClause, { level, target })
  return returning(walk, body.returningClause, { env: seeing(level, [target]), target })
}

/** The columns that the values of an INSERT go to, in their order; undefined where a name is not known. */
const insertedColumns = (body: InsertStmt, target: Source): readonly (Column | undefined)[] =>
  body.cols === undefined
    ? target.order
    : body.cols.map((node) => ('ResTarget' in node ? columnOf(target, node.ResTarget.name ?? '') : undefined))

/** Plain values that VALUES puts into untagged columns are noted as clear; in the rows that are read further, empty constants stand for them. */
function withoutClearValues(
  walk: Walk,
  { rows, columns, env }: { readonly rows: Node; readonly columns: readonly (Column | undefined)[]; readonly env: Env },
): Node {
  if (!('SelectStmt' in rows) || rows.SelectStmt.valuesLists === undefined) return rows
  const valuesLists = rows.SelectStmt.valuesLists.map((row): Node => {
    if (!('List' in row)) return row
    const items = (row.List.items ?? []).map((item, at) => {
      if (!isPlainValue(item) || !takesClear(columns[at])) return item
      clearValue(walk, item, env)
      return { A_Const: {} }
    })
    return { List: { ...row.List, items } }
  })
  return { SelectStmt: { ...rows.SelectStmt, valuesLists } }
}

const isPlainValue = (node: Node): boolean => 'A_Const' in node || 'ParamRef' in node

/** What is written there is no card data: the packs do not tag it, and it is a column of the catalog. */
const takesClear = (column: Column | undefined): boolean =>
  column?.use !== undefined && column.classes.length === 0 && column.clear

/** The rows of VALUES are no statement of their own. */
function insertedFrom(walk: Walk, node: Node, env: Env): Shape {
  const verbs = walk.found.verbs.length
  const shape = query(walk, node, env)
  if ('SelectStmt' in node && node.SelectStmt.valuesLists !== undefined) walk.found.verbs.splice(verbs)
  return shape
}

function written(walk: Walk, shape: Shape): void {
  for (const column of shape.columns) useTainted(walk, column)
}

/** A column that is given a value; its indirection (`a[1]`) may hold expressions. */
function assigned(walk: Walk, node: Node, { target, env }: { readonly target: Source; readonly env: Env }): void {
  if (!('ResTarget' in node)) {
    walk.found.gap('an assignment is not known')
    return
  }
  const { name = '', indirection, val } = node.ResTarget
  const column = columnOf(target, name)
  if (column !== undefined) walk.found.column(column)
  else if (!target.open) walk.found.gap(`the column ${printable(name)} is not known`)
  expressions(walk, indirection, env)
  if (val !== undefined && isPlainValue(val) && takesClear(column)) clearValue(walk, val, env)
  else expression(walk, val, env)
}

function onConflict(
  walk: Walk,
  body: OnConflictClause,
  { level, target }: { readonly level: Env; readonly target: Source },
): void {
  const env = seeing(level, [target, excluded(target)])
  const { infer } = body
  const elements = infer?.indexElems ?? []
  for (const node of elements) {
    if (!('IndexElem' in node)) continue
    const column = columnOf(target, node.IndexElem.name ?? '')
    if (column !== undefined) useTainted(walk, column)
    expression(walk, node.IndexElem.expr, env)
  }
  // Any unique index of the table may answer whether a guessed value is there.
  if (elements.length === 0 && target.entity !== undefined)
    useTainted(walk, { ...OPAQUE, classes: target.entity.use.classes })
  expression(walk, infer?.whereClause, env)
  if (body.targetList !== undefined) walk.found.verb('update')
  for (const node of body.targetList ?? []) assigned(walk, node, { target, env })
  expression(walk, body.whereClause, env)
}

/** EXCLUDED holds the row that was to be inserted: values of the statement's own. */
function excluded(target: Source): Source {
  const order = target.order.map((column): Column => ({ ...OPAQUE, name: column.name, typeOid: column.typeOid }))
  const columns = new Map(order.map((column) => [column.name, column]))
  return { ...target, name: 'excluded', schema: undefined, entity: undefined, columns, order, qualifiedOnly: true }
}

function update(walk: Walk, body: UpdateStmt, env: Env): Shape {
  walk.found.verb('update')
  const level = levelOf(walk, body.withClause, env)
  const target = targetSource(walk, body.relation)
  const all = seeing(level, [target, ...fromList(walk, body.fromClause, seeing(level, []))])
  for (const node of body.targetList ?? []) assigned(walk, node, { target, env: all })
  filter(walk, body.whereClause, { env: all, target })
  return returning(walk, body.returningClause, { env: all, target })
}

function remove(walk: Walk, body: DeleteStmt, env: Env): Shape {
  walk.found.verb('delete')
  const level = levelOf(walk, body.withClause, env)
  const target = targetSource(walk, body.relation)
  const all = seeing(level, [target, ...fromList(walk, body.usingClause, seeing(level, []))])
  filter(walk, body.whereClause, { env: all, target })
  return returning(walk, body.returningClause, { env: all, target })
}

interface Level {
  readonly env: Env
  readonly target: Source
}

function filter(walk: Walk, where: Node | undefined, level: Level): void {
  expression(walk, where, level.env)
  if (isFilter(where, level)) return
  walk.found.filtered = false
  walk.found.effect('unfiltered-write')
}

function merge(walk: Walk, body: MergeStmt, env: Env): Shape {
  walk.found.verb('merge')
  const level = levelOf(walk, body.withClause, env)
  const target = targetSource(walk, body.relation)
  const sources = body.sourceRelation === undefined ? [] : fromItem(walk, body.sourceRelation, seeing(level, []))
  const all = seeing(level, [target, ...sources])
  expression(walk, body.joinCondition, all)
  let changes = false
  for (const node of body.mergeWhenClauses ?? []) changes = mergeAction(walk, node, { env: all, target }) || changes
  if (changes && !isFilter(body.joinCondition, { env: all, target })) {
    walk.found.filtered = false
    walk.found.effect('unfiltered-write')
  }
  return returning(walk, body.returningClause, { env: all, target })
}

const ACTIONS = { CMD_INSERT: 'insert', CMD_UPDATE: 'update', CMD_DELETE: 'delete' } as const

/** Reads one WHEN; returns whether it changes or removes rows that are there. */
function mergeAction(walk: Walk, node: Node, level: Level): boolean {
  if (!('MergeWhenClause' in node)) {
    walk.found.gap('a part of MERGE is not known')
    return true
  }
  const { commandType, condition, targetList, values } = node.MergeWhenClause
  expression(walk, condition, level.env)
  for (const one of targetList ?? []) assigned(walk, one, level)
  expressions(walk, values, level.env)
  if (commandType === 'CMD_INSERT' || commandType === 'CMD_UPDATE' || commandType === 'CMD_DELETE')
    walk.found.verb(ACTIONS[commandType])
  return commandType === 'CMD_UPDATE' || commandType === 'CMD_DELETE'
}

/** What a write gives back are rows of its target, as they were or as they are. */
function returning(walk: Walk, clause: ReturningClause | undefined, { env, target }: Level): Shape {
  if (clause?.exprs === undefined) return EMPTY_SHAPE
  noteReturned(walk, target)
  const names = { old: 'old', new: 'new' }
  for (const option of clause.options ?? []) {
    if (!('ReturningOption' in option)) walk.found.gap('an option of RETURNING is not known')
    else
      names[option.ReturningOption.option === 'RETURNING_OPTION_OLD' ? 'old' : 'new'] =
        option.ReturningOption.value ?? ''
  }
  const versions = [names.old, names.new].map((name): Source => ({
    ...target,
    name,
    schema: undefined,
    qualifiedOnly: true,
  }))
  return targets(walk, clause.exprs, seeing(env, [...env.sources, ...versions]))
}
