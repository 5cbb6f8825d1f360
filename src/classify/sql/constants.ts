import type { A_Const, Node } from '@pgsql/types'

/** The text of a literal, through casts such as `'x'::text`; undefined for NULL and for anything that is computed. */
export function constantOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined
  if ('A_Const' in node) return literal(node.A_Const)
  if ('TypeCast' in node) return constantOf(node.TypeCast.arg)
  if ('String' in node) return node.String.sval ?? ''
  if ('Integer' in node) return String(node.Integer.ival ?? 0)
  if ('Float' in node) return node.Float.fval
  if ('Boolean' in node) return String(node.Boolean.boolval ?? false)
  return undefined
}

function literal(constant: A_Const): string | undefined {
  if (constant.isnull === true) return undefined
  if (constant.ival !== undefined) return String(constant.ival.ival ?? 0)
  if (constant.fval !== undefined) return constant.fval.fval ?? ''
  if (constant.boolval !== undefined) return String(constant.boolval.boolval ?? false)
  if (constant.bsval !== undefined) return constant.bsval.bsval ?? ''
  return constant.sval === undefined ? undefined : (constant.sval.sval ?? '')
}

/** An option's boolean as the server reads it (defGetBoolean): absent is true; undefined where it is none. */
export function booleanOf(node: Node | undefined): boolean | undefined {
  if (node === undefined) return true
  const text = constantOf(node)?.toLowerCase()
  if (text === 'true' || text === 'on' || text === '1') return true
  if (text === 'false' || text === 'off' || text === '0') return false
  return undefined
}
