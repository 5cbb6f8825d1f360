import type { SQLOutputValue } from 'node:sqlite'

/** One row as SQLite gives it. The tables are STRICT, so a wrong type is a bug or a damaged file, and throws. */
export type Row = Readonly<Record<string, SQLOutputValue>>

export function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new TypeError(`column ${column} is no text`)
  return value
}

export function integer(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new TypeError(`column ${column} is no number`)
  return value
}

export const maybeText = (row: Row, column: string): string | undefined =>
  row[column] === null ? undefined : text(row, column)

export const maybeInteger = (row: Row, column: string): number | undefined =>
  row[column] === null ? undefined : integer(row, column)

/** A column that holds JSON which this room wrote from a value of type `T`; nobody else writes the file. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names what it wrote
export const json = <T>(row: Row, column: string): T => JSON.parse(text(row, column)) as T
