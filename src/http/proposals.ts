import type { z } from 'zod'
import { proposerName, settleRefusal } from '../access/proposal.ts'
import type { Proposal, SettleRefusal } from '../access/proposal.ts'
import type { Change } from '../access/two-person.ts'
import { personName } from '../model/ids.ts'
import type { PersonName } from '../model/ids.ts'
import { timeOf } from './approval-view.ts'
import type { Factor } from './factor.ts'
import { spendFactor } from './fresh-factor.ts'
import {
  FactorBody,
  InviteAnswer,
  InviteBody,
  ProposalAnswer,
  ProposalsAnswer,
  ProposeAnswer,
  ProposeBody,
} from './identity-schemas.ts'
import { proposalId } from './ids.ts'
import type { InvitesPort, LoginPort, PeoplePort, TwoPersonPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import type { Call } from './route.ts'
import type { Viewer } from './viewer.ts'

export interface ProposalDeps {
  readonly login: LoginPort
  readonly people: Pick<PeoplePort, 'list'>
  readonly twoPerson: TwoPersonPort
  readonly invites: InvitesPort
  readonly publicUrl: string
  readonly now: () => number
}

const BASE = '/api/v1/proposals'
const query = NO_QUERY

/** Changes of somebody's authority: made by one admin, confirmed by another where card data is at stake; and invites for new people. */
export function proposalRoutes(deps: ProposalDeps) {
  return {
    listProposals: route(
      {
        method: 'get',
        path: BASE,
        summary: 'Changes of authority, newest first',
        body: NO_BODY,
        query,
        answer: ProposalsAnswer,
      },
      async ({ viewer }) => {
        const [all, people] = await Promise.all([deps.twoPerson.list(), deps.people.list()])
        const once = { ...deps, people: { list: () => Promise.resolve(people) } }
        return { proposals: await Promise.all(all.map((one) => viewed(one, viewer, once))) }
      },
    ),
    propose: route(
      {
        method: 'post',
        path: BASE,
        summary: 'Give somebody exactly these roles, or take their factors away; purpose of the factor: "propose"',
        ...{ body: ProposeBody, query, answer: ProposeAnswer, status: 201 },
      },
      (call) => propose(call, deps),
    ),
    confirmProposal: settling('confirm', deps),
    rejectProposal: settling('reject', deps),
    invite: route(
      {
        method: 'post',
        path: '/api/v1/invites',
        summary: 'A one-time link for a new person; purpose of the factor: "invite"',
        ...{ body: InviteBody, query, answer: InviteAnswer, status: 201 },
      },
      (call) => invite(call, deps),
    ),
  }
}

/** What a change needs of a call, from the API or from the console. */
export type Order<Body> = Pick<Call<Body, unknown>, 'viewer' | 'address' | 'body'>

/** Makes the change or, where it takes two, a proposal. */
export async function propose(call: Order<z.output<typeof ProposeBody>>, deps: ProposalDeps) {
  const { body, viewer, address } = call
  const shown = { person: viewer.person, address, factor: body.factor, purpose: 'propose' }
  const objection = await spendFactor(shown, deps.login)
  if (objection !== undefined) return objection
  const person = personName(body.person)
  const change: Change =
    body.kind === 'roles' ? { kind: 'roles', person, roles: body.roles } : { kind: body.kind, person }
  const done = await deps.twoPerson.propose(change, { by: viewer.person, origin: address }, body.reason)
  if (done.outcome === 'refused') return new Problem('change-refused', done.reason)
  if (done.outcome === 'waits') return { proposal: await viewed(done.proposal, viewer, deps), link: null }
  return { proposal: null, link: body.kind === 'reset-factor' ? await enrolmentLink(person, call, deps) : null }
}

function settling(verb: 'confirm' | 'reject', deps: ProposalDeps) {
  return route(
    {
      method: 'post',
      path: `${BASE}/:id/${verb}`,
      summary: `${verb === 'confirm' ? 'Countersign it' : 'Refuse it'}; purpose of the factor: "${verb} p_…"`,
      ...{ body: FactorBody, query, answer: ProposalAnswer },
    },
    (call) => settle(call, verb, deps),
  )
}

/** A second admin's word on a proposal. */
export async function settle(
  call: Order<{ readonly factor: Factor }> & { readonly id: string },
  verb: 'confirm' | 'reject',
  deps: ProposalDeps,
) {
  const { viewer, id, address, body } = call
  const known = proposalId(id)
  const proposal = known && (await deps.twoPerson.find(known))
  if (proposal === undefined) return new Problem('not-found')
  const to = verb === 'confirm' ? 'confirmed' : 'rejected'
  // What would be refused anyway costs no code; the store rules again.
  const foreseen = await refusalOf(proposal, to, { viewer, deps })
  if (foreseen !== undefined) return settleProblem(foreseen, proposal)
  const shown = { person: viewer.person, address, factor: body.factor, purpose: `${verb} ${proposal.id}` }
  const objection = await spendFactor(shown, deps.login)
  if (objection !== undefined) return objection
  const done = await deps.twoPerson.settle(proposal.id, to, { person: viewer.person, address })
  if (done.outcome === 'refused') return settleProblem(done.why, proposal)
  const link =
    proposal.kind === 'reset-factor' && to === 'confirmed' ? await enrolmentLink(proposal.person, call, deps) : null
  return { ...(await viewed(done.proposal, viewer, deps)), link }
}

/** A one-time link for a new person. */
export async function invite(
  call: Order<{ person: string; roles: Proposal['roles']; factor: Factor }>,
  deps: ProposalDeps,
) {
  const { viewer, body, address } = call
  const shown = { person: viewer.person, address, factor: body.factor, purpose: 'invite' }
  const objection = await spendFactor(shown, deps.login)
  if (objection !== undefined) return objection
  const [actor, person] = [{ by: viewer.person, origin: address }, personName(body.person)]
  const { roles, waits } = await deps.twoPerson.atOnce(body.roles, actor)
  const made = await deps.invites.invite({ person, roles }, actor)
  if (made === undefined) return new Problem('change-refused', 'the name is taken')
  const change: Change = { kind: 'roles', person, roles: body.roles, invited: true }
  const proposed = waits ? await deps.twoPerson.propose(change, actor, 'invited') : undefined
  return {
    link: linkOf(made.token.reveal(), deps),
    expiresAt: timeOf(made.expiresAt),
    roles: [...roles],
    proposal: proposed?.outcome === 'waits' ? await viewed(proposed.proposal, viewer, deps) : null,
  }
}

/** Where somebody whose factors were taken away sets up a new one; null where they still cannot. */
async function enrolmentLink(
  person: PersonName,
  { viewer, address }: Pick<Call<unknown, unknown>, 'viewer' | 'address'>,
  deps: ProposalDeps,
): Promise<string | null> {
  const made = await deps.invites.reenrol(person, { by: viewer.person, origin: address })
  return made === undefined ? null : linkOf(made.token.reveal(), deps)
}

const linkOf = (token: string, { publicUrl }: ProposalDeps): string => `${publicUrl}/welcome/${token}`

async function refusalOf(
  proposal: Proposal,
  to: 'confirmed' | 'rejected',
  { viewer, deps }: { readonly viewer: Viewer; readonly deps: ProposalDeps },
): Promise<SettleRefusal | undefined> {
  const people = await deps.people.list()
  const [by, proposer, subject] = [viewer.person, proposerName(proposal), proposal.person].map((name) =>
    people.find((one) => one.name === name),
  )
  return settleRefusal(proposal, to, { by, proposer, subject, now: deps.now() })
}

/** One proposal as this viewer sees it. */
export async function viewed(proposal: Proposal, viewer: Viewer, deps: ProposalDeps) {
  const { id, kind, person, reason, proposedBy, state, settledBy, settledAt } = proposal
  return {
    ...{ id, kind, person, reason, proposedBy, state },
    roles: [...proposal.roles],
    proposedAt: timeOf(proposal.proposedAt),
    expiresAt: timeOf(proposal.expiresAt),
    settledBy: settledBy ?? null,
    settledAt: settledAt === undefined ? null : timeOf(settledAt),
    mayConfirm: (await refusalOf(proposal, 'confirmed', { viewer, deps })) === undefined,
    link: null,
  }
}

function settleProblem(why: SettleRefusal, { state }: Proposal): Problem {
  switch (why) {
    case 'not-found':
      return new Problem('not-found')
    case 'own':
      return new Problem('own-proposal')
    case 'not-admin':
      return new Problem('forbidden', 'only an admin settles proposals')
    case 'no-such-person':
      return new Problem('change-refused', 'the person has no live account yet')
    case 'not-open':
      return new Problem('settled', state === 'open' ? undefined : `it is ${state}`, { state })
  }
}
