import type { z } from 'zod'
import type { ActionFacts, PathUse } from '../model/action-facts.ts'
import type { ShellStatement, Statement } from '../model/statement.ts'
import type { ShownAction, ShownPlace } from './schemas.ts'
import { makeVisible, type VisiblePiece } from './visible.ts'

type Scrub = (text: string) => string
type Action = z.infer<typeof ShownAction>
type Line = (text: string) => string

/** Anything but SQL as its approver reads it: the line itself, or what is asked for in words. */
export function actionText(statement: Exclude<Statement, { kind: 'sql' }>, scrub: Scrub): readonly VisiblePiece[] {
  switch (statement.kind) {
    case 'shell':
      return makeVisible(scrub(statement.text))
    case 'open':
      return ['an interactive shell: what is typed in it is recorded, and judged by nobody']
    case 'file': {
      const { by, operation, path, to, change } = statement
      const target = to === undefined ? [] : [' to ', ...makeVisible(scrub(to))]
      return [
        `${by}: ${operation} `,
        ...makeVisible(scrub(path)),
        ...target,
        ...(change === undefined ? [] : [`: ${change}`]),
      ]
    }
    case 'forward':
      return [
        statement.direction === 'local'
          ? 'a connection through the target to '
          : 'connections that the target takes on ',
        ...makeVisible(scrub(`${statement.host}:${statement.port}`)),
      ]
  }
}

/** Where and how a command line runs: part of what is approved. Values of variables are shown whole but for card numbers. */
export const placeOf = (
  { directory, environment, terminal }: ShellStatement,
  scrub: Scrub,
): z.infer<typeof ShownPlace> => ({
  directory: directory === undefined ? null : [...makeVisible(scrub(directory))],
  environment: [...environment].map(([name, value]) => ({ name, value: [...makeVisible(scrub(value))] })),
  terminal,
})

/** What one command or request does, as classification read it. */
export function actionOf(facts: ActionFacts, line: Line): Action {
  const { kind, complete } = facts
  const common = {
    kind,
    title: line(titleOf(facts)),
    effects: [...facts.effects],
    complete,
    gaps: facts.gaps.map(line),
  }
  const none = { options: [], through: [], account: null, readsFrom: [], writesTo: [], background: false }
  if (facts.kind === 'shell' || facts.kind === 'forward') return { ...common, ...none, paths: [] }
  const paths = facts.paths.map((use) => pathOf(use, line))
  if (facts.kind === 'file') return { ...common, ...none, paths }
  return {
    ...common,
    paths,
    options: facts.options.map(line),
    through: facts.via.map(line),
    account: facts.account === undefined ? null : line(facts.account),
    readsFrom: facts.readsFrom.map(line),
    writesTo: facts.writesTo.map(line),
    background: facts.background,
  }
}

const pathOf = ({ path, does }: PathUse, line: Line): Action['paths'][number] => ({ path: line(path), does })

function titleOf(facts: ActionFacts): string {
  switch (facts.kind) {
    case 'command':
      return (
        facts.program ?? facts.word ?? (facts.complete ? 'no program' : 'a program that is known only when it runs')
      )
    case 'shell':
      return 'an open shell'
    case 'file':
      return `${facts.by} ${facts.operation}`
    case 'forward':
      return `${facts.direction} forward of ${facts.host}:${facts.port}`
  }
}
