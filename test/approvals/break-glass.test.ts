import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createApprovals } from '../../src/approvals/approvals.ts'
import type { BreakGlass, BreakGlassUse } from '../../src/approvals/break-glass.ts'
import { createReviews, type Signature } from '../../src/approvals/reviews.ts'
import { personName, type ApprovalId, type ReviewId } from '../../src/model/ids.ts'
import { newId } from '../../src/std/ids.ts'
import { approvalId, scrub } from '../store/scratch.ts'
import { alice, answer, digest, hall, MINUTE } from './hall.ts'

const TERMS: BreakGlass = { people: [alice], roles: [], longestMs: 20 * MINUTE }

async function glass(
  context: TestContext,
  { terms = TERMS, threaded = false }: { terms?: BreakGlass | undefined; threaded?: boolean } = {},
) {
  // prettier-ignore
  const made = await hall(context, { threaded })
  const { store, clock } = made
  const approvals = createApprovals<string>({
    ...{ store: store.approvals, clock, newId: approvalId, scrub, journal: () => undefined, notify: () => undefined },
    breakGlass: {
      termsOf: () => terms,
      newId: () => newId('v_', 12) as ReviewId,
    },
  })
  const reviews = createReviews({
    store: store.reviews,
    clock,
    scrub,
    journal: () => undefined,
  })
  const open = async () => {
    const hold = await approvals.open(made.request())
    if (hold.outcome !== 'held') throw new Error(hold.why)
    return hold
  }
  const why = async (use: BreakGlassUse) => {
    const outcome = await approvals.breakGlass(use)
    return outcome.outcome === 'refused' ? outcome.why : outcome.outcome
  }
  return { ...made, approvals, reviews, open, why }
}

const use = (id: ApprovalId, more: Partial<BreakGlassUse> = {}): BreakGlassUse => ({
  ...{ id, person: alice, roles: ['engineer'], service: false, digest, incident: 'INC-1', reason: 'the site is down' },
  ...{ factorFresh: true, origin: '10.0.0.9' },
  ...more,
})

const signature = (id: ReviewId, name: string, more: Partial<Signature> = {}): Signature => ({
  ...{ id, person: personName(name), roles: ['approver'], service: false, remark: 'was right', factorFresh: true },
  ...{ origin: '10.0.0.9' },
  ...more,
})

test('somebody on the list clears their own hold: it is claimed once, told, noted, and a review stays open', async (context) => {
  const { approvals, open, store, reviews } = await glass(context)
  const hold = await open()
  const outcome = await approvals.breakGlass(use(hold.id))
  assert.equal(outcome.outcome, 'cleared')
  const settled = await hold.settled
  assert.equal(settled.state, 'approved')
  const { decisions } = settled.approval
  assert.deepEqual(
    decisions.map(({ person, kind, reason }) => [person, kind, reason]),
    [['alice', 'break-glass', 'incident INC-1: the site is down']],
  )
  assert.equal(await approvals.claim(hold.id, 'node-1'), true)
  assert.equal(await approvals.claim(hold.id, 'node-1'), false)
  const [review] = await reviews.list({ unsigned: true })
  assert.equal(review?.approval, hold.id)
  const notes = (await store.journal.take({ limit: 50 })).map(({ note }) => note)
  const note = notes.find(({ kind }) => kind === 'approval.break-glass')
  assert.equal(note?.by, 'alice')
  assert.equal(note.detail['incident'], 'INC-1')
})

test('only the requester, only who is on the list, only what was shown, only with a fresh factor, and only while it is open', async (context) => {
  const { approvals, open, why } = await glass(context)
  const { id } = await open()
  assert.equal(await why(use(id, { person: personName('bob') })), 'not-own')
  assert.equal(await why(use(id, { service: true })), 'not-own')
  assert.equal(await why(use(id, { digest: 'e'.repeat(64) })), 'digest')
  assert.equal(await why(use(id, { factorFresh: false })), 'factor')
  assert.equal(await why(use('a_000000000000' as ApprovalId)), 'not-found')
  await approvals.decide(answer(id, 'bob', { kind: 'deny' }))
  assert.equal(await why(use(id)), 'not-open', 'a denial stands')
})

test('without the operator nobody breaks it, and a role on the list is enough', async (context) => {
  const none = await glass(context, { terms: { people: [], roles: ['admin'], longestMs: MINUTE } })
  const { id } = await none.open()
  assert.equal(await none.why(use(id)), 'not-allowed')
  const byRole = await glass(context, { terms: { people: [], roles: ['engineer'], longestMs: MINUTE } })
  const hold = await byRole.open()
  assert.equal(await byRole.why(use(hold.id)), 'cleared')
  const { approvals, open } = await hall(context)
  const plain = await open()
  const outcome = await approvals.breakGlass(use(plain.id))
  assert.equal(outcome.outcome === 'refused' && outcome.why, 'not-allowed')
})

test('one incident lasts its minutes from its first use; the next one waits until somebody else has signed every review', async (context) => {
  const { open, why, clock, reviews } = await glass(context)
  assert.equal(await why(use((await open()).id)), 'cleared')
  assert.equal(await why(use((await open()).id, { incident: 'INC-2' })), 'unreviewed')
  clock.advance(19 * MINUTE)
  assert.equal(await why(use((await open()).id)), 'cleared', 'it goes on')
  clock.advance(MINUTE)
  assert.equal(await why(use((await open()).id)), 'over')
  const [second, first] = await reviews.list({ unsigned: true })
  assert.ok(first !== undefined && second !== undefined)
  assert.equal((await reviews.sign(signature(first.id, 'bob'))).outcome, 'signed')
  assert.equal(await why(use((await open()).id, { incident: 'INC-2' })), 'unreviewed', 'one is left')
  assert.equal((await reviews.sign(signature(second.id, 'dan', { roles: ['security'] }))).outcome, 'signed')
  assert.equal(await why(use((await open()).id)), 'over', 'a signature prolongs nothing')
  assert.equal(await why(use((await open()).id, { incident: 'INC-2' })), 'cleared')
})

test('a review is signed once, by another human with the role and a fresh factor', async (context) => {
  const { open, why, reviews } = await glass(context)
  await why(use((await open()).id))
  const [review] = await reviews.list()
  assert.ok(review !== undefined)
  const refusal = async (name: string, more: Partial<Signature> = {}) => {
    const outcome = await reviews.sign(signature(review.id, name, more))
    return outcome.outcome === 'refused' ? outcome.why : outcome.outcome
  }
  assert.equal(await refusal('alice'), 'own')
  assert.equal(await refusal('carol', { owner: alice }), 'own')
  assert.equal(await refusal('eve', { roles: ['admin'] }), 'role')
  assert.equal(await refusal('bob', { factorFresh: false }), 'factor')
  assert.equal(await refusal('bob'), 'signed')
  assert.equal(await refusal('carol'), 'signed')
  assert.equal((await reviews.find(review.id))?.signedBy, 'bob')
  assert.deepEqual(await reviews.list({ unsigned: true }), [])
})

test('of a hundred raced uses of one hold one clears it, and of two incidents at once one', async (context) => {
  const { approvals, open, reviews } = await glass(context, { threaded: true })
  const { id } = await open()
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => approvals.breakGlass(use(id))))
  assert.equal(outcomes.filter(({ outcome }) => outcome === 'cleared').length, 1)
  assert.equal((await reviews.list()).length, 1)
  for (const review of await reviews.list()) await reviews.sign(signature(review.id, 'bob'))
  const holds = await Promise.all([open(), open(), open()])
  const uses = holds.map((hold, at) => approvals.breakGlass(use(hold.id, { incident: `INC-${at + 2}` })))
  assert.equal((await Promise.all(uses)).filter(({ outcome }) => outcome === 'cleared').length, 1)
})
