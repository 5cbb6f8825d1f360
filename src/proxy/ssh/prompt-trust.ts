import { classifyLine } from '../../classify/shell/classify.ts'
import { steersPrograms } from '../../classify/shell/variables.ts'
import type { ActionEffect } from '../../model/action-facts.ts'
import type { ShellStatement } from '../../model/statement.ts'
import { passageOf } from '../../protocol/ssh/carry-names.ts'
import type { Report } from '../../protocol/ssh/carry-report.ts'

/** What a line is judged as that may leave variables behind which change what programs do. */
const SETS: ReadonlySet<ActionEffect> = new Set(['environment', 'code', 'hidden'])

/**
 * The report of a line with those variables as they were before that the line cannot have set. Every program of the account can write to the side channel; what is told there must not
 * bring about what an `export` would have waited for a second person with. `before` tells what a variable was.
 */
export function believed(
  report: Report,
  line: ShellStatement | undefined,
  before: (name: string) => string | undefined,
): Report {
  const { exported, term } = report
  if (exported === undefined || line === undefined || maySet(line)) return report
  const kept = new Map(exported)
  for (const [name, value] of exported) {
    const was = name === 'TERM' ? term : before(name)
    if (passageOf(name) !== 'carried' || was === value || !steersPrograms(name, value)) continue
    if (was === undefined) kept.delete(name)
    else kept.set(name, was)
  }
  return { ...report, exported: kept }
}

const maySet = (line: ShellStatement): boolean =>
  classifyLine(line).some(({ complete, effects }) => !complete || effects.some((effect) => SETS.has(effect)))
