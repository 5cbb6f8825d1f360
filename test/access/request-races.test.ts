import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, asks, HOUR, MINUTE, reception, stage, actor } from './reception.ts'
import { seeded } from '../support/random.ts'

test('a thousand raced answers to one request give one outcome, and one grant at most', async (context) => {
  const { ask, decide, requests, grants } = await reception(context, { threaded: true })
  const { id } = await ask()
  const random = seeded(20261122)
  const who = ['bob', 'carol', 'erin', 'zoe', 'alice', 'dan']
  const outcomes = await Promise.all(
    Array.from({ length: 1000 }, () => {
      const kind = random.below(2) === 0 ? 'approve' : 'deny'
      return decide(answer(id, who[random.below(who.length)] ?? 'bob', { kind }))
    }),
  )
  const changed = outcomes.filter((one) => one.outcome === 'recorded' && !one.repeated)
  const [won] = changed
  assert.equal(changed.length, 1)
  assert.ok(won?.outcome === 'recorded')
  const after = await requests.find(id)
  assert.equal(after?.state, won.request.state)
  assert.equal(after.decisions.length, 1)
  assert.equal((await grants()).length, after.state === 'granted' ? 1 : 0)
})

test('raced requests each have one end, and exactly the granted ones have a grant', async (context) => {
  const quotas = { openPerPerson: 500, perPersonAndHour: 500 }
  const { ask, decide, requests, rules, store, clock, events } = await reception(context, { threaded: true, quotas })
  rules.verdict = asks(stage({ need: 3 }))
  const random = seeded(7)
  const states = new Map<string, number>()
  for (let round = 0; round < 60; round += 1) {
    const { id } = await ask({ forMs: 2 * MINUTE })
    const moves = [
      () => decide(answer(id, 'bob')),
      () => (random.below(10) < 6 ? decide(answer(id, 'carol', { forMs: MINUTE })) : Promise.resolve(undefined)),
      () => decide(answer(id, 'zoe')),
      () => decide(answer(id, 'erin', random.below(10) < 3 ? { kind: 'deny' } : {})),
      () => (random.below(10) < 5 ? requests.withdraw(id, actor) : Promise.resolve(undefined)),
    ]
    await Promise.all(moves.toSorted(() => random.below(3) - 1).map((move) => move()))
    // The grant ends before the next round, so that nothing is a renewal, and so does what nobody answered.
    clock.advance(HOUR)
    await requests.tick()
    const after = await requests.find(id)
    assert.ok(after !== undefined && after.state !== 'open')
    states.set(after.state, (states.get(after.state) ?? 0) + 1)
    assert.equal(after.grant !== undefined, after.state === 'granted', after.state)
    assert.equal(events.filter(({ kind, request }) => kind === 'settled' && request.id === id).length, 1)
  }
  const made = await store.grants.list({ person: undefined, limit: 500 })
  assert.equal(made.length, states.get('granted'))
  for (const state of ['granted', 'denied', 'withdrawn', 'expired'])
    assert.ok((states.get(state) ?? 0) > 3, `${state} never won`)
})
