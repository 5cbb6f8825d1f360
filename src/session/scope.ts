import type { SqlFacts } from '../model/facts.ts'

/**
 * What a session knows that changes how its text is read: handed to classification as a value.
 */
export interface SessionScope {
  /** Schemas for unqualified names; undefined once the session has changed it in a way that was not followed. */
  readonly searchPath: readonly string[] | undefined
  /** The session ran DDL or made temporary objects since the catalog's snapshot. */
  readonly dirty: boolean
  /** Counts the session's changes of settings: an approval given under other settings is void. */
  readonly settings: number
  /** Facts behind a SQL-level prepared statement or cursor; 'protocol' for a name that a protocol message made. */
  statement(name: string): readonly SqlFacts[] | 'protocol' | undefined
  cursor(name: string): readonly SqlFacts[] | 'protocol' | undefined
}

/** Whether two search paths name the same schemas in the same order. */
export const isSamePath = (one: readonly string[], other: readonly string[]): boolean =>
  one === other || (one.length === other.length && one.every((schema, at) => schema === other[at]))
