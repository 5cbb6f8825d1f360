import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName } from '../../src/model/ids.ts'
import { createApi } from '../../src/http/api.ts'
import { REVIEW, review, SCRIPT, script, scriptFakes, SCRIPT_TEXT } from './script-fakes.ts'
import { APPROVAL, approval, call, DIGEST, hold, json, world } from './world.ts'

const V1 = '/api/v1'
const AT = `${V1}/scripts/${SCRIPT}`
const DECISION = { digest: DIGEST, factor: '100001' }

function desk() {
  const made = world()
  const fakes = scriptFakes(() => made.clock.now())
  const app = createApi({ ...made.deps, scripts: fakes.scripts, reviews: fakes.reviews })
  return { ...made, app, ahead: fakes.state }
}

test('a script is shown whole, statement by statement, with the rules that hold each', async () => {
  const { app } = desk()
  const detail = await json(await call(app, 'bob', { path: AT }))
  const shown = detail['shown'] as {
    parts: { text: string[]; rules: string[]; facts: { verb: string; estimate: unknown }[] }[]
  }
  assert.equal(shown.parts.map(({ text }) => text.join('')).join(''), SCRIPT_TEXT)
  assert.deepEqual(
    shown.parts.map(({ facts }) => facts[0]?.estimate),
    [
      { rows: 4711, why: null },
      { rows: null, why: 'it has bound values' },
    ],
  )
  assert.deepEqual(
    shown.parts.map(({ rules, facts }) => [rules, facts[0]?.verb]),
    [
      [['pci/unfiltered-write'], 'delete'],
      [[], 'select'],
    ],
  )
  assert.equal(detail['mayDecide'], true)
  assert.equal((await json(await call(app, 'alice', { path: AT })))['mayDecide'], false)
})

test('card numbers in a script leave through no door', async () => {
  const { app, ahead } = desk()
  ahead.text = "DELETE FROM payments\n;SELECT '4111111111111111'"
  ahead.script = script({ redacted: ['SELECT 4111111111111111'], reason: 'for 4111111111111111' })
  for (const path of [AT, `${V1}/scripts`]) {
    const text = await (await call(app, 'bob', { path })).text()
    assert.ok(!text.includes('4111111111111111'))
  }
})

test('it is decided once, with the digest that was shown and a fresh factor, and a wrong code decides nothing', async () => {
  const { app, ahead, state } = desk()
  const wrong = await call(app, 'bob', { path: `${AT}/approve`, body: { ...DECISION, digest: 'e'.repeat(64) } })
  assert.equal(wrong.status, 409)
  assert.deepEqual(state.purposes, [], 'no code is spent for nothing')
  assert.equal((await call(app, 'bob', { path: `${AT}/approve`, body: { ...DECISION, factor: '200001' } })).status, 403)
  assert.equal(ahead.script.state, 'open')
  assert.equal((await call(app, 'bob', { path: `${AT}/approve`, body: DECISION })).status, 200)
  assert.equal(ahead.script.state, 'approved')
  assert.equal(state.purposes[state.purposes.length - 1], `approve ${SCRIPT}`)
  const late = await call(app, 'erin', { path: `${AT}/deny`, body: { ...DECISION, reason: 'no' } })
  assert.equal(late.status, 200, 'a denial wins until it runs')
  assert.equal(ahead.script.state, 'denied')
})

test('a script whose definitions have changed cannot be approved and is void; one that cannot be looked at now stays', async () => {
  const { app, ahead, state } = desk()
  ahead.changed = { what: 'the target cannot be asked', lasts: false }
  assert.equal((await call(app, 'bob', { path: `${AT}/approve`, body: DECISION })).status, 503)
  assert.equal(ahead.script.state, 'open')
  ahead.changed = { what: 'a definition is another one now', lasts: true }
  const response = await call(app, 'bob', { path: `${AT}/approve`, body: DECISION })
  assert.equal(response.status, 409)
  assert.match(await response.text(), /the script is void: a definition is another one now/)
  assert.equal(ahead.script.state, 'void')
  assert.deepEqual(state.purposes, [])
})

test('what is too much for a person is not approved', async () => {
  const { app, ahead } = desk()
  ahead.text = `SELECT '${'x'.repeat(300_000)}'`
  const response = await call(app, 'bob', { path: `${AT}/approve`, body: DECISION })
  assert.equal(response.status, 409)
  assert.match(await response.text(), /not-shown/)
})

test('the check says where statements stand for the very text, and refuses any other without voiding anything', async () => {
  const { app, ahead } = desk()
  assert.equal((await call(app, 'alice', { path: `${AT}/check`, body: { text: SCRIPT_TEXT } })).status, 409, 'not yet')
  ahead.script = script({ state: 'approved' })
  const plan = await json(await call(app, 'alice', { path: `${AT}/check`, body: { text: SCRIPT_TEXT } }))
  assert.deepEqual(plan['statements'], [
    { start: 0, end: 20 },
    { start: 21, end: 30 },
  ])
  assert.deepEqual(plan['parameter'], { name: 'countersign.script', value: SCRIPT })
  const other = await call(app, 'alice', { path: `${AT}/check`, body: { text: `${SCRIPT_TEXT} ` } })
  assert.equal(other.status, 409)
  assert.match(await other.text(), /nothing was run/)
  assert.equal(ahead.script.state, 'approved')
})

test('a submission is refused in words, with the statement to blame; without a grant nothing is read', async () => {
  const { app, ahead } = desk()
  const body = { target: 'cards', text: 'SELECT 1;\nDROP DATABASE x', reason: 'release 42' }
  ahead.refusal = 'it is denied for 4111111111111111'
  const refused = await call(app, 'alice', { path: `${V1}/scripts`, body })
  assert.equal(refused.status, 422)
  const said = await json(refused)
  assert.equal(said['detail'], 'statement 2: it is denied for 411111******1111')
  assert.equal(said['statement'], 2)
  assert.equal((await call(app, 'bob', { path: `${V1}/scripts`, body })).status, 403)
  assert.equal((await call(app, 'alice', { path: `${V1}/scripts`, body: { ...body, target: 'nowhere' } })).status, 403)
  assert.equal(ahead.submitted.length, 1)
  for (const bad of [
    { ...body, reason: '' },
    { ...body, text: '' },
    { ...body, forSeconds: 86_401 },
    { ...body, by: 'bob' },
  ])
    // prettier-ignore
    assert.equal((await call(app, 'alice', { path: `${V1}/scripts`, body: bad })).status, 400)
})

test('a script may be as long as a statement, and no other body grows by it', async () => {
  const { app } = desk()
  const text = `SELECT '${'\n'.repeat(200_000)}'`
  const body = { target: 'cards', text, reason: 'release 42' }
  assert.equal((await call(app, 'alice', { path: `${V1}/scripts`, body })).status, 201)
  assert.equal(
    (await call(app, 'alice', { path: `${V1}/scripts`, body: { ...body, text: text.repeat(3) } })).status,
    413,
  )
  const reason = { path: `${V1}/approvals/${APPROVAL}/deny`, body: { ...DECISION, reason: 'x'.repeat(200_000) } }
  assert.equal((await call(app, 'bob', reason)).status, 413)
})

test('break-glass spends a code only where everything else is right, and says what stands in the way', async () => {
  const { app, state } = desk()
  const path = `${V1}/approvals/${APPROVAL}/break-glass`
  const body = { ...DECISION, incident: 'INC-1', reason: 'the site is down' }
  state.unreviewed.push(review({ incident: 'INC-0' }))
  const blocked = await call(app, 'alice', { path, body })
  assert.equal(blocked.status, 409)
  assert.match(await blocked.text(), /waits for its review/)
  assert.deepEqual(state.purposes, [])
  state.unreviewed.length = 0
  assert.equal((await call(app, 'alice', { path, body: { ...body, factor: '200001' } })).status, 403)
  assert.equal(state.approvals.get(APPROVAL)?.state, 'open')
  assert.equal((await call(app, 'alice', { path, body: { ...body, incident: 'a b\n' } })).status, 400)
  assert.equal((await call(app, 'alice', { path, body })).status, 200)
  assert.equal(state.approvals.get(APPROVAL)?.decisions[0]?.kind, 'break-glass')
  assert.equal((await call(app, 'alice', { path, body })).status, 409)
})

test('a review is signed once and lists say who may', async () => {
  const { app } = desk()
  const list = async (who: string) => (await json(await call(app, who, { path: `${V1}/reviews?state=open` })))['reviews'] as { maySign: boolean }[] // prettier-ignore
  assert.deepEqual(
    (await list('bob')).map(({ maySign }) => maySign),
    [true],
  )
  assert.deepEqual(
    (await list('alice')).map(({ maySign }) => maySign),
    [false],
  )
  assert.deepEqual(await list('mallory'), [])
  const sign = { path: `${V1}/reviews/${REVIEW}/sign`, body: { remark: 'was right', factor: '100001' } }
  assert.equal((await call(app, 'bob', sign)).status, 200)
  assert.equal((await call(app, 'erin', sign)).status, 409)
  assert.deepEqual(await list('bob'), [])
})

test('an approver sees the nearest denied statement, the favour that would be returned, grant, estimate and transaction', async () => {
  const { app, state } = desk()
  const denied = approval({ id: 'a_denied000001' as typeof APPROVAL, state: 'denied', redacted: ['DELETE FROM payments WHERE true'] }) // prettier-ignore
  const decisions = [
    { person: denied.person, human: denied.human, kind: 'deny', roles: [], reason: 'no', at: 0 },
  ] as const
  state.approvals.set(denied.id, { ...denied, decisions, reason: 'no', settledAt: 1, settledBy: 'erin' })
  state.favour = { of: 'a_earlier00001', at: 0 }
  state.lapsed = [personName('erin')]
  const grant = {
    id: 'g_abcdefghij01' as never,
    rights: 'all' as const,
    by: 'adam',
    reason: 'release 42',
    ticket: 'OPS-7',
    expiresAt: 0,
  }
  state.shown.set(APPROVAL, { ...hold(), estimates: [{ rows: 5000 }], soFar: { statements: 3, since: 0 }, roles: ['engineer'], grant }) // prettier-ignore
  const detail = await json(await call(app, 'bob', { path: `${V1}/approvals/${APPROVAL}` }))
  const near = detail['nearDenied'] as Record<string, unknown>
  assert.equal(near['told'], '2 words differ from a_denied000001, which alice denied')
  assert.equal(near['statement'], 'DELETE FROM payments WHERE true')
  assert.deepEqual(detail['returnsFavour'], { of: 'a_earlier00001', at: '1970-01-01T00:00:00.000Z' })
  assert.deepEqual(detail['lapsed'], ['erin'])
  const shown = detail['shown'] as Record<string, unknown> & { statements: { facts: { estimate: unknown }[] }[] }
  assert.deepEqual(shown.statements[0]?.facts[0]?.estimate, { rows: 5000, why: null })
  assert.deepEqual(shown['soFar'], { statements: 3, since: '1970-01-01T00:00:00.000Z' })
  assert.deepEqual(shown['grant'], { ...grant, expiresAt: '1970-01-01T00:00:00.000Z' })
})

test('a rule that takes no favour in return refuses before a code is spent', async () => {
  const { app, state } = desk()
  const before = state.approvals.get(APPROVAL)
  assert.ok(before !== undefined)
  state.approvals.set(APPROVAL, {
    ...before,
    holds: before.holds.map((terms) => ({ ...terms, notReciprocalMs: 60_000 })),
  })
  state.favour = { of: 'a_earlier00001', at: 0 }
  const response = await call(app, 'bob', { path: `${V1}/approvals/${APPROVAL}/approve`, body: DECISION })
  assert.equal(response.status, 403)
  assert.match(await response.text(), /no favour in return/)
  assert.deepEqual(state.purposes, [])
})
