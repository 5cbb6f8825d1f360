import type { TestContext } from 'node:test'
import { createApprovals } from '../../src/approvals/approvals.ts'
import type { ApprovalEvent } from '../../src/approvals/approvals.ts'
import type { HoldRequest } from '../../src/approvals/hold.ts'
import type { Answer } from '../../src/approvals/ruling.ts'
import type { Quotas } from '../../src/approvals/store.ts'
import { personName } from '../../src/model/ids.ts'
import type { ApprovalId, SessionId } from '../../src/model/ids.ts'
import type { Role } from '../../src/model/principal.ts'
import type { HoldTerms } from '../../src/model/verdict.ts'
import {
  approvalId,
  cards,
  credentialId,
  scratchStore,
  scrub,
  seedGrant,
  seedPeople,
  sessionId,
  threadedStore,
} from '../store/scratch.ts'

export const MINUTE = 60_000
export const digest = 'd'.repeat(64)
export const alice = personName('alice')
export const terms = (from: readonly Role[] = ['approver'], need = 1, withinMs = 15 * MINUTE): HoldTerms => ({
  rule: 'writes/unfiltered',
  from,
  need,
  withinMs,
  notify: [],
})

/** Approvals over a real store: alice in a live session, bob and carol approvers, dan of security, eve admin only. */
export async function hall(
  context: TestContext,
  { quotas, threaded = false }: { quotas?: Quotas; threaded?: boolean } = {},
) {
  const scratch = threaded ? await threadedStore(context) : scratchStore(context)
  const { store, clock } = scratch
  await seedPeople(scratch, {
    alice: ['engineer', 'approver'],
    bob: ['approver'],
    carol: ['approver'],
    dan: ['security'],
    eve: ['admin'],
  })
  const grant = await seedGrant(scratch, 'alice')
  const events: ApprovalEvent[] = []
  let pokes = 0
  const more = quotas === undefined ? {} : { quotas }
  const approvals = createApprovals<string>({
    ...{ store: store.approvals, clock, newId: approvalId, scrub, ...more },
    journal: () => (pokes += 1),
    notify: (event) => events.push(event),
  })
  const startSession = async (): Promise<SessionId> => {
    const id = sessionId()
    const entry = {
      id,
      person: alice,
      target: cards,
      protocol: 'postgres' as const,
      grant: grant.id,
      credential: credentialId(),
    }
    const times = { startedAt: clock.now(), endedAt: undefined, endReason: undefined }
    await store.sessions.start({ entry: { ...entry, ...times, origin: '10.0.0.1', recording: id } })
    return id
  }
  const session = await startSession()
  const request = (wanted: Partial<HoldRequest<string>> = {}): HoldRequest<string> => ({
    ...{ session, person: alice, target: cards, digest, policyVersion: 'p', needsFactor: true },
    matches: [{ rule: 'writes/unfiltered', effect: 'hold', severity: 'high', message: 'no WHERE' }],
    holds: [terms()],
    redacted: ['DELETE FROM payments WHERE pan = ', { withheld: 'text', bytes: 16, tag: 'aabbccddeeff' }],
    eligible: [
      { person: alice, roles: ['engineer', 'approver'] },
      { person: personName('bob'), roles: ['approver'] },
      { person: personName('carol'), roles: ['approver'] },
      { person: personName('dan'), roles: ['security'] },
    ],
    display: 'DELETE FROM payments',
    displayBytes: 20,
    origin: '10.0.0.1',
    alive: () => true,
    ...wanted,
  })
  const open = async (wanted: Partial<HoldRequest<string>> = {}) => {
    const hold = await approvals.open(request(wanted))
    if (hold.outcome !== 'held') throw new Error(hold.why)
    return hold
  }
  const state = async (id: ApprovalId) => (await approvals.get(id))?.state
  return {
    scratch,
    store,
    clock,
    approvals,
    events,
    session,
    startSession,
    request,
    open,
    state,
    grant,
    pokes: () => pokes,
  }
}

const ROLES: Record<string, readonly Role[]> = { alice: ['engineer', 'approver'], dan: ['security'], eve: ['admin'] }

/** An answer as the API would pass it on. */
export const answer = (id: ApprovalId, name: string, more: Partial<Answer> = {}): Answer => ({
  ...{ id, person: personName(name), roles: ROLES[name] ?? ['approver'], service: false, kind: 'approve' },
  ...{ digest, factorFresh: true, origin: '10.0.0.9' },
  ...more,
})
