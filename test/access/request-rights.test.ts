import assert from 'node:assert/strict'
import { test } from 'node:test'
import { targetName } from '../../src/model/ids.ts'
import { answer, reception } from './reception.ts'

test('a request for other rights makes a grant of its own: what the first one lets a session do stays as it is', async (context) => {
  const { ask, decide, grants, notes } = await reception(context)
  await decide(answer((await ask({ rights: 'read' })).id, 'bob'))
  const wider = await ask({ rights: 'write' })
  assert.deepEqual([wider.rights, wider.renews], ['write', undefined])
  await decide(answer(wider.id, 'carol'))
  const [first] = await grants()
  assert.deepEqual((await grants()).map(({ rights }) => rights).sort(), ['read', 'write'])
  const renewal = await ask({ rights: 'read' })
  assert.deepEqual([first?.rights, renewal.renews], ['read', first?.id])
  const told = (await notes()).filter(({ kind }) => kind === 'grant.added' || kind === 'request.opened')
  assert.deepEqual(
    told.map(({ kind, detail }) => [kind, detail['rights']]),
    [
      ['request.opened', 'read'],
      ['grant.added', 'read'],
      ['request.opened', 'write'],
      ['grant.added', 'write'],
      ['request.opened', 'read'],
    ],
  )
})

test('rules are asked about the rights that are wanted, and everything is wanted where nothing is said', async (context) => {
  const { ask, rules } = await reception(context)
  assert.equal((await ask()).rights, 'all')
  assert.equal(rules.asked?.rights, 'all')
  assert.equal((await ask({ rights: 'read', target: targetName('web') })).rights, 'read')
  assert.equal(rules.asked.rights, 'read')
})
