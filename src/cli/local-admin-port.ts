import type { PersonName, TargetName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { Secret } from '../std/secret.ts'

/** The administration of people by somebody who has the server's data folder. Every change is a ledger event by `local:<account>`. */
export interface LocalAdmin {
  /** An account and its second factor; a service account has neither password nor factor, and an owner and one target instead. */
  add(account: NewAccount): Promise<AdminOutcome<{ readonly factor: NewFactor | undefined }>>
  list(): Promise<readonly Account[]>
  disable(person: PersonName): Promise<AdminOutcome>
  grant(wanted: {
    readonly person: PersonName
    readonly target: TargetName
    readonly forMs: number
    readonly reason: string
  }): Promise<AdminOutcome<{ readonly expiresAt: number }>>
  /** Takes the second factor away and makes a new one. */
  resetFactor(person: PersonName): Promise<AdminOutcome<{ readonly factor: NewFactor }>>
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
