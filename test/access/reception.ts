import type { TestContext } from 'node:test'
import { createRequests } from '../../src/access/requests.ts'
import { createStops } from '../../src/access/stops.ts'
import type { AccessWish, RequestDeps, RequestEvent, WantedAccess } from '../../src/access/requests.ts'
import type { RequestAnswer } from '../../src/access/request-ruling.ts'
import type { RequestQuotas } from '../../src/access/request-store.ts'
import type { AccessRequest, AccessStage, AccessVerdict, RequestId } from '../../src/model/access-request.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { Role } from '../../src/model/principal.ts'
import { newId } from '../../src/std/ids.ts'
import { cards, grantId, scratchStore, scrub, seedPeople, threadedStore } from '../store/scratch.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const alice = personName('alice')
export const actor = { by: 'alice', origin: '10.0.0.1' }

export const stage = (changes: Partial<AccessStage> = {}): AccessStage => ({
  from: ['approver'],
  need: 1,
  notify: [],
  escalation: undefined,
  ...changes,
})

export const asks = (...stages: readonly AccessStage[]): AccessVerdict => ({
  ...{ kind: 'ask', rule: 'access/card-data', message: 'A person decides.', maxMs: 2 * HOUR, withinMs: HOUR },
  stages: stages.length === 0 ? [stage()] : stages,
})

/** Access requests over a real store: alice asks, bob, carol and erin approve, dan is of security; zoe is a second account of bob's. */
export async function reception(
  context: TestContext,
  options: { verdict?: AccessVerdict; longestMs?: number; quotas?: RequestQuotas; threaded?: boolean } = {},
) {
  const scratch = options.threaded === true ? await threadedStore(context) : scratchStore(context)
  const { store, clock } = scratch
  await seedPeople(scratch, {
    alice: ['engineer', 'approver'],
    bob: ['approver'],
    carol: ['approver'],
    erin: ['approver'],
    dan: ['security'],
  })
  await seedPeople(scratch, { zoe: ['approver', 'security'] }, { owner: personName('bob') })
  await seedPeople(scratch, { 'alice-2': ['approver'] }, { owner: alice })
  const events: RequestEvent[] = []
  const rules: { verdict: AccessVerdict; asked?: AccessWish } = { verdict: options.verdict ?? asks() }
  const target = { name: cards, protocol: 'postgres', database: 'cards', account: 'app', tags: ['cde'] } as const
  const stops = createStops({ store: store.stops, clock, scrub })
  const invalid: Parameters<NonNullable<RequestDeps['onInvalid']>>[0][] = []
  const requests = createRequests({
    ...{ store: store.requests, grants: store.grants, people: store.people, clock, scrub },
    newId: () => newId('r_', 12) as RequestId,
    newGrantId: grantId,
    targetOf: (name) =>
      name === cards || name === targetName('web')
        ? { target: { ...target, name }, longestMs: options.longestMs }
        : undefined,
    verdictOf: (asked) => {
      rules.asked = asked
      return rules.verdict
    },
    targets: () => ['cards', 'web', 'secret'].map((name) => ({ ...target, name: targetName(name) })),
    mayAsk: ({ target: { name } }) => name !== 'secret',
    journal: () => undefined,
    stops,
    onInvalid: (refused) => void invalid.push(refused),
    ...(options.quotas !== undefined && { quotas: options.quotas }),
  })
  requests.subscribe((event) => void events.push(event))
  const wish = (changes: Partial<WantedAccess> = {}): WantedAccess => ({
    ...{ target: cards, forMs: HOUR, reason: 'a stuck payment', ticket: 'OPS-12' },
    ...changes,
  })
  const tried = (changes: Partial<WantedAccess> = {}) =>
    requests.ask(wish(changes), { person: alice, roles: ['engineer'], service: false }, actor)
  const ask = async (changes: Partial<WantedAccess> = {}): Promise<AccessRequest> => {
    const outcome = await tried(changes)
    if (outcome.outcome !== 'asked') throw new Error(outcome.why)
    return outcome.request
  }
  const state = async (id: RequestId) => (await requests.find(id))?.state
  const grants = () => store.grants.live({ person: alice, now: clock.now() })
  const notes = async () => (await store.journal.take({ limit: 500 })).map(({ note }) => note)
  const decide = (answer: RequestAnswer) => requests.decide(answer, { origin: '10.0.0.9' })
  return { scratch, store, clock, requests, stops, events, invalid, rules, tried, ask, decide, state, grants, notes }
}

const ROLES: Record<string, readonly Role[]> = { dan: ['security'], zoe: ['approver', 'security'] }
const OWNERS: Record<string, string> = { zoe: 'bob', 'alice-2': 'alice' }

/** An answer as the API would pass it on. */
export function answer(id: RequestId, name: string, more: Partial<RequestAnswer> = {}): RequestAnswer {
  const owner = OWNERS[name]
  return {
    ...{ id, by: personName(name), owner: owner === undefined ? undefined : personName(owner) },
    ...{ roles: ROLES[name] ?? ['approver'], service: false, kind: 'approve', factorFresh: true },
    ...more,
  }
}
