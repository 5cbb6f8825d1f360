import type { Catalog } from '../../model/catalog.ts'
import type { SqlFacts } from '../../model/facts.ts'

/** What a text is read against: the catalog's snapshot and the state of the session that sends it. */
export interface Scope {
  /** undefined: nothing is known, so that only statements without names come out complete. */
  readonly catalog: Catalog | undefined
  /** Schemas for unqualified names; undefined once the session has changed it in a way that was not followed. */
  readonly searchPath: readonly string[] | undefined
  /** The session ran DDL or made temporary objects since the snapshot: a name may mean something new. */
  readonly dirty: boolean
  /** Facts behind a SQL-level prepared statement or cursor; 'protocol' for a name that a protocol message made. */
  names(name: string, kind: 'statement' | 'cursor'): readonly SqlFacts[] | 'protocol' | undefined
  /** The text itself; not read, kept for callers that log. */
  readonly text?: string
}
