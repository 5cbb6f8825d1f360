import type { Catalog, CatalogColumn, Relation } from '../model/catalog.ts'
import type { ClassName } from '../model/ids.ts'

/** What is known of the place that a result column comes from. */
export type Origin =
  | { readonly kind: 'clear' }
  | { readonly kind: 'tagged'; readonly classes: readonly [ClassName, ...ClassName[]] }
  /** No single column, or a view's. */
  | { readonly kind: 'unknown' }
  /** A column that the snapshot does not have, or has as another type: its table has changed since. */
  | { readonly kind: 'missing' }

/** Where the server says that a value comes from, and as which type it sends it. */
export interface Place {
  readonly tableOid: number
  readonly attnum: number
  readonly typeOid: number
}

type ClassesByName = ReadonlyMap<string, readonly ClassName[]>

const UNKNOWN: Origin = { kind: 'unknown' }
const MISSING: Origin = { kind: 'missing' }
const CLEAR: Origin = { kind: 'clear' }

// Where the server keeps values of other tables' columns: samples for the planner, large objects, values too long for their row.
const VALUE_STORES =
  /^(pg_statistic|pg_statistic_ext_data|pg_stats|pg_stats_ext|pg_stats_ext_exprs|pg_largeobject|pg_toast_.*)$/
// OIDs of types that a server is born with; a domain's column has the domain's OID and arrives as its base type.
const FIRST_MADE_OID = 10_000

/** Answers where result columns come from, for one snapshot. */
export function indexOrigins(catalog: Catalog): (place: Place) => Origin {
  const relations = new Map(catalog.relations.map((relation) => [relation.oid, relation]))
  const families = indexFamilies(catalog.relations)
  return (place) => {
    if (place.tableOid === 0 || place.attnum <= 0) return UNKNOWN
    const relation = relations.get(place.tableOid)
    const column = relation?.columns.find(({ attnum }) => attnum === place.attnum)
    if (relation === undefined || column === undefined) return MISSING
    const classes = families.get(relation.oid)?.get(column.name) ?? column.classes
    const [first, ...more] = classes
    if (first !== undefined) return { kind: 'tagged', classes: [first, ...more] }
    return isPlainColumn(relation, column, place) ? CLEAR : UNKNOWN
  }
}

function isPlainColumn(relation: Relation, column: CatalogColumn, place: Place): boolean {
  if (relation.system) return relation.schema !== 'pg_toast' && !VALUE_STORES.test(relation.name)
  if (relation.kind !== 'table' && relation.kind !== 'partitioned') return false
  // Another type than the snapshot's: the table has changed since.
  return column.typeOid === place.typeOid || column.typeOid >= FIRST_MADE_OID
}

/**
 * The classes of each column name over everything that inherits from one another: a row of a partition is a row of its parent, and a tag on
 * either counts for all of them.
 */
function indexFamilies(relations: readonly Relation[]): ReadonlyMap<number, ClassesByName> {
  const families = new Map<number, Relation[]>(relations.map((relation) => [relation.oid, [relation]]))
  for (const relation of relations) {
    for (const parent of relation.parents) join(families, relation.oid, parent)
  }
  const classes = new Map<Relation[], ClassesByName>()
  return new Map(
    [...families].map(([oid, family]) => {
      const known = classes.get(family) ?? classesByName(family)
      classes.set(family, known)
      return [oid, known]
    }),
  )
}

/** The smaller family moves into the bigger one, so that thousands of partitions stay quick. */
function join(families: Map<number, Relation[]>, left: number, right: number): void {
  const [one, other] = [families.get(left), families.get(right)]
  if (one === undefined || other === undefined || one === other) return
  const [small, big] = one.length < other.length ? [one, other] : [other, one]
  for (const relation of small) {
    big.push(relation)
    families.set(relation.oid, big)
  }
}

function classesByName(family: readonly Relation[]): ClassesByName {
  const byName = new Map<string, readonly ClassName[]>()
  for (const { name, classes } of family.flatMap((relation) => relation.columns)) {
    byName.set(name, [...new Set([...(byName.get(name) ?? []), ...classes])])
  }
  return byName
}
