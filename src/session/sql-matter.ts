import type { Catalog } from '../model/catalog.ts'
import type { SqlFacts } from '../model/facts.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { Parameter } from '../model/statement.ts'
import { estimatesOf, type Planner } from './estimates.ts'
import type { JudgeRequest } from './judgement.ts'
import type { Matter } from './matter.ts'
import type { Reader, Reading } from './reading.ts'
import { isSamePath, type SessionScope } from './scope.ts'

/** What SQL is judged against: the definitions of one database. */
export interface SqlMatterDeps {
  readonly reader: Reader
  /** The catalog as last seen; undefined while the upstream's definitions could not be read. */
  readonly catalog: () => Catalog | undefined
  /** Re-reads the epoch now, and the catalog if it moved. */
  readonly freshCatalog: () => Promise<Catalog | undefined>
  readonly redactValue: (parameter: Parameter, clear: boolean) => RedactedText | null
  readonly digest: (request: JudgeRequest, reading: Reading) => string
  /** Absent: there are no estimates. */
  readonly planner?: Planner | undefined
}

export type SqlMatter = Matter<SqlFacts, JudgeRequest, Reading>

export function createSqlMatter(deps: SqlMatterDeps): SqlMatter {
  const { reader, catalog, freshCatalog, planner } = deps
  return {
    read: (request) => reader.read(request.statement, request.scope, catalog()),
    async reread({ statement, scope }, stale) {
      const fresh = await freshCatalog()
      // The same epoch under other packs is another object: columns may have gained classes.
      if (fresh !== undefined && fresh === stale?.catalog) return stale
      return reader.read(statement, freshScope(scope, fresh), fresh)
    },
    epoch: () => catalog()?.epoch,
    values: ({ statement }, { facts }) => valuesOf(deps, statement.parameters, facts),
    digest: (request, reading) => deps.digest(request, reading),
    estimates: (request, reading) => estimatesOf(planner, { request, reading }),
    place: () => undefined,
    searchPath: ({ scope }) => scope.searchPath,
  }
}

function valuesOf(
  { redactValue }: SqlMatterDeps,
  parameters: readonly Parameter[],
  facts: readonly SqlFacts[],
): readonly (RedactedText | null)[] {
  if (parameters.length === 0) return NO_VALUES
  const clear = facts[0]?.clearParameters ?? NONE_CLEAR
  return parameters.map((parameter, at) => redactValue(parameter, clear === 'all' || clear.has(at + 1)))
}

const NO_VALUES: readonly (RedactedText | null)[] = []
const NONE_CLEAR: ReadonlySet<number> = new Set()

/** The path of the catalog itself while it is still the session's; a path that the session left, or began without, stays unknown. */
const samePath = ({ searchPath }: SessionScope, catalog: Catalog | undefined): readonly string[] | undefined =>
  searchPath !== undefined && catalog !== undefined && isSamePath(searchPath, catalog.searchPath)
    ? catalog.searchPath
    : undefined

const freshScope = (scope: SessionScope, catalog: Catalog | undefined): SessionScope => ({
  searchPath: samePath(scope, catalog),
  dirty: scope.dirty,
  settings: scope.settings,
  statement: (name) => scope.statement(name),
  cursor: (name) => scope.cursor(name),
})
