import type { Credentials } from '../access/credentials.ts'
import type { Grants } from '../access/grants.ts'
import type { Login } from '../access/login.ts'
import type { People } from '../access/people.ts'
import type { Approvals } from '../approvals/approvals.ts'
import type { PersonName, SessionId, TargetName } from '../model/ids.ts'
import type { ShownStatement } from '../session/hold-desk.ts'
import type { Target } from '../model/target.ts'

/** All times are milliseconds since 1970 by the server's clock. */
export type Millis = number

/** Who someone is, and that they are still here. Lockout and one-time use of codes live behind it. */
export type LoginPort = Pick<Login, 'login' | 'personOf' | 'verifyFactor' | 'logout'>
export type PeoplePort = Pick<People, 'list'>
/** The live grants of one person. */
export type GrantsPort = Pick<Grants, 'liveOf'>
export type CredentialsPort = Pick<Credentials, 'mint' | 'liveOf' | 'revoke'>

export interface TargetsPort {
  /** Every configured target. */
  all(): readonly Target[]
}

/** The held frame as it stands in the session's memory; never stored. */
export type ShownHold = ShownStatement

/** The one state machine. Every rule that http checks early is checked there again, atomically. */
export type ApprovalsPort = Pick<Approvals<ShownHold>, 'list' | 'get' | 'shown' | 'decide' | 'withdraw' | 'subscribe'>

export interface SessionRecord {
  readonly id: SessionId
  readonly person: PersonName
  readonly target: TargetName
  readonly protocol: 'postgres'
  readonly address: string
  readonly state: 'open' | 'closed'
  readonly startedAt: Millis
  readonly endedAt: Millis | undefined
  readonly statements: number
}

export interface SessionsPort {
  list(filter: SessionFilter): Promise<readonly SessionRecord[]>
  find(id: SessionId): Promise<SessionRecord | undefined>
  /** Recorded with who and why; 'closed' where it had already ended. */
  terminate(order: {
    readonly id: SessionId
    readonly by: PersonName
    readonly reason: string
  }): Promise<'terminated' | 'closed'>
  /** Told of every session that began or ended. The returned function ends it. */
  subscribe(listener: (session: SessionRecord) => void): () => void
}

export interface SessionFilter {
  readonly person: PersonName | undefined
  readonly target: TargetName | undefined
  readonly state: 'open' | 'closed' | undefined
  readonly limit: number
}

export interface RecordingsPort {
  /** Writes a ledger event that `by` viewed these events, then answers them: masked at rest, in order, `from` is a sequence number. */
  events(view: {
    readonly session: SessionId
    readonly by: PersonName
    readonly from: number
    readonly limit: number
  }): Promise<readonly RecordedEvent[]>
}

/** A line of events.ndjson. Its payload is JSON that the recorder wrote. */
export type RecordedEvent = Readonly<Record<string, unknown>>

export interface HealthPort {
  /** Each part that must work before anything may run. `detail` is ours, never text from outside. */
  checks(): Promise<readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[]>
}

/** One Prometheus sample. Label values are fixed words of ours: no names, no text from outside (rule D18). */
export interface Sample {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

export interface MetricsPort {
  samples(): readonly Sample[]
}
