import type { A_Expr, Node } from '@pgsql/types'
import { columnRef } from './column-refs.ts'
import type { Column } from './column.ts'
import type { Env } from './env.ts'
import { expression } from './expressions.ts'
import { items, words } from './tree.ts'
import { trustNames, type Walk } from './walk.ts'

const COMPARISONS = new Set(['=', '<>', '<', '>', '<=', '>='])
const COMPARING: ReadonlySet<string> = new Set([
  'AEXPR_OP',
  'AEXPR_OP_ANY',
  'AEXPR_OP_ALL',
  'AEXPR_DISTINCT',
  'AEXPR_NOT_DISTINCT',
  'AEXPR_IN',
  'AEXPR_BETWEEN',
  'AEXPR_NOT_BETWEEN',
  'AEXPR_BETWEEN_SYM',
  'AEXPR_NOT_BETWEEN_SYM',
])
/** OIDs below are the system's own (FirstNormalObjectId). */
const FIRST_USER_OID = 16_384

/** Reads an operator with its sides. A literal beside a column without a class is noted as clear. */
export function operation(walk: Walk, body: A_Expr, env: Env): void {
  const { lexpr, rexpr } = body
  const left = side(walk, lexpr, env)
  const right = side(walk, rexpr, env)
  const compares = COMPARING.has(body.kind ?? '') && comparesByName(body)
  const column = compares ? (isClear(left) ? left : isClear(right) ? right : undefined) : undefined
  rest(walk, { node: lexpr, beside: column }, env)
  rest(walk, { node: rexpr, beside: column }, env)
  operator(walk, body, { left, right })
}

const comparesByName = (body: A_Expr): boolean => {
  const [name] = body.name ?? []
  if (name === undefined || !('String' in name)) return false
  return COMPARISONS.has(name.String.sval ?? '') || (body.kind ?? '').includes('BETWEEN')
}

const isClear = (column: Column | undefined): boolean =>
  column?.use !== undefined && column.classes.length === 0 && column.clear

const side = (walk: Walk, node: Node | undefined, env: Env): Column | undefined =>
  node !== undefined && 'ColumnRef' in node ? columnRef(walk, node.ColumnRef, env) : undefined

function rest(
  walk: Walk,
  { node, beside }: { readonly node: Node | undefined; readonly beside: Column | undefined },
  env: Env,
): void {
  if (node === undefined || 'ColumnRef' in node) return
  if (beside === undefined) expression(walk, node, env)
  else for (const item of items(node)) clearValue(walk, item, env)
}

/** A literal or parameter in a place where no card data is written: its offset is noted; anything else is read as usual. */
export function clearValue(walk: Walk, node: Node | undefined, env: Env): void {
  if (node === undefined) return
  if ('A_Const' in node) walk.found.clearLiterals.push(node.A_Const.location ?? 0)
  else if ('ParamRef' in node) walk.found.clearParameters.push(node.ParamRef.number ?? 0)
  else if ('TypeCast' in node && isPlain(node.TypeCast.arg)) {
    clearValue(walk, node.TypeCast.arg, env)
    expression(walk, { TypeCast: { ...node.TypeCast, arg: { A_Const: {} } } }, env)
  } else expression(walk, node, env)
}

const isPlain = (node: Node | undefined): boolean => node !== undefined && ('A_Const' in node || 'ParamRef' in node)

/** An operator that somebody made may run anything, unless a column of a built-in type decides that it is not meant. */
function operator(
  walk: Walk,
  body: A_Expr,
  sides: { readonly left: Column | undefined; readonly right: Column | undefined },
): void {
  const { entities, found } = walk
  const path = words(body.name)
  const name = (body.kind ?? '').includes('BETWEEN') ? '>=' : (path.at(-1) ?? '')
  if (path.length > 1 && path[0] === 'pg_catalog') return
  if (walk.scope.dirty) trustNames(walk)
  if (path.length > 1) found.gap(`the operator ${name} is not known`)
  if (entities === undefined || !entities.catalog.operators.has(name)) return
  if (!isBuiltinComparison(body, name, sides)) found.gap(`the operator ${name} is not known`)
}

/**
 * With a column of a built-in type on one side and a plain value or a column of the same type on the other, the server finds the
 * exact match in pg_catalog before it looks at others.
 */
function isBuiltinComparison(
  body: A_Expr,
  name: string,
  { left, right }: { readonly left: Column | undefined; readonly right: Column | undefined },
): boolean {
  if (!COMPARISONS.has(name)) return false
  if (left !== undefined && right !== undefined) return left.typeOid === right.typeOid && isBuiltinType(left)
  const column = left ?? right
  const other = left === undefined ? body.lexpr : body.rexpr
  return column !== undefined && isBuiltinType(column) && other !== undefined && items(other).every(isPlain)
}

const isBuiltinType = ({ typeOid }: Column): boolean => typeOid > 0 && typeOid < FIRST_USER_OID
