import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { closeSync, openSync } from 'node:fs'
import type { Row } from './row.ts'

/** A value that a statement may be given; undefined is NULL, a truth is 0 or 1. */
export type Bindable = SQLInputValue | boolean | undefined
export type Bindings = Readonly<Record<string, Bindable>>

/** How long to wait for another process's write before giving up. */
const BUSY_MS = 5000

/** The one connection of the worker: prepared statements by their text, and values in both directions. */
export class Database {
  readonly #connection: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string) {
    // Created before SQLite does it, so that nobody but us may ever read it; the files beside it take its mode.
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600))
    this.#connection = new DatabaseSync(path, {
      timeout: BUSY_MS,
      defensive: true,
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: false,
    })
    this.#connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
  }

  /** Runs text without values: schema and transaction control. */
  script(sql: string): void {
    this.#connection.exec(sql)
  }

  /** Number of changed rows. */
  run(sql: string, values: Bindings = {}): number {
    return Number(this.#prepared(sql).run(bound(values)).changes)
  }

  get(sql: string, values: Bindings = {}): Row | undefined {
    return this.#prepared(sql).get(bound(values))
  }

  all(sql: string, values: Bindings = {}): readonly Row[] {
    return this.#prepared(sql).all(bound(values))
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

const bound = (values: Bindings): Record<string, SQLInputValue> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, bindable(value)]))

function bindable(value: Bindable): SQLInputValue {
  if (value === undefined) return null
  return typeof value === 'boolean' ? Number(value) : value
}
