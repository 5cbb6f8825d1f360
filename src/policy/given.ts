import { z } from 'zod'
import type { Catalog, Relation } from '../model/catalog.ts'
import { map, unknownWord, wants } from '../std/shape.ts'
import { BASE_TYPES } from './base-types.ts'

const TableName = z.string().regex(/^[^.\s]{1,63}(\.[^.\s]{1,63})?$/)

const TypeName = z.string({ error: wants('a type, e.g. text') }).transform((name, issues) => {
  const oid = BASE_TYPES[name.toLowerCase()]
  if (oid !== undefined) return oid
  issues.addIssue({ code: 'custom', message: unknownWord(name, Object.keys(BASE_TYPES)) })
  return z.NEVER
})

const Table = map({
  columns: z.record(z.string(), TypeName, { error: wants('a map of columns and their types') }),
  /** Makes it a view: the SELECT behind it. */
  view: z.string({ error: wants('a SELECT') }).optional(),
  rows: z
    .int({ error: wants('a whole number') })
    .min(0, { error: 'must not be negative' })
    .optional(),
})

const tablesFault = (issue: { readonly code?: string | undefined; readonly input?: unknown }): string =>
  issue.code === 'invalid_key' ? 'must be named table or schema.table' : wants('a map of tables')(issue)

/** The small world that a pack's examples are judged in. */
export const Given = map({
  tags: z.array(z.string({ error: wants('a tag') }), { error: wants('a list of tags') }).default([]),
  tables: z.record(TableName, Table, { error: tablesFault }).default({}),
  /** Classes of columns that another pack's masks would tag: `class: [columns]`. */
  classes: z
    .record(z.string(), z.array(z.string({ error: wants('a column') })), { error: wants('a map of classes') })
    .default({}),
})
export type Given = z.output<typeof Given>

/** The catalog that `given.tables` stands for: every schema on the search path, in the order of first mention. */
export function givenCatalog(given: Given | undefined): Catalog {
  const relations = Object.entries(given?.tables ?? {}).map(([name, table], index) => relation(name, table, index))
  return {
    epoch: 'given',
    serverVersion: 180_000,
    searchPath: [...new Set([...relations.map(({ schema }) => schema), 'public'])],
    relations,
    functions: [],
    operators: new Set(),
    types: new Set(),
  }
}

// OIDs of user objects start at 16384 in every server.
const FIRST_OID = 16_384

function relation(written: string, table: z.output<typeof Table>, index: number): Relation {
  const [schema, name] = written.includes('.') ? written.split('.') : ['public', written]
  return {
    oid: FIRST_OID + index,
    schema: schema ?? 'public',
    name: name ?? written,
    kind: table.view === undefined ? 'table' : 'view',
    columns: Object.entries(table.columns).map(([column, typeOid], at) => ({
      attnum: at + 1,
      name: column,
      typeOid,
      classes: [],
    })),
    definition: table.view,
    hasRules: false,
    parents: [],
    estimatedRows: table.rows ?? -1,
    system: false,
  }
}
