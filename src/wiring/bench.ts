import type { PoliciesPort } from '../http/ports.ts'
import type { LedgerNote } from '../model/ledger.ts'
import { plain } from '../model/redacted.ts'
import type { SqlFacts } from '../model/facts.ts'
import type { ParserPool } from '../parsing/pool.ts'
import { tryOut } from '../policy/trial.ts'
import type { PostgresTarget } from '../proxy/postgres/target.ts'
import type { Clock } from '../std/clock.ts'
import type { Access } from './access.ts'
import type { Evidence } from './evidence.ts'
import { redacting, tagging } from './guarding.ts'
import type { LivePolicy } from './policy.ts'

export interface BenchDeps {
  readonly policy: LivePolicy
  readonly pool: ParserPool
  readonly targets: ReadonlyMap<string, PostgresTarget>
  readonly access: Pick<Access, 'key'>
  readonly evidence: { readonly ledger: Pick<Evidence['ledger'], 'record'> }
  readonly clock: Clock
}

/** Characters of a tried statement that the ledger keeps. */
const MAX_TEXT = 4096

/**
 * The packs in force, and a bench that reads a statement against a target's real catalog as a fresh session would. Nothing is run there. Whoever tries what would
 * pass is in the ledger before they see it.
 */
export function createBench(deps: BenchDeps): PoliciesPort {
  const { policy, pool, targets, access, evidence, clock } = deps
  const redact = redacting(tagging(access.key('value-tag')))
  const shown = (text: string, facts: readonly SqlFacts[]): string => plain(redact(text, facts)).slice(0, MAX_TEXT)
  return {
    current: () => policy.current(),
    async judge({ target: name, principal, sql, asker }) {
      const note = (outcome: string, detail: LedgerNote['detail']): Promise<void> =>
        evidence.ledger.record({
          ...{ kind: 'policy.tried', at: clock.now(), ...asker, outcome, resource: `target:${name}` },
          detail: { as: principal.person, ...detail },
        })
      const found = targets.get(name)
      if (found === undefined) return 'no-target'
      const { target } = found
      const catalog = await found.database(target.database).freshCatalog()
      if (catalog === undefined) {
        await note('no-catalog', {})
        return 'no-catalog'
      }
      const scope = { catalog, searchPath: catalog.searchPath, dirty: false, names: () => undefined }
      const facts = await pool.classify({ kind: 'sql', dialect: 'postgres', text: sql, parameters: [] }, scope)
      const trial = tryOut({ facts, principal, target }, policy.current(), catalog)
      await note(trial.verdict.effect, { policyVersion: policy.current().version, statement: shown(sql, facts) })
      return trial
    },
  }
}
