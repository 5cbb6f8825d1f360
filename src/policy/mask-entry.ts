import { z } from 'zod'
import type { MaskShape } from '../model/column.ts'
import { map, oneOf, wants } from '../std/shape.ts'
import { columnParts } from './names.ts'
import { dottedName } from './wanted.ts'

/** What can be found by its own looks, wherever it stands. */
export const DETECTORS = ['pan', 'track'] as const
export type Detector = (typeof DETECTORS)[number]

/** From the one that shows most to the one that shows nothing; where packs disagree, the later one holds. */
export const SHAPES = ['bin+last4', 'last4', 'token', 'hide', 'null'] as const satisfies readonly MaskShape[]

const Pattern = z
  .string({ error: wants('a column: name, table.name or schema.table.name, with * and ?') })
  .superRefine((text, issues) => {
    const fault = dottedName(3)(text) ?? (columnParts(text).column === '*' ? everyColumn(text) : undefined)
    if (fault !== undefined) issues.addIssue({ code: 'custom', message: fault })
  })

// `*` and `*.*` would tag the keys and numbers of every table; a whole table is a decision and is named.
function everyColumn(text: string): string | undefined {
  const { table } = columnParts(text)
  return table === '*'
    ? `${JSON.stringify(text)} would tag every column of every table; name a column or a table`
    : undefined
}

const Patterns = z.array(Pattern, { error: wants('a list of columns') })

const Sample = z.union([z.string().transform((column) => ({ column })), map({ value: z.string() })], {
  error: 'must be a column such as shop.cards.pan, or { value: text } for a detector',
})
export type Sample = z.output<typeof Sample>

const Samples = z
  .array(Sample, { error: wants('a list of columns or values') })
  .min(1, { error: 'must hold at least one example' })

// YAML reads a bare null as nothing at all; as the name of the strongest mask it is the safe reading.
const Show = z.preprocess((value) => (value === null ? 'null' : value), oneOf(SHAPES))

/** Which columns and values belong to a class of data, and how they show. */
export const MaskEntry = map({
  class: z
    .string({ error: wants('the name of a class, e.g. pan') })
    .regex(/^[a-z][a-z0-9-]{0,31}$/, { error: 'must be 1 to 32 characters of a-z, 0-9 and hyphens' }),
  description: z.string().optional(),
  columns: Patterns.default([]),
  except: Patterns.default([]),
  detectors: z.array(oneOf(DETECTORS), { error: wants('a list of detectors') }).default([]),
  show: Show,
  examples: map({ catches: Samples, spares: Samples }),
}).refine((mask) => mask.columns.length + mask.detectors.length > 0, {
  path: ['columns'],
  error: 'is missing; a mask without columns and detectors hides nothing',
})
export type MaskEntry = z.output<typeof MaskEntry>
