import type { SessionId } from '../model/ids.ts'
import type { StopScope } from './stops.ts'

/** Whether a live session may go on, and what else there is to tell its person. */
export interface SessionStanding {
  readonly session: SessionId
  readonly standing: Standing
  /** Milliseconds since 1970; a renewal moves it. */
  readonly grantEndsAt: number
}

export type Standing =
  | { readonly kind: 'live' }
  /** By the kill switch. */
  | { readonly kind: 'stopped'; readonly scope: StopScope; readonly by: string; readonly reason: string }
  | { readonly kind: 'person-disabled' }
  | { readonly kind: 'grant-revoked'; readonly by: string }
  | { readonly kind: 'grant-expired' }
  | { readonly kind: 'credential-revoked' }
  /** The SSH key by which it came in. */
  | { readonly kind: 'key-removed' }

/** What the clock of the grants needs of a store. A credential that merely expired ends no session. */
export interface StandingStore {
  /** One question for all of them. A session that the answer does not name is unknown to the store, and stands on nothing. */
  standings(input: { sessions: readonly SessionId[]; now: number }): Promise<readonly SessionStanding[]>
}
