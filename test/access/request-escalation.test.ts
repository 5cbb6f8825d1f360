import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, asks, MINUTE, reception, stage } from './reception.ts'

test('a stage that nobody answers is escalated once, counted from when it began to be asked', async (context) => {
  const escalation = [{ afterMs: 10 * MINUTE, from: [], notify: ['phone'] }]
  const verdict = asks(stage({ notify: ['chat'], escalation }), stage({ from: ['security'], escalation }))
  const { ask, decide, clock, requests, events } = await reception(context, { verdict })
  const { id } = await ask()
  const escalated = () => events.filter(({ kind }) => kind === 'escalated').map(({ notify }) => notify)
  clock.advance(10 * MINUTE - 1)
  await requests.tick()
  assert.deepEqual(escalated(), [])
  clock.advance(1)
  await Promise.all([requests.tick(), requests.tick()])
  await requests.tick()
  assert.deepEqual(escalated(), [['phone']])
  await decide(answer(id, 'bob'))
  clock.advance(10 * MINUTE - 1)
  await requests.tick()
  assert.equal(escalated().length, 1)
  clock.advance(1)
  await requests.tick()
  await requests.tick()
  assert.equal(escalated().length, 2)
  assert.equal((await requests.find(id))?.escalated, 2)
})

test('where nobody answers, the steps of a stage ask more people in turn, and nobody before their turn', async (context) => {
  const escalation = [
    { afterMs: 5 * MINUTE, from: [], notify: ['phone'] },
    { afterMs: 10 * MINUTE, from: ['security' as const], notify: [] },
  ]
  const { ask, decide, clock, requests, events, notes, state } = await reception(context, {
    verdict: asks(stage({ notify: ['chat'], escalation })),
  })
  const { id } = await ask()
  const told = () => events.filter(({ kind }) => kind === 'escalated').map(({ notify }) => notify)
  const early = async () => {
    const outcome = await decide(answer(id, 'dan'))
    return outcome.outcome === 'refused' && outcome.why
  }
  clock.advance(5 * MINUTE)
  await requests.tick()
  assert.deepEqual([told(), await early()], [[['phone']], 'role'])
  clock.advance(5 * MINUTE - 1)
  await requests.tick()
  assert.deepEqual([told().length, await early()], [1, 'role'])
  clock.advance(1)
  await requests.tick()
  await requests.tick()
  assert.deepEqual(told(), [['phone'], []], 'no channel is every channel')
  const escalated = (await notes()).filter(({ kind }) => kind === 'request.escalated')
  assert.deepEqual(
    escalated.map(({ detail }) => [detail['from'], detail['notify']]),
    [
      [[], ['phone']],
      [['security'], []],
    ],
  )
  assert.equal((await decide(answer(id, 'dan'))).outcome, 'recorded')
  assert.equal(await state(id), 'granted')
})

test('steps that came while nothing looked are told as one, and those of a stage that was answered in time never', async (context) => {
  const escalation = [
    { afterMs: 5 * MINUTE, from: [], notify: ['phone'] },
    { afterMs: 10 * MINUTE, from: [], notify: ['siren'] },
  ]
  const verdict = asks(stage({ escalation }), stage({ from: ['security'], escalation }))
  const { ask, decide, clock, requests, events } = await reception(context, { verdict })
  const { id } = await ask()
  const told = () => events.filter(({ kind }) => kind === 'escalated').map(({ notify }) => notify)
  clock.advance(4 * MINUTE)
  await decide(answer(id, 'bob'))
  clock.advance(11 * MINUTE)
  await requests.tick()
  await requests.tick()
  assert.deepEqual(told(), [['phone', 'siren']])
})
