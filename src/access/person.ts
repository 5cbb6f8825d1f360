import type { PersonName, TargetName } from '../model/ids.ts'
import type { Principal, Role } from '../model/principal.ts'

/** An account as the store keeps it. Names are never reused, so a name is an identity (PCI DSS 8.2.1). */
export interface Person {
  readonly name: PersonName
  readonly roles: readonly Role[]
  /** A program's account: no second factor, one target, an owner. */
  readonly service: boolean
  /**
   * The human behind a service account or behind a second account of one person. Four eyes compare humans, so an owner and
   * the accounts owned never countersign each other.
   */
  readonly owner: PersonName | undefined
  /** The only target of a service account. */
  readonly target: TargetName | undefined
  readonly createdAt: number
  readonly disabledAt: number | undefined
  /** Last full login, for the report of idle accounts (PCI DSS 8.2.6). */
  readonly lastLoginAt: number | undefined
}

/** The one who answers for an account. */
export const humanOf = (person: Pick<Person, 'name' | 'owner'>): PersonName => person.owner ?? person.name

export const principalOf = (person: Person): Principal => ({
  person: person.name,
  roles: person.roles,
  service: person.service,
})
