import type { Section } from './report.ts'
import { shownCell } from './shown.ts'
import type { Cell } from './report.ts'

/** What a spreadsheet would take for the beginning of a formula; an apostrophe before it makes it text. */
const FORMULA = /^[=+\-@\t\r]/u

/** A table as RFC 4180, a record at a time: CR LF behind each, quotes where they are needed, the first one names the columns. */
export function* toCsv({ columns, rows }: Section): Generator<string> {
  yield recordOf(columns.map(({ name }) => name))
  for (const row of rows) yield recordOf(row.map(inert))
}

const recordOf = (fields: readonly string[]): string => `${fields.map(quoted).join(',')}\r\n`

function inert(cell: Cell): string {
  const text = shownCell(cell)
  // A number of ours is a number; text that looks like one may still be a formula, e.g. `-2+3`.
  return typeof cell !== 'number' && (FORMULA.test(text) || FORMULA.test(text.trimStart())) ? `'${text}` : text
}

const quoted = (text: string): string => (/[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
