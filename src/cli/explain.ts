import { loadConfig, type PostgresTargetConfig, type TargetConfig } from '../config/load.ts'
import type { Catalog } from '../model/catalog.ts'
import type { Facts } from '../model/facts.ts'
import { isName, personName, targetName } from '../model/ids.ts'
import type { Principal } from '../model/principal.ts'
import { classifyCatalog } from '../policy/classify-columns.ts'
import type { PolicySet } from '../policy/decide.ts'
import { explain } from '../policy/explain.ts'
import { createPostgresTarget } from '../proxy/postgres/target.ts'
import { systemClock } from '../std/clock.ts'
import { printProblem } from '../std/problem.ts'
import { createExplain, readPolicy, type Explain } from '../wiring/policy.ts'
import { COMMON, parsed, RefusedError, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'

const USAGE = 'explain --target T [--as PERSON] [--config countersign.yaml] [--json] SQL|COMMAND'
const OPTIONS = { ...COMMON, config: { type: 'string' }, target: { type: 'string' }, as: { type: 'string' } } as const
const DIAL_MS = 10_000

/** Facts, verdict, the rules that decided and the masks for a statement, against the target's real catalog. Runs nothing on it. */
export function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 1 } })
    const config = loadConfig(values.config ?? 'countersign.yaml', io.env)
    const name = values.target ?? ''
    const target = isName(name) ? config.targets.get(targetName(name)) : undefined
    if (target === undefined) throw new UsageError(`--target must be one of ${[...config.targets.keys()].join(', ')}`)
    const read = await createExplain()
    const { policy, problems } = await readPolicy(config, read)
    if (policy === undefined) throw new RefusedError(problems.map(printProblem).join('\n'), { problems })
    const facts = await factsOf(positionals[0] ?? '', { target, policy, read })
    const request = { facts, principal: principal(values.as), target }
    if (values.json === true) io.out(`${JSON.stringify({ facts, verdict: policy.decide(request) }, plainSets)}\n`)
    else io.out(`${explain(request, policy).join('\n')}\n`)
    return 0
  })
}

/** A command line needs no target to be read: it stands for itself. */
async function factsOf(
  text: string,
  { target, policy, read }: { target: TargetConfig; policy: PolicySet; read: Explain },
): Promise<readonly Facts[]> {
  if (target.protocol === 'ssh') return read({ command: text }, undefined)
  return read({ sql: text }, await catalogOf(target, policy))
}

async function catalogOf(config: PostgresTargetConfig, policy: PolicySet): Promise<Catalog> {
  const failures: Error[] = []
  const onError = (error: Error): void => void failures.push(error)
  const target = createPostgresTarget({
    config,
    clock: systemClock,
    dialMs: DIAL_MS,
    classify: (found) => classifyCatalog(found, policy),
    onError,
  })
  try {
    const catalog = await target.database(config.database).freshCatalog()
    if (catalog !== undefined) return catalog
    throw new RefusedError(`the catalog of ${config.name} could not be read: ${failures[0]?.message ?? 'no answer'}`)
  } finally {
    target.close()
  }
}

function principal(as: string | undefined): Principal {
  if (as !== undefined && !isName(as)) throw new UsageError('--as takes the name of a person')
  return { person: personName(as ?? 'somebody'), roles: ['engineer'], service: false }
}

const plainSets = (_: string, value: unknown): unknown => (value instanceof Set ? [...value] : value)
