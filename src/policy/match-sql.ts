import { anyOf } from './glob.ts'
import { columnAs, namedAs, type NameTest } from './names.ts'
import type { Match } from './pack.ts'
import type { Name, SqlSubject } from './subject.ts'
import { valueTest, wishes, type Test } from './values.ts'
import type { Wanted } from './wanted.ts'

/** Keys that only a SQL statement can be asked for. */
export const SQL_KEYS = [
  'verb',
  'table',
  'reads',
  'writes',
  'column',
  'class',
  'probes',
  'function',
  'setting',
  'copy',
  'output',
  'filtered',
] as const satisfies readonly (keyof Match)[]

export const sqlTests = (match: Match, allows: boolean): Test<SqlSubject>[] => [
  ...(match.filtered === undefined ? [] : [(subject: SqlSubject) => subject.facts.filtered === match.filtered]),
  ...wordTests(match, allows),
  ...nameTests(match, allows),
]

function wordTests(match: Match, allows: boolean): Test<SqlSubject>[] {
  const rows: readonly [Wanted | undefined, (subject: SqlSubject) => readonly string[]][] = [
    [match.verb, (subject) => subject.verbs],
    [match.output, (subject) => [subject.facts.output.kind]],
    [match.copy, (subject) => subject.copy],
    [match.class, (subject) => subject.classes],
    [match.probes, (subject) => subject.facts.probes],
    [match.setting, (subject) => subject.facts.settings.map((setting) => setting.name)],
  ]
  return rows.flatMap(([wish, values]) => (wish ? [valueTest(wishes(wish, allows), anyOf, values)] : []))
}

function nameTests(match: Match, allows: boolean): Test<SqlSubject>[] {
  const named = (patterns: readonly string[]): NameTest => namedAs(patterns, allows)
  const column = (patterns: readonly string[]): NameTest => columnAs(patterns, allows)
  const rows: readonly [Wanted | undefined, typeof named, (subject: SqlSubject) => readonly Name[]][] = [
    [match.function, named, (subject) => subject.facts.functions],
    [match.reads, named, (subject) => subject.facts.reads],
    [match.writes, named, (subject) => subject.facts.writes],
    [match.table, named, (subject) => subject.tables],
    [match.column, column, (subject) => subject.columns],
  ]
  return rows.flatMap(([wish, test, values]) => (wish ? [valueTest(wishes(wish, allows), test, values)] : []))
}
