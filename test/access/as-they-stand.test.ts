import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName } from '../../src/model/ids.ts'
import { admin, peopleOf, stopsOf, type Scratch } from '../store/scratch.ts'
import { answer, asks, reception, stage } from './reception.ts'

const bob = personName('bob')

/** What may happen to bob after his token was looked at and before the step that takes his answer. */
const ENDS: Readonly<Record<string, { what: (scratch: Scratch) => Promise<unknown>; why: string }>> = {
  'lost the role': { what: (scratch) => peopleOf(scratch).setRoles(bob, ['engineer'], admin), why: 'role' },
  'was disabled': { what: (scratch) => peopleOf(scratch).disable(bob, admin), why: 'role' },
  'was stopped': {
    what: (scratch) => stopsOf(scratch).order({ scope: 'person', name: 'bob', reason: 'a laptop' }, admin),
    why: 'kept-out',
  },
}

for (const [end, { what, why }] of Object.entries(ENDS)) {
  test(`a yes of somebody who ${end} since the token was looked at opens nothing`, async (context) => {
    const { ask, decide, requests, grants, scratch } = await reception(context)
    const { id } = await ask()
    await what(scratch)
    assert.deepEqual(await decide(answer(id, 'bob')), { outcome: 'refused', why })
    assert.equal((await requests.find(id))?.state, 'open')
    assert.deepEqual(await grants(), [])
  })

  test(`an earlier yes of somebody who ${end} does not count with a later one`, async (context) => {
    const { ask, decide, requests, grants, scratch, rules } = await reception(context)
    rules.verdict = asks(stage({ need: 2 }))
    const { id } = await ask()
    await decide(answer(id, 'bob'))
    await what(scratch)
    await decide(answer(id, 'carol'))
    assert.equal((await requests.find(id))?.state, 'open')
    assert.deepEqual(await grants(), [])
    await decide(answer(id, 'erin'))
    assert.equal((await requests.find(id))?.state, 'granted')
  })
}

test('whoever is stopped may still deny', async (context) => {
  const { ask, decide, requests, scratch } = await reception(context)
  const { id } = await ask()
  await stopsOf(scratch).order({ scope: 'person', name: 'bob', reason: 'a laptop' }, admin)
  await decide(answer(id, 'bob', { kind: 'deny', reason: 'no' }))
  assert.equal((await requests.find(id))?.state, 'denied')
})
