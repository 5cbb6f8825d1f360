import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { ScriptAnswer } from '../../src/approvals/script-store.ts'
import type { Script } from '../../src/approvals/script.ts'
import { createScripts, type ScriptEvent, type ScriptRequest } from '../../src/approvals/scripts.ts'
import { personName, type ScriptId } from '../../src/model/ids.ts'
import { newId } from '../../src/std/ids.ts'
import { admin, cards, grantsOf, peopleOf, scrub } from '../store/scratch.ts'
import { alice, digest, hall, MINUTE, terms } from './hall.ts'

const HOUR = 60 * MINUTE

/** Scripts over a real store, with the people and the live session of the hall. */
async function bench(context: TestContext, options: { threaded?: boolean } = {}) {
  const made = await hall(context, options)
  const events: ScriptEvent[] = []
  let pokes = 0
  const scripts = createScripts({ store: made.store.scripts, clock: made.clock, scrub, journal: () => (pokes += 1) })
  scripts.subscribe((event) => events.push(event))
  const request = (more: Partial<ScriptRequest> = {}): ScriptRequest => ({
    ...{ id: newId('x_', 12) as ScriptId, person: alice, target: cards, database: 'cards', account: 'app' },
    ...{ sealed: 'v1.sealed', redacted: ['DELETE FROM payments; SELECT 1'], digest, policyVersion: 'p' },
    statements: [
      { start: 0, end: 20, rules: ['writes/unfiltered'] },
      { start: 21, end: 30, rules: [] },
    ],
    matches: [{ rule: 'writes/unfiltered', effect: 'hold', severity: 'high', message: 'no WHERE' }],
    holds: [terms()],
    eligible: ['alice', 'bob', 'carol'].map((name) => ({ person: personName(name), roles: ['approver'] as const })),
    ...{ reason: 'release 42', ticket: 'OPS-7', forMs: 4 * HOUR, origin: '10.0.0.1' },
    ...more,
  })
  const submit = async (more: Partial<ScriptRequest> = {}): Promise<Script> => {
    const script = await scripts.submit(request(more))
    if (typeof script === 'string') throw new Error(script)
    return script
  }
  const state = async (id: ScriptId) => (await scripts.find(id))?.state
  return { ...made, scripts, request, submit, state, events, pokes: () => pokes }
}

const said = (id: ScriptId, name: string, more: Partial<ScriptAnswer> = {}): ScriptAnswer => ({
  ...{ id, person: personName(name), roles: ['approver'], service: false, kind: 'approve' },
  ...{ digest, factorFresh: true, origin: '10.0.0.9' },
  ...more,
})

const by = { by: 'alice', origin: '10.0.0.1' }

test('a script is approved, claimed by one session, runs on statement by statement, and is done', async (context) => {
  const { scripts, submit, state, session, startSession, events, store } = await bench(context)
  const { id } = await submit()
  assert.equal(await scripts.claim(id, session, by), false, 'not before it is approved')
  const outcome = await scripts.decide(said(id, 'bob'))
  assert.equal(outcome.outcome, 'recorded')
  assert.equal(await state(id), 'approved')
  assert.equal(await scripts.claim(id, session, by), true)
  assert.equal(await scripts.claim(id, await startSession(), by), false, 'once')
  assert.equal(await scripts.advance(id, session, 2), false, 'not the second before the first')
  assert.equal(await scripts.advance(id, session, 1), true)
  assert.equal(await scripts.advance(id, session, 1), false, 'each once')
  assert.equal(await scripts.advance(id, await startSession(), 2), false, 'in its own session alone')
  assert.equal(await scripts.finish(id, 'done', 'all 2 statements completed'), true)
  assert.equal(await scripts.finish(id, 'stopped', 'late'), false)
  assert.equal(await state(id), 'done')
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['submitted', 'decided', 'running', 'finished'],
  )
  const notes = await store.journal.take({ limit: 100 })
  const kinds = notes.map(({ note }) => note.kind).filter((kind) => kind.startsWith('script.'))
  assert.deepEqual(kinds, ['script.submitted', 'script.decided', 'script.running', 'script.done'])
})

test('nobody decides about their own script, without the role, with another digest or without a fresh factor', async (context) => {
  const { scripts, submit } = await bench(context)
  const { id } = await submit()
  const why = async (answer: ScriptAnswer) => {
    const outcome = await scripts.decide(answer)
    return outcome.outcome === 'refused' ? outcome.why : outcome.outcome
  }
  assert.equal(await why(said(id, 'alice')), 'own')
  assert.equal(await why(said(id, 'bob', { owner: alice })), 'own')
  assert.equal(await why(said(id, 'eve', { roles: ['admin'] })), 'role')
  assert.equal(await why(said(id, 'bob', { service: true })), 'role')
  assert.equal(await why(said(id, 'bob', { digest: 'e'.repeat(64) })), 'digest')
  assert.equal(await why(said(id, 'bob', { factorFresh: false })), 'factor')
  assert.equal(await why(said('x_000000000000' as ScriptId, 'bob')), 'not-found')
  assert.equal(await why(said(id, 'bob')), 'recorded')
  assert.equal(await why(said(id, 'carol')), 'not-open')
})

test('a denial wins over a complete quorum until a session has claimed it', async (context) => {
  const { scripts, submit, state, session } = await bench(context)
  const { id } = await submit()
  await scripts.decide(said(id, 'bob'))
  await scripts.decide(said(id, 'carol', { kind: 'deny', reason: 'not today' }))
  assert.equal(await state(id), 'denied')
  assert.equal(await scripts.claim(id, session, by), false)
  const other = await submit()
  await scripts.decide(said(other.id, 'bob'))
  await scripts.claim(other.id, session, by)
  assert.equal((await scripts.decide(said(other.id, 'carol', { kind: 'deny' }))).outcome, 'refused')
})

test('quorum counts persons', async (context) => {
  const { scripts, submit, state } = await bench(context)
  const { id } = await submit({ holds: [terms(['approver'], 2)] })
  await scripts.decide(said(id, 'bob'))
  await scripts.decide(said(id, 'bob'))
  assert.equal(await state(id), 'open')
  await scripts.decide(said(id, 'carol'))
  assert.equal(await state(id), 'approved')
})

test('it expires, approved or not, and what has expired cannot be claimed', async (context) => {
  const { scripts, submit, state, session, clock } = await bench(context)
  const [open, approved] = [await submit({ forMs: MINUTE }), await submit({ forMs: MINUTE })]
  await scripts.decide(said(approved.id, 'bob'))
  clock.advance(MINUTE)
  assert.equal(await scripts.claim(approved.id, session, by), false)
  assert.equal((await scripts.decide(said(open.id, 'bob'))).outcome, 'refused')
  await scripts.tick()
  assert.deepEqual([await state(open.id), await state(approved.id)], ['expired', 'expired'])
  for (const forMs of [59_999, 24 * HOUR + 1, Number.NaN])
    assert.equal(await scripts.submit({ ...(await bench(context)).request(), forMs }), 'bad-duration')
})

test('the claim, and each step, fail once grant, submitter or an approver are gone', async (context) => {
  const made = await bench(context)
  const { scripts, submit, session, scratch, grant } = made
  const [first, second] = [await submit(), await submit()]
  for (const { id } of [first, second]) await scripts.decide(said(id, 'bob'))
  assert.equal(await scripts.claim(first.id, session, by), true)
  await peopleOf(scratch).disable(personName('bob'), admin)
  assert.equal(await scripts.claim(second.id, session, by), false)
  assert.equal(await scripts.advance(first.id, session, 1), false)
  const third = await submit({ holds: [] })
  assert.equal(third.state, 'approved', 'nobody has to be asked')
  assert.equal(await scripts.claim(third.id, session, by), true)
  await grantsOf(scratch).revoke(grant.id, admin)
  assert.equal(await scripts.advance(third.id, session, 1), false)
})

test('a person has ten waiting scripts at most', async (context) => {
  const { scripts, submit, request } = await bench(context)
  const made: Script[] = []
  for (let at = 0; at < 10; at += 1) made.push(await submit())
  assert.equal(await scripts.submit(request()), 'full')
  await scripts.withdraw(made[0]?.id ?? ('' as ScriptId), by)
  assert.notEqual(await scripts.submit(request()), 'full')
})

test('after a crash a running script is unknown for ever, and waiting ones go on waiting', async (context) => {
  const { scripts, submit, state, session } = await bench(context)
  const [running, approved, open] = [await submit(), await submit(), await submit()]
  for (const { id } of [running, approved]) await scripts.decide(said(id, 'bob'))
  await scripts.claim(running.id, session, by)
  await scripts.advance(running.id, session, 1)
  const changed = await scripts.recoverAfterCrash()
  assert.deepEqual(
    changed.map(({ id }) => id),
    [running.id],
  )
  assert.match(changed[0]?.detail ?? '', /statement 1 of 2/)
  assert.deepEqual([await state(running.id), await state(approved.id), await state(open.id)], ['unknown', 'approved', 'open']) // prettier-ignore
  assert.equal(await scripts.claim(running.id, session, by), false)
  assert.equal(await scripts.advance(running.id, session, 2), false)
  assert.equal(await scripts.finish(running.id, 'done', 'late'), false)
})

test('a thousand raced answers, claims and withdrawals give each script one end and one claim at most', async (context) => {
  const { scripts, submit, session, startSession, state } = await bench(context, { threaded: true })
  const other = await startSession()
  let seed = 20261122
  const next = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32
  const ends = new Map<string, number>()
  for (let round = 0; round < 14; round += 1) {
    const made = await Promise.all(Array.from({ length: 9 }, () => submit()))
    const claims = new Map<ScriptId, number>()
    const claim = async (id: ScriptId, of: typeof session) => {
      if (await scripts.claim(id, of, by)) claims.set(id, (claims.get(id) ?? 0) + 1)
    }
    const moves = made.flatMap(({ id }) => [
      () => scripts.decide(said(id, 'bob')),
      () => scripts.decide(said(id, 'carol', next() < 0.4 ? { kind: 'deny' } : {})),
      () => (next() < 0.2 ? scripts.withdraw(id, by) : Promise.resolve(false)),
      () => (next() < 0.2 ? scripts.revoke(id, 'the packs have changed') : Promise.resolve(false)),
      () => claim(id, session),
      () => claim(id, other),
      () => claim(id, session),
      () => claim(id, other),
    ])
    const order = moves.map((move) => ({ move, rank: next() })).sort((a, b) => a.rank - b.rank)
    await Promise.all(order.map(({ move }) => move()))
    for (const { id } of made) {
      const end = (await state(id)) ?? 'missing'
      ends.set(end, (ends.get(end) ?? 0) + 1)
      assert.equal(claims.get(id) ?? 0, end === 'running' ? 1 : 0, `${id} is ${end}`)
      await scripts.finish(id, 'stopped', 'the test is over')
      await scripts.withdraw(id, by)
    }
  }
  for (const end of ['running', 'denied', 'withdrawn', 'void']) assert.ok((ends.get(end) ?? 0) > 2, `${end} never won`)
})

test('a script whose rules widen to somebody who has said yes already is approved by that', async (context) => {
  const { scripts, submit, state, clock, events } = await bench(context)
  const escalation = [{ afterMs: 5 * MINUTE, from: ['security'] as const, notify: [] }]
  const eligible = [{ person: personName('dan'), roles: ['security'] as const }]
  const { id } = await submit({ holds: [{ ...terms(), escalation }, terms(['security'])], eligible })
  await scripts.decide(said(id, 'dan', { roles: ['security'] }))
  await scripts.tick()
  assert.equal(await state(id), 'open')
  clock.advance(5 * MINUTE)
  await scripts.tick()
  await scripts.tick()
  assert.equal(await state(id), 'approved')
  assert.deepEqual(
    events.map(({ kind, script }) => `${kind} ${script.state}`),
    ['submitted open', 'decided open', 'decided approved'],
  )
})

test('the yes of somebody who lost the role counts neither for a claim nor for the next statement', async (context) => {
  const { scripts, submit, session, scratch } = await bench(context)
  const lose = () => peopleOf(scratch).setRoles(personName('bob'), ['engineer'], admin)
  const [first, second] = [await submit(), await submit()]
  for (const { id } of [first, second]) await scripts.decide(said(id, 'bob'))
  assert.equal(await scripts.claim(first.id, session, by), true)
  assert.equal(await scripts.advance(first.id, session, 1), true)
  await lose()
  assert.equal(await scripts.advance(first.id, session, 2), false)
  assert.equal(await scripts.claim(second.id, session, by), false)
})
