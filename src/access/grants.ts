import type { Clock } from '../std/clock.ts'
import type { GrantId, PersonName, TargetName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import { byRights, type Rights } from '../model/rights.ts'
import { noted, reasonOf } from './note.ts'
import type { Scrub } from './note.ts'

/** A time-boxed right of one person to one target. */
export interface Grant {
  readonly id: GrantId
  readonly person: PersonName
  readonly target: TargetName
  readonly rights: Rights
  readonly grantedAt: number
  readonly expiresAt: number
  readonly grantedBy: string
  readonly reason: string
  readonly revokedAt: number | undefined
  readonly revokedBy: string | undefined
}

/** What `grants` needs of a store. "Live" means: not revoked, not expired at `now`, the person not disabled. */
export interface GrantStore {
  /** Checks the person and, for a service account, that it is its one target, in the same transaction. */
  add(input: { grant: Grant; note: LedgerNote }): Promise<'added' | 'no-such-person' | 'not-its-target'>
  live(input: { person: PersonName; now: number }): Promise<readonly Grant[]>
  list(input: { person: PersonName | undefined; limit: number }): Promise<readonly Grant[]>
  find(input: { id: GrantId }): Promise<Grant | undefined>
  revoke(input: { id: GrantId; at: number; by: string; note: LedgerNote }): Promise<boolean>
}

export interface NewGrant {
  readonly person: PersonName
  readonly target: TargetName
  /** Everything that the rules allow, where nothing is said. */
  readonly rights?: Rights | undefined
  readonly forMs: number
  readonly reason: string
}

export type GrantOutcome =
  | { readonly outcome: 'granted'; readonly grant: Grant }
  | { readonly outcome: 'refused'; readonly why: 'no-such-person' | 'not-its-target' | 'bad-duration' }

export interface Grants {
  grant(wanted: NewGrant, actor: Actor): Promise<GrantOutcome>
  liveOf(person: PersonName): Promise<readonly Grant[]>
  find(id: GrantId): Promise<Grant | undefined>
  /** Newest first, ended ones too. */
  list(person?: PersonName): Promise<readonly Grant[]>
  /** `reason` is for the ledger. */
  revoke(id: GrantId, actor: Actor, reason?: string): Promise<boolean>
  /**
   * The target that a login name means among `targets` (those of the protocol): the one it names, or the only one that the person has a
   * live grant for. Undefined, to be answered like a wrong password, for no live grant or several candidates.
   */
  resolve(
    login: { person: PersonName; target: TargetName | undefined },
    targets: readonly TargetName[],
  ): Promise<Grant | undefined>
}

export interface GrantDeps {
  readonly store: GrantStore
  readonly clock: Clock
  /** 12 fresh characters behind `g_`. */
  readonly newId: () => GrantId
  readonly scrub: Scrub
}

/** Ninety days: the longest a review of access may lag (PCI DSS 7.2.4 asks for six months). */
const MAX_GRANT_MS = 90 * 24 * 3_600_000
const LIST_LIMIT = 500

/** The one of somebody's live grants for a target that a new session stands on: the widest, and of those the one that lasts longest. */
export const bestOf = <Held extends Pick<Grant, 'rights' | 'expiresAt'>>(grants: readonly Held[]): Held | undefined =>
  grants.toSorted((a, b) => byRights(b.rights, a.rights) || b.expiresAt - a.expiresAt)[0]

/** Nobody connects without a grant. */
export function createGrants({ store, clock, newId, scrub }: GrantDeps): Grants {
  return {
    async grant(wanted, actor) {
      if (!isDuration(wanted.forMs)) return { outcome: 'refused', why: 'bad-duration' }
      const grant = granted(
        { ...wanted, reason: reasonOf(wanted.reason, scrub) },
        { id: newId(), at: clock.now(), by: actor.by },
      )
      const { id, target, rights, expiresAt: until, reason } = grant
      const detail = { grant: id, target, rights, until, reason }
      const note = noted(actor, { kind: 'grant.added', at: clock.now(), resource: `person:${grant.person}`, detail })
      const added = await store.add({ grant, note })
      return added === 'added' ? { outcome: 'granted', grant } : { outcome: 'refused', why: added }
    },
    liveOf: (person) => store.live({ person, now: clock.now() }),
    find: (id) => store.find({ id }),
    list: (person) => store.list({ person, limit: LIST_LIMIT }),
    revoke(id, actor, reason) {
      const at = clock.now()
      const detail = reason === undefined ? {} : { reason: reasonOf(reason, scrub) }
      const note = noted(actor, { kind: 'grant.revoked', at, resource: `grant:${id}`, detail })
      return store.revoke({ id, at, by: actor.by, note })
    },
    async resolve(login, targets) {
      const live = await store.live({ person: login.person, now: clock.now() })
      const fitting = live.filter(
        (grant) => targets.includes(grant.target) && (login.target ?? grant.target) === grant.target,
      )
      if (new Set(fitting.map((grant) => grant.target)).size !== 1) return undefined
      return bestOf(fitting)
    },
  }
}

const isDuration = (ms: number): boolean => Number.isSafeInteger(ms) && ms > 0 && ms <= MAX_GRANT_MS

const granted = (wanted: NewGrant, made: { id: GrantId; at: number; by: string }): Grant => ({
  id: made.id,
  person: wanted.person,
  target: wanted.target,
  rights: wanted.rights ?? 'all',
  grantedAt: made.at,
  expiresAt: made.at + wanted.forMs,
  grantedBy: made.by,
  reason: wanted.reason,
  revokedAt: undefined,
  revokedBy: undefined,
})
