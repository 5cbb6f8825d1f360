import type { Node } from '@pgsql/types'
import { words } from './tree.ts'

/** The name that the server gives to an output column without an alias (FigureColname). */
export function columnName(node: Node | undefined): string {
  if (node === undefined) return '?column?'
  return named(node) ?? '?column?'
}

function named(node: Node): string | undefined {
  if ('FuncCall' in node) return words(node.FuncCall.funcname).at(-1)
  if ('ColumnRef' in node) return words(node.ColumnRef.fields).at(-1)
  if ('TypeCast' in node)
    return (node.TypeCast.arg && named(node.TypeCast.arg)) ?? words(node.TypeCast.typeName?.names).at(-1)
  if ('CollateClause' in node) return node.CollateClause.arg && named(node.CollateClause.arg)
  if ('A_Indirection' in node) return ofIndirection(node.A_Indirection)
  if ('SubLink' in node) return ofSubquery(node.SubLink)
  if ('CaseExpr' in node) return (node.CaseExpr.defresult && named(node.CaseExpr.defresult)) ?? 'case'
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? 'nullif' : undefined
  if ('MinMaxExpr' in node) return node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest'
  if ('SQLValueFunction' in node)
    return node.SQLValueFunction.op
      ?.replace(/^SVFOP_/, '')
      .replace(/_N$/, '')
      .toLowerCase()
  return Object.entries(FIXED).find(([tag]) => tag in node)?.[1]
}

const FIXED: Readonly<Record<string, string>> = {
  CoalesceExpr: 'coalesce',
  A_ArrayExpr: 'array',
  RowExpr: 'row',
  GroupingFunc: 'grouping',
  MergeSupportFunc: 'merge_action',
  XmlSerialize: 'xmlserialize',
  JsonParseExpr: 'json',
  JsonScalarExpr: 'json_scalar',
  JsonSerializeExpr: 'json_serialize',
  JsonObjectConstructor: 'json_object',
  JsonArrayConstructor: 'json_array',
  JsonArrayQueryConstructor: 'json_array',
  JsonObjectAgg: 'json_objectagg',
  JsonArrayAgg: 'json_arrayagg',
}

function ofIndirection({
  arg,
  indirection,
}: {
  readonly arg?: Node
  readonly indirection?: readonly Node[]
}): string | undefined {
  const field = indirection?.findLast((step) => 'String' in step)
  return field === undefined ? arg && named(arg) : words([field])[0]
}

function ofSubquery({
  subLinkType,
  subselect,
}: {
  readonly subLinkType?: string
  readonly subselect?: Node
}): string | undefined {
  if (subLinkType === 'EXISTS_SUBLINK') return 'exists'
  if (subLinkType === 'ARRAY_SUBLINK') return 'array'
  if (subLinkType !== 'EXPR_SUBLINK' || subselect === undefined || !('SelectStmt' in subselect)) return undefined
  const [first] = subselect.SelectStmt.targetList ?? []
  return first !== undefined && 'ResTarget' in first
    ? (first.ResTarget.name ?? columnName(first.ResTarget.val))
    : undefined
}
