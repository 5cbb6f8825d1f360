import type { Role } from '../model/principal.ts'
import type { Rights } from '../model/rights.ts'
import type { Period } from './questions.ts'

/** A grant that was open at some time of a period, with the request behind it. Times are milliseconds since 1970. */
export interface GrantRecord {
  readonly id: string
  readonly person: string
  readonly service: boolean
  readonly owner: string | null
  readonly roles: readonly Role[]
  readonly target: string
  readonly rights: Rights
  readonly grantedAt: number
  readonly expiresAt: number
  readonly grantedBy: string
  readonly reason: string
  readonly revokedAt: number | null
  readonly revokedBy: string | null
  /** Requests that made or prolonged it, oldest first. */
  readonly requests: readonly RequestRecord[]
}

export interface RequestRecord {
  readonly id: string
  readonly rule: string
  readonly ticket: string | null
  readonly reason: string
  readonly createdAt: number
  /** Persons who approved, in order. */
  readonly approvedBy: readonly string[]
}

/** An account with how it proves itself. */
export interface AccountRecord {
  readonly person: string
  readonly roles: readonly Role[]
  readonly service: boolean
  readonly owner: string | null
  readonly target: string | null
  readonly createdAt: number
  readonly disabledAt: number | null
  readonly lastLoginAt: number | null
  readonly lastSessionAt: number | null
  /** A password is set. */
  readonly password: boolean
  readonly totp: boolean
  readonly passkeys: number
  /** Linked accounts of an identity provider. */
  readonly identities: number
  /** Grants that are live at the moment of the question. */
  readonly liveGrants: number
}

/** What the reports need of a store. */
export interface EvidenceStore {
  /** Grants that overlap the period, by person, target and time; at most `limit`. */
  grants(input: { readonly period: Period; readonly limit: number }): Promise<readonly GrantRecord[]>
  /** Every account, by name. */
  accounts(input: { readonly now: number }): Promise<readonly AccountRecord[]>
}
