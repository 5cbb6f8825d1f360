import type { ActionEffect, ActionFacts, PathUse } from '../model/action-facts.ts'
import type { Effect, Verb } from '../model/facts.ts'
import type { ApprovalId, ClassName, CredentialId, GrantId, PersonName, SessionId, TargetName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { Scrubbed } from '../model/scrubbed.ts'
import type { FileOperation, FileStatement } from '../model/statement.ts'
import type { Protocol } from '../model/target.ts'
import type { HoldTerms, RuleEffect } from '../model/verdict.ts'

/** Who, from where, on what: what every line of a session repeats (PCI 10.2.2) and `session.json` holds in full. */
export interface SessionHeader {
  readonly session: SessionId
  readonly person: PersonName
  /** The login as it was given, e.g. `alice@cards`. */
  readonly account: Scrubbed
  /** The target's own account that runs the statements. */
  readonly upstreamAccount: string
  readonly roles: readonly Role[]
  readonly service: boolean
  /** Address and port of the client. */
  readonly address: string
  /** Undefined only on loopback without TLS. */
  readonly tls: TlsFacts | undefined
  readonly target: TargetName
  readonly protocol: Protocol
  /** Empty where the protocol has none. */
  readonly database: Scrubbed
  readonly tags: readonly string[]
  readonly grant: GrantId | undefined
  readonly credential: CredentialId | undefined
  /** What the client calls itself (`application_name`). */
  readonly application: Scrubbed | undefined
  readonly policyVersion: string
}

/** What protects the client's connection, by TLS or by SSH itself. */
export interface TlsFacts {
  /** `TLSv1.3`, `SSH-2.0`. */
  readonly version: string
  readonly cipher: string
  /** SHA-256 fingerprint of the client's certificate; of the key that let the person in, by SSH. */
  readonly clientCertificate: string | undefined
}

/** What classification found out about one statement of a frame, as far as it is kept. */
export interface StatementFacts {
  readonly verbs: readonly Verb[]
  readonly effects: readonly Effect[]
  /** `schema.name` of every relation that is read or written. */
  readonly tables: readonly Scrubbed[]
  /** `schema.table.column` of every tagged column that the text names. */
  readonly columns: readonly Scrubbed[]
  readonly classes: readonly ClassName[]
  readonly complete: boolean
  readonly gaps: readonly Scrubbed[]
}

/** What classification found out about one thing that is done over SSH, as far as it is kept. A recording tells it from SQL by `kind`. */
export interface ActionStatementFacts {
  readonly kind: ActionFacts['kind']
  readonly effects: readonly ActionEffect[]
  /** The program, with those that run it before it: `sudo`, `rm`; empty where none is known, or none runs. */
  readonly programs: readonly Scrubbed[]
  /** The account that it runs as, where that is another one. */
  readonly account?: Scrubbed
  readonly paths: readonly { readonly path: Scrubbed; readonly does: PathUse['does'] }[]
  /** `host:port` of a forward. */
  readonly peer?: Scrubbed
  readonly complete: boolean
  readonly gaps: readonly Scrubbed[]
}

/** Facts as a recording holds them. */
export type RecordedFacts = StatementFacts | ActionStatementFacts

export const isAction = (facts: RecordedFacts): facts is ActionStatementFacts => 'kind' in facts

export interface StatementVerdict {
  readonly effect: RuleEffect
  readonly rules: readonly string[]
  readonly policyVersion: string
}

/** Number of a statement within its session, from 1; results, holds and rulings refer to it. */
export type StatementNumber = number

/** Intent: written before the bytes leave. */
export interface StatementEvent {
  readonly kind: 'statement'
  readonly statement: StatementNumber
  readonly message: 'query' | 'parse' | 'bind' | 'execute' | 'copy' | ActionMessage
  readonly text: RedactedText
  /** Bound values in order; null is SQL NULL. */
  readonly values: readonly (RedactedText | null)[]
  /** One entry for each statement of the text. Serialised once for one object: hand in the same one for a repeated statement. */
  readonly facts: readonly RecordedFacts[]
  /** Serialised once for one object, like `facts`. */
  readonly verdict: StatementVerdict
  /** Of a command line: where and how it runs. */
  readonly place?: ShellPlace
}

/** What came over SSH: an `exec` request, a line of our own prompt, a shell, a subsystem, an SFTP request, a forward. */
export type ActionMessage = 'exec' | 'line' | 'shell' | 'subsystem' | 'sftp' | 'forward'

/** What a command line starts with besides its text. */
export interface ShellPlace {
  /** undefined where it is the account's first directory. */
  readonly directory: Scrubbed | undefined
  readonly environment: readonly { readonly name: Scrubbed; readonly value: RedactedText }[]
  readonly terminal: boolean
}

export interface HoldEvent {
  readonly kind: 'hold'
  readonly statement: StatementNumber
  readonly approval: ApprovalId
  /** Keyed digest that approvers answer for. */
  readonly digest: string
  readonly terms: readonly HoldTerms[]
}

export interface RulingEvent {
  readonly kind: 'ruling'
  readonly statement: StatementNumber
  readonly ruling: 'cleared' | 'refused'
  readonly approval: ApprovalId | undefined
  /** The persons whose decisions made it; empty where policy, time or a hang-up did. */
  readonly by: readonly PersonName[]
  readonly reason: Scrubbed
}

export interface ResultEvent {
  readonly kind: 'result'
  readonly statement: StatementNumber
  readonly end: 'done' | 'failed' | 'cancelled' | 'unknown'
  /** Five characters, where the target gave one. */
  readonly sqlstate: string | undefined
  readonly tag: Scrubbed | undefined
  readonly rows: number
  /** Bytes of the rows as they went to the client. */
  readonly bytes: number
  readonly ms: number
  /** Cells that did not reach the client as the target sent them. */
  readonly masked: number
  /** Card numbers that only the detectors caught. */
  readonly pans: number
}

/** Masked rows, where a pack opts in. */
export interface RowsEvent {
  readonly kind: 'rows'
  readonly statement: StatementNumber
  readonly columns: readonly Scrubbed[]
  readonly rows: readonly (readonly (RedactedText | null)[])[]
}

export interface NoticeEvent {
  readonly kind: 'pg.notice'
  readonly severity: Scrubbed
  readonly sqlstate: string | undefined
  readonly text: Scrubbed
}

export interface ParameterEvent {
  readonly kind: 'pg.parameter'
  readonly name: Scrubbed
  readonly value: Scrubbed
}

export interface NotificationEvent {
  readonly kind: 'pg.notification'
  readonly channel: Scrubbed
  readonly payload: Scrubbed
}

/** Number of an SSH channel within its session, from 1, in the order of opening. */
export type ChannelNumber = number

/**
 * A checkpoint over the first `bytes` bytes of a channel's cast file. The one with `state: 'begun'` carries the moment from which the file
 * counts its seconds.
 */
export interface CastEvent {
  readonly kind: 'ssh.cast'
  readonly channel: ChannelNumber
  readonly state: 'begun' | 'running' | 'ended'
  /** Name inside the session's folder. */
  readonly file: string
  readonly bytes: number
  /** SHA-256 of those bytes, hex. */
  readonly sha256: string
  /** Of the output as the client got it: bytes that are in the file, and all of them. */
  readonly kept: number
  readonly output: number
  /** SHA-256 of all output, hex; only where it ended and not all of it was kept. */
  readonly outputHash: string | undefined
}

/** The client's window has another size. */
export interface ResizeEvent {
  readonly kind: 'ssh.resize'
  readonly channel: ChannelNumber
  readonly columns: number
  readonly rows: number
}

/** Something about what was typed that output alone does not tell. Never the keys themselves. */
export type InputMark = 'paste' | 'interrupt' | 'suspend-declined' | 'echo-off' | 'end-of-file' | 'signal'

export interface InputEvent {
  readonly kind: 'ssh.input'
  readonly channel: ChannelNumber
  readonly what: InputMark
  readonly detail: Scrubbed | undefined
}

/** How a command over SSH ended: the result of its statement. Neither code nor signal: nobody here knows. */
export interface ExitEvent {
  readonly kind: 'ssh.exit'
  readonly statement: StatementNumber
  readonly channel: ChannelNumber
  readonly code: number | undefined
  /** Without SIG. */
  readonly signal: Scrubbed | undefined
  /** Bytes of stdout, stderr and stdin as they passed. */
  readonly bytesOut: number
  readonly bytesErr: number
  readonly bytesIn: number
  readonly ms: number
  /** Card numbers cut down in its output. */
  readonly pans: number
}

/** What went through one open file, or one file of an scp stream, in one direction. */
export interface FileTransfer {
  readonly bytes: number
  /** SHA-256 of these bytes, hex; undefined where they did not go in order from the file's beginning, each once. */
  readonly sha256: string | undefined
  /** Whether they are all of the file: read to its end, or written into an emptied one. */
  readonly whole: boolean
  /** Card numbers in them. They pass as they are: a file whose content were changed on its way would be another file. */
  readonly pans: number
}

/** How a request of a file transfer ended that was cleared; of an open file, when it is closed. */
export interface FileEvent {
  readonly kind: 'ssh.file'
  /** Undefined where the target itself refused to say where the path leads, so that there was nothing to judge. */
  readonly statement: StatementNumber | undefined
  readonly by: FileStatement['by']
  readonly operation: FileOperation
  readonly path: Scrubbed
  readonly to: Scrubbed | undefined
  /** `unknown`: the session or the target ended in the middle. */
  readonly end: 'done' | 'failed' | 'unknown'
  /** What the target said where it failed, in our words. */
  readonly status: Scrubbed | undefined
  readonly read: FileTransfer | undefined
  readonly written: FileTransfer | undefined
  readonly ms: number
}

/** A forwarded connection, or the target's port that connections are taken from. */
export interface ForwardEvent {
  readonly kind: 'ssh.forward'
  /** The line that judged it; for a connection to a forwarded port, the one that judged the port. */
  readonly statement: StatementNumber
  readonly direction: 'local' | 'remote'
  /** `listening`: the target takes connections from now on. `ended`: a connection, or the listening, is over. */
  readonly state: 'listening' | 'opened' | 'ended' | 'failed'
  /** Where it leads, or where the target listens. */
  readonly host: Scrubbed
  readonly port: number
  /** Who connected, as the opening side tells it. */
  readonly from: Scrubbed | undefined
  /** Bytes that came from the target's side, and from the client's. */
  readonly bytesIn: number
  readonly bytesOut: number
  readonly ms: number
  readonly reason: Scrubbed | undefined
}

/** A card number where none was expected (PCI 12.10.7). */
export interface FindEvent {
  readonly kind: 'find'
  readonly statement: StatementNumber | undefined
  readonly where:
    | 'cell'
    | 'column-name'
    | 'error'
    | 'notice'
    | 'parameter'
    | 'notification'
    | 'copy'
    | 'tag'
    | 'statement'
    | 'output'
    | 'file'
    | 'file-name'
  readonly count: number
}

/** What a session appends while it lives; the recorder itself adds `open`, `seal`, `close` and `crash`. */
export type SessionEvent =
  | StatementEvent
  | HoldEvent
  | RulingEvent
  | ResultEvent
  | RowsEvent
  | NoticeEvent
  | ParameterEvent
  | NotificationEvent
  | CastEvent
  | ResizeEvent
  | InputEvent
  | ExitEvent
  | FileEvent
  | ForwardEvent
  | FindEvent

/** Why a session ended. `crash` is written by recovery alone. */
export type CloseReason =
  | 'client-left'
  | 'upstream-left'
  | 'idle'
  | 'grant-ended'
  | 'person-disabled'
  | 'terminated'
  | 'settings-drift'
  | 'protocol-error'
  | 'login-failed'
  | 'node-stop'
  | 'fault'
  | 'crash'

export interface OpenEvent {
  readonly kind: 'open'
  readonly grant: GrantId | undefined
  readonly credential: CredentialId | undefined
  readonly policyVersion: string
}

export interface CloseEvent {
  readonly kind: 'close'
  readonly reason: CloseReason
  readonly text: Scrubbed | undefined
}

/** A signed checkpoint over everything up to the line before it. */
export interface SealEvent {
  readonly kind: 'seal'
  readonly key: string
  readonly signature: string
}

/** Written by the next start over a recording without an end. */
export interface CrashEvent {
  readonly kind: 'crash'
  /** Bytes of a half-written last line, moved into `events.torn`; 0 where the last line was whole. */
  readonly torn: number
  /** SHA-256 of those bytes. */
  readonly tornHash: string | undefined
  /** Statements without a result: nobody here knows whether they ran. */
  readonly unknown: readonly StatementNumber[]
}

export type RecordedEvent = SessionEvent | OpenEvent | CloseEvent | SealEvent | CrashEvent

/** Success or failure of what the line tells, in the words of PCI 10.2.2. */
export type Outcome =
  | 'allowed'
  | 'held'
  | 'approved'
  | 'denied'
  | 'executed'
  | 'masked'
  | 'failed'
  | 'cancelled'
  | 'unknown'
  | 'found'
  | 'noted'
  | 'ended'
