import type { RangeVar } from '@pgsql/types'
import type { Effect, RelationUse } from '../../model/facts.ts'
import { relabelled, type Column } from './column.ts'
import type { Entity } from './entities.ts'
import { sourceOf, type Cte, type Env, type Source } from './env.ts'
import { printable } from './findings.ts'
import { isBuiltinRelation, isSystemSchema, readingEffects, writingEffects } from './system-relations.ts'
import { words } from './tree.ts'
import { trustNames, type Walk } from './walk.ts'

/** A name as it stands where a relation is read whole: notes the reading and returns what names then resolve to. */
export function relationSource(walk: Walk, range: RangeVar, env: Env): Source {
  return cteSource(range, env) ?? readSource(walk, range, locate(walk, range))
}

/** The same in FROM, where only those columns are read that are named. */
export function fromSource(walk: Walk, range: RangeVar, env: Env): Source {
  const cte = cteSource(range, env)
  if (cte !== undefined) return cte
  const place = locate(walk, range)
  if (place.entity?.isGuarded !== true) return readSource(walk, range, place)
  walk.found.guarded.push(...place.effects)
  return readSource(walk, range, { ...place, effects: [] })
}

function cteSource(range: RangeVar, env: Env): Source | undefined {
  const cte = range.schemaname === undefined ? cteNamed(env, range.relname ?? '') : undefined
  return cte && aliased(range, { ...sourceOf(cte.name, cte.shape()), name: cte.name })
}

function readSource(walk: Walk, range: RangeVar, place: Place): Source {
  noteReading(walk, place)
  return aliased(range, placeSource(place))
}

/** The target of a write: the same, but a CTE of that name is no target. */
export function targetSource(walk: Walk, range: RangeVar | undefined): Source {
  const place = locate(walk, range ?? {})
  noteWriting(walk, place)
  return aliased(range ?? {}, placeSource(place))
}

/** A relation that is named where it is neither read nor written by rows. */
export function rangeVar(walk: Walk, range: RangeVar): void {
  noteReading(walk, locate(walk, range))
}

/** A relation that is changed, or locked, as a whole. */
export function noteTarget(walk: Walk, range: RangeVar): RelationUse {
  const place = locate(walk, range)
  walk.found.writes.push(place.use)
  return place.use
}

/** A relation that a statement makes: its name resolves to nothing yet, and that is as it should be. */
export function noteCreated(walk: Walk, range: RangeVar | undefined): void {
  const { schemaname, relname = '', relpersistence } = range ?? {}
  if (relpersistence === 't' || schemaname?.startsWith('pg_temp') === true) walk.found.effect('temporary')
  walk.found.writes.push({ ...UNRESOLVED, schema: schemaname ?? '', name: relname, kind: 'table' })
}

/** Where a name leads. */
interface Place {
  readonly use: RelationUse
  readonly entity: Entity | undefined
  readonly effects: readonly Effect[]
}

const UNRESOLVED = { oid: 0, classes: [], system: false, via: undefined } as const

function locate(walk: Walk, { catalogname, schemaname, relname = '' }: RangeVar): Place {
  trustNames(walk)
  const { entities, found } = walk
  const schemas = schemaname === undefined ? searchPath(walk) : [schemaname]
  for (const schema of schemas) {
    const entity = entities?.find(schema, relname)
    if (entity !== undefined) return { use: entity.use, entity, effects: entity.effects }
    if (entities !== undefined && isBuiltinRelation(schema, relname)) return builtinPlace(schema, relname)
  }
  const name = schemaname === undefined ? relname : `${schemaname}.${relname}`
  found.gap(`the relation ${printable(name)} is not known${catalogname === undefined ? '' : ' in this database'}`)
  // A name that does not resolve may still be meant for the system's: its effects are noted, which is the worse guess.
  const effects = [...readingEffects(schemaname ?? 'pg_catalog', relname), ...readingEffects('', relname)]
  return {
    use: { ...UNRESOLVED, schema: schemaname ?? '', name: relname, kind: 'unknown' },
    entity: undefined,
    effects,
  }
}

const builtinPlace = (schema: string, name: string): Place => ({
  use: { ...UNRESOLVED, schema, name, kind: 'view', system: true },
  entity: undefined,
  effects: readingEffects(schema, name),
})

/** pg_catalog comes first unless the path names it. Temporary objects come before it, and are why `dirty` exists. */
function searchPath({ scope }: Walk): readonly string[] {
  const { searchPath: path } = scope
  if (path === undefined) return []
  return path.includes('pg_catalog') ? path : ['pg_catalog', ...path]
}

function noteReading(walk: Walk, { use, entity, effects }: Place): void {
  const { found } = walk
  found.read(use)
  for (const effect of effects) found.effect(effect)
  if (entity?.view === undefined) return
  for (const under of entity.view.uses) found.read(under)
  for (const effect of entity.view.effects) found.effect(effect)
  for (const use of entity.view.functions) found.call(use)
  for (const gap of entity.view.gaps) found.gap(gap)
}

function noteWriting(walk: Walk, { use, entity }: Place): void {
  const { found } = walk
  found.write(use)
  for (const effect of writingEffects(use.schema, use.name)) found.effect(effect)
  if (use.kind === 'foreign-table') found.effect('network')
  if (entity?.relation.hasRules === true)
    found.gap(`the rules of ${printable(use.name)} may turn a write into anything`)
  for (const under of entity?.view?.uses ?? []) found.write(under)
  for (const gap of entity?.view?.gaps ?? []) found.gap(gap)
}

/** Notes that rows of a target come back, as RETURNING does. */
export function noteReturned(walk: Walk, source: Source): void {
  if (source.entity !== undefined)
    noteReading(walk, { use: source.entity.use, entity: source.entity, effects: source.entity.effects })
}

const NO_COLUMNS: ReadonlyMap<string, Column> = new Map()

function placeSource({ use, entity }: Place): Source {
  return {
    name: use.name,
    schema: use.schema,
    entity,
    columns: entity?.columns ?? NO_COLUMNS,
    order: entity?.order ?? [],
    open: entity === undefined,
    qualifiedOnly: false,
    ordered: entity !== undefined,
  }
}

/** The source under its alias, with the alias's own names for its first columns. */
function aliased({ alias }: RangeVar, source: Source): Source {
  if (alias?.aliasname === undefined) return source
  const names = words(alias.colnames)
  if (names.length === 0) return { ...source, name: alias.aliasname, schema: undefined }
  const { columns, order } = sourceOf('', relabelled({ columns: source.order, ordered: source.ordered }, names))
  return { ...source, name: alias.aliasname, schema: undefined, columns, order }
}

function cteNamed(env: Env, name: string): Cte | undefined {
  for (let level: Env | undefined = env; level !== undefined; level = level.parent) {
    for (const cte of level.ctes) if (cte.name === name) return cte
  }
  return undefined
}

export const isSystem = (use: RelationUse): boolean => use.system || isSystemSchema(use.schema)
