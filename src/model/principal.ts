import type { PersonName } from './ids.ts'

/** What a person may do. A person may hold several; none implies another (an admin is no approver). */
export const ROLES = ['engineer', 'approver', 'auditor', 'security', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** The authenticated person or service account behind a session or an API call. */
export interface Principal {
  readonly person: PersonName
  readonly roles: readonly Role[]
  /** A program's account: no second factor, one target, a named owner. */
  readonly service: boolean
}
