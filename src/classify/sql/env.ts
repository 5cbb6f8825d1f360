import type { Node } from '@pgsql/types'
import { classesOf, either, OPAQUE, type Column, type Shape } from './column.ts'
import type { Entity } from './entities.ts'

/** Something in FROM, or the target of a write, that names resolve to. */
export interface Source {
  /** The name that it answers to: its alias, or else its own. Empty where it has none. */
  readonly name: string
  /** Set for a relation without an alias. */
  readonly schema: string | undefined
  readonly entity: Entity | undefined
  readonly columns: ReadonlyMap<string, Column>
  readonly order: readonly Column[]
  /** It may have columns that are not listed: a function, an unresolved relation. */
  readonly open: boolean
  /** OLD and NEW: their columns answer only to `old.x`. */
  readonly qualifiedOnly: boolean
  readonly ordered: boolean
}

/** One query level. */
export interface Env {
  readonly sources: readonly Source[]
  readonly ctes: readonly Cte[]
  readonly parent: Env | undefined
  /** Told what the first branch of a set operation at this level gives, which is what a recursive query sees of itself. */
  readonly seed?: (left: Shape) => void
}

/** A common table expression; worked out where it stands, or on first use under RECURSIVE. */
export interface Cte {
  readonly name: string
  readonly query: Node | undefined
  shape(): Shape
}

export const ROOT: Env = { sources: [], ctes: [], parent: undefined }

/** The level with other sources in place of its own: what a part of it that sees less, or more, resolves against. */
export const seeing = (env: Env, sources: readonly Source[]): Env => ({ sources, ctes: env.ctes, parent: env.parent })

/** A level inside another one. */
export const inner = (env: Env): Env => ({ sources: [], ctes: [], parent: env })

export function sourceOf(name: string, shape: Shape): Source {
  const columns = new Map<string, Column>()
  for (const column of shape.columns) {
    const known = columns.get(column.name)
    columns.set(column.name, known === undefined ? column : (either([known, column]) ?? column))
  }
  return {
    name,
    schema: undefined,
    entity: undefined,
    columns,
    order: shape.columns,
    open: false,
    qualifiedOnly: false,
    ordered: shape.ordered,
  }
}

const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** What a name or a qualified name stands for. */
export type Resolution =
  | { readonly kind: 'column'; readonly column: Column; readonly source: Source | undefined }
  | { readonly kind: 'row'; readonly source: Source }
  | { readonly kind: 'unknown' }

const UNKNOWN: Resolution = { kind: 'unknown' }

/** A bare name: as the server does it, a column of the nearest level that has one, else a whole row. */
export function resolveName(env: Env, name: string): Resolution {
  let open = false
  for (let level: Env | undefined = env; level !== undefined; level = level.parent) {
    const found = matches(level.sources, name)
    if (found !== undefined)
      return open ? { kind: 'column', column: { ...found.column, use: undefined }, source: undefined } : found
    open ||= level.sources.some((source) => source.open)
  }
  const row = sourcesNamed(env, name)[0]
  if (row !== undefined) return { kind: 'row', source: row }
  return open ? { kind: 'column', column: OPAQUE, source: undefined } : UNKNOWN
}

function matches(sources: readonly Source[], name: string): Extract<Resolution, { kind: 'column' }> | undefined {
  let first: Column | undefined
  let source: Source | undefined
  let others: Column[] | undefined
  for (const one of sources) {
    const column = one.qualifiedOnly ? undefined : columnOf(one, name)
    if (column === undefined) continue
    if (first === undefined) [first, source] = [column, one]
    else (others ??= [first]).push(column)
  }
  const column = others === undefined ? first : either(others)
  return column && { kind: 'column', column, source: others === undefined ? source : undefined }
}

/** `relation.column`, with or without a schema in front. */
export function resolveQualified(
  env: Env,
  path: { readonly schema: string | undefined; readonly relation: string; readonly column: string },
): Resolution {
  const sources = sourcesNamed(env, path.relation, path.schema)
  const column = ofEvery(sources, path.column)
  const [source] = sources
  if (column !== undefined) return { kind: 'column', column, source }
  if (source === undefined) return UNKNOWN
  return source.open ? { kind: 'column', column: OPAQUE, source } : { kind: 'row', source }
}

/** The column of that name, if every one of the sources has it. */
function ofEvery(sources: readonly Source[], name: string): Column | undefined {
  const [only, ...more] = sources
  if (only === undefined || more.length === 0) return only && columnOf(only, name)
  const found = sources.map((source) => columnOf(source, name)).filter((column) => column !== undefined)
  return found.length === sources.length ? either(found) : undefined
}

/** The sources of the nearest level that answer to the name. */
export function sourcesNamed(env: Env, name: string, schema?: string): readonly Source[] {
  const answers = (one: Source): boolean => one.name === name && (schema === undefined || one.schema === schema)
  for (let level: Env | undefined = env; level !== undefined; level = level.parent) {
    if (level.sources.some(answers)) return level.sources.filter(answers)
  }
  return []
}

export function columnOf(source: Source, name: string): Column | undefined {
  const column = source.columns.get(name)
  if (column !== undefined) return column
  return source.entity !== undefined && SYSTEM_COLUMNS.has(name) ? OPAQUE : undefined
}

/** A whole row, or a star over it, as one column. */
export const rowOf = (source: Source): Column => ({
  name: source.name,
  classes: source.entity?.use.classes ?? classesOf(source.order),
  clear: false,
  typeOid: 0,
  use: undefined,
})
