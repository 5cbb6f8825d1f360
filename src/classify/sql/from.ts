import type {
  Alias,
  JoinExpr,
  JsonTable,
  Node,
  RangeFunction,
  RangeSubselect,
  RangeTableFunc,
  RangeTableSample,
} from '@pgsql/types'
import { classesOf, OPAQUE, relabelled, type Column, type Shape } from './column.ts'
import { columnOf, seeing, sourceOf, type Env, type Source } from './env.ts'
import { expression, expressions } from './expressions.ts'
import { functionUse } from './function-names.ts'
import { printable } from './findings.ts'
import { fromSource } from './relations.ts'
import { query } from './select.ts'
import { typeName } from './type-names.ts'
import { items, tagOf, words } from './tree.ts'
import { useTainted, type Walk } from './walk.ts'

/** Reads a FROM list and returns its sources. Each item sees those to its left where it is lateral. */
export function fromList(walk: Walk, nodes: readonly Node[] | undefined, env: Env): readonly Source[] {
  if (nodes === undefined) return []
  const [only] = nodes
  if (nodes.length === 1 && only !== undefined) return fromItem(walk, only, env)
  const sources: Source[] = []
  for (const node of nodes) sources.push(...fromItem(walk, node, seeing(env, sources)))
  return sources
}

/** One item; `env.sources` are the ones to its left. */
export function fromItem(walk: Walk, node: Node, env: Env): readonly Source[] {
  if ('RangeVar' in node) return [fromSource(walk, node.RangeVar, env)]
  if ('JoinExpr' in node) return join(walk, node.JoinExpr, env)
  if ('RangeSubselect' in node) return [derived(walk, node.RangeSubselect, env)]
  if ('RangeFunction' in node) return [functionSource(walk, node.RangeFunction, env)]
  if ('RangeTableSample' in node) return sample(walk, node.RangeTableSample, env)
  if ('RangeTableFunc' in node) return [tableFunction(walk, node.RangeTableFunc, env)]
  if ('JsonTable' in node) return [jsonTable(walk, node.JsonTable, env)]
  walk.found.gap(`${printable(tagOf(node))} is not known`)
  return []
}

function join(walk: Walk, body: JoinExpr, env: Env): readonly Source[] {
  const { larg, rarg } = body
  const left = larg === undefined ? [] : fromItem(walk, larg, env)
  const right = rarg === undefined ? [] : fromItem(walk, rarg, seeing(env, [...env.sources, ...left]))
  const both = [...left, ...right]
  const shared = body.isNatural === true ? sharedNames(left, right) : words(body.usingClause)
  for (const name of shared) for (const source of both) mergedColumn(walk, source, name)
  if (body.isNatural === true && both.some((source) => source.open))
    for (const source of both) useTainted(walk, { ...OPAQUE, classes: classesOf(source.order) })
  expression(walk, body.quals, seeing(env, both))
  if (body.join_using_alias?.aliasname !== undefined)
    both.push(usingSource(body.join_using_alias.aliasname, { both, shared }))
  const unordered = shared.length > 0 ? both.map((source) => ({ ...source, ordered: false })) : both
  return body.alias === undefined ? unordered : [underAlias(body.alias, joined(unordered))]
}

/** Equality on a merged column is a comparison of every side of it. */
function mergedColumn(walk: Walk, source: Source, name: string): void {
  const column = columnOf(source, name)
  if (column === undefined) return
  walk.found.column(column)
  useTainted(walk, column)
}

const sharedNames = (left: readonly Source[], right: readonly Source[]): string[] =>
  left
    .flatMap((source) => [...source.columns.keys()])
    .filter((name) => right.some((source) => source.columns.has(name)))

function usingSource(
  name: string,
  { both, shared }: { readonly both: readonly Source[]; readonly shared: readonly string[] },
): Source {
  const columns = shared.flatMap((column) =>
    both.map((source) => columnOf(source, column)).filter((one) => one !== undefined),
  )
  return { ...sourceOf(name, { columns, ordered: false }), qualifiedOnly: true }
}

/** The columns of several sources as one. */
export const joined = (sources: readonly Source[]): Shape & { readonly open: boolean } => ({
  columns: sources.filter((source) => !source.qualifiedOnly).flatMap((source) => source.order),
  ordered: sources.every((source) => source.ordered),
  open: sources.some((source) => source.open),
})

const underAlias = (alias: Alias, shape: Shape & { readonly open: boolean }): Source => ({
  ...sourceOf(alias.aliasname ?? '', relabelled(shape, words(alias.colnames))),
  open: shape.open,
})

function derived(walk: Walk, body: RangeSubselect, env: Env): Source {
  const shape = query(
    walk,
    body.subquery,
    body.lateral === true ? { sources: [], ctes: [], parent: env } : seeing(env, []),
  )
  return underAlias(body.alias ?? {}, { ...shape, open: false })
}

/** A function in FROM sees what is to its left. What comes out of it carries nothing that did not go in as an argument. */
function functionSource(walk: Walk, body: RangeFunction, env: Env): Source {
  let name = ''
  for (const node of body.functions ?? []) {
    const [called, definitions] = items(node)
    expression(walk, called, env)
    if (called !== undefined && 'FuncCall' in called) name = words(called.FuncCall.funcname).at(-1) ?? ''
    if (definitions !== undefined) columnTypes(walk, items(definitions))
  }
  columnTypes(walk, body.coldeflist ?? [])
  return openSource(body.alias, name)
}

function columnTypes(walk: Walk, nodes: readonly Node[]): void {
  for (const node of nodes) if ('ColumnDef' in node) typeName(walk, node.ColumnDef.typeName)
}

function openSource(alias: Alias | undefined, name: string): Source {
  const columns = words(alias?.colnames).map((column): Column => ({ ...OPAQUE, name: column }))
  return { ...sourceOf(alias?.aliasname ?? name, { columns, ordered: false }), open: true }
}

function sample(walk: Walk, body: RangeTableSample, env: Env): readonly Source[] {
  const method = words(body.method)
  if (method.at(-1) !== 'system' && method.at(-1) !== 'bernoulli') functionUse(walk, method)
  expressions(walk, body.args, env)
  expression(walk, body.repeatable, env)
  return body.relation === undefined ? [] : fromItem(walk, body.relation, env)
}

function tableFunction(walk: Walk, body: RangeTableFunc, env: Env): Source {
  expression(walk, body.docexpr, env)
  expression(walk, body.rowexpr, env)
  expressions(walk, body.namespaces, env)
  for (const node of body.columns ?? []) {
    if (!('RangeTableFuncCol' in node)) walk.found.gap('a column of XMLTABLE is not known')
    else {
      typeName(walk, node.RangeTableFuncCol.typeName)
      expression(walk, node.RangeTableFuncCol.colexpr, env)
      expression(walk, node.RangeTableFuncCol.coldefexpr, env)
    }
  }
  return openSource(body.alias, 'xmltable')
}

function jsonTable(walk: Walk, body: JsonTable, env: Env): Source {
  if ((walk.entities?.catalog.serverVersion ?? 0) < 170000) walk.found.gap('the server is too old for JSON_TABLE')
  const { context_item: value, pathspec, on_error: behaviour } = body
  for (const part of [value?.raw_expr, value?.formatted_expr, pathspec?.string, behaviour?.expr])
    expression(walk, part, env)
  expressions(walk, body.passing, env)
  jsonColumns(walk, body.columns ?? [], env)
  return openSource(body.alias, 'json_table')
}

function jsonColumns(walk: Walk, nodes: readonly Node[], env: Env): void {
  for (const node of nodes) {
    if (!('JsonTableColumn' in node)) {
      walk.found.gap('a column of JSON_TABLE is not known')
      continue
    }
    const { JsonTableColumn: column } = node
    typeName(walk, column.typeName)
    for (const part of [column.pathspec?.string, column.on_empty?.expr, column.on_error?.expr])
      expression(walk, part, env)
    jsonColumns(walk, column.columns ?? [], env)
  }
}
