import type { CollateClause, TypeName } from '@pgsql/types'
import { printable } from './findings.ts'
import { words } from './tree.ts'
import { trustNames, type Walk } from './walk.ts'

/** Types that need no catalog to be known; the grammar itself qualifies the rest of the usual ones. */
const PLAIN = new Set(
  'text name date uuid json jsonb bytea oid regclass regtype regproc regprocedure regnamespace regrole inet cidr money xml char'.split(
    ' ',
  ),
)

/** A type in a cast or a definition: one outside pg_catalog may run code of the database when a value is read in. */
export function typeName(walk: Walk, type: TypeName | undefined): void {
  const names = words(type?.names)
  const name = names.at(-1)
  const schema = names.at(-2)
  const { entities, found, scope } = walk
  if (name === undefined) return
  if (schema === 'pg_catalog') {
    // A cast that somebody made from or to a built-in type runs their function.
    if (entities?.catalog.types.has(name) === true) found.gap(`a cast of the type ${printable(name)} is not known`)
    return
  }
  if (entities === undefined || scope.searchPath === undefined) {
    if (schema !== undefined || !PLAIN.has(name)) found.gap(`the type ${printable(name)} cannot be resolved`)
    return
  }
  if (entities.catalog.types.has(name)) found.gap(`the type ${printable(name)} is not known`)
  if (schema !== undefined || !PLAIN.has(name)) trustNames(walk)
}

/** A collation only orders; it cannot run code. */
export function collation(walk: Walk, clause: CollateClause): void {
  if (words(clause.collname).length === 0) walk.found.gap('a collation is not known')
}
