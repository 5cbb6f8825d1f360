import type { Effect, Verb } from '../model/facts.ts'
import type { ApprovalId, ClassName, CredentialId, GrantId, PersonName, SessionId, TargetName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { Scrubbed } from '../model/scrubbed.ts'
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
  /** undefined only on loopback without TLS. */
  readonly tls: TlsFacts | undefined
  readonly target: TargetName
  readonly protocol: 'postgres'
  readonly database: Scrubbed
  readonly tags: readonly string[]
  readonly grant: GrantId | undefined
  readonly credential: CredentialId | undefined
  /** What the client calls itself (`application_name`). */
  readonly application: Scrubbed | undefined
  readonly policyVersion: string
}

export interface TlsFacts {
  readonly version: string
  readonly cipher: string
  /** SHA-256 fingerprint of the client's certificate. */
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
  readonly message: 'query' | 'parse' | 'bind' | 'execute' | 'copy'
  readonly text: RedactedText
  /** Bound values in order; null is SQL NULL. */
  readonly values: readonly (RedactedText | null)[]
  /** One entry for each statement of the text. Serialised once for one object: hand in the same one for a repeated statement. */
  readonly facts: readonly StatementFacts[]
  /** Serialised once for one object, like `facts`. */
  readonly verdict: StatementVerdict
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

/** A card number where none was expected (PCI 12.10.7). */
export interface FindEvent {
  readonly kind: 'find'
  readonly statement: StatementNumber | undefined
  readonly where:
    'cell' | 'column-name' | 'error' | 'notice' | 'parameter' | 'notification' | 'copy' | 'tag' | 'statement'
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
