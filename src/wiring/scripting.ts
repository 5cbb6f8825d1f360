import { principalOf } from '../access/person.ts'
import { seal, unseal } from '../access/sealed.ts'
import { createScripts, type Scripts } from '../approvals/scripts.ts'
import { classificationVersion } from '../classify/sql/classify.ts'
import type { Config } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import type { ScriptId } from '../model/ids.ts'
import type { ParserPool } from '../parsing/pool.ts'
import type { PostgresTarget } from '../proxy/postgres/target.ts'
import { createScriptDesk, type ScriptDesk } from '../session/script-desk.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'
import type { Access } from './access.ts'
import { classifyIn, eligible, redacting, tagging } from './guarding.ts'
import type { LivePolicy } from './policy.ts'

export interface ScriptingDeps {
  readonly config: Config
  readonly clock: Clock
  readonly store: Store
  readonly access: Access
  readonly policy: LivePolicy
  readonly pool: ParserPool
  readonly journal: () => void
  /** Once the targets are made. */
  readonly targets: () => ReadonlyMap<string, PostgresTarget>
  /** The store failed: nothing may run on. */
  readonly broken: (reason: string) => void
}

export interface Scripting {
  readonly scripts: Scripts
  readonly desk: ScriptDesk
}

/** Scripts that are approved ahead of time, and the desk that reads and begins them. */
export function openScripting(deps: ScriptingDeps): Scripting {
  const { access, clock, policy, pool, store } = deps
  const scripts = createScripts({ store: store.scripts, clock, scrub, journal: deps.journal })
  const [tag, key] = [tagging(access.key('value-tag')), access.key('script')]
  const { maxStatementBytes: maxBytes } = deps.config.limits
  const reading = { classify: classifyIn(pool), redact: redacting(tag), policy: () => policy.current(), maxBytes }
  const desk = createScriptDesk({
    scripts,
    reading: () => reading,
    newId: () => newId('x_', 12) as ScriptId,
    key: access.key('approval-digest'),
    classificationVersion,
    seal: (id, content) => seal(key, `script/${id}`, Buffer.from(content)),
    unseal: (id, sealed) => unseal(key, `script/${id}`, sealed)?.toString('utf8'),
    eligible: () => eligible(access),
    principalOf: async (name) => {
      const person = await access.people.find(name)
      return person === undefined || person.disabledAt !== undefined ? undefined : principalOf(person)
    },
    databaseOf: ({ target, database }) => deps.targets().get(target)?.database(database),
    onError: (thrown) => deps.broken(asError(thrown).message),
  })
  return { scripts, desk }
}
