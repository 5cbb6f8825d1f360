import type {
  ClusterStmt,
  LockStmt,
  RangeVar,
  RefreshMatViewStmt,
  ReindexStmt,
  TruncateStmt,
  VacuumStmt,
} from '@pgsql/types'
import { noteTarget, targetSource } from './relations.ts'
import type { Walk } from './walk.ts'

export function truncate(walk: Walk, body: TruncateStmt): boolean {
  walk.found.verb('truncate')
  for (const node of body.relations ?? []) if ('RangeVar' in node) targetSource(walk, node.RangeVar)
  walk.found.effect('unfiltered-write')
  walk.found.filtered = false
  // CASCADE empties every table that refers to these, and the text does not say which.
  if (body.behavior === 'DROP_CASCADE') walk.found.gap('CASCADE empties tables that are not named')
  return false
}

export function lockTables(walk: Walk, body: LockStmt): boolean {
  walk.found.verb('lock')
  walk.found.effect('lock')
  for (const node of body.relations ?? []) if ('RangeVar' in node) noteTarget(walk, node.RangeVar)
  return false
}

/** VACUUM and ANALYZE. */
export function vacuum(walk: Walk, body: VacuumStmt): boolean {
  maintain(walk, body.is_vacuumcmd === true ? 'vacuum' : 'analyze')
  for (const node of body.rels ?? []) if ('VacuumRelation' in node) named(walk, node.VacuumRelation.relation)
  return false
}

export function cluster(walk: Walk, body: ClusterStmt): boolean {
  maintain(walk, 'cluster')
  named(walk, body.relation)
  return false
}

export function reindex(walk: Walk, body: ReindexStmt): boolean {
  maintain(walk, 'reindex')
  // REINDEX INDEX names an index, which is no relation with rows.
  if (body.kind !== 'REINDEX_OBJECT_INDEX') named(walk, body.relation)
  return false
}

/** REFRESH runs the view's query and stores what it gives. */
export function refresh(walk: Walk, body: RefreshMatViewStmt): boolean {
  maintain(walk, 'refresh')
  named(walk, body.relation)
  return false
}

export function checkpoint(walk: Walk): boolean {
  maintain(walk, 'checkpoint')
  return false
}

function maintain(walk: Walk, verb: 'vacuum' | 'analyze' | 'cluster' | 'reindex' | 'refresh' | 'checkpoint'): void {
  walk.found.verb(verb)
  walk.found.effect('maintenance')
}

function named(walk: Walk, range: RangeVar | undefined): void {
  if (range !== undefined) noteTarget(walk, range)
}
