import type { Catalog } from '../model/catalog.ts'
import type { MaskShape, ResultColumn, Treatment } from '../model/column.ts'
import type { ClassName } from '../model/ids.ts'
import type { Output } from '../model/lineage.ts'
import { isTextType } from './oids.ts'
import { indexOrigins } from './origins.ts'
import type { Origin } from './origins.ts'
import { scrub } from './scrub.ts'

/** One column of a RowDescription. `tableOid` and `attnum` are 0 where the server knows no single origin. */
export interface RowField {
  readonly name: string
  readonly tableOid: number
  readonly attnum: number
  readonly typeOid: number
  readonly format: 'text' | 'binary'
}

export interface PlannerDeps {
  readonly catalog: Catalog
  /** How a class shows, from the packs. */
  readonly shapeOf: (name: ClassName) => MaskShape
}

/** What becomes of each column of a result. Made once for a catalog and its packs: it indexes every relation. */
export type Planner = (fields: readonly RowField[], output: Output) => readonly ResultColumn[]

const HIDDEN: Treatment = { kind: 'hidden' }
const CLEAR: Treatment = { kind: 'clear' }

/**
 * A column is clear only where its origin is an untagged column of an ordinary table, or where classification proved the whole output.
 * A tagged origin is masked in either case: the server loses origins, but it never invents one.
 */
export function createPlanner({ catalog, shapeOf }: PlannerDeps): Planner {
  const originOf = indexOrigins(catalog)
  return (fields, output) =>
    fields.map((field) => ({
      name: scrubName(field.name),
      typeOid: field.typeOid,
      format: field.format,
      treatment: treatmentOf(field, output, originOf(field)),
    }))

  function treatmentOf(field: RowField, output: Output, origin: Origin): Treatment {
    if (origin.kind === 'tagged') return { kind: 'mask', ...strictest(origin.classes, field.typeOid) }
    switch (output.kind) {
      case 'none':
        // A row where none was foreseen: nothing is known of it.
        return HIDDEN
      case 'clear':
        // Proved against a snapshot that has no such column: it is not what the proof was about.
        return origin.kind === 'missing' ? HIDDEN : CLEAR
      case 'origin':
        return origin.kind === 'clear' ? CLEAR : HIDDEN
    }
  }

  function strictest(classes: readonly ClassName[], typeOid: number): { class: ClassName; shape: MaskShape } {
    const shapes = classes.map((name) => ({ class: name, shape: shapeOf(name) }))
    const worst = shapes.reduce((left, right) => (STRICTNESS[right.shape] > STRICTNESS[left.shape] ? right : left))
    return isTextType(typeOid) ? worst : { ...worst, shape: 'null' }
  }
}

const STRICTNESS: Readonly<Record<MaskShape, number>> = { 'bin+last4': 0, last4: 1, token: 2, hide: 3, null: 4 }

/** A column's name as the client may see it: whoever makes a table may make its names out of data. */
export const scrubName = (name: string): string => scrub(name)
