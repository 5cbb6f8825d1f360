import type { PersonName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import type { Role } from '../model/principal.ts'
import type { Clock } from '../std/clock.ts'
import type { FactorStore } from './factors.ts'
import { noted, reasonOf, type Scrub } from './note.ts'
import type { PeopleStore } from './people.ts'
import { humanOf } from './person.ts'
import type { Person } from './person.ts'
import { privilegedGain, stateOf } from './proposal.ts'
import type { Proposal, ProposalId, ProposalKind, SettleRefusal } from './proposal.ts'

/** What `two-person` needs of a store. */
export interface ProposalStore {
  /** Takes the place of an open proposal of the same kind for the same person by the same proposer. */
  add(input: { proposal: Proposal; note: LedgerNote }): Promise<void>
  list(input: { limit: number }): Promise<readonly Proposal[]>
  find(input: { id: ProposalId }): Promise<Proposal | undefined>
  /** Answers it, and makes the confirmed change, in one transaction; `settleRefusal` rules there. `notes` are those of the answer and of the change. */
  settle(input: {
    id: ProposalId
    to: 'confirmed' | 'rejected'
    by: PersonName
    at: number
    notes: readonly LedgerNote[]
  }): Promise<'settled' | SettleRefusal>
}

export type Change =
  | {
      readonly kind: 'roles'
      readonly person: PersonName
      readonly roles: readonly Role[]
      /** The account is still an invite: it has no row yet. */
      readonly invited?: boolean
    }
  | { readonly kind: 'reset-factor'; readonly person: PersonName }

export type ProposeOutcome =
  /** It is done already: it needed one person only. */
  | { readonly outcome: 'applied' }
  | { readonly outcome: 'waits'; readonly proposal: Proposal }
  | { readonly outcome: 'refused'; readonly reason: string }

export interface AtOnce {
  readonly roles: readonly Role[]
  readonly waits: boolean
  /** Why nobody else was asked, for the ledger, where a second admin should have been. */
  readonly alone: string | undefined
}

export interface TwoPerson {
  /** Makes the change where one admin is enough, and a proposal where it takes two. */
  propose(change: Change, actor: Actor, reason?: string): Promise<ProposeOutcome>
  /** The roles that a new account may have at once, and whether the others have to be proposed. */
  atOnce(roles: readonly Role[], actor: Actor): Promise<AtOnce>
  /** Newest first. */
  list(): Promise<readonly Proposal[]>
  find(id: ProposalId): Promise<Proposal | undefined>
  settle(
    id: ProposalId,
    to: 'confirmed' | 'rejected',
    by: { readonly person: PersonName; readonly address: string },
  ): Promise<
    | { readonly outcome: 'settled'; readonly proposal: Proposal }
    | { readonly outcome: 'refused'; readonly why: SettleRefusal }
  >
}

export interface TwoPersonDeps {
  readonly store: ProposalStore
  readonly people: Pick<PeopleStore, 'find' | 'list' | 'setRoles'>
  readonly factors: Pick<FactorStore, 'remove'>
  /** Whether this node has a card-data target. */
  readonly cde: boolean
  readonly clock: Clock
  /** 12 fresh characters behind `p_`. */
  readonly newId: () => ProposalId
  readonly scrub: Scrub
}

const PROPOSAL_MS = 7 * 24 * 3_600_000
const LIST_LIMIT = 200
const ALONE = 'this node has no second admin'

/** Who may decide for others is itself decided by two people, where card data is at stake. */
export function createTwoPerson(deps: TwoPersonDeps): TwoPerson {
  const { store, people, clock } = deps
  const current = (proposal: Proposal): Proposal => ({ ...proposal, state: stateOf(proposal, clock.now()) })
  return {
    async propose(change, actor, reason = '') {
      const subject = await people.find({ name: change.person })
      const problem = changeProblem(change, subject, actor)
      if (problem !== undefined) return { outcome: 'refused', reason: problem }
      const two = deps.cde && isWeighty(change, subject?.roles ?? [])
      const alone = two && (await isAlone(deps, actor))
      if (!two || alone) return apply(deps, change, { actor, alone })
      const proposal = proposed(change, {
        actor,
        at: clock.now(),
        id: deps.newId(),
        reason: reasonOf(reason, deps.scrub),
      })
      await store.add({ proposal, note: noteOf(proposal, actor, { kind: 'proposal.made', at: clock.now() }) })
      return { outcome: 'waits', proposal }
    },
    async atOnce(roles, actor) {
      const gain = deps.cde ? privilegedGain([], roles) : []
      if (gain.length === 0) return { roles, waits: false, alone: undefined }
      if (await isAlone(deps, actor)) return { roles, waits: false, alone: ALONE }
      return { roles: roles.filter((role) => !gain.includes(role)), waits: true, alone: undefined }
    },
    list: async () => (await store.list({ limit: LIST_LIMIT })).map(current),
    async find(id) {
      const proposal = await store.find({ id })
      return proposal && current(proposal)
    },
    async settle(id, to, by) {
      const proposal = await store.find({ id })
      if (proposal === undefined) return { outcome: 'refused', why: 'not-found' }
      const [at, actor] = [clock.now(), { by: by.person, origin: by.address }]
      const answered = noteOf(proposal, actor, { kind: `proposal.${to}`, at })
      const notes = to === 'confirmed' ? [answered, changeNote(proposal, actor, { at, proposal: id })] : [answered]
      const settled = await store.settle({ id, to, by: by.person, at, notes })
      if (settled !== 'settled') return { outcome: 'refused', why: settled }
      return { outcome: 'settled', proposal: (await store.find({ id })) ?? proposal }
    },
  }
}

/** Without a card-data target, and for what gives nobody a say over others, one admin is enough. */
const isWeighty = (change: Change, before: readonly Role[]): boolean =>
  change.kind === 'reset-factor' || privilegedGain(before, change.roles).length > 0

function changeProblem(change: Change, subject: Person | undefined, actor: Actor): string | undefined {
  if (change.kind === 'reset-factor') {
    if (subject === undefined || subject.disabledAt !== undefined || subject.service) return 'there is no such person'
    return subject.name === actor.by ? 'nobody resets their own factor; another admin does' : undefined
  }
  if (subject === undefined) return change.invited === true ? undefined : 'there is no such person'
  if (subject.disabledAt !== undefined) return 'the account is disabled'
  if (subject.service) return 'a service account has no role but engineer'
  return undefined
}

/** A command on the machine, while there is no second admin who could confirm it. */
async function isAlone({ people }: TwoPersonDeps, actor: Actor): Promise<boolean> {
  if (!actor.by.startsWith('local:')) return false
  const admins = (await people.list()).filter(
    ({ roles, service, disabledAt }) => roles.includes('admin') && !service && disabledAt === undefined,
  )
  return new Set(admins.map(humanOf)).size < 2
}

async function apply(
  { people, factors, clock }: TwoPersonDeps,
  change: Change,
  { actor, alone }: { readonly actor: Actor; readonly alone: boolean },
): Promise<ProposeOutcome> {
  const why = alone ? { alone: ALONE } : {}
  const note = changeNote(change, actor, { at: clock.now(), ...why })
  const done =
    change.kind === 'roles'
      ? await people.setRoles({ name: change.person, roles: change.roles, note })
      : await factors.remove({ person: change.person, note })
  if (done) return { outcome: 'applied' }
  return {
    outcome: 'refused',
    reason: change.kind === 'roles' ? 'there is no such person' : 'the person has no second factor',
  }
}

interface Made {
  readonly actor: Actor
  readonly at: number
  readonly id: ProposalId
  readonly reason: string
}

const proposed = (change: Change, { actor, at, id, reason }: Made): Proposal => ({
  id,
  kind: change.kind,
  person: change.person,
  roles: change.kind === 'roles' ? change.roles : [],
  reason,
  proposedBy: actor.by,
  proposedAt: at,
  expiresAt: at + PROPOSAL_MS,
  state: 'open',
  settledBy: undefined,
  settledAt: undefined,
})

const noteOf = (
  { id, kind, person, roles, reason, proposedBy }: Proposal,
  actor: Actor,
  event: { readonly kind: string; readonly at: number },
): LedgerNote =>
  noted(actor, {
    ...event,
    resource: `person:${person}`,
    detail: { proposal: id, change: kind, roles, reason, proposedBy },
  })

const CHANGES: Readonly<Record<ProposalKind, string>> = { roles: 'person.roles', 'reset-factor': 'factor.reset' }

/** The note of the change itself, the same whether one person or two made it. */
function changeNote(
  change: { readonly kind: ProposalKind; readonly person: PersonName; readonly roles?: readonly Role[] },
  actor: Actor,
  { at, ...more }: { readonly at: number; readonly proposal?: string; readonly alone?: string },
): LedgerNote {
  const roles = change.kind === 'roles' ? { roles: change.roles ?? [] } : {}
  return noted(actor, {
    kind: CHANGES[change.kind],
    at,
    resource: `person:${change.person}`,
    detail: { ...roles, ...more },
  })
}
