import type { Brand, PersonName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { Person } from './person.ts'
import { humanOf } from './person.ts'

/** `p_` and 12 characters. */
export type ProposalId = Brand<string, 'ProposalId'>

/** `roles` gives a person exactly these roles; `reset-factor` takes every second factor away, so that a new one can be enrolled. */
export type ProposalKind = 'roles' | 'reset-factor'

export const PROPOSAL_STATES = ['open', 'confirmed', 'rejected', 'expired'] as const
export type ProposalState = (typeof PROPOSAL_STATES)[number]

/** A change of somebody's authority that waits for a second admin. All times are milliseconds since 1970. */
export interface Proposal {
  readonly id: ProposalId
  readonly kind: ProposalKind
  readonly person: PersonName
  /** Empty for `reset-factor`. */
  readonly roles: readonly Role[]
  /** Free text, scrubbed of card numbers. */
  readonly reason: string
  /** A person's name, or `local:<account>` for a command on the machine. */
  readonly proposedBy: string
  readonly proposedAt: number
  readonly expiresAt: number
  readonly state: ProposalState
  readonly settledBy: string | undefined
  readonly settledAt: number | undefined
}

/** Whose word lets others decide, or opens the recordings: on a card-data node nobody gives these alone. */
const PRIVILEGED: readonly Role[] = ['approver', 'admin', 'security']

/** The privileged roles among those that somebody would gain. */
export const privilegedGain = (before: readonly Role[], after: readonly Role[]): readonly Role[] =>
  after.filter((role) => PRIVILEGED.includes(role) && !before.includes(role))

/** The name behind `proposedBy`: somebody whose account on the machine bears a person's name is taken for the same human. */
export const proposerName = ({ proposedBy }: Proposal): string => proposedBy.replace(/^local:/, '')

export const stateOf = (proposal: Proposal, now: number): ProposalState =>
  proposal.state === 'open' && now >= proposal.expiresAt ? 'expired' : proposal.state

export type SettleRefusal = 'not-found' | 'not-open' | 'own' | 'not-admin' | 'no-such-person'

/** The accounts that one settling is about, as they are in the transaction that writes it. */
export interface Parties {
  /** Who settles. */
  readonly by: Person | undefined
  /** Who proposed, where that was a person. */
  readonly proposer: Person | undefined
  readonly subject: Person | undefined
}

/**
 * Why an answer to a proposal does not count. Pure: the store asks it inside the transaction that writes the answer. An admin who proposed may take the proposal
 * back; a second human confirms, who is not the one that it is about.
 */
export function settleRefusal(
  proposal: Proposal,
  to: 'confirmed' | 'rejected',
  { by, proposer, subject, now }: Parties & { readonly now: number },
): SettleRefusal | undefined {
  if (by === undefined || by.disabledAt !== undefined || by.service || !by.roles.includes('admin')) return 'not-admin'
  if (stateOf(proposal, now) !== 'open') return 'not-open'
  if (to === 'rejected') return undefined
  if (subject === undefined || subject.disabledAt !== undefined || subject.service) return 'no-such-person'
  const involved = [proposer === undefined ? undefined : humanOf(proposer), humanOf(subject)]
  return involved.includes(humanOf(by)) ? 'own' : undefined
}
