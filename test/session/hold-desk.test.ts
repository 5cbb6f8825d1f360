import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Approval } from '../../src/approvals/approval.ts'
import type { HoldRequest as Asked, OpenOutcome, Settlement } from '../../src/approvals/hold.ts'
import { personName, targetName, type ApprovalId, type SessionId } from '../../src/model/ids.ts'
import type { Verdict } from '../../src/model/verdict.ts'
import { createTallies } from '../../src/session/tallies.ts'
import { createHoldDesk, type ShownStatement } from '../../src/session/hold-desk.ts'
import type { HoldRequest } from '../../src/session/holds.ts'
import { CodedError } from '../../src/std/errors.ts'

const approval = 'a_1' as ApprovalId
const match = { rule: 'r', severity: 'high', message: 'why' } as const
const verdict: Verdict = {
  effect: 'hold',
  matches: [{ ...match, effect: 'hold' }, { ...match, effect: 'allow' }], // prettier-ignore
  holds: [{ rule: 'r', from: ['approver'], need: 1, withinMs: 1000, notify: [] }],
  policyVersion: 'p',
}
const statement = { kind: 'sql', dialect: 'postgres', text: 'DELETE €', parameters: [{ type: 0, format: 'text', value: Buffer.from('12') }] } as const // prettier-ignore
const reading = {
  facts: [],
  redacted: ['DELETE'],
  kept: [],
  epoch: 'e',
  catalog: undefined,
  tagged: false,
  wantsFresh: false,
}
const request: HoldRequest = { estimates: [], soFar: undefined, digest: 'd', verdict, statement, reading, searchPath: ['public'], transaction: 'transaction' } // prettier-ignore

function desk(outcome: OpenOutcome, tags: readonly string[] = ['cde']) {
  const asked: Asked<ShownStatement>[] = []
  const calls: unknown[][] = []
  const tally = createTallies().holds
  const made = createHoldDesk({
    approvals: {
      open: (one) => {
        asked.push(one)
        return Promise.resolve(outcome)
      },
      withdraw: (...all) => Promise.resolve(calls.push(['withdraw', ...all]) > 0),
      claim: (...all) => Promise.resolve(calls.push(['claim', ...all]) > 0),
      finish: (...all) => Promise.resolve(calls.push(['finish', ...all]) > 0),
    },
    session: 's_1' as SessionId,
    principal: { person: personName('alice'), roles: ['engineer'], service: false },
    owner: undefined,
    target: { name: targetName('cards'), protocol: 'postgres', database: 'shop', account: 'app', tags },
    database: 'shop',
    origin: '10.0.0.1',
    linkOf: (id) => `https://x/${id}`,
    eligible: () => Promise.resolve([{ person: personName('bob'), roles: ['approver'] }]),
    alive: () => true,
    tally,
  })
  return { made, asked, calls, tally }
}

const opened = (settlement: Settlement): OpenOutcome => ({
  outcome: 'held',
  id: approval,
  expiresAt: 5,
  settled: Promise.resolve(settlement),
})
const expired: Settlement = { state: 'expired', by: undefined, reason: undefined }

test('a hold carries what approvers see and everything that binds it', async () => {
  const { made, asked } = desk(opened(expired))
  const hold = await made.open(request)
  assert.deepEqual([hold.approval, hold.link, hold.expiresAt], [approval, 'https://x/a_1', 5])
  const one = asked.at(0)
  assert.ok(one)
  assert.deepEqual([one.digest, one.person, one.needsFactor, one.matches.length], ['d', 'alice', true, 1])
  assert.equal(one.displayBytes, Buffer.byteLength('DELETE €') + 2)
  assert.deepEqual([one.display.transaction, one.display.searchPath], ['open', ['public']])
})

test('a target without card data asks for no fresh factor', async () => {
  const { made, asked } = desk(opened(expired), [])
  await made.open(request)
  assert.equal(asked[0]?.needsFactor, false)
})

for (const why of ['too-long', 'nobody-asked', 'person-quota', 'target-quota', 'hour-quota'] as const)
  test(`a hold that is refused because of ${why} says so in a sentence`, async () => {
    await assert.rejects(desk({ outcome: 'refused', why }).made.open(request), (error: unknown) => {
      assert.ok(error instanceof CodedError)
      assert.equal(error.code, 'E_HOLD_REFUSED')
      assert.match(error.clientMessage, /\w+ \w+/)
      return true
    })
  })

const bob = { person: personName('bob'), human: personName('bob'), roles: ['approver'], reason: 'fine', at: 1 } as const
const decided: Approval = {
  ...{
    id: approval,
    state: 'approved',
    session: 's_1' as SessionId,
    person: personName('alice'),
    target: targetName('cards'),
  },
  ...{
    human: personName('alice'),
    digest: 'd',
    matches: [],
    holds: [],
    redacted: [],
    policyVersion: 'p',
    eligible: [],
  },
  ...{
    needsFactor: true,
    createdAt: 0,
    expiresAt: 5,
    settledAt: 1,
    settledBy: 'bob',
    reason: undefined,
    fence: undefined,
  },
  ...{ claimedAt: undefined, finishedAt: undefined, detail: undefined, decisions: [{ ...bob, kind: 'approve' }] },
}

for (const [settlement, end] of [
  [
    { state: 'approved', approval: decided },
    { end: 'approved', by: [{ person: 'bob', reason: 'fine' }] },
  ],
  [
    { state: 'denied', by: 'bob', reason: 'no' },
    { end: 'denied', by: { person: 'bob', reason: 'no' } },
  ],
  [expired, { end: 'expired', reason: 'expired' }],
  [
    { state: 'void', by: 'system', reason: 'the store failed' },
    { end: 'void', reason: 'the store failed' },
  ],
  [
    { state: 'withdrawn', by: 'alice', reason: 'cancelled' },
    { end: 'withdrawn', reason: 'cancelled' },
  ],
] as const satisfies readonly (readonly [Settlement, unknown])[])
  test(`a hold that is ${settlement.state} ends so`, async () => {
    const hold = await desk(opened(settlement)).made.open(request)
    assert.deepEqual(await hold.settled, end)
  })

test('claims name the session, withdrawals the person and where from', async () => {
  const { made, calls } = desk(opened(expired))
  await made.claim(approval)
  await made.withdraw(approval, 'void', 'left')
  await made.finish(approval, 'done', 'ran')
  assert.deepEqual(calls, [
    ['claim', approval, 's_1'],
    ['withdraw', approval, 'void', { by: 'alice', origin: '10.0.0.1', reason: 'left' }],
    ['finish', approval, 'done', 'ran'],
  ])
})

test('a hold that is settled is counted once, by its end', async () => {
  const { made, tally } = desk(opened(expired))
  const hold = await made.open(request)
  assert.deepEqual([await hold.settled, await hold.settled].length, 2)
  assert.deepEqual(Object.fromEntries(tally.entries()), { approved: 0, denied: 0, expired: 1, withdrawn: 0, void: 0 })
})
