import type { CredentialId, GrantId, PersonName, SessionId, TargetName } from './ids.ts'
import type { Protocol } from './target.ts'

/** One line of the index of sessions: who reached what, when, by which grant, and where its recording lies. */
export interface SessionEntry {
  readonly id: SessionId
  readonly person: PersonName
  readonly target: TargetName
  readonly protocol: Protocol
  readonly grant: GrantId
  /** Undefined where a key or a certificate let the person in. */
  readonly credential: CredentialId | undefined
  /** `SHA256:…` of the SSH key that let the person in; taking it away ends the session. */
  readonly clientKey?: string | undefined
  /** Source address of the client. */
  readonly origin: string
  /** Name of the recording's folder below the recordings' root. */
  readonly recording: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number | undefined
  readonly endReason: string | undefined
}

export interface SessionFilter {
  readonly person?: PersonName
  readonly target?: TargetName
  /** Only sessions that have not ended. */
  readonly live?: boolean
  /** Only sessions started before this moment: the next page. */
  readonly before?: number
  /** Only sessions that had not ended before this moment. */
  readonly since?: number
  /** Only sessions that come after this one in the list: the next page. */
  readonly after?: SessionId
  /** 1 to 500, default 100. */
  readonly limit?: number
}

/** The durable index of sessions. An approval is executed only for a session that stands here as live. */
export interface SessionIndex {
  start(input: { readonly entry: SessionEntry }): Promise<void>
  /** False where it had ended already. */
  end(input: { readonly id: SessionId; readonly at: number; readonly reason: string }): Promise<boolean>
  find(input: { readonly id: SessionId }): Promise<SessionEntry | undefined>
  /** Newest first. */
  list(input: { readonly filter: SessionFilter }): Promise<readonly SessionEntry[]>
  /** At start: what an earlier process left open is ended as crashed. Returns those ids. */
  endCrashed(input: { readonly at: number }): Promise<readonly SessionId[]>
}
