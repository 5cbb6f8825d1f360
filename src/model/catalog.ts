import type { ClassName } from './ids.ts'

/** pg_class.relkind in words; `unknown` is whatever a newer server invents. */
export type RelationKind =
  'table' | 'partitioned' | 'view' | 'materialized-view' | 'foreign-table' | 'sequence' | 'composite' | 'unknown'

/** One attribute of a relation. `classes` is filled in by the packs' masks, never by the server. */
export interface CatalogColumn {
  /** pg_attribute.attnum, 1-based. */
  readonly attnum: number
  readonly name: string
  /** pg_attribute.atttypid. */
  readonly typeOid: number
  readonly classes: readonly ClassName[]
  /** pg_attribute.attgenerated is set: COPY without a column list leaves it out. */
  readonly generated?: boolean
  /** Numbers of the columns of its own row that it is computed from. */
  readonly computedFrom?: readonly number[]
}

/** One row of pg_class with what judging needs to know of it. */
export interface Relation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  /** In attnum order, dropped columns left out. */
  readonly columns: readonly CatalogColumn[]
  /** The SELECT behind a view or materialized view, as pg_get_viewdef prints it; undefined for others. */
  readonly definition: string | undefined
  /** Rewrite rules other than a view's own SELECT: a write may become anything. */
  readonly hasRules: boolean
  /** OIDs of inheritance parents and of the partitioned tables that this relation is a part of. */
  readonly parents: readonly number[]
  /** pg_class.reltuples, -1 where the server never counted. */
  readonly estimatedRows: number
  /** Owned by the system: pg_catalog, information_schema, pg_toast. */
  readonly system: boolean
}

/** One pg_proc row outside the shipped table of built-in functions (user-made or from an extension). */
export interface CatalogFunction {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  readonly language: string
  readonly securityDefiner: boolean
  /** The extension that owns it, or undefined. */
  readonly extension: string | undefined
}

/**
 * A snapshot of what an upstream database says about itself, at most some seconds old. Everything that classification resolves
 * goes through it; what it does not know is unknown, not absent.
 */
export interface Catalog {
  /** Changes whenever a definition that judging depends on changes. Opaque. */
  readonly epoch: string
  /** server_version_num, e.g. 150018. */
  readonly serverVersion: number
  /** Schemas searched for unqualified names by the target's account at login; pg_catalog is implied in front. */
  readonly searchPath: readonly string[]
  readonly relations: readonly Relation[]
  readonly functions: readonly CatalogFunction[]
  /** Names of operators outside pg_catalog, e.g. `%` of pg_trgm. */
  readonly operators: ReadonlySet<string>
  /** Names of types outside pg_catalog whose input or cast may run code of the database (domains, user base types). */
  readonly types: ReadonlySet<string>
}
