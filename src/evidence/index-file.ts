import { closeSync, openSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import { INDEX_SCHEMA, INDEX_VERSION } from './index-schema.ts'

export type Row = Readonly<Record<string, SQLOutputValue>>
export type Values = Readonly<Record<string, SQLInputValue>>

/** The index's one connection, inside the thread that owns it. */
export class IndexFile {
  readonly #connection: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  private constructor(connection: DatabaseSync) {
    this.#connection = connection
  }

  /** Opens the file; one that is damaged or of another version is made anew, since everything in it can be read again. */
  static open(path: string): IndexFile {
    try {
      return new IndexFile(connect(path))
    } catch {
      for (const name of [path, `${path}-wal`, `${path}-shm`]) rmSync(name, { force: true })
      return new IndexFile(connect(path))
    }
  }

  run(sql: string, values: Values = {}): { readonly changes: number; readonly id: number } {
    const { changes, lastInsertRowid } = this.#prepared(sql).run(values)
    return { changes: Number(changes), id: Number(lastInsertRowid) }
  }

  /** `run` with values in the order of their question marks: for what is run for every line. */
  put(sql: string, ...values: readonly SQLInputValue[]): { readonly changes: number; readonly id: number } {
    const { changes, lastInsertRowid } = this.#prepared(sql).run(...values)
    return { changes: Number(changes), id: Number(lastInsertRowid) }
  }

  get(sql: string, values: Values = {}): Row | undefined {
    return this.#prepared(sql).get(values)
  }

  all(sql: string, values: Values = {}): readonly Row[] {
    return this.#prepared(sql).all(values)
  }

  /** One row after the other, without holding all of them. */
  each(sql: string, values: Values = {}): Iterable<Row> {
    return this.#connection.prepare(sql).iterate(values)
  }

  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T {
    this.#connection.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#connection.exec('COMMIT')
      return result
    } catch (error) {
      this.#connection.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#connection.close()
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#connection.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

/** The cache holds the upper parts of the trees that every statement is sorted into; with SQLite's own 2 MB they are written and read again and again. */
const PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16384;`

function connect(path: string): DatabaseSync {
  // Made before SQLite does it, so that nobody else may ever read it; the files beside it take its mode.
  closeSync(openSync(path, 'a', 0o600))
  const connection = new DatabaseSync(path, { defensive: true, enableDoubleQuotedStringLiterals: false })
  try {
    connection.exec(PRAGMAS)
    prepare(connection)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function prepare(connection: DatabaseSync): void {
  const version = connection.prepare('PRAGMA user_version').get()?.['user_version']
  if (version === INDEX_VERSION) return
  if (version !== 0) throw new RangeError('an index of another version')
  connection.exec(`BEGIN; ${INDEX_SCHEMA} PRAGMA user_version = ${INDEX_VERSION}; COMMIT`)
}

/** A column that holds text; anything else is a bug or a damaged file, and throws. */
export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw new TypeError(`column ${column} is no text`)
}

export function numberOf(row: Row, column: string): number {
  const value = row[column]
  if (typeof value === 'number') return value
  throw new TypeError(`column ${column} is no number`)
}

export const maybeText = (row: Row, column: string): string | null =>
  row[column] === null ? null : textOf(row, column)
export const maybeNumber = (row: Row, column: string): number | null =>
  row[column] === null ? null : numberOf(row, column)
