import type { FoundStatement, LedgerEntry } from './questions.ts'
import type { Cell } from './report.ts'
import { columnsOf, detailCell, MAX_ROWS, periodOf, restOf, tableOf, type ReportMaker } from './report-parts.ts'
import { countsOf, resultOf } from './report-statements.ts'

const COLUMNS = columnsOf({
  at: 'Time',
  event: 'Event',
  outcome: 'Outcome',
  by: 'By',
  source: 'Source',
  on: 'On',
  session: 'Session',
  statement: 'Statement',
  rules: 'Rules',
  approval: 'Approval',
  ruled_by: 'Ruled by',
  result: 'Result',
  rows: 'Rows',
  masked: 'Masked cells',
  text: 'Text',
  bound: 'Bound values',
})

/** Everything that one person did or that was done to the account, in order of time, newest first. */
export const person: ReportMaker = async ({ index }, question) => {
  const name = question.person ?? ''
  const filter = { ...periodOf(question), person: question.person }
  const limit = MAX_ROWS + 1
  const [statements, counts, entries] = await Promise.all([
    index.statements({ filter, limit }),
    index.counts(filter),
    index.entries({ ...periodOf(question), kinds: [], outcomes: [], person: name, limit }),
  ])
  const rows = [...statements.value.map(statementRow), ...entries.value.map(entryRow)]
  rows.sort(([a], [b]) => (String(a) === String(b) ? 0 : String(a) < String(b) ? 1 : -1))
  const of = (kind: string): number => entries.value.filter((entry) => entry.kind === kind && entry.by === name).length
  return {
    title: `Everything that ${name} did`,
    question: `Logins, sessions, statements, decisions and views of ${name}, and what others did to the account.`,
    facts: [
      { name: 'Logins and attempts', value: of('login') },
      { name: 'Sessions', value: of('session.start') },
      ...countsOf(counts.value),
      { name: 'Decisions', value: entries.value.filter((entry) => entry.kind.endsWith('.decided')).length },
    ],
    table: tableOf('Events', COLUMNS, rows),
  }
}

function statementRow(one: FoundStatement): readonly Cell[] {
  const on = `${one.target}/${one.database}`
  const text = one.cut ? `${one.text}…` : one.text
  return [
    ...[one.at, `statement (${one.message})`, one.verdict, one.person, one.address, on, one.session, one.statement],
    ...[one.rules, one.approval, one.ruledBy, resultOf(one), one.rows, one.masked, text, one.bound],
  ]
}

function entryRow(entry: LedgerEntry): readonly Cell[] {
  const { at, kind, outcome, by, origin, resource } = entry
  const cell = (field: string): Cell => detailCell(entry, field)
  return [
    ...[at, kind, outcome, by, origin, resource, cell('session'), null, cell('rules')],
    ...[null, null, null, null, null, restOf(entry, ['session', 'rules']), null],
  ]
}
