import type { ActionFacts } from './action-facts.ts'
import type { ClassName } from './ids.ts'
import type { RelationKind } from './catalog.ts'
import type { Output } from './lineage.ts'

/** What a statement is, by its leading words; nested ones (a CTE's DELETE, EXPLAIN ANALYZE's) are listed in `verbs` as well. */
export type Verb =
  | 'select'
  | 'insert'
  | 'update'
  | 'delete'
  | 'merge'
  | 'truncate'
  | 'create'
  | 'alter'
  | 'drop'
  | 'comment'
  | 'grant'
  | 'revoke'
  | 'copy'
  | 'explain'
  | 'call'
  | 'do'
  | 'prepare'
  | 'execute'
  | 'deallocate'
  | 'declare'
  | 'fetch'
  | 'move'
  | 'close'
  | 'set'
  | 'show'
  | 'reset'
  | 'discard'
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'savepoint'
  | 'release'
  | 'listen'
  | 'notify'
  | 'unlisten'
  | 'lock'
  | 'vacuum'
  | 'analyze'
  | 'cluster'
  | 'reindex'
  | 'refresh'
  | 'checkpoint'
  | 'load'
  | 'empty'
  | 'other'

/** What running the statement can do. Rules match on these; the list is closed, so a new effect is a reviewed change. */
export type Effect =
  | 'read' /* rows of a relation */
  | 'write' /* INSERT, UPDATE, DELETE, MERGE, TRUNCATE, COPY FROM */
  | 'unfiltered-write' /* UPDATE or DELETE whose WHERE is missing or always true; TRUNCATE */
  | 'ddl' /* creates, changes or drops an object, temporary ones included; SELECT INTO; CREATE TABLE AS */
  | 'temporary' /* makes a temporary object: from then on it may stand in front of any unqualified name of this session */
  | 'privileges' /* GRANT, REVOKE, roles, owners, policies, SET ROLE, SET SESSION AUTHORIZATION */
  | 'password' /* the password of a role of the database: CREATE or ALTER ROLE ... PASSWORD, psql's \password */
  | 'code' /* DO, CALL, CREATE FUNCTION/TRIGGER/RULE/OPERATOR, EXECUTE of unknown text, query text in arguments */
  | 'file' /* the server's files */
  | 'program' /* a program on the server */
  | 'network' /* another server: dblink, foreign data wrappers, subscriptions */
  | 'setting' /* changes a setting that is on the harmless list */
  | 'reading-setting' /* changes a setting that alters how statements are read or resolved, or any setting not on the list */
  | 'lock' /* LOCK TABLE, advisory locks */
  | 'rowlock' /* SELECT ... FOR UPDATE/SHARE */
  | 'transaction' /* BEGIN, COMMIT, ROLLBACK, SAVEPOINT */
  | 'two-phase' /* PREPARE TRANSACTION, COMMIT/ROLLBACK PREPARED */
  | 'maintenance' /* VACUUM, ANALYZE, CLUSTER, REINDEX, REFRESH, CHECKPOINT */
  | 'export' /* COPY ... TO STDOUT */
  | 'import' /* COPY ... FROM STDIN */
  | 'listen' /* LISTEN, UNLISTEN */
  | 'notify' /* NOTIFY, pg_notify */
  | 'sequence' /* nextval, setval */
  | 'signal' /* pg_cancel_backend, pg_terminate_backend, pg_reload_conf */
  | 'large-object'
  | 'replication' /* slots, logical decoding, WAL control */
  | 'statistics' /* pg_stats and other places where values of columns lie in the catalog */
  | 'others-statements' /* pg_stat_activity and other views that show other sessions' text */
  | 'probe' /* computes on a tagged column: predicate, join, grouping, ordering, argument, write source */
  | 'session-name' /* PREPARE, DECLARE, FETCH, EXECUTE, CLOSE, DEALLOCATE, DISCARD */

/** One relation that a statement touches, views expanded: the view itself and everything under it are each listed. */
export interface RelationUse {
  /** pg_class.oid; 0 where the name did not resolve. */
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  /** Classes of data among its columns, from the packs' masks. */
  readonly classes: readonly ClassName[]
  readonly system: boolean
  /** Reached through this view (`schema.name`) and not named in the text. */
  readonly via: string | undefined
}

export interface FunctionUse {
  readonly schema: string
  readonly name: string
  /** pg_proc OIDs that the call may resolve to. */
  readonly oids: readonly number[]
  /** In the shipped table of built-in functions and not shadowed by a user's function. */
  readonly builtin: boolean
}

/** A column that the text names and that resolved to a relation of the catalog. */
export interface ColumnUse {
  readonly schema: string
  readonly table: string
  readonly column: string
  readonly classes: readonly ClassName[]
}

export interface SettingUse {
  /** Lower case, as in pg_settings. */
  readonly name: string
  /** The literal value; undefined for DEFAULT, RESET, CURRENT or anything that is computed. */
  readonly value: string | undefined
  /** SET LOCAL and BEGIN's own options end with the transaction. */
  readonly scope: 'session' | 'transaction'
}

/** What the statement does to the session's names (prepared statements, portals, cursors). */
export type NameUse =
  | { readonly kind: 'prepare'; readonly name: string }
  | { readonly kind: 'execute'; readonly name: string }
  | { readonly kind: 'deallocate'; readonly name: string | undefined /* ALL */ }
  | { readonly kind: 'declare'; readonly name: string; readonly hold: boolean }
  | { readonly kind: 'fetch'; readonly name: string }
  | { readonly kind: 'close'; readonly name: string | undefined /* ALL */ }
  | { readonly kind: 'discard'; readonly what: 'all' | 'plans' | 'temp' | 'sequences' }

/** A COPY between the server and the client; files and programs have no use here, only their effect. */
export interface CopyUse {
  readonly direction: 'in' | 'out'
  readonly format: 'text' | 'csv' | 'binary'
  readonly header: boolean
  /** Only options whose framing the mask knows by heart: FORMAT, HEADER. Anything else (DELIMITER, QUOTE, NULL, ENCODING, ...) is false. */
  readonly standardOptions: boolean
  /** The table that is copied with its columns in order, or undefined for COPY (query). */
  readonly table: { readonly oid: number; readonly columns: readonly string[] } | undefined
}

/** Where the literals of a statement stand that are proved to be no card data; byte offsets into the frame's text. */
export type ClearLiterals = 'all' | ReadonlySet<number>

/** What policy is asked about: one statement of a SQL text, one command of a shell line, or one other thing that is done over SSH. */
export type Facts = SqlFacts | ActionFacts

/** Everything that classification found out about one statement of a frame. */
export interface SqlFacts {
  readonly kind: 'sql'
  readonly verb: Verb
  readonly verbs: readonly Verb[]
  readonly effects: readonly Effect[]
  readonly reads: readonly RelationUse[]
  readonly writes: readonly RelationUse[]
  readonly columns: readonly ColumnUse[]
  readonly functions: readonly FunctionUse[]
  readonly settings: readonly SettingUse[]
  readonly names: readonly NameUse[]
  readonly copy: CopyUse | undefined
  /** Every UPDATE and DELETE has a WHERE that names a column; true where there is none of them. */
  readonly filtered: boolean
  /** Classes of the tagged columns of every relation that is read, views expanded, whether or not they are named. */
  readonly classes: readonly ClassName[]
  /** Classes of tagged columns in a position other than a bare output. */
  readonly probes: readonly ClassName[]
  readonly output: Output
  /** Changes definitions that later statements of this session resolve against. */
  readonly changesCatalog: boolean
  /** False where something was not parsed, not resolved or not known; `gaps` says what, in words for a person. */
  readonly complete: boolean
  readonly gaps: readonly string[]
  /** Byte offsets [start, end) of this statement in the frame's text. */
  readonly span: { readonly start: number; readonly end: number }
  readonly clearLiterals: ClearLiterals
  /** Numbers n of the parameters $n whose every use is proved to be no card data. */
  readonly clearParameters: ClearLiterals
  /** The grammar itself refuses the text: no server of this version would run it. For the person who typed it only; it quotes the text. */
  readonly invalid?: {
    readonly message: string
    /** Character of the text, from 1; 0 where unknown. */ readonly position: number
  }
}
