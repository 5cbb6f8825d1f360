import type { Effect } from '../../model/facts.ts'
import type { Output } from '../../model/lineage.ts'
import type { ClassName } from '../../model/ids.ts'
import { NO_CLASSES, union } from './column.ts'
import type { Findings } from './findings.ts'

/** Effects that bring in values from where no column's class reaches. */
const OUT_OF_SIGHT: readonly Effect[] = [
  'statistics',
  'others-statements',
  'file',
  'program',
  'network',
  'large-object',
  'replication',
  'code',
]

/** Classes of every relation that is read. */
export function readClasses(found: Findings): readonly ClassName[] {
  let classes = NO_CLASSES
  for (const use of found.reads) classes = union(classes, use.classes)
  return classes
}

/** Proved that nothing of a tagged column is in what is read: no tagged relation, or no name that could carry one. */
export function isClear(found: Findings): boolean {
  if (found.gaps.length > 0) return false
  if (found.effects.some((effect) => OUT_OF_SIGHT.includes(effect))) return false
  return !found.namesUnclear || readClasses(found).length === 0
}

const NONE: Output = { kind: 'none' }
const CLEAR: Output = { kind: 'clear' }
const ORIGIN: Output = { kind: 'origin' }

/** How far the shown columns are known. */
export function outputOf(found: Findings, rows: boolean): Output {
  if (!rows) return NONE
  if (found.plan) return found.gaps.length === 0 && found.probes.length === 0 ? CLEAR : ORIGIN
  return isClear(found) ? CLEAR : ORIGIN
}
