import type { PoliciesPort } from '../http/ports.ts'
import type { ParserPool } from '../parsing/pool.ts'
import { tryOut } from '../policy/trial.ts'
import type { PostgresTarget } from '../proxy/postgres/target.ts'
import type { LivePolicy } from './policy.ts'

export interface BenchDeps {
  readonly policy: LivePolicy
  readonly pool: ParserPool
  readonly targets: ReadonlyMap<string, PostgresTarget>
}

/** The packs in force, and a bench that reads a statement against a target's real catalog as a fresh session would. Nothing is run there. */
export const createBench = ({ policy, pool, targets }: BenchDeps): PoliciesPort => ({
  current: () => policy.current(),
  async judge({ target: name, principal, sql }) {
    const found = targets.get(name)
    if (found === undefined) return 'no-target'
    const { target } = found
    const catalog = await found.database(target.database).freshCatalog()
    if (catalog === undefined) return 'no-catalog'
    const scope = { catalog, searchPath: catalog.searchPath, dirty: false, names: () => undefined }
    const facts = await pool.classify({ kind: 'sql', dialect: 'postgres', text: sql, parameters: [] }, scope)
    return tryOut({ facts, principal, target }, policy.current(), catalog)
  },
})
