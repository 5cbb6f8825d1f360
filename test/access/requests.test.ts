import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestAnswer } from '../../src/access/request-ruling.ts'
import type { WantedAccess } from '../../src/access/requests.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { admin, cards, grantsOf, peopleOf, seedPeople } from '../store/scratch.ts'
import { actor, alice, answer, asks, HOUR, MINUTE, reception, stage } from './reception.ts'

test('a wish that people are asked about waits, and one approval makes the grant in the same step', async (context) => {
  const { ask, decide, grants, clock, events, notes, requests } = await reception(context)
  const request = await ask()
  assert.deepEqual([request.state, request.grant, await grants()], ['open', undefined, []])
  clock.advance(5 * MINUTE)
  const outcome = await decide(answer(request.id, 'bob'))
  assert.equal(outcome.outcome === 'recorded' && outcome.request.state, 'granted')
  const [grant] = await grants()
  assert.equal(grant?.expiresAt, clock.now() + HOUR)
  assert.deepEqual([grant.grantedBy, grant.reason, grant.target], ['bob', 'a stuck payment', cards])
  assert.equal((await requests.find(request.id))?.grant, grant.id)
  assert.deepEqual(
    events.map(({ kind, request: { state } }) => `${kind} ${state}`),
    ['opened open', 'settled granted'],
  )
  const told = (await notes()).filter(({ kind }) => /^(request|grant)\./.test(kind))
  assert.deepEqual(
    told.map(({ kind, by, origin, outcome: end, resource }) => [kind, by, origin, end, resource]),
    [
      ['request.opened', 'alice', '10.0.0.1', 'open', `request:${request.id}`],
      ['request.decided', 'bob', '10.0.0.9', 'granted', `request:${request.id}`],
      ['grant.added', 'bob', '10.0.0.9', 'done', 'person:alice'],
    ],
  )
  assert.equal(told[2]?.detail['request'], request.id)
})

test('a rule may grant at once, or refuse with its words', async (context) => {
  const { ask, grants, rules, clock, events } = await reception(context)
  rules.verdict = { kind: 'grant', rule: 'access/working-hours', maxMs: HOUR }
  const granted = await ask({ forMs: 30 * MINUTE })
  const [grant] = await grants()
  assert.deepEqual([granted.state, granted.grant, granted.stages], ['granted', grant?.id, []])
  assert.deepEqual([grant?.expiresAt, grant?.grantedBy], [clock.now() + 30 * MINUTE, 'rule access/working-hours'])
  rules.verdict = { kind: 'refuse', rule: 'access/never', message: 'Not at night.' }
  const refused = await ask({ target: targetName('web') })
  assert.deepEqual([refused.state, refused.message, refused.grant], ['refused', 'Not at night.', undefined])
  assert.equal((await grants()).length, 1)
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['settled', 'settled'],
  )
})

test('a rule that asks nobody refuses', async (context) => {
  const { ask, rules } = await reception(context)
  rules.verdict = { kind: 'ask', rule: 'r', message: 'm', maxMs: HOUR, withinMs: HOUR, stages: [] }
  assert.equal((await ask()).state, 'refused')
})

const wishes: readonly [name: string, wish: Partial<WantedAccess>, why: string][] = [
  ['a target that is none', { target: targetName('nowhere') }, 'no-such-target'],
  ['no time', { forMs: 0 }, 'bad-duration'],
  ['a fraction', { forMs: 60_000.5 }, 'bad-duration'],
  ['no number', { forMs: Number.NaN }, 'bad-duration'],
  ['half a minute', { forMs: 30_000 }, 'bad-duration'],
  ['more than the rules allow', { forMs: 2 * HOUR + 1 }, 'too-long'],
  ['no reason', { reason: ' \n ' }, 'no-reason'],
  ['a reason of five megabytes', { reason: 'x'.repeat(5_000_000) }, 'long-reason'],
  ['a ticket that is a sentence', { ticket: 'see the mail' }, 'bad-ticket'],
  ['a ticket that is a card number', { ticket: '4111111111111111' }, 'bad-ticket'],
]

test('a wish that cannot be kept says why, and nothing is kept of it', async (context) => {
  const { tried, requests, notes } = await reception(context)
  const before = (await notes()).length
  for (const [name, wish, why] of wishes) {
    const outcome = await tried(wish)
    assert.equal(outcome.outcome === 'invalid' && outcome.why, why, name)
  }
  assert.deepEqual([await requests.list(), (await notes()).length], [[], before])
})

test('the longest of a target bounds what the rules allow, and is told', async (context) => {
  const { tried } = await reception(context, { longestMs: 10 * MINUTE })
  assert.deepEqual(await tried({ forMs: 11 * MINUTE }), { outcome: 'invalid', why: 'too-long', longestMs: 10 * MINUTE })
  assert.equal((await tried({ forMs: 10 * MINUTE })).outcome, 'asked')
})

test('a service account cannot ask, nor a person who is disabled', async (context) => {
  const { requests, scratch } = await reception(context)
  const wish = { target: cards, forMs: HOUR, reason: 'r' }
  await seedPeople(scratch, { robot: ['engineer'] }, { owner: alice, serviceOf: cards })
  for (const service of [true, false]) {
    const outcome = await requests.ask(wish, { person: personName('robot'), roles: ['engineer'], service }, actor)
    assert.equal(outcome.outcome, 'invalid', 'whatever the token says')
  }
  await peopleOf(scratch).disable(personName('carol'), admin)
  const outcome = await requests.ask(wish, { person: personName('carol'), roles: [], service: false }, actor)
  assert.deepEqual(outcome, { outcome: 'invalid', why: 'no-such-person' })
})

const stopOf: Readonly<Record<string, { scope: 'person' | 'target' | 'everything'; name: string | undefined }>> = {
  'the person': { scope: 'person', name: 'alice' },
  'the target': { scope: 'target', name: 'cards' },
  everything: { scope: 'everything', name: undefined },
}

for (const [what, stopped] of Object.entries(stopOf))
  test(`while the kill switch stands for ${what}, nothing is asked for, granted by a rule or approved, and the answer names the order`, async (context) => {
    const { ask, tried, decide, stops, state, grants, rules, requests } = await reception(context)
    const open = await ask()
    await stops.order({ ...stopped, reason: 'incident 7' }, { by: 'dan', origin: 'x' })
    const late = await decide(answer(open.id, 'bob'))
    assert.equal(late.outcome === 'refused' && late.why, 'stopped')
    rules.verdict = { kind: 'grant', rule: 'r', maxMs: HOUR }
    const refused = await tried()
    assert.ok(refused.outcome === 'invalid')
    assert.deepEqual([refused.why, refused.stop?.scope, refused.stop?.reason], ['stopped', stopped.scope, 'incident 7'])
    assert.deepEqual([await grants(), (await requests.list()).length], [[], 1])
    await stops.resume({ ...stopped, reason: 'over' }, { by: 'dan', origin: 'x' })
    await decide(answer(open.id, 'bob'))
    assert.equal(await state(open.id), 'granted')
    assert.equal((await tried()).outcome, 'asked')
  })

test('a no is heard also while the kill switch stands; others ask as before', async (context) => {
  const { ask, decide, stops, state, requests, scratch } = await reception(context)
  const { id } = await ask()
  await stops.order({ scope: 'person', name: 'alice', reason: 'r' }, { by: 'dan', origin: 'x' })
  await decide(answer(id, 'bob', { kind: 'deny' }))
  assert.equal(await state(id), 'denied')
  await seedPeople(scratch, { frank: ['engineer'] })
  const frank = { person: personName('frank'), roles: ['engineer' as const], service: false }
  assert.equal((await requests.ask({ target: cards, forMs: HOUR, reason: 'r' }, frank, actor)).outcome, 'asked')
})

test('the owner’s stop keeps out a second account too', async (context) => {
  const { requests, stops } = await reception(context)
  await stops.order({ scope: 'person', name: 'bob', reason: 'r' }, { by: 'dan', origin: 'x' })
  const zoe = { person: personName('zoe'), roles: ['approver' as const], service: false }
  const refused = await requests.ask({ target: cards, forMs: HOUR, reason: 'r' }, zoe, actor)
  assert.equal(refused.outcome === 'invalid' && refused.why, 'stopped')
})

test('an unknown target is answered with the nearest names of those that the person may ask for, and no others', async (context) => {
  const { tried, requests } = await reception(context)
  const near = async (name: string) => {
    const outcome = await tried({ target: targetName(name) })
    return outcome.outcome === 'invalid' ? outcome.nearest : undefined
  }
  assert.deepEqual(
    [await near('card'), await near('secrets')],
    [
      ['cards', 'web'],
      ['cards', 'web'],
    ],
  )
  const service = { person: personName('robot'), roles: ['engineer' as const], service: true }
  assert.deepEqual(requests.askable(service), [])
})

test('a wish that is not kept is told with who, what for and why, and nothing else of it', async (context) => {
  const { tried, invalid } = await reception(context)
  await tried({ reason: 'x'.repeat(5000) })
  await tried({ target: targetName('nowhere') })
  assert.deepEqual(invalid, [
    { actor, target: cards, why: 'long-reason' },
    { actor, target: targetName('nowhere'), why: 'no-such-target' },
  ])
})

test('a card number in a reason is cut down before it is stored or told', async (context) => {
  const { ask, decide, notes } = await reception(context)
  const { id, reason } = await ask({ reason: 'card 4111111111111111 is stuck' })
  assert.equal(reason, 'card 411111******1111 is stuck')
  await decide(answer(id, 'bob', { reason: 'for 4111111111111111' }))
  assert.doesNotMatch(JSON.stringify(await notes()), /4111111111111111/)
})

test('a person has one open request for a target, and so many at all', async (context) => {
  const { ask, tried } = await reception(context, { quotas: { openPerPerson: 1, perPersonAndHour: 9 } })
  const { id } = await ask()
  assert.deepEqual(await tried(), { outcome: 'invalid', why: 'asked-already', standing: id })
  assert.deepEqual(await tried({ target: targetName('web') }), { outcome: 'invalid', why: 'too-many' })
})

test('a flood of requests is refused', async (context) => {
  const { ask, tried, rules, clock } = await reception(context, { quotas: { openPerPerson: 9, perPersonAndHour: 2 } })
  rules.verdict = { kind: 'refuse', rule: 'r', message: 'm' }
  await ask()
  await ask()
  assert.deepEqual(await tried(), { outcome: 'invalid', why: 'too-many' })
  clock.advance(HOUR)
  assert.equal((await tried()).outcome, 'asked')
})

const answers: readonly [name: string, who: string, more: Partial<RequestAnswer>, why: string][] = [
  ['whoever asked', 'alice', {}, 'own'],
  ['another account of whoever asked', 'alice-2', {}, 'own'],
  ['another role', 'dan', {}, 'role'],
  ['a role that the token has and the person had not', 'dan', { roles: ['approver'] }, 'role'],
  ['a program', 'bob', { service: true }, 'role'],
  ['somebody nobody knew', 'newcomer', {}, 'role'],
  ['a longer time', 'bob', { forMs: HOUR + 1 }, 'longer'],
  ['no time at all', 'bob', { forMs: 0 }, 'longer'],
  ['no fresh factor', 'bob', { factorFresh: false }, 'factor'],
  ['no fresh factor for a denial', 'bob', { factorFresh: false, kind: 'deny' }, 'factor'],
]

test('an answer that does not count says why, and changes nothing', async (context) => {
  const { ask, decide, state } = await reception(context)
  const { id } = await ask()
  for (const [name, who, more, why] of answers) {
    const outcome = await decide(answer(id, who, more))
    assert.equal(outcome.outcome === 'refused' && outcome.why, why, name)
  }
  assert.equal(await state(id), 'open')
})

test('who becomes an approver after it was asked does not decide it', async (context) => {
  const { ask, decide, scratch } = await reception(context)
  const { id } = await ask()
  await peopleOf(scratch).setRoles(personName('dan'), ['approver', 'security'], admin)
  const outcome = await decide(answer(id, 'dan', { roles: ['approver', 'security'] }))
  assert.deepEqual(outcome, { outcome: 'refused', why: 'role' })
})

test('approvers shorten, and the shortest word counts', async (context) => {
  const { ask, decide, grants, clock } = await reception(context, { verdict: asks(stage({ need: 2 })) })
  const { id } = await ask()
  await decide(answer(id, 'bob', { forMs: 10 * MINUTE }))
  await decide(answer(id, 'carol', { forMs: 20 * MINUTE }))
  assert.deepEqual(
    (await grants()).map(({ expiresAt, grantedBy }) => [expiresAt - clock.now(), grantedBy]),
    [[10 * MINUTE, 'bob, carol']],
  )
})

test('one human counts once, whatever accounts they have and however often they say it', async (context) => {
  const { ask, decide, state } = await reception(context, { verdict: asks(stage({ need: 2 })) })
  const { id } = await ask()
  for (const who of ['bob', 'bob', 'zoe']) await decide(answer(id, who))
  assert.equal(await state(id), 'open')
  await decide(answer(id, 'carol'))
  assert.equal(await state(id), 'granted')
})

test('stages are asked in their order, by different people, and all must say yes', async (context) => {
  const verdict = asks(stage({ notify: ['chat'] }), stage({ from: ['security', 'approver'], notify: ['phone'] }))
  const { ask, decide, state, events } = await reception(context, { verdict })
  const { id } = await ask()
  assert.deepEqual(await decide(answer(id, 'dan')), { outcome: 'refused', why: 'stage' })
  await decide(answer(id, 'bob'))
  assert.deepEqual(await decide(answer(id, 'zoe')).then((said) => said.outcome === 'recorded' && said.repeated), true)
  assert.equal(await state(id), 'open')
  await decide(answer(id, 'dan'))
  assert.equal(await state(id), 'granted')
  assert.deepEqual(
    events.map(({ kind, notify }) => [kind, ...notify]),
    [
      ['opened', 'chat'],
      ['decided', 'phone'],
      ['settled', 'phone'],
    ],
  )
})

test('one no of anybody who is asked at some stage is enough, and nothing comes after it', async (context) => {
  const { ask, decide, state, grants } = await reception(context, {
    verdict: asks(stage(), stage({ from: ['security'] })),
  })
  const { id } = await ask()
  await decide(answer(id, 'bob'))
  await decide(answer(id, 'dan', { kind: 'deny', reason: 'not today' }))
  assert.equal(await state(id), 'denied')
  assert.deepEqual(await decide(answer(id, 'carol')), { outcome: 'refused', why: 'not-open', state: 'denied' })
  assert.deepEqual(await grants(), [])
})

test('whoever approved may still say no while others are asked', async (context) => {
  const { ask, decide, state } = await reception(context, { verdict: asks(stage({ need: 2 })) })
  const { id } = await ask()
  await decide(answer(id, 'bob'))
  await decide(answer(id, 'bob', { kind: 'deny', reason: 'on second thought' }))
  assert.equal(await state(id), 'denied')
})

test('the word of an approver who was disabled since does not count', async (context) => {
  const { ask, decide, state, scratch } = await reception(context, { verdict: asks(stage({ need: 2 })) })
  const { id } = await ask()
  await decide(answer(id, 'bob'))
  await peopleOf(scratch).disable(personName('bob'), admin)
  await decide(answer(id, 'carol'))
  assert.equal(await state(id), 'open')
  await decide(answer(id, 'erin'))
  assert.equal(await state(id), 'granted')
})

test('the word of an approver who has lost the role since does not count, and its stage is asked again', async (context) => {
  const stages = [stage(), stage({ from: ['security'] })]
  const { ask, decide, state, scratch, requests } = await reception(context, { verdict: asks(...stages) })
  const { id } = await ask()
  await decide(answer(id, 'bob'))
  await peopleOf(scratch).setRoles(personName('bob'), ['engineer'], admin)
  const early = await decide(answer(id, 'dan'))
  assert.equal(early.outcome === 'refused' && early.why, 'stage')
  assert.deepEqual(
    (await requests.find(id))?.decisions.map(({ person, gone }) => [person, gone]),
    [['bob', true]],
  )
  await decide(answer(id, 'carol'))
  await decide(answer(id, 'dan'))
  assert.equal(await state(id), 'granted')
  assert.equal(
    (await requests.find(id))?.decisions.some(({ gone }) => gone),
    false,
    'what is settled stays as it was',
  )
})

test('a request expires at its moment, by the clock and not by the marking of it', async (context) => {
  const { ask, decide, clock, requests, state, events } = await reception(context)
  const { id } = await ask()
  clock.advance(HOUR - 1)
  await requests.tick()
  assert.equal(await state(id), 'open')
  clock.advance(1)
  assert.deepEqual(await decide(answer(id, 'bob')), { outcome: 'refused', why: 'not-open', state: 'expired' })
  await requests.tick()
  await requests.tick()
  assert.equal(await state(id), 'expired')
  assert.deepEqual(
    events.map(({ kind, request }) => `${kind} ${request.state}`),
    ['opened open', 'settled expired'],
  )
})

test('a request of somebody who was disabled is answered no more', async (context) => {
  const { ask, decide, scratch, requests, state } = await reception(context)
  const { id } = await ask()
  await peopleOf(scratch).disable(alice, admin)
  assert.deepEqual(await decide(answer(id, 'bob')), { outcome: 'refused', why: 'not-open', state: 'expired' })
  await requests.tick()
  assert.equal(await state(id), 'expired')
})

test('only whoever asked takes it back, and once', async (context) => {
  const { ask, requests, state, decide } = await reception(context)
  const { id } = await ask()
  assert.equal(await requests.withdraw(id, { by: 'bob', origin: 'x' }), undefined)
  assert.equal((await requests.withdraw(id, actor))?.state, 'withdrawn')
  assert.equal(await requests.withdraw(id, actor), undefined)
  assert.equal(await state(id), 'withdrawn')
  assert.equal((await decide(answer(id, 'bob'))).outcome, 'refused')
})

test('a request while a grant is live prolongs that grant, and never shortens it', async (context) => {
  const { ask, decide, clock, grants } = await reception(context)
  await decide(answer((await ask()).id, 'bob'))
  const [grant] = await grants()
  clock.advance(50 * MINUTE)
  const renewal = await ask({ forMs: 30 * MINUTE })
  assert.equal(renewal.renews, grant?.id)
  await decide(answer(renewal.id, 'carol'))
  assert.deepEqual(
    (await grants()).map(({ id, expiresAt }) => [id, expiresAt]),
    [[grant?.id, clock.now() + 30 * MINUTE]],
  )
  await decide(answer((await ask({ forMs: 5 * MINUTE })).id, 'bob'))
  assert.deepEqual(
    (await grants()).map(({ expiresAt }) => expiresAt - clock.now()),
    [30 * MINUTE],
  )
})

test('a renewal that is approved after the end makes a new grant', async (context) => {
  const { ask, decide, clock, grants, requests } = await reception(context)
  await decide(answer((await ask({ forMs: 10 * MINUTE })).id, 'bob'))
  const [old] = await grants()
  const renewal = await ask()
  clock.advance(10 * MINUTE)
  await decide(answer(renewal.id, 'carol'))
  const [fresh] = await grants()
  assert.notEqual(fresh?.id, old?.id)
  assert.deepEqual([fresh?.id, fresh?.expiresAt], [(await requests.find(renewal.id))?.grant, clock.now() + HOUR])
})

test('a grant that was revoked is not brought back by its renewal', async (context) => {
  const { ask, decide, grants, requests, scratch, state } = await reception(context)
  await decide(answer((await ask()).id, 'bob'))
  const [grant] = await grants()
  assert.ok(grant)
  const renewal = await ask()
  await grantsOf(scratch).revoke(grant.id, admin, 'incident 7')
  assert.deepEqual(await decide(answer(renewal.id, 'bob')), { outcome: 'refused', why: 'not-open', state: 'expired' })
  await requests.tick()
  assert.deepEqual([await state(renewal.id), await grants()], ['expired', []])
})

test('after somebody took a grant away no rule grants by itself for a day; giving one back is no reason to ask', async (context) => {
  const { ask, rules, grants, scratch, clock, requests } = await reception(context)
  rules.verdict = { kind: 'grant', rule: 'access/working-hours', maxMs: HOUR }
  const revoke = async (by: string) => {
    for (const { id } of await grants()) await grantsOf(scratch).revoke(id, { by, origin: 'x' }, 'done')
  }
  await ask()
  await revoke('alice')
  assert.equal((await ask()).state, 'granted')
  await revoke('dan')
  const asked = await ask()
  assert.deepEqual([asked.state, asked.rule], ['open', 'access/working-hours, floor/revoked'])
  await requests.withdraw(asked.id, actor)
  clock.advance(24 * HOUR)
  assert.equal((await ask()).state, 'granted')
})

test('lists are newest first and filtered', async (context) => {
  const { ask, clock, requests, decide } = await reception(context)
  const first = await ask()
  clock.advance(1)
  const second = await ask({ target: targetName('web') })
  await decide(answer(first.id, 'bob'))
  const ids = async (filter: Parameters<typeof requests.list>[0]) => (await requests.list(filter)).map(({ id }) => id)
  assert.deepEqual(await ids({}), [second.id, first.id])
  assert.deepEqual(await ids({ state: 'open' }), [second.id])
  assert.deepEqual(await ids({ target: cards }), [first.id])
  assert.deepEqual(await ids({ person: personName('bob') }), [])
})

test('a listener that throws undoes nothing, and one that left hears nothing', async (context) => {
  const { ask, requests, state, decide } = await reception(context)
  const heard: string[] = []
  requests.subscribe(() => {
    throw new Error('a broken page')
  })
  const leave = requests.subscribe(({ kind }) => heard.push(kind))
  const { id } = await ask()
  leave()
  await decide(answer(id, 'bob'))
  assert.deepEqual([heard, await state(id)], [['opened'], 'granted'])
})
