import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WHO } from '../../src/http/access-table.ts'
import type { RouteName } from '../../src/http/access-table.ts'
import { PROBLEMS } from '../../src/http/problem.ts'
import { IDENTITY_CELLS } from './identity-cells.ts'
import { GRANT, REQUEST } from './request-desk.ts'
import { REVIEW, SCRIPT } from './script-fakes.ts'
import { KEY } from './ssh-fakes.ts'
import { APPROVAL, call, CREDENTIAL, DIGEST, json, PEOPLE, SESSION, world } from './world.ts'

const V1 = '/api/v1'
const DECISION = { digest: DIGEST, factor: '100001' }

/** What each of the people gets from each route. `-` is nobody. Written by hand: it is the contract, not a copy of the table. */
const CELLS: Record<RouteName, { path: string; method?: string; body?: unknown; answers: Record<string, number> }> = {
  login: { path: `${V1}/login`, body: { person: 'bob', password: 'pw-bob', totp: '100009' }, answers: { '-': 200 } },
  logout: {
    path: `${V1}/logout`,
    body: {},
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  ...IDENTITY_CELLS,
  beginBrowserLogin: { path: `${V1}/login/browser`, body: { client: 'laptop' }, answers: { '-': 201, alice: 201 } },
  takeBrowserLogin: { path: `${V1}/login/browser/token`, body: { deviceCode: 'x' }, answers: { '-': 400 } },
  me: { path: `${V1}/me`, answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 } },
  targets: { path: `${V1}/targets`, answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 } },
  people: { path: `${V1}/people`, answers: { '-': 401, alice: 403, bob: 403, carol: 200, dan: 200, adam: 200 } },
  listCredentials: {
    path: `${V1}/credentials`,
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  mintCredential: {
    path: `${V1}/credentials`,
    body: { target: 'cards', forSeconds: 900 },
    answers: { '-': 401, alice: 201, bob: 403, carol: 403, dan: 403, adam: 403 },
  },
  revokeCredential: {
    path: `${V1}/credentials/${CREDENTIAL}`,
    method: 'DELETE',
    answers: { '-': 401, alice: 404, bob: 404, carol: 404, dan: 404, adam: 404 },
  },
  listKeys: { path: `${V1}/keys`, answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 } },
  addKey: {
    path: `${V1}/keys`,
    body: { key: 'ssh-ed25519 AAAA', factor: '100001' },
    answers: { '-': 401, alice: 201, bob: 201, carol: 201, dan: 201, adam: 201 },
  },
  removeKey: {
    path: `${V1}/keys/${KEY}/remove`,
    body: { factor: '100001' },
    answers: { '-': 401, alice: 200, bob: 404, carol: 404, dan: 404, adam: 404 },
  },
  sshCertificate: {
    path: `${V1}/ssh-certificate`,
    body: { key: 'ssh-ed25519 AAAA', factor: '100001' },
    answers: { '-': 401, alice: 201, bob: 201, carol: 201, dan: 201, adam: 201 },
  },
  sshHostKey: {
    path: `${V1}/ssh-host-key`,
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  listApprovals: {
    path: `${V1}/approvals`,
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  showApproval: {
    path: `${V1}/approvals/${APPROVAL}`,
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 404, adam: 404, mallory: 404 },
  },
  approve: {
    path: `${V1}/approvals/${APPROVAL}/approve`,
    body: DECISION,
    answers: { '-': 401, alice: 403, bob: 200, carol: 403, dan: 404, adam: 404, mallory: 404 },
  },
  deny: {
    path: `${V1}/approvals/${APPROVAL}/deny`,
    body: { ...DECISION, reason: 'no' },
    answers: { '-': 401, alice: 403, bob: 200, carol: 403, dan: 404, adam: 404, mallory: 404 },
  },
  withdraw: {
    path: `${V1}/approvals/${APPROVAL}/withdraw`,
    body: {},
    answers: { '-': 401, alice: 200, bob: 403, carol: 403, dan: 404, adam: 404, mallory: 404 },
  },
  listSessions: {
    path: `${V1}/sessions`,
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  showSession: {
    path: `${V1}/sessions/${SESSION}`,
    answers: { '-': 401, alice: 200, bob: 404, carol: 200, dan: 200, adam: 200, mallory: 404 },
  },
  sessionEvents: {
    path: `${V1}/sessions/${SESSION}/events`,
    answers: { '-': 401, alice: 403, bob: 403, carol: 200, dan: 200, adam: 403 },
  },
  terminateSession: {
    path: `${V1}/sessions/${SESSION}/terminate`,
    body: { reason: 'incident' },
    answers: { '-': 401, alice: 200, bob: 404, carol: 403, dan: 200, adam: 200, mallory: 404 },
  },
  stop: {
    path: `${V1}/stop`,
    body: { scope: 'target', name: 'cards', reason: 'incident', factor: '100001' },
    answers: { '-': 401, alice: 403, bob: 403, carol: 403, dan: 200, adam: 200 },
  },
  resume: {
    path: `${V1}/resume`,
    body: { scope: 'target', name: 'cards', reason: 'over', factor: '100001' },
    answers: { '-': 401, alice: 403, bob: 403, carol: 403, dan: 200, adam: 200 },
  },
  listStops: { path: `${V1}/stops`, answers: { '-': 401, alice: 403, bob: 403, carol: 200, dan: 200, adam: 200 } },
  listRequests: {
    path: `${V1}/access-requests`,
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 },
  },
  askAccess: {
    path: `${V1}/access-requests`,
    body: { target: 'cards', forMs: 1_800_000, reason: 'a stuck payment' },
    answers: { '-': 401, alice: 201, bob: 201, carol: 201, dan: 201, adam: 201 },
  },
  showRequest: {
    path: `${V1}/access-requests/${REQUEST}`,
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 404, adam: 404, mallory: 404 },
  },
  approveRequest: {
    path: `${V1}/access-requests/${REQUEST}/approve`,
    body: { factor: '100001' },
    answers: { '-': 401, alice: 403, bob: 200, carol: 403, dan: 404, adam: 404, mallory: 404 },
  },
  denyRequest: {
    path: `${V1}/access-requests/${REQUEST}/deny`,
    body: { reason: 'no', factor: '100001' },
    answers: { '-': 401, alice: 403, bob: 200, carol: 403, dan: 404, adam: 404, mallory: 404 },
  },
  withdrawRequest: {
    path: `${V1}/access-requests/${REQUEST}/withdraw`,
    body: {},
    answers: { '-': 401, alice: 200, bob: 403, carol: 403, dan: 404, adam: 404, mallory: 404 },
  },
  revokeRequest: {
    path: `${V1}/access-requests/${REQUEST}/revoke`,
    body: { reason: 'no longer needed' },
    answers: { '-': 401, alice: 409, bob: 409, carol: 409, dan: 404, adam: 404, mallory: 404 },
  },
  listGrants: { path: `${V1}/grants`, answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 } },
  revokeGrant: {
    path: `${V1}/grants/${GRANT}/revoke`,
    body: { reason: 'no longer needed' },
    answers: { '-': 401, alice: 200, bob: 404, carol: 403, dan: 200, adam: 200, mallory: 404 },
  },
  breakGlass: {
    path: `${V1}/approvals/${APPROVAL}/break-glass`,
    body: { ...DECISION, incident: 'INC-1', reason: 'the site is down' },
    answers: { '-': 401, alice: 200, bob: 403, carol: 403, dan: 404, adam: 404, mallory: 404 },
  },
  listReviews: { path: `${V1}/reviews`, answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 } },
  signReview: {
    path: `${V1}/reviews/${REVIEW}/sign`,
    body: { remark: 'seen', factor: '100001' },
    answers: { '-': 401, alice: 403, bob: 200, carol: 403, dan: 200, adam: 404, mallory: 404 },
  },
  listScripts: { path: `${V1}/scripts`, answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 } },
  submitScript: {
    path: `${V1}/scripts`,
    body: { target: 'cards', text: 'DELETE FROM payments', reason: 'release 42' },
    answers: { '-': 401, alice: 201, bob: 403, carol: 403, dan: 403, adam: 403 },
  },
  showScript: {
    path: `${V1}/scripts/${SCRIPT}`,
    answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 404, mallory: 404 },
  },
  checkScript: {
    path: `${V1}/scripts/${SCRIPT}/check`,
    body: { text: 'DELETE FROM payments' },
    answers: { '-': 401, alice: 409, bob: 403, carol: 403, dan: 403, adam: 404, mallory: 404 },
  },
  approveScript: {
    path: `${V1}/scripts/${SCRIPT}/approve`,
    body: DECISION,
    answers: { '-': 401, alice: 403, bob: 200, carol: 403, dan: 403, adam: 404, mallory: 404 },
  },
  denyScript: {
    path: `${V1}/scripts/${SCRIPT}/deny`,
    body: { ...DECISION, reason: 'no' },
    answers: { '-': 401, alice: 403, bob: 200, carol: 403, dan: 403, adam: 404, mallory: 404 },
  },
  withdrawScript: {
    path: `${V1}/scripts/${SCRIPT}/withdraw`,
    body: {},
    answers: { '-': 401, alice: 200, bob: 403, carol: 403, dan: 403, adam: 404, mallory: 404 },
  },
  search: { path: `${V1}/search`, answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 } },
  ledger: { path: `${V1}/ledger`, answers: { '-': 401, alice: 403, bob: 403, carol: 200, dan: 200, adam: 403 } },
  evidence: {
    path: `${V1}/evidence/accounts`,
    answers: { '-': 401, alice: 403, bob: 403, carol: 200, dan: 200, adam: 403 },
  },
  recordingEvents: {
    path: `${V1}/recordings/${SESSION}/events`,
    answers: { '-': 401, alice: 200, bob: 404, carol: 200, dan: 200, adam: 404, mallory: 404 },
  },
  recordingSearch: {
    path: `${V1}/recordings/${SESSION}/search?text=cards`,
    answers: { '-': 401, alice: 200, bob: 404, carol: 200, dan: 200, adam: 404, mallory: 404 },
  },
  recordingExport: {
    path: `${V1}/recordings/${SESSION}/export`,
    answers: { '-': 401, alice: 200, bob: 404, carol: 200, dan: 200, adam: 404, mallory: 404 },
  },
  events: { path: `${V1}/events`, answers: { '-': 401, alice: 200, bob: 200, carol: 200, dan: 200, adam: 200 } },
  openapi: { path: `${V1}/openapi.json`, answers: { '-': 200, alice: 200 } },
  healthz: { path: '/healthz', answers: { '-': 200 } },
  readyz: { path: '/readyz', answers: { '-': 200 } },
  metrics: { path: '/metrics', answers: { '-': 200 } },
}

for (const [name, { answers, ...request }] of Object.entries(CELLS)) {
  for (const [who, status] of Object.entries(answers)) {
    test(`${name} answers ${who === '-' ? 'nobody' : who} with ${status}`, async () => {
      const { app, state } = world()
      const response = await call(app, who === '-' ? undefined : who, request)
      assert.equal(response.status, status)
      assert.equal(response.headers.get('cache-control'), 'no-store')
      assert.deepEqual(state.faults, [])
      await response.body?.cancel()
    })
  }
}

test('a token that is unknown, malformed, in the URL or of a disabled person is nobody', async () => {
  const { app, state } = world()
  state.disabled.add('bob')
  for (const header of [
    'Bearer',
    'Bearer x',
    'Basic dG9rZW4=',
    'Bearer token-of-nobody-0123456789',
    'Bearer token-of-bob-0123456789',
  ]) {
    assert.equal((await app.request(`${V1}/me`, { headers: { Authorization: header } })).status, 401)
  }
  assert.equal((await app.request(`${V1}/me?token=token-of-alice-0123456789`)).status, 401)
})

test('every refusal is a problem document with a stable type', async () => {
  const { app } = world()
  const response = await call(app, 'alice', { path: `${V1}/approvals/${APPROVAL}/approve`, body: DECISION })
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  assert.deepEqual(await json(response), {
    type: 'urn:countersign:problem:own-approval',
    title: PROBLEMS['own-approval'].title,
    status: 403,
    code: 'own-approval',
  })
})

test('bodies with unknown keys, wrong types, wrong encoding or no JSON are refused before anything is done', async () => {
  const path = `${V1}/approvals/${APPROVAL}/approve`
  const bodies = [
    { ...DECISION, person: 'bob' },
    { ...DECISION, factor: { totp: '100001' } },
    { ...DECISION, factor: { id: 'a', rawId: 'a', type: 'public-key', response: {} } },
    { digest: DIGEST },
    { digest: DIGEST, factor: 100001 },
    { digest: [DIGEST], factor: '100001' },
    { digest: DIGEST, factor: '１２３４５６' },
    [],
    'null',
    '{',
    '',
    `{"digest":"${DIGEST}","factor":"100001","__proto__":{"x":1}}`,
  ]
  for (const body of bodies) {
    const { app, state } = world()
    const response = await call(app, 'bob', {
      path,
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json' },
    })
    assert.equal(response.status, 400, JSON.stringify(body))
    assert.equal((await json(response))['code'], 'invalid')
    assert.deepEqual(state.decided, [])
    assert.deepEqual(state.purposes, [])
  }
})

test('a refused body is never quoted', async () => {
  const { app } = world()
  const response = await call(app, undefined, {
    path: `${V1}/login`,
    body: { person: 'bob', password: 'hunter2secret', totp: 'x4111111111111111', 'k<script>4111111111111111': 1 },
  })
  const text = await response.text()
  assert.equal(response.status, 400)
  assert.doesNotMatch(text, /hunter2|4111|script/)
})

test('only application/json is accepted by the API', async () => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/json; charset=latin1',
    'text/json',
    '',
  ]) {
    const { app, state } = world()
    const response = await call(app, 'bob', {
      path: `${V1}/approvals/${APPROVAL}/approve`,
      body: DECISION,
      headers: { 'Content-Type': type },
    })
    assert.equal(response.status, 415, type)
    assert.deepEqual(state.decided, [])
  }
})

test('a body over 64 kB is refused, with and without a Content-Length', async () => {
  const { app } = world()
  const large = JSON.stringify({ ...DECISION, reason: 'x'.repeat(65 * 1024) })
  const path = `${V1}/approvals/${APPROVAL}/deny`
  const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer token-of-bob-0123456789' }
  assert.equal(
    (
      await app.request(path, {
        method: 'POST',
        headers: { ...headers, 'Content-Length': String(large.length) },
        body: large,
      })
    ).status,
    413,
  )
  const stream = new Blob([large]).stream()
  assert.equal(
    (await app.request(new Request(`http://x${path}`, { method: 'POST', headers, body: stream, duplex: 'half' })))
      .status,
    413,
  )
})

test('a browser of another site cannot post to the API even with a token', async () => {
  const attacks: Record<string, string>[] = [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: 'https://countersign.example.evil.example' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site', Origin: 'https://countersign.example' },
    { 'Sec-Fetch-Site': 'none' },
  ]
  for (const headers of attacks) {
    const { app, state } = world()
    const response = await call(app, 'bob', { path: `${V1}/approvals/${APPROVAL}/approve`, body: DECISION, headers })
    assert.equal((await json(response))['code'], 'cross-site')
    assert.deepEqual(state.decided, [])
  }
})

test('unknown search parameters are refused', async () => {
  const { app } = world()
  assert.equal((await call(app, 'bob', { path: `${V1}/approvals?sate=open` })).status, 400)
  assert.equal((await call(app, 'bob', { path: `${V1}/approvals?state=maybe` })).status, 400)
  assert.equal((await call(app, 'carol', { path: `${V1}/sessions?limit=100000` })).status, 400)
})

test('walking ids tells a stranger nothing: what exists and what does not answer alike', async () => {
  const { app } = world()
  const foreign = 'a_zzzzzzzzzzzz'
  for (const [there, absent] of [
    [`${V1}/approvals/${APPROVAL}`, `${V1}/approvals/${foreign}`],
    [`${V1}/sessions/${SESSION}`, `${V1}/sessions/s_zzzzzzzzzzzzzzzzzzzz`],
    [`${V1}/sessions/${SESSION}`, `${V1}/sessions/..%2f..%2fetc`],
  ] as const) {
    const [first, second] = [await call(app, 'mallory', { path: there }), await call(app, 'mallory', { path: absent })]
    assert.equal(first.status, 404)
    assert.deepEqual(await json(first), await json(second))
  }
})

test('lists hold only what the viewer may see', async () => {
  const { app } = world()
  const lengths = async (path: string, key: string) =>
    Object.fromEntries(
      await Promise.all(
        PEOPLE.map(async ({ name }) => {
          const list = (await json(await call(app, name, { path })))[key]
          return [name, Array.isArray(list) ? list.length : -1] as const
        }),
      ),
    )
  assert.deepEqual(await lengths(`${V1}/approvals`, 'approvals'), {
    alice: 1,
    bob: 1,
    erin: 1,
    carol: 1,
    dan: 0,
    adam: 0,
    mallory: 0,
  })
  assert.deepEqual(await lengths(`${V1}/sessions`, 'sessions'), {
    alice: 1,
    bob: 0,
    erin: 0,
    carol: 1,
    dan: 1,
    adam: 1,
    mallory: 0,
  })
  assert.deepEqual(await lengths(`${V1}/sessions?person=alice`, 'sessions'), {
    alice: 1,
    bob: 0,
    erin: 0,
    carol: 1,
    dan: 1,
    adam: 1,
    mallory: 0,
  })
  assert.deepEqual(await lengths(`${V1}/targets`, 'targets'), {
    alice: 2,
    bob: 2,
    erin: 2,
    carol: 2,
    dan: 2,
    adam: 2,
    mallory: 2,
  })
})

test('the faults of a broken store reach the operator, not the client', async () => {
  const broken = world()
  const { app, state } = world({
    approvals: { ...broken.deps.approvals, get: () => Promise.reject(new Error('disk 4111111111111111')) },
  })
  const response = await call(app, 'bob', { path: `${V1}/approvals/${APPROVAL}` })
  assert.equal(response.status, 500)
  assert.doesNotMatch(await response.text(), /disk|4111/)
  assert.equal(state.faults.length, 1)
})

test('unknown paths and methods are problem documents', async () => {
  const { app } = world()
  for (const [path, method] of [
    ['/nothing', 'GET'],
    [`${V1}/approvals/${APPROVAL}/approve`, 'GET'],
    [`${V1}/me`, 'PUT'],
  ] as const) {
    const response = await call(app, 'bob', { path, method })
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.equal(response.status, 404)
  }
})

test('the OpenAPI document describes every route with its body and its callers', async () => {
  const { app } = world()
  const document = await json(await call(app, undefined, { path: `${V1}/openapi.json` }))
  const text = JSON.stringify(document)
  assert.equal(document['openapi'], '3.1.0')
  for (const name of Object.keys(WHO)) assert.ok(text.includes(`"operationId":"${name}"`), name)
  assert.match(text, /"\/api\/v1\/approvals\/\{id\}\/approve"/)
  assert.match(text, /"additionalProperties":false/)
  assert.match(text, /one of: auditor, security/)
  assert.match(
    text,
    /"name":"text","in":"query","schema":\{[^}]*\},"required":true/,
    'what has to be asked is said to be required',
  )
})
