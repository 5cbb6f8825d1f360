import { decodeFrontend } from '../../protocol/postgres/decode.ts'
import type { Frame } from '../../protocol/postgres/framing.ts'
import type { Expected } from '../../protocol/postgres/replies.ts'
import type { Execution, Run } from './run.ts'
import type { Step } from './step.ts'
import type { Tracking } from './tracking.ts'

/** Takes back, newest first, what planning these steps noted: nothing of them was sent. What they said of settings stays, as it only adds doubt. */
export function retract(steps: readonly Step[], tracking: Tracking): void {
  for (const step of steps.toReversed()) {
    if (step.kind === 'refuse') continue
    if (step.expected !== undefined) forget(step.expected, tracking)
    if (step.kind === 'judged') for (const one of step.before.toReversed()) forget(one.expected, tracking)
    else if (isClose(step.frame)) namesOf(step.frame, tracking).takeBack(1)
  }
  tracking.forgetUnsent()
}

/** The work that these steps would have begun. */
export const executionsOf = (steps: readonly Step[]): readonly Execution[] =>
  steps.flatMap((step) => {
    const expected = step.kind === 'judged' ? step.expected : undefined
    return expected !== undefined && 'run' in expected && expected.run.kind === 'execution' ? [expected.run] : []
  })

function forget(expected: Expected<Run>, tracking: Tracking): void {
  switch (expected.kind) {
    case 'parse':
      tracking.statements.takeBack(1)
      break
    case 'bind':
      tracking.portals.takeBack(1)
      break
    case 'describe':
    case 'execute':
    case 'query':
      forgetRun(expected.run, tracking)
      break
    case 'close':
    case 'sync':
    case 'check':
    case 'poison':
    case 'local':
  }
}

function forgetRun(run: Run, tracking: Tracking): void {
  if (run.kind === 'execution') {
    tracking.end(run)
    if (run.isFirst && run.portal !== undefined) run.portal.executed = run.portal.superseded = false
  } else if (run.portal !== undefined) {
    // Should another description be on its way, one more is only asked for twice.
    run.portal.described = false
  }
}

const isClose = (frame: Frame): frame is Frame<'close'> => frame.name === 'close'

function namesOf(frame: Frame<'close'>, { statements, portals }: Tracking): { takeBack(count: number): void } {
  return decodeFrontend(frame).subject === 'statement' ? statements : portals
}
