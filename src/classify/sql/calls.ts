import type { FuncCall, Node } from '@pgsql/types'
import type { SettingUse } from '../../model/facts.ts'
import { columnRef, resolve, seenColumn } from './column-refs.ts'
import { columnOf, type Env } from './env.ts'
import { children, expression, expressions } from './expressions.ts'
import { functionUse } from './function-names.ts'
import { settingEffects } from './settings.ts'
import { constantOf } from './constants.ts'
import { words } from './tree.ts'
import type { Walk } from './walk.ts'

/** Reads a function call: what it is, what it can do, and its arguments. */
export function call(walk: Walk, body: FuncCall, env: Env): void {
  const path = words(body.funcname)
  const args = body.args ?? []
  if (isColumnOfRow(walk, { path, args }, env)) return
  const builtin = path.at(-1) === 'set_config' && isSetConfig(path) ? setConfig(walk, args) : functionUse(walk, path)
  const counted = builtin && path.at(-1) === 'count' && body.agg_distinct !== true ? args[0] : undefined
  if (counted !== undefined && 'ColumnRef' in counted) seenColumn(walk, counted.ColumnRef, env)
  else expressions(walk, args, env)
  expressions(walk, body.agg_order, env)
  expression(walk, body.agg_filter, env)
  if (body.over !== undefined) children(walk, body.over, env)
}

/** `pan(cards)` is the column pan of the row. Where a function of that name exists as well, it is read as the call. */
function isColumnOfRow(
  walk: Walk,
  { path, args }: { readonly path: readonly string[]; readonly args: readonly Node[] },
  env: Env,
): boolean {
  const [arg] = args
  if (path.length !== 1 || args.length !== 1 || arg === undefined || !('ColumnRef' in arg)) return false
  const row = resolve(env, words(arg.ColumnRef.fields))
  if (row.kind !== 'row') return false
  const column = columnOf(row.source, path[0] ?? '')
  if (column === undefined) return false
  walk.found.column(column)
  columnRef(walk, arg.ColumnRef, env)
  return true
}

const isSetConfig = (path: readonly string[]): boolean => path.length === 1 || path[0] === 'pg_catalog'

/** set_config('name', 'value', local) is SET where its arguments are literals, and unknown where they are computed. */
function setConfig(walk: Walk, args: readonly Node[]): boolean {
  const [name, value, local] = args.map(constantOf)
  const computed = name === undefined || value === undefined
  const use: SettingUse = {
    name: (name ?? 'unknown').toLowerCase(),
    value,
    scope: local === 'true' || local === 't' ? 'transaction' : 'session',
  }
  const known = functionUseOfSetConfig(walk)
  for (const effect of settingEffects(use, computed ? 'computed' : 'literal')) walk.found.effect(effect)
  walk.found.settings.push(use)
  return known
}

/** The call itself is noted without the table's effect, which is the worst case. */
function functionUseOfSetConfig(walk: Walk): boolean {
  const had = walk.found.effects.length
  const known = functionUse(walk, ['set_config'])
  walk.found.effects.splice(had)
  return known
}
