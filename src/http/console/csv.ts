import { cutWords } from '../../evidence/csv.ts'

/** Cells of one line; null and undefined are empty. */
export type CsvRow = readonly (string | number | boolean | null | undefined)[]

/**
 * Comma-separated lines (RFC 4180) that a spreadsheet takes as text: what it would run as a formula gets an apostrophe before it.
 */
export const csv = (rows: readonly CsvRow[]): string => rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')

function cell(value: CsvRow[number]): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const text = /^\s*[=+\-@]|^[\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The last record of a list that was cut, which says so. */
export const cutRow = (rows: number, isCut: boolean): readonly CsvRow[] => (isCut ? [[cutWords(rows)]] : [])

/** The headers of a file to be kept, under a name of ours. */
export const csvHeaders = (name: string): Record<string, string> => ({
  'Content-Type': 'text/csv; charset=utf-8',
  'Content-Disposition': `attachment; filename="${name}.csv"`,
})
