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

/**
 * A command line on its way to a shell: the text of an `exec` request, or a line that was finished at our own prompt. What runs is this text in this
 * directory under this environment; all three are what an approval is given for.
 */
export interface ShellStatement {
  readonly kind: 'shell'
  /** Strictly decoded UTF-8 without NUL; its bytes are the bytes that run. */
  readonly text: string
  /** Absolute path; undefined where it is the account's own first directory, whose name nobody here knows. */
  readonly directory: string | undefined
  /** Exported variables that the line before left behind, and that this one starts with. */
  readonly environment: ReadonlyMap<string, string>
  /** Whether it runs with a terminal. */
  readonly terminal: boolean
  /** Set where nobody could tell that bash reads it, as whose line it is judged: another shell may make something else of it. */
  readonly reader?: 'unknown'
}

/** An ordinary interactive shell: what is done in it is recorded, and judged by nobody. */
export interface OpenStatement {
  readonly kind: 'open'
}

/** What is done to a file of the target, by name. Reads and writes ride the handle that `read` or `write` opened. */
export type FileOperation =
  | 'read'
  | 'write'
  | 'append'
  | 'list'
  | 'stat'
  | 'attributes'
  | 'remove'
  | 'rename'
  | 'make-directory'
  | 'remove-directory'
  | 'link'

/** One request of a file transfer that names a path. */
export interface FileStatement {
  readonly kind: 'file'
  readonly by: 'sftp' | 'scp' | 'rsync'
  readonly operation: FileOperation
  /** Absolute, as the target itself resolved it; as the client sent it where it was not resolved. */
  readonly path: string
  /** New name, or what a link points at. */
  readonly to: string | undefined
  /** What is set, in words: `mode 4755, owner 0:0`. */
  readonly change?: string
  /** False where the target could not be asked for the real path. */
  readonly resolved: boolean
}

/** A connection through the target, or one that the target takes for the client. */
export interface ForwardStatement {
  readonly kind: 'forward'
  readonly direction: 'local' | 'remote'
  readonly host: string
  readonly port: number
}

/** One unit of work that can be judged. */
export type Statement = SqlStatement | ShellStatement | OpenStatement | FileStatement | ForwardStatement

/** A statement with what classification says of it: `facts` has one entry for each statement or command of the text. */
export interface Classified {
  readonly statement: Statement
  readonly facts: readonly Facts[]
}
