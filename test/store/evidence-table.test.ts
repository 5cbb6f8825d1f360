import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grantsOf, peopleOf, admin, scratchStore, seedGrant, seedPeople, sessionId } from './scratch.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { RequestId } from '../../src/model/access-request.ts'
import type { CredentialId, GrantId } from '../../src/model/ids.ts'

const noPeriod = { period: {}, limit: 10 }

test('grants of a period are those that were open in it, ended ones and revoked ones included', async (test) => {
  const scratch = scratchStore(test)
  const { store, clock } = scratch
  await seedPeople(scratch, { alice: ['engineer'] })
  const start = clock.now()
  const first = await seedGrant(scratch, 'alice')
  clock.advance(1_800_000)
  const second = await seedGrant(scratch, 'alice', targetName('other'))
  clock.advance(60_000)
  await grantsOf(scratch).revoke(second.id, admin)
  const revoked = clock.now()
  const found = async (from: number | undefined, to: number | undefined) =>
    (await store.evidence.grants({ period: { from, to }, limit: 10 })).map(({ id }) => id)
  assert.deepEqual(await found(undefined, undefined), [first.id, second.id])
  assert.deepEqual(await found(start, start + 1), [first.id])
  assert.deepEqual(await found(revoked + 1, undefined), [first.id])
  assert.deepEqual(await found(first.expiresAt, undefined), [])
  assert.deepEqual(await found(undefined, start), [])
  const [, other] = await store.evidence.grants(noPeriod)
  assert.ok(other !== undefined)
  assert.equal(other.revokedBy, admin.by)
  assert.deepEqual(other.requests, [])
})

test('a grant comes with the request behind it and those who approved it', async (test) => {
  const scratch = scratchStore(test)
  const { store, clock } = scratch
  await seedPeople(scratch, { alice: ['engineer'], bob: ['approver'] })
  const at = clock.now()
  const stage = { from: ['approver' as const], need: 1, notify: [], escalation: undefined }
  await store.requests.add({
    request: {
      ...{
        id: 'r_000000000001' as RequestId,
        person: personName('alice'),
        human: personName('alice'),
        target: targetName('cards'),
        rights: 'all',
      },
      ...{
        forMs: 600_000,
        reason: 'a stuck payment',
        ticket: 'OPS-7',
        renews: undefined,
        state: 'open',
        rule: 'cards-by-day',
        message: '',
      },
      ...{
        stages: [stage],
        decisions: [],
        createdAt: at,
        expiresAt: at + 60_000,
        settledAt: undefined,
        grant: undefined,
      },
      escalated: 0,
      eligible: [{ person: personName('bob'), roles: ['approver'] }],
    },
    grant: 'g_000000000001' as GrantId,
    grantedBy: 'rule',
    quotas: { openPerPerson: 5, perPersonAndHour: 50 },
    note: { kind: 'request.opened', at, by: 'alice', origin: 'api', outcome: 'open', resource: 'x', detail: {} },
  })
  const decided = await store.requests.decide({
    answer: {
      ...{ id: 'r_000000000001' as RequestId, by: personName('bob'), roles: ['approver'], service: false },
      ...{ kind: 'approve', factorFresh: true },
    },
    ...{ origin: 'api', grant: 'g_000000000001' as GrantId, now: at + 1 },
  })
  assert.equal(decided.outcome, 'recorded')
  const [grant] = await store.evidence.grants(noPeriod)
  assert.deepEqual(grant?.requests, [
    {
      id: 'r_000000000001',
      rule: 'cards-by-day',
      ticket: 'OPS-7',
      reason: 'a stuck payment',
      createdAt: at,
      approvedBy: ['bob'],
    },
  ])
})

test('accounts come with their owners, factors, last use and what is live', async (test) => {
  const scratch = scratchStore(test)
  const { store, clock } = scratch
  await seedPeople(scratch, { alice: ['engineer'], bob: ['approver'] })
  await seedPeople(scratch, { build: [] }, { owner: personName('alice'), serviceOf: targetName('cards') })
  const grant = await seedGrant(scratch, 'alice')
  const entry = {
    ...{ id: sessionId(), person: personName('alice'), target: targetName('cards'), protocol: 'postgres' as const },
    ...{
      grant: grant.id,
      credential: 'c_000000000001' as CredentialId,
      origin: 'x',
      recording: 'x',
      startedAt: clock.now(),
    },
    ...{ endedAt: undefined, endReason: undefined },
  }
  await store.sessions.start({ entry })
  await peopleOf(scratch).disable(personName('bob'), admin)
  const accounts = await store.evidence.accounts({ now: clock.now() })
  assert.deepEqual(
    accounts.map(({ person, service, owner, liveGrants, lastSessionAt, totp }) => [
      person,
      service,
      owner,
      liveGrants,
      lastSessionAt,
      totp,
    ]),
    [
      ['alice', false, null, 1, clock.now(), false],
      ['bob', false, null, 0, null, false],
      ['build', true, 'alice', 0, null, false],
    ],
  )
  assert.equal(accounts[1]?.disabledAt, clock.now())
})

test('sessions page by the last one seen, also where several began in the same millisecond', async (test) => {
  const scratch = scratchStore(test)
  const { store, clock } = scratch
  const ids = Array.from({ length: 5 }, () => sessionId())
  for (const id of ids) {
    const entry = {
      ...{
        id,
        person: personName('alice'),
        target: targetName('cards'),
        protocol: 'postgres' as const,
        grant: 'g' as GrantId,
      },
      ...{
        credential: 'c' as CredentialId,
        origin: 'x',
        recording: 'x',
        startedAt: clock.now(),
        endedAt: undefined,
        endReason: undefined,
      },
    }
    await store.sessions.start({ entry })
  }
  await store.sessions.end({ id: ids[0] ?? sessionId(), at: clock.now() + 10, reason: 'client-left' })
  const seen: string[] = []
  for (let after: (typeof ids)[0] | undefined; ;) {
    const page = await store.sessions.list({ filter: { limit: 2, ...(after !== undefined && { after }) } })
    seen.push(...page.map(({ id }) => id))
    after = page.at(-1)?.id
    if (after === undefined) break
  }
  assert.deepEqual(seen, ids.toReversed())
  assert.equal((await store.sessions.list({ filter: { since: clock.now() + 11 } })).length, 4)
  assert.equal((await store.sessions.list({ filter: { live: false } })).length, 1)
})
