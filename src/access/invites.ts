import { createHash, randomBytes } from 'node:crypto'
import type { PersonName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import type { Role } from '../model/principal.ts'
import type { Clock } from '../std/clock.ts'
import { Secret } from '../std/secret.ts'
import type { NewPasskey } from './passkey.ts'
import { noted } from './note.ts'
import type { Person } from './person.ts'

/** `first-admin`: a node without people; `invite`: a new account; `factor`: a new second factor for an account that lost its own. */
export type InvitePurpose = 'first-admin' | 'invite' | 'factor'

/** A link that lets one person choose what nobody else may know. Only its hash is kept. */
export interface Invite {
  /** Undefined where whoever follows the link chooses the name. */
  readonly person: PersonName | undefined
  readonly purpose: InvitePurpose
  readonly roles: readonly Role[]
  readonly createdBy: string
  readonly createdAt: number
  readonly expiresAt: number
}

/** A second factor as an invite brings it. */
export type NewFactor =
  | { readonly kind: 'totp'; readonly sealed: string; readonly counter: number }
  | ({ readonly kind: 'passkey' } & NewPasskey)

/** What `invites` needs of a store. */
export interface InviteStore {
  /**
   * Voids earlier links of the same person and purpose. Refused: for `first-admin` where there are people, for `invite` where the name is or was taken, for `factor`
   * where there is no such live human account or it has a factor.
   */
  add(input: { hash: string; invite: Invite; note: LedgerNote }): Promise<boolean>
  /** Neither used nor expired. */
  find(input: { hash: string; now: number }): Promise<Invite | undefined>
  /** In one transaction: the link is used up, the account and its password are made where it is for a new one, the factor is enrolled. */
  accept(input: {
    hash: string
    account: { readonly person: Person; readonly verifier: string } | undefined
    person: PersonName
    factor: NewFactor
    at: number
    notes: readonly LedgerNote[]
  }): Promise<'accepted' | 'gone' | 'name-taken' | 'refused'>
}

export interface MadeInvite {
  /** Stands in the link and nowhere else. */
  readonly token: Secret
  readonly expiresAt: number
}

export interface Invites {
  /** For the first admin of a node that has no people; undefined where there are some. Voids the one before. */
  first(actor: Actor): Promise<MadeInvite | undefined>
  /** For a new account. Undefined where the name is or was taken. */
  invite(
    wanted: { person: PersonName; roles: readonly Role[]; alone?: string | undefined },
    actor: Actor,
  ): Promise<MadeInvite | undefined>
  /** For a new second factor after a reset. Undefined where the person is no live human account, or still has one. */
  reenrol(person: PersonName, actor: Actor): Promise<MadeInvite | undefined>
  /** What a link offers; undefined for a wrong, used or expired one. Uses up nothing. */
  look(token: string): Promise<Invite | undefined>
}

/** A day: a link that lies about longer is an open door. */
const INVITE_MS = 24 * 3_600_000

/** One-time links. What following one does is `welcome.ts`'s matter. */
export function createInvites({ store, clock }: { readonly store: InviteStore; readonly clock: Clock }): Invites {
  const make = async (
    wanted: Pick<Invite, 'person' | 'purpose' | 'roles'> & { readonly alone?: string | undefined },
    actor: Actor,
  ): Promise<MadeInvite | undefined> => {
    const token = new Secret(randomBytes(32).toString('base64url'))
    const at = clock.now()
    const { person, purpose, roles, alone } = wanted
    const invite = { person, purpose, roles, createdBy: actor.by, createdAt: at, expiresAt: at + INVITE_MS }
    const note = noted(actor, {
      kind: 'invite.made',
      at,
      resource: person === undefined ? 'people' : `person:${person}`,
      detail: { purpose, roles, until: invite.expiresAt, ...(alone === undefined ? {} : { alone }) },
    })
    const added = await store.add({ hash: hashOfInvite(token.reveal()), invite, note })
    return added ? { token, expiresAt: invite.expiresAt } : undefined
  }
  return {
    first: (actor) => make({ person: undefined, purpose: 'first-admin', roles: ['admin'] }, actor),
    invite: (wanted, actor) => make({ ...wanted, purpose: 'invite' }, actor),
    reenrol: (person, actor) => make({ person, purpose: 'factor', roles: [] }, actor),
    look: (token) => store.find({ hash: hashOfInvite(token), now: clock.now() }),
  }
}

/** 256 random bits need no slow hash. */
export const hashOfInvite = (token: string): string => createHash('sha256').update(token).digest('hex')
