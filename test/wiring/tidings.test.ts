import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createApprovals } from '../../src/approvals/approvals.ts'
import { createReviews } from '../../src/approvals/reviews.ts'
import { createScripts } from '../../src/approvals/scripts.ts'
import { personName, type ReviewId, type ScriptId } from '../../src/model/ids.ts'
import type { Posting } from '../../src/notify/outbox.ts'
import { postingsOf, type TidingDeps } from '../../src/wiring/tidings.ts'
import { actor, answer, asks, HOUR, MINUTE, reception, stage } from '../access/reception.ts'
import { alice, answer as approvalAnswer, digest, hall, terms } from '../approvals/hall.ts'
import { approvalId, cards, scrub } from '../store/scratch.ts'

/** What every change so far comes to, as it is worded after a crash: from the store alone. */
async function told(store: TidingDeps['store'] & { readonly outbox: TestOutbox }): Promise<readonly Posting[]> {
  const deps = { store, scrub, publicUrl: 'https://countersign.example', factsOf: () => [] }
  const tidings = await store.outbox.tidings({ limit: 100 })
  return (await Promise.all(tidings.map(({ note }) => postingsOf(note, deps)))).flat()
}
type TestOutbox = Awaited<ReturnType<typeof hall>>['store']['outbox']

const short = ({ notice, channels }: Posting) => [notice.kind, notice.subject?.split(':')[0], channels.join(' ')]
const textOf = ({ notice }: Posting, label: string) => notice.lines.find((line) => line.label === label)?.text

test('a request in two stages tells each stage its channels, and its end those of the last', async (context) => {
  const stages = [
    stage({ notify: ['team'], escalation: [{ afterMs: 5 * MINUTE, from: [], notify: ['phone'] }] }),
    stage({ from: ['security'], notify: ['vault'] }),
  ]
  const { ask, decide, requests, clock, store } = await reception(context, { verdict: asks(...stages) })
  const { id } = await ask()
  clock.advance(6 * MINUTE)
  await requests.tick()
  await decide(answer(id, 'bob'))
  clock.advance(MINUTE)
  await decide(answer(id, 'dan'))
  assert.deepEqual((await told(store)).map(short), [
    ['request.opened', 'request', 'team'],
    ['request.escalated', 'request', 'phone'],
    ['request.decided', 'request', 'vault'],
    ['request.settled', 'request', 'vault'],
  ])
})

test('a request that expires or is taken back is told; one that a rule answered by itself is nobody’s message', async (context) => {
  const { ask, requests, clock, store, rules } = await reception(context)
  const { id } = await ask()
  await requests.withdraw(id, actor)
  await ask()
  clock.advance(24 * HOUR)
  await requests.tick()
  rules.verdict = { kind: 'grant', rule: 'r', maxMs: HOUR }
  await ask()
  rules.verdict = { kind: 'refuse', rule: 'r', message: 'no' }
  await ask()
  const all = await told(store)
  assert.deepEqual(
    all.map((one) => [one.notice.kind, textOf(one, 'State')]),
    [
      ['request.opened', 'open'],
      ['request.settled', 'withdrawn'],
      ['request.opened', 'open'],
      ['request.settled', 'expired'],
    ],
  )
})

async function emergency(context: TestContext) {
  const made = await hall(context)
  const { store, clock } = made
  const approvals = createApprovals<string>({
    ...{ store: store.approvals, clock, newId: approvalId, scrub, journal: () => undefined, notify: () => undefined },
    breakGlass: {
      termsOf: () => ({ people: [alice], roles: [], longestMs: 20 * MINUTE }),
      newId: () => 'v_abcdefghij01' as ReviewId,
    },
  })
  const reviews = createReviews({ store: store.reviews, clock, scrub, journal: () => undefined })
  return { ...made, approvals, reviews }
}

test('break-glass and its review are told to everybody, the reason to nobody', async (context) => {
  const { approvals, reviews, store, request } = await emergency(context)
  const hold = await approvals.open(request({ holds: [{ ...terms(), notify: ['team'] }] }))
  assert.ok(hold.outcome === 'held')
  const use = { person: alice, roles: ['engineer' as const], service: false, digest, factorFresh: true }
  const words = { incident: 'INC-1', reason: 'a secret reason', origin: '10.0.0.1' }
  assert.equal((await approvals.breakGlass({ id: hold.id, ...use, ...words })).outcome, 'cleared')
  const signature = { person: personName('bob'), roles: ['approver' as const], service: false, factorFresh: true }
  const id = 'v_abcdefghij01' as ReviewId
  await reviews.sign({ id, ...signature, remark: 'a secret remark', origin: '10.0.0.2' })
  const all = await told(store)
  assert.deepEqual(all.map(short), [
    ['approval.opened', 'approval', 'team'],
    ['approval.decided', 'approval', 'team'],
    ['break-glass.used', 'approval', ''],
    ['review.opened', 'review', ''],
    ['review.signed', 'review', ''],
  ])
  assert.deepEqual(
    all.slice(2).map((one) => [textOf(one, 'By'), textOf(one, 'Incident')]),
    [
      ['alice', 'INC-1'],
      ['alice', 'INC-1'],
      ['bob', 'INC-1'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(all), /secret/)
})

test('a script that a rule holds tells its channels; one that no rule holds tells nobody', async (context) => {
  const { store, clock } = await hall(context)
  const scripts = createScripts({ store: store.scripts, clock, scrub, journal: () => undefined })
  const request = {
    ...{ person: alice, target: cards, database: 'cards', account: 'app', sealed: 'v1.sealed', digest },
    ...{ redacted: ['DELETE FROM payments'], policyVersion: 'p', matches: [], ticket: undefined, forMs: HOUR },
    ...{ statements: [{ start: 0, end: 20, rules: [] }], reason: 'a secret reason', origin: '10.0.0.1' },
    eligible: [{ person: personName('bob'), roles: ['approver'] as const }],
  }
  const [held, free] = ['x_abcdefghij01' as ScriptId, 'x_abcdefghij02' as ScriptId]
  await scripts.submit({ ...request, id: held, holds: [{ ...terms(), notify: ['team'] }] })
  await scripts.submit({ ...request, id: free, holds: [] })
  const yes = { person: personName('bob'), roles: ['approver' as const], service: false, kind: 'approve' as const }
  await scripts.decide({ id: held, ...yes, digest, factorFresh: true, origin: '10.0.0.9' })
  await scripts.withdraw(held, actor)
  await scripts.withdraw(free, actor)
  const all = await told(store)
  assert.deepEqual(
    all.map((one) => [...short(one), textOf(one, 'By'), textOf(one, 'State')]),
    [
      ['script.opened', 'script', 'team', 'alice', 'open'],
      ['script.decided', 'script', 'team', 'bob', 'approved'],
      ['script.settled', 'script', 'team', 'alice', 'withdrawn'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(all), /secret|payments/)
})

test('every end of a hold is told once, with how it ended', async (context) => {
  const { approvals, open, store, clock, session } = await hall(context)
  const by = { by: 'alice', origin: '10.0.0.1', reason: 'r' }
  await approvals.withdraw((await open()).id, 'withdrawn', by)
  await approvals.withdraw((await open()).id, 'void', by)
  await open()
  clock.advance(15 * MINUTE)
  await open()
  await store.stops.order({
    stop: { scope: 'session', name: session, by: 'dan', reason: 'r', at: clock.now() },
    note: { kind: 'stop.ordered', at: clock.now(), by: 'dan', origin: 'x', outcome: 'done', resource: 'x', detail: {} },
  })
  await open()
  await approvals.recoverAfterCrash()
  const ends = (await told(store)).filter(({ notice }) => notice.kind === 'approval.closed')
  assert.deepEqual(
    ends.map((one) => textOf(one, 'State')),
    ['withdrawn', 'void', 'expired', 'void', 'void'],
  )
})

test('an escalation that settles by itself asks nobody: it tells that it was answered', async (context) => {
  const { approvals, open, clock, store } = await hall(context)
  const escalation = [{ afterMs: 5 * MINUTE, from: ['security'] as const, notify: ['duty'] }]
  const { id } = await open({ holds: [{ ...terms(), escalation }, terms(['security'])] })
  await approvals.decide(approvalAnswer(id, 'dan'))
  clock.advance(5 * MINUTE)
  await approvals.escalate()
  const all = await told(store)
  assert.deepEqual(
    all.map((one) => [one.notice.kind, textOf(one, 'State')]),
    [
      ['approval.opened', 'open'],
      ['approval.decided', 'open'],
      ['approval.decided', 'approved'],
    ],
  )
})
