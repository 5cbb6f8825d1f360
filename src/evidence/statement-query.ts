import type { Values } from './index-file.ts'
import type { FoundVerdict, Search, StatementFilter } from './questions.ts'

/** A condition with the values that it binds. */
export interface Condition {
  readonly sql: string
  readonly values: Values
}

/** Fewer characters than this have no trigram, so texts are read through for them. */
const TRIGRAM = 3

const VERDICTS = {
  allow: "s.verdict = 'allow'",
  hold: "s.verdict = 'hold'",
  deny: "s.verdict = 'deny'",
  cleared: "s.ruling = 'cleared'",
  refused: "s.ruling = 'refused'",
} as const satisfies Record<FoundVerdict, string>

/** The WHERE of a search over `statements s JOIN recordings r`; values are bound, never written into the text. */
export function conditionOf(filter: StatementFilter): Condition {
  const parts: readonly (Condition | undefined)[] = [
    filter.from === undefined ? undefined : { sql: 's.at >= :from', values: { from: filter.from * 1000 } },
    filter.to === undefined ? undefined : { sql: 's.at < :to', values: { to: filter.to * 1000 } },
    equal('r.person', 'person', filter.person),
    equal('r.target', 'target', filter.target),
    equal('r.session', 'session', filter.session),
    filter.verdict === undefined ? undefined : { sql: VERDICTS[filter.verdict], values: {} },
    filter.table === undefined ? undefined : { sql: factsIn(named('table', 'table')), values: name('table', filter) },
    filter.column === undefined ? undefined : columnCondition(filter.column),
    filter.class === undefined
      ? undefined
      : {
          sql: factsIn("SELECT facts FROM names WHERE kind = 'class' AND name = :class"),
          values: { class: filter.class },
        },
    filter.text === undefined || filter.text === '' ? undefined : textCondition(filter.text),
  ]
  const given = parts.filter((part) => part !== undefined)
  return {
    sql: given.length === 0 ? 'true' : given.map(({ sql }) => `(${sql})`).join(' AND '),
    values: Object.assign({}, ...given.map(({ values }) => values)) as Values,
  }
}

/** A part of the redacted text or of the redacted bound values, or the very id of an approval. */
export function textCondition(text: string): Condition {
  const isApproval = /^a_[0-9a-z]+$/.test(text)
  const approval = isApproval ? ' OR s.approval = :text' : ''
  if (text.length < TRIGRAM) {
    const found = 'SELECT id FROM texts WHERE instr(lower(text), lower(:text)) > 0'
    return { sql: `s.text IN (${found}) OR s.bound IN (${found})`, values: { text } }
  }
  // A quoted string of FTS5 is one phrase; of trigrams that is a substring.
  const phrase = `"${text.replaceAll('"', '""')}"`
  const found = 'SELECT rowid FROM words WHERE words MATCH :phrase'
  const sql = `s.text IN (${found}) OR s.bound IN (${found})${approval}`
  return { sql, values: isApproval ? { phrase, text } : { phrase } }
}

const equal = (column: string, key: string, value: string | undefined): Condition | undefined =>
  value === undefined ? undefined : { sql: `${column} = :${key}`, values: { [key]: value } }

const factsIn = (select: string): string => `s.facts IN (${select})`

/** `cards` finds `public.cards`: names are stored whole, and a short one is their end behind a dot. */
const named = (kind: 'table' | 'column', key: string): string =>
  `SELECT facts FROM names WHERE kind = '${kind}' AND (name = :${key} OR name LIKE :${key}End ESCAPE '\\')`

const ending = (value: string): string => `%.${value.replace(/[\\%_]/g, '\\$&')}`

const name = (key: 'table', filter: StatementFilter): Values => ({
  [key]: filter[key] ?? '',
  [`${key}End`]: ending(filter[key] ?? ''),
})

/**
 * Statements that name the column, and those that touch its table and some of the data that is tagged there: `SELECT *` names no column. Where only the
 * column's own name is given, its tables are those of every full name that was seen.
 */
function columnCondition(column: string): Condition {
  const dot = column.lastIndexOf('.')
  const direct = named('column', 'column')
  const values = { column, columnEnd: ending(column) }
  const tagged = "EXISTS (SELECT 1 FROM names c WHERE c.kind = 'class' AND c.facts = t.facts)"
  if (dot > 0) {
    const table = column.slice(0, dot)
    const through = `SELECT t.facts FROM names t WHERE t.kind = 'table' AND (t.name = :ofTable OR t.name LIKE :ofTableEnd ESCAPE '\\') AND ${tagged}`
    return {
      sql: `${factsIn(direct)} OR ${factsIn(through)}`,
      values: { ...values, ofTable: table, ofTableEnd: ending(table) },
    }
  }
  const tables = `SELECT substr(name, 1, length(name) - length(:column) - 1) FROM names WHERE kind = 'column' AND name LIKE :columnEnd ESCAPE '\\'`
  const through = `SELECT t.facts FROM names t WHERE t.kind = 'table' AND t.name IN (${tables}) AND ${tagged}`
  return { sql: `${factsIn(direct)} OR ${factsIn(through)}`, values }
}

/** Where the next page begins, from the last row of the page before; undefined where a cursor is none of ours. */
export function cursorOf(
  text: string,
): { readonly at: number; readonly session: string; readonly number: number } | undefined {
  const found = /^(\d{1,17})\.(s_[0-9a-z]{1,40})\.(\d{1,10})$/.exec(text)
  if (found?.[1] === undefined || found[2] === undefined || found[3] === undefined) return undefined
  return { at: Number(found[1]), session: found[2], number: Number(found[3]) }
}

export const MAX_PAGE = 500
export const limitOf = ({ limit }: Pick<Search, 'limit'>): number => Math.min(MAX_PAGE, Math.max(1, Math.trunc(limit)))
