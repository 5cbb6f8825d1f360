import type { Section } from './report.ts'
import { shownCell } from './shown.ts'
import type { Cell } from './report.ts'

/** What a spreadsheet would take for the beginning of a formula; an apostrophe before it makes it text. */
const FORMULA = /^[=+\-@\t\r]/u

/**
 * A table as RFC 4180, a record at a time: CR LF behind each, quotes where they are needed, the first one names the columns. Where there are more rows than a
 * report holds, the last record says so.
 */
export function* toCsv({ columns, rows, cut }: Section): Generator<string> {
  yield recordOf(columns.map(({ name }) => name))
  for (const row of rows) yield recordOf(row.map(inert))
  if (cut) yield recordOf(columns.map((_, at) => (at === 0 ? cutWords(rows.length) : '')))
}

/** What stands where rows were left out. */
export const cutWords = (rows: number): string =>
  `There are more rows than one report holds: these ${rows} are the newest. Ask for a shorter period.`

const recordOf = (fields: readonly string[]): string => `${fields.map(quoted).join(',')}\r\n`

function inert(cell: Cell): string {
  const text = shownCell(cell)
  // A number of ours is a number; text that looks like one may still be a formula, e.g. `-2+3`.
  return typeof cell !== 'number' && (FORMULA.test(text) || FORMULA.test(text.trimStart())) ? `'${text}` : text
}

const quoted = (text: string): string => (/[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
