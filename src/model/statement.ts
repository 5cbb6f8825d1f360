import type { Facts } from './facts.ts'

/** A value bound to `$n`, exactly as the client sent it. */
export interface Parameter {
  /** pg_type OID, 0 where the client left it to the server. */
  readonly type: number
  readonly format: 'text' | 'binary'
  /** undefined is SQL NULL. */
  readonly value: Uint8Array | undefined
}

/**
 * SQL text on its way to a database: the text of a Query (one or several statements), of a Parse, or of the prepared statement
 * behind a Bind with its values.
 */
export interface SqlStatement {
  readonly kind: 'sql'
  readonly dialect: 'postgres'
  /** Strictly decoded; its UTF-8 bytes are the bytes that run. */
  readonly text: string
  readonly parameters: readonly Parameter[]
}

/** One unit of work that can be judged. Grows by `shell`, `open`, `file` and `forward` with their protocols. */
export type Statement = SqlStatement

/** A statement with what classification says of it: `facts` has one entry for each statement of the text. */
export interface Classified {
  readonly statement: Statement
  readonly facts: readonly Facts[]
}
