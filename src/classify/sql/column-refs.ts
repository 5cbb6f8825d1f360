import type { ColumnRef } from '@pgsql/types'
import type { Column } from './column.ts'
import { resolveName, resolveQualified, rowOf, sourcesNamed, type Env, type Resolution } from './env.ts'
import { printable } from './findings.ts'
import { functionUse } from './function-names.ts'
import { isStar, words } from './tree.ts'
import { useTainted, type Walk } from './walk.ts'

/** Reads a column reference that is computed on; returns the column, or undefined where it is a star, a whole row or unknown. */
export function columnRef(walk: Walk, ref: ColumnRef, env: Env): Column | undefined {
  const column = seenColumn(walk, ref, env)
  if (column !== undefined && column.classes.length > 0) useTainted(walk, column)
  return column
}

/** The same in a position that does not compute on the value: IS NULL, count, a bare output. */
export function seenColumn(walk: Walk, ref: ColumnRef, env: Env): Column | undefined {
  const fields = ref.fields ?? []
  if (isStar(fields.at(-1))) {
    starOf(walk, words(fields.slice(0, -1)), env)
    return undefined
  }
  const path = words(fields)
  const resolution = resolve(env, path)
  if (resolution.kind !== 'column') {
    wholeRow(walk, { resolution, path })
    return undefined
  }
  walk.found.column(resolution.column)
  return resolution.column
}

/** What a path of names stands for. */
export function resolve(env: Env, path: readonly string[]): Resolution {
  if (path.length === 1) return resolveName(env, path[0] ?? '')
  return resolveQualified(env, { schema: path.at(-3), relation: path.at(-2) ?? '', column: path.at(-1) ?? '' })
}

/** A star inside an expression, e.g. `ROW(t.*)`: every column of it is computed on. */
function starOf(walk: Walk, path: readonly string[], env: Env): void {
  const sources = path.length === 0 ? env.sources : sourcesNamed(env, path.at(-1) ?? '', path.at(-2))
  walk.found.namesUnclear = true
  for (const source of sources) useTainted(walk, rowOf(source))
}

interface Named {
  readonly resolution: Exclude<Resolution, { kind: 'column' }>
  readonly path: readonly string[]
}

/** `t` for the row of t, or `t.f` for f(t): either way the whole row goes into a value. */
function wholeRow(walk: Walk, { resolution, path }: Named): void {
  const name = path.at(-1) ?? ''
  if (resolution.kind === 'unknown') {
    walk.found.gap(`the column ${printable(path.join('.'))} is not known`)
    return
  }
  walk.found.namesUnclear = true
  useTainted(walk, rowOf(resolution.source))
  if (path.length > 1 && name !== resolution.source.name) functionUse(walk, [name])
}
