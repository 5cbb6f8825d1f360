import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApprovals } from '../../src/approvals/approvals.ts'
import type { ApprovalEvent } from '../../src/approvals/approvals.ts'
import { escalatedBetween, nextEscalation, termsAt, termsAtLast } from '../../src/approvals/escalation.ts'
import { personName } from '../../src/model/ids.ts'
import type { Escalation, HoldTerms } from '../../src/model/verdict.ts'
import { admin, approvalId, peopleOf, scrub } from '../store/scratch.ts'
import { answer, hall, MINUTE, terms } from './hall.ts'

const STEPS: readonly Escalation[] = [
  { afterMs: 5 * MINUTE, from: ['security'], notify: ['duty'] },
  { afterMs: 10 * MINUTE, from: ['admin'], notify: ['bosses'] },
]
const escalating = (more: Partial<HoldTerms> = {}): HoldTerms => ({ ...terms(), escalation: STEPS, ...more })
const eligible = [
  { person: personName('bob'), roles: ['approver'] as const },
  { person: personName('dan'), roles: ['security'] as const },
  { person: personName('eve'), roles: ['admin'] as const },
]

const escalations = (events: readonly ApprovalEvent[]) =>
  events.filter(({ kind }) => kind === 'escalated').map(({ escalation }) => [escalation?.from, escalation?.notify])

test('who is asked widens with time and never narrows', () => {
  const waiting = { holds: [escalating()], createdAt: 1000 }
  const asked = (now: number) => termsAt(waiting, now).map(({ from }) => from)
  assert.deepEqual(asked(1000), [['approver']])
  assert.deepEqual(asked(1000 + 5 * MINUTE - 1), [['approver']])
  assert.deepEqual(asked(1000 + 5 * MINUTE), [['approver', 'security']])
  assert.deepEqual(asked(1000 + 99 * MINUTE), [['approver', 'security', 'admin']])
  assert.deepEqual(termsAtLast(waiting.holds)[0]?.from, ['approver', 'security', 'admin'])
})

test('steps of several rules come in the order of time, those of one moment together', () => {
  const other = escalating({ escalation: [{ afterMs: 5 * MINUTE, from: ['admin'], notify: ['duty', 'other'] }] })
  const waiting = { holds: [escalating(), other], createdAt: 0 }
  assert.equal(nextEscalation(waiting, 0), 5 * MINUTE)
  assert.equal(nextEscalation(waiting, 5 * MINUTE), 10 * MINUTE)
  assert.equal(nextEscalation(waiting, 10 * MINUTE), undefined)
  const both = escalatedBetween(waiting, { after: 0, now: 5 * MINUTE })
  assert.deepEqual(
    [both?.from, both?.notify],
    [
      ['security', 'admin'],
      ['duty', 'other'],
    ],
  )
  assert.equal(escalatedBetween(waiting, { after: 5 * MINUTE, now: 9 * MINUTE }), undefined)
})

test('nobody answers: more roles may, once each step has come, and each is told and noted once', async (context) => {
  const { approvals, open, clock, events, store, state } = await hall(context)
  const { id } = await open({ holds: [escalating()], eligible })
  const early = await approvals.decide(answer(id, 'dan'))
  assert.deepEqual(early, { outcome: 'refused', why: 'role' })
  await approvals.escalate()
  assert.deepEqual(escalations(events), [])
  clock.advance(5 * MINUTE)
  await Promise.all([approvals.escalate(), approvals.escalate(), approvals.escalate()])
  assert.deepEqual(escalations(events), [[['security'], ['duty']]])
  assert.deepEqual(await approvals.decide(answer(id, 'eve', { roles: ['admin'] })), { outcome: 'refused', why: 'role' })
  assert.equal((await approvals.decide(answer(id, 'dan'))).outcome, 'recorded')
  assert.equal(await state(id), 'approved')
  clock.advance(5 * MINUTE)
  await approvals.escalate()
  assert.equal(escalations(events).length, 1, 'an answered hold asks nobody more')
  const notes = (await store.journal.take({ limit: 99 })).map(({ note }) => note)
  const escalated = notes.filter(({ kind }) => kind === 'approval.escalated')
  assert.deepEqual(
    escalated.map(({ by, origin, outcome, resource, detail }) => [by, origin, outcome, resource, detail['from']]),
    [['system', 'local', 'open', `approval:${id}`, ['security']]],
  )
})

test('two steps that were slept through are one message', async (context) => {
  const { approvals, open, clock, events } = await hall(context)
  await open({ holds: [escalating()], eligible })
  clock.advance(12 * MINUTE)
  await approvals.escalate()
  assert.deepEqual(escalations(events), [
    [
      ['security', 'admin'],
      ['duty', 'bosses'],
    ],
  ])
})

test('a restart neither forgets a step nor repeats one', async (context) => {
  const { approvals, open, clock, store, events } = await hall(context)
  await open({ holds: [escalating()], eligible })
  clock.advance(5 * MINUTE)
  await approvals.escalate()
  assert.equal(escalations(events).length, 1)
  const later: ApprovalEvent[] = []
  const anew = createApprovals<string>({
    ...{ store: store.approvals, clock, newId: approvalId, scrub, journal: () => undefined },
    notify: (event) => later.push(event),
  })
  await anew.escalate()
  assert.deepEqual(escalations(later), [])
  clock.advance(5 * MINUTE)
  await anew.escalate()
  await anew.escalate()
  assert.deepEqual(escalations(later), [[['admin'], ['bosses']]])
})

test('widening needs the role frozen when the statement was held, and the one of now', async (context) => {
  const { approvals, open, clock } = await hall(context)
  const { id } = await open({ holds: [escalating()], eligible: eligible.filter(({ person }) => person !== 'dan') })
  clock.advance(5 * MINUTE)
  assert.deepEqual(await approvals.decide(answer(id, 'dan')), { outcome: 'refused', why: 'role' })
  const lost = await approvals.decide(answer(id, 'eve', { roles: ['security'] }))
  assert.deepEqual(lost, { outcome: 'refused', why: 'role' })
})

test('whoever asked does not decide after an escalation either', async (context) => {
  const { approvals, open, clock } = await hall(context)
  const asked = [...eligible, { person: personName('alice'), roles: ['security'] as const }]
  const { id } = await open({ holds: [escalating()], eligible: asked })
  clock.advance(6 * MINUTE)
  assert.deepEqual(await approvals.decide(answer(id, 'alice', { roles: ['security'] })), {
    outcome: 'refused',
    why: 'own',
  })
})

test('a rule that widens to somebody who has said yes already is satisfied by that, once and without another word', async (context) => {
  const { approvals, open, clock, state, events } = await hall(context)
  const hold = await open({ holds: [escalating(), terms(['security'])], eligible })
  await approvals.decide(answer(hold.id, 'dan'))
  assert.equal(await state(hold.id), 'open', 'the first rule asks an approver')
  clock.advance(5 * MINUTE)
  await approvals.escalate()
  assert.equal(await state(hold.id), 'approved')
  const settled = await hold.settled
  assert.equal(settled.state, 'approved')
  assert.equal(settled.approval.settledBy, 'dan')
  await approvals.escalate()
  assert.deepEqual(
    events.map(({ kind, approval }) => `${kind} ${approval.state}`),
    ['opened open', 'decided open', 'escalated approved', 'decided approved'],
  )
  assert.equal(await approvals.claim(hold.id, 'node-1'), true)
})

test('a rule does not widen to the yes of somebody who has lost the role', async (context) => {
  const { approvals, open, clock, state, scratch } = await hall(context)
  const { id } = await open({ holds: [escalating(), terms(['security'])], eligible })
  await approvals.decide(answer(id, 'dan'))
  await peopleOf(scratch).setRoles(personName('dan'), ['auditor'], admin)
  clock.advance(5 * MINUTE)
  await approvals.escalate()
  assert.equal(await state(id), 'open')
})

test('a hold that has expired asks nobody more', async (context) => {
  const { approvals, open, clock, events } = await hall(context)
  await open({ holds: [escalating({ withinMs: 11 * MINUTE })], eligible })
  clock.advance(11 * MINUTE)
  await approvals.escalate()
  assert.deepEqual(escalations(events), [])
})
