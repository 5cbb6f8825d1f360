import type { PersonName, TargetName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { Rights } from '../model/rights.ts'
import type { Secret } from '../std/secret.ts'

/** The administration of people by somebody who has the server's data folder. Every change is a ledger event by `local:<account>`. */
export interface LocalAdmin {
  /** An account and its second factor; a service account has neither password nor factor, and an owner and one target instead. */
  add(account: NewAccount): Promise<AdminOutcome<{ readonly factor: NewFactor | undefined } & Waiting>>
  /** A one-time link, by which somebody chooses their own password and second factor. */
  invite(
    person: PersonName,
    roles: readonly Role[],
  ): Promise<AdminOutcome<{ readonly link: Secret; readonly expiresAt: number } & Waiting>>
  /** Gives exactly these roles. */
  setRoles(person: PersonName, roles: readonly Role[]): Promise<AdminOutcome<Waiting>>
  list(): Promise<readonly Account[]>
  disable(person: PersonName): Promise<AdminOutcome>
  grant(wanted: {
    readonly person: PersonName
    readonly target: TargetName
    readonly rights?: Rights
    readonly forMs: number
    readonly reason: string
  }): Promise<AdminOutcome<{ readonly expiresAt: number }>>
  /** Takes every second factor away and makes a new one. Somebody who has none any more gets a link instead, to be followed with their password. */
  resetFactor(person: PersonName): Promise<AdminOutcome<ResetFactor>>
  close(): Promise<void>
}

export type NewAccount =
  | {
      readonly kind: 'person'
      readonly name: PersonName
      readonly roles: readonly Role[]
      readonly password: Secret
      readonly owner: PersonName | undefined
    }
  | { readonly kind: 'service'; readonly name: PersonName; readonly owner: PersonName; readonly target: TargetName }

/** What has to wait for a second admin: the proposal to be confirmed. */
export interface Waiting {
  readonly waits: { readonly proposal: string; readonly roles: readonly Role[] } | undefined
}

export type ResetFactor =
  | { readonly kind: 'new'; readonly factor: NewFactor }
  | { readonly kind: 'link'; readonly link: Secret; readonly expiresAt: number }
  | { readonly kind: 'waits'; readonly proposal: string }

/** Shown once. */
export interface NewFactor {
  readonly secret: Secret
  readonly uri: Secret
}

export interface Account {
  readonly person: PersonName
  readonly roles: readonly Role[]
  readonly service: boolean
  readonly owner: PersonName | undefined
  readonly disabled: boolean
  /** Live grants, with their ends in milliseconds since 1970. */
  readonly grants: readonly { readonly target: TargetName; readonly expiresAt: number }[]
}

export type AdminOutcome<Extra = object> =
  ({ readonly ok: true } & Extra) | { readonly ok: false; readonly reason: string }

/** Opens the data folder of a configuration file; rejects with a sentence for the operator. */
export type OpenLocalAdmin = (
  configPath: string,
  env: Readonly<Record<string, string | undefined>>,
) => Promise<LocalAdmin>
