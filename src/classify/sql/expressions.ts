import type { Node } from '@pgsql/types'
import { call } from './calls.ts'
import { columnRef, seenColumn } from './column-refs.ts'
import { collation, typeName } from './type-names.ts'
import { operation } from './operations.ts'
import type { Env } from './env.ts'
import { printable } from './findings.ts'
import { rangeVar } from './relations.ts'
import { subquery } from './subqueries.ts'
import { isNode, tagOf, type NodeMap, type Tag } from './tree.ts'
import { MAX_DEPTH, type Walk } from './walk.ts'

type Handlers = { readonly [T in Tag]?: (walk: Walk, body: NodeMap[T], env: Env) => void }

const nothing = (): void => undefined
const parts = (walk: Walk, body: unknown, env: Env): void => children(walk, body, env)

/** SQL/JSON syntax is younger than the oldest servers: there the same words may call a function of the user's. */
const since =
  (version: number) =>
  (walk: Walk, body: unknown, env: Env): void => {
    const server = walk.entities?.catalog.serverVersion ?? 0
    if (server < version)
      walk.found.gap('the server is too old for this JSON syntax, so it may mean a function of that name')
    children(walk, body, env)
  }

/** Every node that may stand in an expression. What is not here is not known, and makes the facts incomplete. */
const HANDLERS: Handlers = {
  ColumnRef: columnRef,
  FuncCall: call,
  A_Expr: operation,
  SubLink: subquery,
  TypeName: typeName,
  RangeVar: rangeVar,
  TypeCast: (walk, body, env) => {
    typeName(walk, body.typeName)
    expression(walk, body.arg, env)
  },
  CollateClause: (walk, body, env) => {
    collation(walk, body)
    expression(walk, body.arg, env)
  },
  ParamRef: (walk, body) => {
    walk.found.otherParameters.push(body.number ?? 0)
  },
  MergeSupportFunc: since(170000),
  JsonIsPredicate: since(160000),
  JsonFuncExpr: since(170000),
  JsonParseExpr: since(170000),
  JsonScalarExpr: since(170000),
  JsonSerializeExpr: since(170000),
  JsonObjectConstructor: since(160000),
  JsonArrayConstructor: since(160000),
  JsonArrayQueryConstructor: (walk, body, env) => {
    if (body.query !== undefined) subquery(walk, { subLinkType: 'ARRAY_SUBLINK', subselect: body.query }, env)
    since(160000)(walk, { ...body, query: undefined }, env)
  },
  JsonObjectAgg: since(160000),
  JsonArrayAgg: since(160000),
  JsonKeyValue: parts,
  JsonValueExpr: parts,
  JsonArgument: parts,
  JsonTablePathSpec: parts,
  JsonBehavior: parts,
  JsonOutput: parts,
  A_Const: nothing,
  A_Star: nothing,
  String: nothing,
  Integer: nothing,
  Float: nothing,
  Boolean: nothing,
  BitString: nothing,
  SetToDefault: nothing,
  CurrentOfExpr: nothing,
  SQLValueFunction: nothing,
  CaseTestExpr: nothing,
  GroupingFunc: parts,
  A_ArrayExpr: parts,
  A_Indices: parts,
  A_Indirection: parts,
  BoolExpr: parts,
  BooleanTest: parts,
  CaseExpr: parts,
  CaseWhen: parts,
  CoalesceExpr: parts,
  MinMaxExpr: parts,
  List: parts,
  MultiAssignRef: parts,
  NamedArgExpr: parts,
  ResTarget: parts,
  RowExpr: parts,
  GroupingSet: parts,
  WindowDef: parts,
  XmlExpr: parts,
  XmlSerialize: parts,
  DefElem: parts,
  SortBy: (walk, body, env) => {
    expression(walk, body.node, env)
    if (body.useOp !== undefined) walk.found.gap('an ordering operator is not known')
  },
  NullTest: (walk, body, env) => {
    if (body.arg !== undefined && 'ColumnRef' in body.arg) seenColumn(walk, body.arg.ColumnRef, env)
    else expression(walk, body.arg, env)
  },
}

/** Reads an expression: every column, function, operator, type and subquery in it. */
export function expression(walk: Walk, node: Node | undefined, env: Env): void {
  if (node === undefined) return
  if (walk.depth > MAX_DEPTH) {
    walk.found.gap('nested too deeply to be read')
    return
  }
  walk.depth++
  dispatch(walk, node, env)
  walk.depth--
}

/** Reads every expression of a list. */
export function expressions(walk: Walk, nodes: readonly Node[] | undefined, env: Env): void {
  if (nodes === undefined) return
  for (const node of nodes) expression(walk, node, env)
}

function dispatch(walk: Walk, node: Node, env: Env): void {
  const tag = tagOf(node)
  const bodies: Partial<NodeMap> = node
  const body = isHandled(tag) ? bodies[tag] : undefined
  if (isHandled(tag) && body !== undefined) handle(walk, { tag, body }, env)
  // An absent element of a list is an object without a tag.
  else if (tag !== '') walk.found.gap(`${printable(tag)} is not known`)
}

function handle<T extends Tag>(
  walk: Walk,
  { tag, body }: { readonly tag: T; readonly body: NodeMap[T] },
  env: Env,
): void {
  HANDLERS[tag]?.(walk, body, env)
}

const isHandled = (tag: string): tag is Tag => Object.hasOwn(HANDLERS, tag)

/** Fields that hold a structure without a tag, to be read like the node that they belong to. */
const STRUCTURES = new Set(
  'over output returning context_item format value constructor arg on_empty on_error pathspec val'.split(' '),
)

/** Reads every field of a node. */
export function children(walk: Walk, body: unknown, env: Env): void {
  if (!isRecord(body)) return
  for (const field in body) {
    const value = body[field]
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value)) eachNode(walk, value, env)
    else if (isNode(value)) expression(walk, value, env)
    else if (field === 'typeName') typeName(walk, value)
    else if (STRUCTURES.has(field)) children(walk, value, env)
    else if (Object.keys(value).length > 0) walk.found.gap(`${field} is not known`)
  }
}

function eachNode(walk: Walk, values: readonly unknown[], env: Env): void {
  for (const value of values) {
    if (isNode(value)) expression(walk, value, env)
    else if (typeof value !== 'object') walk.found.gap('a part of the text is not known')
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
