import type { ActionSubject, Known } from './action-subject.ts'
import { anyOf } from './glob.ts'
import type { Match } from './pack.ts'
import { valueTest, wishes, type Test } from './values.ts'
import type { Wanted } from './wanted.ts'

/** Keys that only something done over SSH can be asked for. */
export const ACTION_KEYS = [
  'program',
  'argument',
  'option',
  'via',
  'runs_as',
  'path',
  'reads_path',
  'writes_path',
  'operation',
  'by',
  'direction',
  'host',
  'port',
] as const satisfies readonly (keyof Match)[]

export function actionTests(match: Match, allows: boolean): Test<ActionSubject>[] {
  const rows: readonly [Wanted | undefined, (subject: ActionSubject) => Known][] = [
    [match.program, (subject) => subject.programs],
    [match.option, (subject) => subject.options],
    [match.argument, (subject) => subject.words],
    [match.via, (subject) => subject.via],
    [match.runs_as, (subject) => subject.accounts],
    [match.path, (subject) => subject.paths(undefined)],
    [match.reads_path, (subject) => subject.paths(['read', 'list', 'run'])],
    [match.writes_path, (subject) => subject.paths(['write', 'delete', 'attributes'])],
    [match.operation, (subject) => subject.operations],
    [match.by, (subject) => subject.means],
    [match.direction, (subject) => subject.directions],
    [match.host, (subject) => subject.hosts],
    [match.port, (subject) => subject.ports],
  ]
  return rows.flatMap(([wish, values]) => (wish ? [knownTest(wish, allows, values)] : []))
}

/** A value that nobody can know before the command runs may be any: a rule that holds or denies matches it, one that allows does not. */
function knownTest(wish: Wanted, allows: boolean, values: (subject: ActionSubject) => Known): Test<ActionSubject> {
  const known = (subject: ActionSubject): readonly string[] => values(subject).filter((value) => value !== undefined)
  const test = valueTest(wishes(wish, allows), anyOf, known)
  return (subject) => (values(subject).includes(undefined) ? !allows : test(subject))
}
