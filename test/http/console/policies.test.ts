import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Trial } from '../../../src/policy/trial.ts'
import { FACTS, world } from '../world.ts'
import { seated } from './seat.ts'

const TRIAL: Trial = {
  verdict: {
    effect: 'hold',
    matches: [
      { rule: 'pci/unfiltered-write', effect: 'hold', severity: 'high', message: 'It reaches <b>every</b> row.' },
    ],
    holds: [{ rule: 'pci/unfiltered-write', from: ['approver'], need: 2, withinMs: 900_000, notify: [] }],
    policyVersion: '0123456789abcdef',
  },
  facts: [FACTS],
  rules: [['pci/unfiltered-write']],
  columns: [{ schema: 'public', table: 'cards', column: 'pan', classes: ['pan'], shape: 'bin+last4', named: true }],
}

test('the packs are listed with file, line, version and examples, and their texts are text', async () => {
  const { app, deps } = world()
  const text = await (await seated(app, 'carol')).page('/policies')
  assert.match(text, new RegExp(`<code>${deps.policies.current().version}</code>`))
  assert.match(text, /<code>small\.yaml:5<\/code>/)
  assert.match(text, /nobody drops &lt;b&gt;tables&lt;\/b&gt; here/)
  assert.match(text, /DROP TABLE cards/)
  assert.doesNotMatch(text, /\/etc\/countersign/)
})

test('a search that nothing fits says so, and an export holds what is listed', async () => {
  const { app } = world()
  const carol = await seated(app, 'carol')
  assert.match(await carol.page('/policies?text=nonsense'), /No entry fits/)
  const csv = await (await carol.get('/policies?effect=deny&format=csv')).text()
  assert.deepEqual(csv.split('\r\n').slice(1, -1), [
    'rule,small/no-drops,deny,critical,Tables stay.,nobody drops <b>tables</b> here,small.yaml,5',
  ])
})

test('the bench shows verdict, rule, facts and masks for anybody whom security or an auditor names', async () => {
  const { app, deps } = world()
  const asked: unknown[] = []
  deps.policies.judge = (question) => Promise.resolve(asked.push(question) > 0 ? TRIAL : 'no-target')
  const fields = { target: 'cards', person: 'alice', sql: 'DELETE FROM payments' }
  for (const person of ['carol', 'dan']) {
    const text = await (await (await seated(app, person)).post('/policies/bench', fields)).text()
    for (const part of [
      'It would wait for a countersignature',
      'pci/unfiltered-write',
      'It reaches &lt;b&gt;every',
      'public.cards.pan',
    ])
      assert.ok(text.includes(part), part)
    assert.match(text.replace(/\s+/g, ' '), /Needs 2 approvers within 15m/)
  }
  assert.deepEqual(asked[0], {
    target: 'cards',
    principal: { person: 'alice', roles: ['engineer'], service: false },
    sql: 'DELETE FROM payments',
    asker: { by: 'carol', origin: '192.0.2.7' },
  })
})

test('an engineer tries as themselves on targets that they may reach, and reads no pack', async () => {
  const { app, deps } = world()
  let asked = 0
  deps.policies.judge = () => {
    asked += 1
    return Promise.resolve(TRIAL)
  }
  const alice = await seated(app, 'alice')
  assert.equal((await alice.get('/policies')).headers.get('location'), '/policies/bench')
  const bench = await alice.page('/policies/bench')
  assert.doesNotMatch(bench, /value="bob"|value="other"/)
  for (const fields of [
    { target: 'cards', person: 'bob', sql: 'x' },
    { target: 'other', person: 'alice', sql: 'x' },
  ])
    assert.match(await (await alice.post('/policies/bench', fields)).text(), /not yours to try/)
  assert.equal(asked, 0)
  await alice.post('/policies/bench', { target: 'cards', person: 'alice', sql: 'x' })
  assert.equal(asked, 1)
})

test('an approver reads the packs and tries nothing', async () => {
  const { app } = world()
  const bob = await seated(app, 'bob')
  assert.doesNotMatch(await bob.page('/policies'), /policies\/bench/)
  assert.equal((await bob.get('/policies/bench')).status, 403)
})

test('a target that does not answer gives no verdict', async () => {
  const { app } = world()
  const answer = await (
    await seated(app, 'dan')
  ).post('/policies/bench', { target: 'cards', person: 'alice', sql: 'SELECT 1' })
  assert.match(await answer.text(), /The target does not answer.*Nothing was judged/)
})
