import type { FoundStatement } from './questions.ts'
import type { Cell } from './report.ts'
import { columnsOf, MAX_ROWS, periodOf, tableOf, type ReportMaker } from './report-parts.ts'

const COLUMNS = columnsOf({
  at: 'Time',
  person: 'Person',
  target: 'Target',
  database: 'Database',
  session: 'Session',
  statement: 'Statement',
  address: 'Source',
  message: 'Message',
  verbs: 'Verbs',
  tables: 'Tables',
  columns: 'Tagged columns',
  classes: 'Classes',
  verdict: 'Verdict',
  rules: 'Rules',
  approval: 'Approval',
  ruling: 'Ruling',
  ruled_by: 'By',
  result: 'Result',
  rows: 'Rows',
  masked: 'Masked cells',
  named: 'Names it',
  policy: 'Policy',
  text: 'Text',
  bound: 'Bound values',
})

/** Every statement that touched a table, a column or a class of data. */
export const touched: ReportMaker = async ({ index }, question) => {
  const { person, table, column, class: classOf } = question
  const filter = { ...periodOf(question), person, table, column, class: classOf }
  const [found, counts] = await Promise.all([index.statements({ filter, limit: MAX_ROWS + 1 }), index.counts(filter)])
  const what = [table, column, classOf].filter((one) => one !== undefined).join(' and ')
  return {
    title: `Statements that touched ${what}`,
    question: `Every statement that read or changed ${what}, allowed or not. A statement that names no column, such as SELECT *, touches every column of its tables.`,
    facts: countsOf(counts.value),
    table: tableOf(
      'Statements',
      COLUMNS,
      found.value.map((one) => rowOf(one, column ?? table)),
    ),
  }
}

/** Statements of each verdict, for the front page. */
export const countsOf = (counts: Readonly<Record<string, number>>) =>
  [
    ['allow', 'Statements allowed'],
    ['hold', 'Statements held'],
    ['deny', 'Statements denied'],
  ].map(([verdict = '', name = '']) => ({ name, value: counts[verdict] ?? 0 }))

function rowOf(one: FoundStatement, asked: string | undefined): readonly Cell[] {
  return [
    one.at,
    one.person,
    one.target,
    one.database,
    one.session,
    one.statement,
    one.address,
    one.message,
    one.verbs,
    one.tables,
    one.columns,
    one.classes,
    one.verdict,
    one.rules,
    one.approval,
    one.ruling,
    one.ruledBy,
    resultOf(one),
    one.rows,
    one.masked,
    asked === undefined ? null : isNamed(one, asked),
    one.policyVersion,
    one.cut ? `${one.text}…` : one.text,
    one.bound,
  ]
}

const isNamed = ({ tables, columns }: FoundStatement, asked: string): boolean =>
  [...tables, ...columns].some((name) => name === asked || name.endsWith(`.${asked}`))

/** In words, what became of a statement. */
export function resultOf({ end, sqlstate, verdict, ruling, message }: FoundStatement): string {
  if (end !== null) return sqlstate === null ? end : `${end} (${sqlstate})`
  if (verdict === 'deny' || ruling === 'refused') return 'did not run'
  return message === 'parse' ? 'prepared only' : 'no result recorded'
}
