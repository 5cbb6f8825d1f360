import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName } from '../../src/model/ids.ts'
import { APPROVAL, approval, call, DIGEST, hold, json, world } from './world.ts'

const AT = `/api/v1/approvals/${APPROVAL}`
const decision = (totp = '100001') => ({ digest: DIGEST, factor: totp })

test('an approver sees the whole text, its effect, the place and the digest', async () => {
  const { app } = world()
  const detail = await json(await call(app, 'bob', { path: AT }))
  const text = JSON.stringify(detail['shown'])
  assert.match(text, /"text":\["DELETE FROM payments"\]/)
  assert.match(text, /"name":"public.payments"/)
  assert.match(text, /"filtered":false/)
  assert.match(text, /"transaction":"idle"/)
  assert.equal(detail['digest'], DIGEST)
  assert.equal(detail['mayDecide'], true)
  assert.equal(detail['person'], 'alice')
})

test('the requester and the auditor see it and may not decide', async () => {
  const { app } = world()
  for (const who of ['alice', 'carol'])
    assert.equal((await json(await call(app, who, { path: AT })))['mayDecide'], false)
})

test('after the decision only the redacted text is left, whatever memory still holds', async () => {
  const { app, state } = world()
  state.approvals.set(
    APPROVAL,
    approval({ state: 'denied', redacted: ['DELETE FROM payments WHERE id = ', { withheld: 'number', bytes: 2 }] }),
  )
  const detail = await json(await call(app, 'bob', { path: AT }))
  assert.equal(detail['shown'], null)
  assert.equal(detail['statement'], 'DELETE FROM payments WHERE id = ‹number 2›')
})

test('card numbers never leave, in text, values, names or gaps', async () => {
  const { app, state } = world()
  const pan = '4111111111111111'
  const shown = hold(`DELETE FROM t WHERE pan = '${pan}' /* ${pan} */`, {
    gaps: [`cannot read ${pan}`],
    functions: [{ schema: 'x', name: `f${pan}`, oids: [], builtin: false }],
  })
  const [first] = shown.statements
  assert.ok(first?.statement.kind === 'sql')
  const value = {
    type: 20,
    format: 'binary' as const,
    value: Buffer.from(BigInt(pan).toString(16).padStart(16, '0'), 'hex'),
  }
  const parameters = [
    value,
    { type: 25, format: 'text' as const, value: Buffer.from(pan) },
    { type: 25, format: 'text' as const, value: undefined },
  ]
  state.shown.set(APPROVAL, {
    ...shown,
    statements: [{ ...first, statement: { ...first.statement, parameters } }],
  })
  const text = await (await call(app, 'bob', { path: AT })).text()
  assert.doesNotMatch(text, new RegExp(pan))
  assert.equal(text.match(/411111\*{6}1111/g)?.length, 6)
  assert.match(text, /"number":3,"type":25,"value":null/)
})

test('what deceives is marked and warned of', async () => {
  const { app, state } = world()
  state.shown.set(APPROVAL, hold('SELECT 1 /* \u202e */; DELETE FROM cаrds'))
  const text = JSON.stringify((await json(await call(app, 'bob', { path: AT })))['shown'])
  assert.match(text, /"warnings":\["bidi","look-alike"\]/)
  assert.doesNotMatch(text, /\u202e/)
})

test('a statement that no person could read is not shown and cannot be approved, but denied', async () => {
  for (const text of ['x'.repeat(300_000), '\u202ea'.repeat(15_000)]) {
    const { app, state } = world()
    state.shown.set(APPROVAL, hold(text))
    assert.equal((await json(await call(app, 'bob', { path: AT })))['shown'], null)
    const refused = await json(await call(app, 'bob', { path: `${AT}/approve`, body: decision() }))
    assert.equal(refused['code'], 'not-shown')
    assert.deepEqual(state.purposes, [], 'no code is spent')
    assert.equal((await call(app, 'bob', { path: `${AT}/deny`, body: { ...decision(), reason: 'no' } })).status, 200)
  }
})

test('approving takes the person from the token, the digest and a fresh code', async () => {
  const { app, state } = world()
  const after = await json(await call(app, 'bob', { path: `${AT}/approve`, body: decision() }))
  assert.equal(after['state'], 'approved')
  assert.deepEqual(state.purposes, [`approve ${APPROVAL}`])
  assert.deepEqual(state.decided, [
    {
      id: APPROVAL,
      person: 'bob',
      owner: undefined,
      roles: ['approver'],
      service: false,
      kind: 'approve',
      digest: DIGEST,
      reason: undefined,
      factorFresh: true,
      origin: '192.0.2.7',
    },
  ])
})

test('a second word of the same person changes nothing and spends no code', async () => {
  const { app, state } = world()
  await call(app, 'bob', { path: `${AT}/approve`, body: decision() })
  const again = await call(app, 'bob', { path: `${AT}/approve`, body: decision('100002') })
  assert.equal(again.status, 200)
  assert.equal(state.decided.length, 1)
  assert.equal(state.purposes.length, 1)
})

test('after a decision another answer is a conflict that names the state', async () => {
  for (const ended of ['denied', 'expired', 'withdrawn', 'void', 'executing', 'done', 'unknown'] as const) {
    const { app, state } = world()
    state.approvals.set(APPROVAL, approval({ state: ended }))
    const response = await call(app, 'bob', { path: `${AT}/approve`, body: decision() })
    assert.equal(response.status, 409)
    const problem = await json(response)
    assert.deepEqual([problem['code'], problem['state']], ['decided', ended])
    assert.deepEqual(state.purposes, [])
  }
})

test('an approval that ran out by the clock is a conflict though nobody has marked it', async () => {
  const { app, clock } = world()
  clock.advance(900_000)
  const problem = await json(await call(app, 'bob', { path: `${AT}/approve`, body: decision() }))
  assert.equal(problem['state'], 'expired')
})

test('a wrong digest, a wrong code and a used code decide nothing', async () => {
  const { app, state } = world()
  const attempt = async (body: unknown) => (await json(await call(app, 'bob', { path: `${AT}/approve`, body })))['code']
  assert.equal(await attempt({ ...decision(), digest: 'e'.repeat(64) }), 'wrong-digest')
  assert.deepEqual(state.purposes, [], 'no code is spent on a wrong digest')
  assert.equal(await attempt(decision('999999')), 'factor-refused')
  state.spent.add('bob 100001')
  assert.equal(await attempt(decision('100001')), 'factor-refused')
  assert.deepEqual(state.decided, [])
})

test('nobody approves their own statement: not the requester with all roles, not an account of the same human', async () => {
  const { app, state, deps } = world()
  const personOf = deps.login.personOf
  deps.login.personOf = async (token) => {
    const found = await personOf(token)
    if (found?.name === 'alice') return { ...found, roles: ['engineer', 'approver', 'admin', 'auditor', 'security'] }
    return found?.name === 'erin' ? { ...found, owner: personName('alice') } : found
  }
  state.approvals.set(
    APPROVAL,
    approval({ eligible: [{ person: personName('alice'), roles: ['approver'] }, ...approval().eligible] }),
  )
  for (const who of ['alice', 'erin']) {
    const response = await call(app, who, { path: `${AT}/approve`, body: decision() })
    assert.deepEqual([response.status, (await json(response))['code']], [403, 'own-approval'])
  }
  assert.deepEqual(state.decided, [])
})

test('a role gained after the statement was held does not count', async () => {
  const { app, state } = world()
  state.approvals.set(APPROVAL, approval({ eligible: [{ person: personName('erin'), roles: ['approver'] }] }))
  assert.equal((await call(app, 'bob', { path: `${AT}/approve`, body: decision() })).status, 403)
  assert.equal((await json(await call(app, 'bob', { path: AT })))['mayDecide'], false)
})

test("withdrawing is the requester's alone, and too late is a conflict", async () => {
  const { app } = world()
  assert.equal((await call(app, 'bob', { path: `${AT}/withdraw`, body: {} })).status, 403)
  assert.equal((await json(await call(app, 'alice', { path: `${AT}/withdraw`, body: {} })))['state'], 'withdrawn')
  const late = await json(await call(app, 'alice', { path: `${AT}/withdraw`, body: {} }))
  assert.deepEqual([late['code'], late['state']], ['decided', 'withdrawn'])
})

test('a GET or HEAD of bots decides nothing, twenty at a time', async () => {
  const { app, state } = world()
  const agents = ['Slackbot-LinkExpanding 1.0', 'facebookexternalhit/1.1', 'Googlebot', 'Mozilla/5.0 (prefetch)']
  const paths = [
    `/approvals/${APPROVAL}`,
    `/approvals/${APPROVAL}/approve`,
    `/approvals/${APPROVAL}/deny`,
    `${AT}/approve`,
    AT,
  ]
  const visit = (at: number) =>
    paths.map((path) =>
      Promise.resolve(
        app.request(path, {
          method: at % 2 === 0 ? 'GET' : 'HEAD',
          headers: { 'User-Agent': agents[at % 4] ?? '', Purpose: 'prefetch' },
        }),
      ),
    )
  await Promise.all(Array.from({ length: 20 }, (_, at) => visit(at)).flat())
  assert.deepEqual([state.decided, state.purposes, state.approvals.get(APPROVAL)?.state], [[], [], 'open'])
})

test('a passkey assertion is a factor like a code, for the same purpose', async () => {
  const assertion = {
    id: 'key-of-bob',
    rawId: 'key-of-bob',
    type: 'public-key',
    response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA', userHandle: null },
    clientExtensionResults: {},
    authenticatorAttachment: 'platform',
  }
  const { app, state } = world()
  const path = `/api/v1/approvals/${APPROVAL}/approve`
  const other = { ...assertion, id: 'key-of-erin' }
  assert.equal((await call(app, 'bob', { path, body: { digest: DIGEST, factor: other } })).status, 403)
  assert.equal((await call(app, 'bob', { path, body: { digest: DIGEST, factor: assertion } })).status, 200)
  assert.deepEqual(state.purposes, [`approve ${APPROVAL}`, `approve ${APPROVAL}`])
})
