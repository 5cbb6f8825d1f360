import type { ClassName } from '../../model/ids.ts'
import { NO_CLASSES, union, type Column } from './column.ts'
import type { Entities } from './entities.ts'
import type { Findings } from './findings.ts'
import type { Scope } from './scope.ts'

/** One walk over one statement. */
export interface Walk {
  readonly found: Findings
  readonly scope: Scope
  readonly entities: Entities | undefined
  /** Classes of the tagged columns met since somebody last asked: what an expression is made of. */
  taint: readonly ClassName[]
  depth: number
}

/** Deeper than this nothing is read: every level costs some stack, and no honest statement comes near. */
export const MAX_DEPTH = 1_500

/** A tagged column in a position that computes on it. */
export function useTainted(walk: Walk, column: Column): void {
  if (column.classes.length === 0) return
  walk.taint = union(walk.taint, column.classes)
  walk.found.probe(column.classes)
}

/** Runs `step` and tells which classes it met. */
export function taintOf(walk: Walk, step: () => void): readonly ClassName[] {
  const before = walk.taint
  walk.taint = NO_CLASSES
  step()
  const met = walk.taint
  walk.taint = union(before, met)
  return met
}

/** Notes that a name was resolved, which is in vain where the session may have given it a new meaning. */
export function trustNames(walk: Walk): void {
  if (walk.scope.dirty) walk.found.gap('the session has changed definitions, so names may mean something new')
}
