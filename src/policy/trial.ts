import type { Catalog, Relation } from '../model/catalog.ts'
import type { MaskShape } from '../model/column.ts'
import type { Facts } from '../model/facts.ts'
import type { ClassName } from '../model/ids.ts'
import type { Verdict } from '../model/verdict.ts'
import type { PolicySet } from './decide.ts'
import type { Request } from './subject.ts'

/** A tagged column of a relation that a statement reads, and how its cells would show. */
export interface TriedColumn {
  readonly schema: string
  readonly table: string
  readonly column: string
  readonly classes: readonly ClassName[]
  /** Of several classes the one that shows least. */
  readonly shape: MaskShape
  /** The text itself names the column. */
  readonly named: boolean
}

/** What the policy makes of a statement that nobody ran. */
export interface Trial {
  readonly verdict: Verdict
  readonly facts: readonly Facts[]
  /** Names of the rules that match each statement. */
  readonly rules: readonly (readonly string[])[]
  readonly columns: readonly TriedColumn[]
}

const SHOWN_LEAST: readonly MaskShape[] = ['null', 'hide', 'token', 'last4', 'bin+last4']

/** Asks the policy about a frame and the tagged columns that it reads. Pure. */
export function tryOut(request: Request, policy: PolicySet, catalog: Catalog): Trial {
  return {
    verdict: policy.decide(request),
    facts: request.facts,
    rules: policy.matching(request),
    columns: columnsOf(request.facts, policy, catalog),
  }
}

function columnsOf(facts: readonly Facts[], policy: PolicySet, catalog: Catalog): readonly TriedColumn[] {
  const sql = facts.filter((one) => one.kind === 'sql')
  const read = new Set(sql.flatMap(({ reads }) => reads.map(({ oid }) => oid)))
  const named = new Set(sql.flatMap(({ columns }) => columns.map(nameOf)))
  return catalog.relations
    .filter(({ oid }) => read.has(oid))
    .flatMap((relation) => tagged(relation, policy))
    .map((column) => ({ ...column, named: named.has(nameOf(column)) }))
}

const tagged = ({ schema, name, columns }: Relation, policy: PolicySet): readonly Omit<TriedColumn, 'named'>[] =>
  columns
    .filter(({ classes }) => classes.length > 0)
    .map(({ name: column, classes }) => ({ schema, table: name, column, classes, shape: shapeOf(classes, policy) }))

function shapeOf(classes: readonly ClassName[], policy: PolicySet): MaskShape {
  const shapes = classes.map((name) => policy.maskOf(name))
  return SHOWN_LEAST.find((shape) => shapes.includes(shape)) ?? 'hide'
}

const nameOf = ({ schema, table, column }: Pick<TriedColumn, 'schema' | 'table' | 'column'>): string =>
  `${schema}.${table}.${column}`
