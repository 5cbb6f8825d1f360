import type { PersonName, SessionId, TargetName } from '../model/ids.ts'
import { personName, targetName } from '../model/ids.ts'
import type { IndexFile, Row } from './index-file.ts'
import { maybeText, numberOf, textOf } from './index-file.ts'
import type { Found, FoundSession, FoundStatement, Search, StatementFilter } from './questions.ts'
import { conditionOf, cursorOf, limitOf } from './statement-query.ts'
import { timeText } from './stamps.ts'

/** Longest text in an answer, in characters; the recording has all of it. */
const SHOWN_TEXT = 2000

const COLUMNS = `s.*, r.session, r.person, r.target, r.db, r.address, f.facts AS facts_text,
  substr(t.text, 1, ${SHOWN_TEXT}) AS shown, length(t.text) > ${SHOWN_TEXT} AS cut,
  (SELECT substr(b.text, 1, ${SHOWN_TEXT}) FROM texts b WHERE b.id = s.bound) AS bound_text`
const FROM = `statements s JOIN recordings r ON r.id = s.recording JOIN texts t ON t.id = s.text JOIN facts f ON f.id = s.facts`
const NEWEST = 'ORDER BY s.at DESC, r.session DESC, s.number DESC'

/** Statements that fit, newest first. */
export function searchStatements(file: IndexFile, search: Search): Omit<Found<FoundStatement>, 'complete'> {
  const limit = limitOf(search)
  const { sql, values } = conditionOf(search)
  const after = search.cursor === undefined ? undefined : cursorOf(search.cursor)
  const beyond = after === undefined ? 'true' : '(s.at, r.session, s.number) < (:at, :afterSession, :number)'
  const rows = file.all(`SELECT ${COLUMNS} FROM ${FROM} WHERE ${sql} AND ${beyond} ${NEWEST} LIMIT :limit`, {
    ...values,
    ...(after && { at: after.at, afterSession: after.session, number: after.number }),
    limit: limit + 1,
  })
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const next = rows.length > limit && last !== undefined ? cursorText(last) : null
  return { items: shown.map(statementOf), next }
}

/** Everything that fits up to a limit, newest first, for a report. */
export function* everyStatement(file: IndexFile, filter: StatementFilter, limit: number): Generator<FoundStatement> {
  const { sql, values } = conditionOf(filter)
  const rows = file.each(`SELECT ${COLUMNS} FROM ${FROM} WHERE ${sql} ${NEWEST} LIMIT :limit`, { ...values, limit })
  for (const row of rows) yield statementOf(row)
}

/** Sessions with a statement that fits, the latest started first. The cursor is the last session of the page before. */
export function searchSessions(file: IndexFile, search: Search): Omit<Found<FoundSession>, 'complete'> {
  const limit = limitOf(search)
  const { sql, values } = conditionOf(search)
  const beyond =
    search.cursor === undefined
      ? 'true'
      : '(r.started, r.session) < (SELECT started, session FROM recordings WHERE session = :cursor)'
  const rows = file.all(
    `SELECT r.session, count(*) AS found FROM statements s JOIN recordings r ON r.id = s.recording WHERE ${sql} AND ${beyond}
      GROUP BY r.id ORDER BY r.started DESC, r.session DESC LIMIT :limit`,
    { ...values, ...(search.cursor !== undefined && { cursor: search.cursor }), limit: limit + 1 },
  )
  const items = rows
    .slice(0, limit)
    .map((row) => ({ session: textOf(row, 'session') as SessionId, statements: numberOf(row, 'found') }))
  return { items, next: rows.length > limit ? (items.at(-1)?.session ?? null) : null }
}

/** How many statements of each verdict fit. */
export function countVerdicts(file: IndexFile, filter: StatementFilter): Readonly<Record<string, number>> {
  const { sql, values } = conditionOf(filter)
  const rows = file.all(
    `SELECT s.verdict, count(*) AS found FROM statements s JOIN recordings r ON r.id = s.recording WHERE ${sql} GROUP BY s.verdict`,
    values,
  )
  return Object.fromEntries(rows.map((row) => [textOf(row, 'verdict'), numberOf(row, 'found')]))
}

function statementOf(row: Row): FoundStatement {
  const facts: unknown = JSON.parse(textOf(row, 'facts_text'))
  const list = (key: string): readonly string[] => stringsOf(facts, key)
  return {
    ...placeOf(row),
    message: textOf(row, 'message'),
    verbs: list('verbs'),
    effects: list('effects'),
    tables: list('tables'),
    columns: list('columns'),
    classes: list('classes'),
    verdict: textOf(row, 'verdict'),
    rules: strings(row, 'rules'),
    policyVersion: textOf(row, 'policy'),
    approval: maybeText(row, 'approval'),
    ruling: rulingOf(row),
    ruledBy: row['ruled_by'] === null ? [] : strings(row, 'ruled_by'),
    end: maybeText(row, 'finish'),
    sqlstate: maybeText(row, 'sqlstate'),
    rows: numberOf(row, 'rows'),
    masked: numberOf(row, 'masked'),
    ms: numberOf(row, 'ms'),
    text: textOf(row, 'shown'),
    bound: maybeText(row, 'bound_text'),
    cut: numberOf(row, 'cut') === 1,
  }
}

function placeOf(row: Row): {
  session: SessionId
  statement: number
  line: number
  at: string
  person: PersonName
  target: TargetName
  database: string
  address: string
} {
  return {
    session: textOf(row, 'session') as SessionId,
    statement: numberOf(row, 'number'),
    line: numberOf(row, 'line'),
    at: timeText(numberOf(row, 'at')),
    person: personName(textOf(row, 'person')),
    target: targetName(textOf(row, 'target')),
    database: textOf(row, 'db'),
    address: textOf(row, 'address'),
  }
}

function rulingOf(row: Row): 'cleared' | 'refused' | null {
  const ruling = maybeText(row, 'ruling')
  return ruling === 'cleared' || ruling === 'refused' ? ruling : null
}

const strings = (row: Row, column: string): readonly string[] => stringsIn(JSON.parse(textOf(row, column)))

const stringsOf = (value: unknown, key: string): readonly string[] =>
  typeof value === 'object' && value !== null
    ? stringsIn(Object.entries(value).find(([name]) => name === key)?.[1])
    : []

const stringsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

const cursorText = (row: Row): string => `${numberOf(row, 'at')}.${textOf(row, 'session')}.${numberOf(row, 'number')}`
