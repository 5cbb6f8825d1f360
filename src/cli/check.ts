import { loadConfig } from '../config/load.ts'
import { printProblem } from '../std/problem.ts'
import { createExplain, readPolicy } from '../wiring/policy.ts'
import { COMMON, parsed, RefusedError, running } from './command.ts'
import type { ExitCode, Io } from './io.ts'

const USAGE = 'check [--config countersign.yaml] [--json]'
const OPTIONS = { ...COMMON, config: { type: 'string' } } as const

/** Reads configuration and packs and runs every example; starts nothing. */
export function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values } = parsed(argv, { options: OPTIONS, words: { least: 0, most: 0 } })
    const config = loadConfig(values.config ?? 'countersign.yaml', io.env)
    const { policy, problems } = await readPolicy(config, await createExplain())
    if (policy === undefined) throw new RefusedError(problems.map(printProblem).join('\n'), { problems })
    const rules = policy.packs.flatMap((pack) => pack.rules).length
    const access = policy.packs.flatMap((pack) => pack.access).length
    const summary = {
      config: config.file,
      targets: [...config.targets.keys()],
      packs: policy.packs.length,
      rules,
      masks: policy.masks.length,
      access,
      version: policy.version,
    }
    if (values.json === true) io.out(`${JSON.stringify(summary)}\n`)
    else
      io.out(
        `${config.file}: ${config.targets.size} targets; ${summary.packs} packs, ${rules} rules, ${summary.masks} masks, ${access} access rules: every example behaves (version ${policy.version})\n`,
      )
    return 0
  })
}
