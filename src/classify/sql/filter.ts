import type { A_Expr, BoolExpr, ColumnRef, Node } from '@pgsql/types'
import { resolve } from './column-refs.ts'
import { constantOf } from './constants.ts'
import type { Env, Source } from './env.ts'
import { isNode, words } from './tree.ts'

interface Target {
  readonly env: Env
  readonly target: Source
}

/**
 * Whether a WHERE picks rows of the target: it names a column of it and is not true for every row by its form alone. Under OR each
 * side must, under AND one is enough. A condition that hides its being true in values is beyond what text can tell.
 */
export function isFilter(node: Node | undefined, target: Target): boolean {
  if (node === undefined) return false
  if ('CurrentOfExpr' in node) return true
  if ('BoolExpr' in node) return ofBoolean(node.BoolExpr, target)
  if ('A_Expr' in node && isAlwaysTrue(node.A_Expr)) return false
  if ('SubLink' in node)
    return namesTarget(node.SubLink.testexpr, target) || namesByQualifier(node.SubLink.subselect, target)
  return namesTarget(node, target)
}

function ofBoolean({ boolop, args = [] }: BoolExpr, target: Target): boolean {
  if (boolop === 'AND_EXPR') return args.some((arg) => isFilter(arg, target))
  if (boolop === 'OR_EXPR') return args.every((arg) => isFilter(arg, target)) && !isComplement(args)
  const [negated] = args
  return namesTarget(negated, target)
}

/** `a OR NOT a`, `a IS NULL OR a IS NOT NULL`. */
function isComplement(args: readonly Node[]): boolean {
  const tests = args.map((arg) => ('NullTest' in arg ? same(arg.NullTest.arg) : undefined))
  const kinds = new Set(args.map((arg) => ('NullTest' in arg ? arg.NullTest.nulltesttype : undefined)))
  if (kinds.has('IS_NULL') && kinds.has('IS_NOT_NULL') && new Set(tests.filter((test) => test !== undefined)).size < 2)
    return true
  const plain = new Set(args.map(same))
  return args.some(
    (arg) => 'BoolExpr' in arg && arg.BoolExpr.boolop === 'NOT_EXPR' && plain.has(same(arg.BoolExpr.args?.[0])),
  )
}

/** The same on both sides, or LIKE '%'. */
function isAlwaysTrue({ lexpr, rexpr, kind }: A_Expr): boolean {
  if (kind === 'AEXPR_LIKE' || kind === 'AEXPR_ILIKE') return /^%+$/.test(constantOf(rexpr) ?? '')
  return lexpr !== undefined && rexpr !== undefined && isSame(lexpr, rexpr)
}

/** The same tree but for where it stands in the text: as `same` says it, without writing both down first. */
function isSame(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return one === other
  let fields = 0
  for (const field in one) {
    if (field === 'location') continue
    fields++
    if (!Object.hasOwn(other, field) || !isSame(one[field], other[field])) return false
  }
  for (const field in other) if (field !== 'location') fields--
  return fields === 0
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const same = (node: Node | undefined): string =>
  node === undefined ? '' : JSON.stringify(node, (field, value: unknown) => (field === 'location' ? undefined : value))

/** Any column of the target in the expression, outside subqueries. */
function namesTarget(node: Node | undefined, target: Target): boolean {
  return node !== undefined && someColumn(node, 'no subqueries', (ref) => isOfTarget(ref, target))
}

function isOfTarget(ref: ColumnRef, { env, target }: Target): boolean {
  const found = resolve(env, words(ref.fields))
  if (found.kind === 'row') return found.source === target
  return found.kind === 'column' && found.source === target
}

/** A correlated subquery counts where it says `target.column`. */
const namesByQualifier = (node: Node | undefined, { target }: Target): boolean =>
  someColumn(node, 'subqueries too', ({ fields = [] }) => fields.length > 1 && words(fields).at(-2) === target.name)

/** Whether a column reference anywhere under `from` passes the test. */
function someColumn(
  from: unknown,
  reach: 'no subqueries' | 'subqueries too',
  test: (ref: ColumnRef) => boolean,
): boolean {
  const waiting: unknown[] = [from]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (!isObject(value)) continue
    const node = isNode(value) ? value : undefined
    if (node !== undefined && 'A_Const' in node) continue
    if (node !== undefined && 'ColumnRef' in node) {
      if (test(node.ColumnRef)) return true
    } else if (node === undefined || !('SubLink' in node) || reach === 'subqueries too')
      for (const field in value) if (isObject(value[field])) waiting.push(value[field])
  }
  return false
}
