import type { Node, ResTarget, SelectStmt } from '@pgsql/types'
import { commonTables } from './common-tables.ts'
import { EMPTY_SHAPE, merged, NO_CLASSES, OPAQUE, renamed, union, type Column, type Shape } from './column.ts'
import { seenColumn } from './column-refs.ts'
import { columnName } from './column-names.ts'
import { resolveName, rowOf, seeing, sourceOf, sourcesNamed, type Env, type Source } from './env.ts'
import { expression, expressions } from './expressions.ts'
import { fromList } from './from.ts'
import { clearValue } from './operations.ts'
import { noteCreated } from './relations.ts'
import { isStar, items, tagOf, words } from './tree.ts'
import { dml } from './writes.ts'
import { taintOf, useTainted, type Walk } from './walk.ts'

/** Reads a query in a subquery, CTE, cursor or the like; `env` is its own, still empty level. */
export function query(walk: Walk, node: Node | undefined, env: Env): Shape {
  if (node === undefined) return EMPTY_SHAPE
  if ('SelectStmt' in node) {
    walk.found.verb('select')
    return select(walk, node.SelectStmt, env)
  }
  return dml(walk, node, env)
}

/** Reads a SELECT, VALUES or set operation at its own level and returns its columns. */
export function select(walk: Walk, body: SelectStmt, env: Env): Shape {
  walk.depth += 4
  const level = body.withClause === undefined ? env : commonTables(walk, body.withClause, env)
  const shape =
    body.op !== undefined && body.op !== 'SETOP_NONE'
      ? setOperation(walk, body, level)
      : body.valuesLists !== undefined
        ? values(walk, body, level)
        : plainSelect(walk, body, level)
  if (body.intoClause !== undefined) into(walk, body.intoClause.rel, shape)
  if (body.lockingClause !== undefined) walk.found.effect('rowlock')
  walk.depth -= 4
  return shape
}

function into(walk: Walk, rel: Parameters<typeof noteCreated>[1], shape: Shape): void {
  noteCreated(walk, rel)
  walk.found.effect('ddl')
  walk.found.changesCatalog = true
  for (const column of shape.columns) useTainted(walk, column)
}

function setOperation(walk: Walk, body: SelectStmt, env: Env): Shape {
  const { larg, rarg } = body
  const left =
    larg === undefined ? EMPTY_SHAPE : select(walk, larg, { sources: [], ctes: env.ctes, parent: env.parent })
  env.seed?.(left)
  const right =
    rarg === undefined ? EMPTY_SHAPE : select(walk, rarg, { sources: [], ctes: env.ctes, parent: env.parent })
  // A set operation compares rows, and the server reports no origin for what comes out.
  for (const column of left.columns) useTainted(walk, column)
  for (const column of right.columns) useTainted(walk, column)
  const shape = merged(left, right)
  outputOrdering(walk, body, { env, shape })
  return shape
}

function values(walk: Walk, body: SelectStmt, env: Env): Shape {
  const columns: Column[] = []
  for (const row of body.valuesLists ?? []) {
    for (const [at, node] of items(row).entries()) {
      const classes = taintOf(walk, () => expression(walk, node, env))
      columns[at] = { ...OPAQUE, name: `column${at + 1}`, classes: union(columns[at]?.classes ?? NO_CLASSES, classes) }
    }
  }
  const shape = { columns, ordered: true }
  outputOrdering(walk, body, { env, shape })
  return shape
}

function plainSelect(walk: Walk, body: SelectStmt, level: Env): Shape {
  const env = body.fromClause === undefined ? level : seeing(level, fromList(walk, body.fromClause, level))
  const shape = targets(walk, body.targetList, env)
  expression(walk, body.whereClause, env)
  named(walk, body.groupClause, { env, shape })
  expression(walk, body.havingClause, env)
  expressions(walk, body.windowClause, env)
  distinct(walk, body, { env, shape })
  ordering(walk, body, { env, shape })
  return shape
}

/** A level with the columns that its select list gives: what ORDER BY and GROUP BY may name. */
interface Level {
  readonly env: Env
  readonly shape: Shape
}

function distinct(walk: Walk, body: SelectStmt, level: Level): void {
  if (body.distinctClause === undefined) return
  const keys = body.distinctClause.filter((node) => tagOf(node) !== '')
  if (keys.length > 0) named(walk, keys, level)
  else for (const column of level.shape.columns) useTainted(walk, column)
}

function ordering(walk: Walk, body: SelectStmt, level: Level): void {
  named(walk, body.sortClause, level)
  clearValue(walk, body.limitCount, level.env)
  clearValue(walk, body.limitOffset, level.env)
}

/** Of a set operation or VALUES, where only the output has names; most have no order, and are spared the look-up of names. */
function outputOrdering(walk: Walk, body: SelectStmt, { env, shape }: Level): void {
  const { sortClause, limitCount, limitOffset } = body
  if (sortClause === undefined && limitCount === undefined && limitOffset === undefined) return
  ordering(walk, body, { env: seeing(env, [sourceOf('', shape)]), shape })
}

/** ORDER BY, GROUP BY and DISTINCT ON take a name or a number of an output column as well as an expression. */
function named(walk: Walk, nodes: readonly Node[] | undefined, level: Level): void {
  for (const node of nodes ?? []) key(walk, node, level)
}

function key(walk: Walk, node: Node, level: Level): void {
  if ('SortBy' in node) {
    const { node: inner, useOp } = node.SortBy
    if (inner !== undefined) key(walk, inner, level)
    if (words(useOp).length > 0) walk.found.gap('an ordering operator is not known')
  } else if ('GroupingSet' in node) named(walk, node.GroupingSet.content, level)
  else if ('A_Const' in node) numbered(walk, node.A_Const.ival?.ival, level)
  else if (!outputName(walk, node, level)) expression(walk, node, level.env)
}

function numbered(walk: Walk, position: number | undefined, { shape }: Level): void {
  if (position === undefined) return
  const columns = shape.ordered ? [shape.columns[position - 1]] : shape.columns
  for (const column of columns) if (column !== undefined) useTainted(walk, column)
}

/** Whether the node is a bare name of an output column and of nothing else. Where it may be either, both count. */
function outputName(walk: Walk, node: Node, { env, shape }: Level): boolean {
  if (!('ColumnRef' in node)) return false
  const [name, ...more] = words(node.ColumnRef.fields)
  if (name === undefined || more.length > 0) return false
  const outputs = shape.columns.filter((column) => column.name === name)
  for (const column of outputs) useTainted(walk, column)
  return outputs.length > 0 && resolveName(env, name).kind !== 'column'
}

/** Reads a select or RETURNING list. */
export function targets(walk: Walk, nodes: readonly Node[] | undefined, env: Env): Shape {
  const columns: Column[] = []
  let ordered = true
  for (const node of nodes ?? []) {
    if (!('ResTarget' in node)) walk.found.gap('an output column is not known')
    else if (!target(walk, node.ResTarget, { env, columns })) ordered = false
  }
  return { columns, ordered }
}

/** Adds what one item gives; returns false where it is not known how many columns that are. */
function target(
  walk: Walk,
  body: ResTarget,
  { env, columns }: { readonly env: Env; readonly columns: Column[] },
): boolean {
  const { val } = body
  if (val !== undefined && 'ColumnRef' in val) {
    const fields = val.ColumnRef.fields ?? []
    if (isStar(fields.at(-1))) return star(walk, starred(env, words(fields.slice(0, -1))), columns)
    const column = seenColumn(walk, val.ColumnRef, env)
    if (column !== undefined) columns.push(renamed(column, body.name ?? words(fields).at(-1) ?? ''))
    else columns.push(computed(body, walk.taint))
    return true
  }
  const classes = taintOf(walk, () => expression(walk, val, env))
  columns.push(computed(body, classes))
  return val === undefined || !('A_Indirection' in val) || !isStar(val.A_Indirection.indirection?.at(-1))
}

const computed = (body: ResTarget, classes: Column['classes']): Column => ({
  ...OPAQUE,
  name: body.name ?? columnName(body.val),
  classes,
  clear: classes.length === 0,
})

const starred = (env: Env, path: readonly string[]): readonly Source[] =>
  path.length === 0
    ? env.sources.filter((source) => !source.qualifiedOnly)
    : sourcesNamed(env, path.at(-1) ?? '', path.at(-2))

function star(walk: Walk, sources: readonly Source[], columns: Column[]): boolean {
  walk.found.namesUnclear = true
  for (const source of sources) {
    columns.push(...source.order)
    // A relation whose columns are not all known may have tagged ones.
    if (source.open) columns.push({ ...rowOf(source), name: '?' })
  }
  return sources.length > 0 && sources.every((source) => source.ordered && !source.open)
}
