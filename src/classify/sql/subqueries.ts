import type { Node, SubLink } from '@pgsql/types'
import { inner, type Env } from './env.ts'
import { expression } from './expressions.ts'
import { query } from './select.ts'
import { isStar, words } from './tree.ts'
import { useTainted, type Walk } from './walk.ts'

/** Reads a subquery inside an expression. What it gives is computed on, except under EXISTS, which looks at no column. */
export function subquery(walk: Walk, body: SubLink, env: Env): void {
  expression(walk, body.testexpr, env)
  const operator = words(body.operName)
  const isUsers = operator.length > 1 || walk.entities?.catalog.operators.has(operator[0] ?? '') === true
  if (isUsers) walk.found.gap('an operator is not known')
  if (body.subLinkType === 'EXISTS_SUBLINK') {
    query(walk, withoutStar(body.subselect), inner(env))
    return
  }
  for (const column of query(walk, body.subselect, inner(env)).columns) useTainted(walk, column)
}

/** EXISTS (SELECT * ...): the star is never expanded. Under DISTINCT or a set operation it is left to be read. */
function withoutStar(node: Node | undefined): Node | undefined {
  if (node === undefined || !('SelectStmt' in node)) return node
  const { targetList, distinctClause, intoClause } = node.SelectStmt
  if (distinctClause !== undefined || intoClause !== undefined || targetList?.length !== 1) return node
  const [only] = targetList
  if (only === undefined || !('ResTarget' in only) || only.ResTarget.val === undefined) return node
  const { val } = only.ResTarget
  const bare = 'ColumnRef' in val && isStar(val.ColumnRef.fields?.at(-1))
  return bare ? { SelectStmt: { ...node.SelectStmt, targetList: [] } } : node
}
