import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName } from '../../src/model/ids.ts'
import { APPROVAL, approval, DIGEST, hold, PUBLIC, world } from './world.ts'
import type { World } from './world.ts'

const AT = `/approvals/${APPROVAL}`
const HOME = { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' }
const FORM = 'application/x-www-form-urlencoded'

interface Post {
  readonly fields: Record<string, string>
  readonly cookie?: string
  readonly headers?: Record<string, string>
}

const post = (app: World['app'], path: string, { fields, cookie, headers = HOME }: Post) =>
  Promise.resolve(
    app.request(path, {
      method: 'POST',
      headers: { 'Content-Type': FORM, ...(cookie === undefined ? {} : { Cookie: cookie }), ...headers },
      body: new URLSearchParams(fields).toString(),
    }),
  )

const cookieOf = (response: Response): string => response.headers.get('set-cookie')?.split(';')[0] ?? ''

async function logIn(app: World['app'], person = 'bob', totp = '100001') {
  const response = await post(app, `${AT}/login`, { fields: { person, password: `pw-${person}`, totp } })
  assert.equal(response.status, 303)
  return cookieOf(response)
}

async function open(app: World['app'], cookie: string) {
  const response = await app.request(AT, { headers: { Cookie: cookie } })
  const text = await response.text()
  return {
    status: response.status,
    text,
    form: /name="form" value="([^"]+)"/.exec(text)?.[1] ?? '',
    digest: /name="digest" value="([^"]+)"/.exec(text)?.[1] ?? '',
  }
}

test('before the login the page tells nothing, and the same for ids that do not exist', async () => {
  const { app } = world()
  const page = await (await app.request(AT)).text()
  assert.doesNotMatch(page, /alice|cards|DELETE|payments|rule/)
  const other = await (await app.request('/approvals/a_zzzzzzzzzzzz')).text()
  assert.equal(page.replaceAll(APPROVAL, 'ID'), other.replaceAll('a_zzzzzzzzzzzz', 'ID'))
})

test('every page forbids scripts, frames and referrers, and is never stored', async () => {
  const { app } = world()
  const { headers } = await app.request(AT)
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/)
  assert.doesNotMatch(headers.get('content-security-policy') ?? '', /script-src|unsafe/)
  assert.equal(headers.get('referrer-policy'), 'no-referrer')
  assert.equal(headers.get('x-frame-options'), 'DENY')
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.doesNotMatch(await (await app.request(AT)).text(), /<script|style=|onclick|http:\/\//i)
})

test('the cookie is for this approval alone: HttpOnly, Strict, Secure, its path, ten minutes', async () => {
  const { app } = world()
  const response = await post(app, `${AT}/login`, { fields: { person: 'bob', password: 'pw-bob', totp: '100001' } })
  const cookie = response.headers.get('set-cookie') ?? ''
  for (const part of [`Path=${AT}`, 'HttpOnly', 'SameSite=Strict', 'Secure', 'Max-Age=600'])
    assert.ok(cookie.includes(part), part)
  assert.equal((await open(app, cookieOf(response).replace('countersign_visit', 'countersign_visit'))).status, 200)
  const elsewhere = await (
    await app.request('/approvals/a_zzzzzzzzzzzz', { headers: { Cookie: cookieOf(response) } })
  ).text()
  assert.match(elsewhere, /name="password"/)
})

test('bob logs in and approves with that login, once', async () => {
  const { app, state } = world()
  const cookie = await logIn(app)
  const page = await open(app, cookie)
  assert.match(page.text, /DELETE FROM payments/)
  assert.match(page.text, /Approve: DELETE on public.payments/)
  assert.match(page.text, /No filter that counts/)
  assert.equal(page.digest, DIGEST)
  assert.doesNotMatch(page.text, /name="totp"/, 'the login is fresh enough')
  const done = await post(app, `${AT}/approve`, { cookie, fields: { form: page.form, digest: page.digest } })
  assert.equal(done.status, 303)
  assert.equal(state.approvals.get(APPROVAL)?.state, 'approved')
  assert.deepEqual(state.purposes, [])
  const after = await open(app, cookieOf(done))
  assert.match(after.text, /This request is approved/)
  assert.doesNotMatch(after.text, /<button>Approve/)
})

test('a second decision of the same visit needs a new code', async () => {
  const { app, state } = world()
  const terms = approval().holds
  state.approvals.set(APPROVAL, approval({ holds: terms.map((one) => ({ ...one, need: 2 })) }))
  const first = await logIn(app)
  const page = await open(app, first)
  const approved = await post(app, `${AT}/approve`, { cookie: first, fields: { form: page.form, digest: DIGEST } })
  const second = cookieOf(approved)
  const again = await open(app, second)
  assert.match(again.text, /name="totp"/)
  const without = await post(app, `${AT}/deny`, {
    cookie: second,
    fields: { form: again.form, digest: DIGEST, reason: 'wait' },
  })
  assert.equal(without.status, 403)
  assert.equal(state.approvals.get(APPROVAL)?.state, 'open')
  const given = await post(app, `${AT}/deny`, {
    cookie: second,
    fields: { form: again.form, digest: DIGEST, reason: 'wait', totp: '100002' },
  })
  assert.equal(given.status, 303)
  assert.deepEqual(state.purposes, [`deny ${APPROVAL}`])
  assert.equal(state.approvals.get(APPROVAL)?.state, 'denied')
})

test('one cookie sent twice at once uses its login once', async () => {
  const { app, state } = world()
  const cookie = await logIn(app)
  const { form } = await open(app, cookie)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => post(app, `${AT}/approve`, { cookie, fields: { form, digest: DIGEST } })),
  )
  assert.equal(answers.filter(({ status }) => status === 303).length, 1)
  assert.equal(state.decided.length, 1)
})

test('the key of the cookie changes with login and decision, and the old one is dead', async () => {
  const { app } = world()
  const planted = 'countersign_visit=planted-by-an-attacker'
  const response = await post(app, `${AT}/login`, {
    cookie: planted,
    fields: { person: 'bob', password: 'pw-bob', totp: '100001' },
  })
  const first = cookieOf(response)
  assert.notEqual(first, planted)
  assert.match((await open(app, planted)).text, /name="password"/)
  const { form } = await open(app, first)
  const done = await post(app, `${AT}/approve`, { cookie: first, fields: { form, digest: DIGEST } })
  assert.notEqual(cookieOf(done), first)
  assert.match((await open(app, first)).text, /name="password"/)
})

test('a visit ends after ten minutes, at logout, and when the person is disabled', async () => {
  const ends: ((running: World, cookie: string) => unknown)[] = [
    ({ clock }) => clock.advance(600_000),
    ({ app }, cookie) => post(app, `${AT}/logout`, { cookie, fields: {} }),
    ({ state }) => state.disabled.add('bob'),
  ]
  for (const end of ends) {
    const running = world()
    const cookie = await logIn(running.app)
    await end(running, cookie)
    assert.match((await open(running.app, cookie)).text, /name="password"/)
    const late = await post(running.app, `${AT}/approve`, { cookie, fields: { form: 'x', digest: DIGEST } })
    assert.equal(late.status, 401)
    assert.deepEqual(running.state.decided, [])
  }
})

const SITES: Record<string, string>[] = [
  {},
  { Origin: 'null' },
  { Origin: 'https://evil.example' },
  { Origin: 'http://countersign.example' },
  { Origin: PUBLIC, 'Sec-Fetch-Site': 'cross-site' },
  { Origin: PUBLIC, 'Sec-Fetch-Site': 'same-site' },
  { Origin: PUBLIC, 'Sec-Fetch-Site': 'none' },
  { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' },
]
for (const headers of SITES) {
  test(`a form with ${JSON.stringify(headers)} decides nothing and logs nobody in`, async () => {
    const { app, state } = world()
    const cookie = await logIn(app)
    const { form } = await open(app, cookie)
    assert.equal((await post(app, `${AT}/approve`, { cookie, headers, fields: { form, digest: DIGEST } })).status, 403)
    const login = await post(app, `${AT}/login`, {
      headers,
      fields: { person: 'bob', password: 'pw-bob', totp: '100005' },
    })
    assert.equal(login.status, 403)
    assert.equal(login.headers.get('set-cookie'), null)
    assert.deepEqual(state.decided, [])
  })
}

test('a form token works for its visit, its approval and its digest only', async () => {
  const { app, state } = world()
  const [bob, erin] = [await logIn(app), await logIn(app, 'erin', '100003')]
  const own = (await open(app, bob)).form
  const foreign = (await open(app, erin)).form
  const mutations = [
    { form: foreign, digest: DIGEST },
    { form: own, digest: 'e'.repeat(64) },
    { form: `${own}x`, digest: DIGEST },
    { form: 'x', digest: DIGEST },
    { form: own.toUpperCase(), digest: DIGEST },
  ]
  for (const fields of mutations)
    assert.equal((await post(app, `${AT}/approve`, { cookie: bob, fields })).status, 403, JSON.stringify(fields))
  assert.equal((await post(app, `${AT}/approve`, { cookie: bob, fields: { digest: DIGEST } })).status, 400)
  assert.equal(
    (await post(app, `${AT}/approve`, { cookie: bob, fields: { form: own, digest: DIGEST, person: 'erin' } })).status,
    400,
  )
  assert.deepEqual(state.decided, [])
})

test('a form of another content type decides nothing', async () => {
  const { app, state } = world()
  const cookie = await logIn(app)
  const { form } = await open(app, cookie)
  for (const type of ['', 'text/plain', 'application/json', 'multipart/form-data; boundary=x']) {
    const body = new URLSearchParams({ form, digest: DIGEST }).toString()
    const response = await app.request(`${AT}/approve`, {
      method: 'POST',
      body,
      headers: { ...HOME, Cookie: cookie, 'Content-Type': type },
    })
    assert.equal(response.status, 400, type)
  }
  assert.deepEqual(state.decided, [])
})

test('a field that stands twice is refused', async () => {
  const { app, state } = world()
  const cookie = await logIn(app)
  const { form } = await open(app, cookie)
  const body = `form=${form}&digest=${DIGEST}&digest=${DIGEST}`
  const response = await app.request(`${AT}/approve`, {
    method: 'POST',
    body,
    headers: { ...HOME, Cookie: cookie, 'Content-Type': FORM },
  })
  assert.equal(response.status, 400)
  assert.deepEqual(state.decided, [])
})

test('the requester sees the request without a form, and a forged post is refused', async () => {
  const { app, state } = world()
  const cookie = await logIn(app, 'alice')
  const page = await open(app, cookie)
  assert.match(page.text, /You asked for this/)
  assert.doesNotMatch(page.text, /\/approve"/)
  const { form } = await open(app, await logIn(app, 'bob', '100004'))
  assert.equal((await post(app, `${AT}/approve`, { cookie, fields: { form, digest: DIGEST } })).status, 403)
  assert.deepEqual(state.decided, [])
})

test('who may not see it is told that there is nothing', async () => {
  const { app } = world()
  const page = await open(app, await logIn(app, 'mallory'))
  assert.equal(page.status, 404)
  assert.doesNotMatch(page.text, /payments|alice/)
})

test('a wrong login says so, alike for name, password and code, and sets no cookie', async () => {
  const { app } = world()
  const pages = await Promise.all(
    [
      { person: 'nobody', password: 'pw-bob', totp: '100001' },
      { person: 'bob', password: 'x', totp: '100002' },
      { person: 'bob', password: 'pw-bob', totp: '999999' },
    ].map(async (fields) => {
      const response = await post(app, `${AT}/login`, { fields })
      assert.equal(response.status, 401)
      assert.equal(response.headers.get('set-cookie'), null)
      return response.text()
    }),
  )
  assert.equal(new Set(pages).size, 1)
  assert.match(pages[0] ?? '', /Name, password or code is wrong/)
})

const XSS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'onmouseover='alert(1)",
  '</pre><svg/onload=alert(1)>',
  '&lt;b&gt;',
  '${7*7}',
  'javascript:alert(1)',
]
for (const payload of XSS) {
  test(`${payload} is inert text in every field`, async () => {
    const { app, state } = world()
    const facts = {
      writes: [
        {
          oid: 1,
          schema: payload,
          name: payload,
          kind: 'table' as const,
          classes: [payload],
          system: false,
          via: payload,
        },
      ],
      functions: [{ schema: payload, name: payload, oids: [], builtin: false }],
      settings: [{ name: payload, value: payload, scope: 'session' as const }],
      classes: [payload],
      gaps: [payload],
      complete: false,
    }
    const shown = hold(payload, facts)
    const [first] = shown.statements
    assert.ok(first)
    const parameters = [{ type: 25, format: 'text' as const, value: Buffer.from(payload) }]
    state.shown.set(APPROVAL, {
      ...shown,
      database: payload,
      account: payload,
      searchPath: [payload],
      statements: [{ ...first, statement: { ...first.statement, parameters } }],
    })
    state.approvals.set(
      APPROVAL,
      approval({
        matches: [{ rule: payload, effect: 'hold', severity: 'high', message: payload }],
        decisions: [
          {
            person: personName('erin'),
            human: personName('erin'),
            kind: 'approve',
            roles: ['approver'],
            reason: payload,
            at: 0,
          },
        ],
      }),
    )
    const page = await open(app, await logIn(app))
    assert.equal(page.status, 200)
    assert.doesNotMatch(page.text, /<script|<img|<svg|<b>alert|onerror=alert\(1\)>|'onmouseover/)
    const tags = new Set([...page.text.matchAll(/<([a-z0-9]+)/gi)].map(([, name]) => name))
    const ours =
      'html head meta title link body main header b form button h1 section h2 ul li span pre dl dt dd code p div input label textarea i mark'.split(
        ' ',
      )
    assert.deepEqual(
      [...tags].filter((name) => !ours.includes(name ?? '')),
      [],
    )
  })
}

test('what deceives stands as a mark on the page, with a warning before it', async () => {
  const { app, state } = world()
  state.shown.set(APPROVAL, hold(`SELECT 1 /* \u202e */;${' '.repeat(4000)}DELETE FROM cаrds`))
  const { text } = await open(app, await logIn(app))
  assert.match(text, /<mark title="bidi">U\+202E right-to-left override<\/mark>/)
  assert.match(text, /<mark title="blank-run">U\+0020 4000 blanks, 0 line ends<\/mark>DELETE/)
  assert.match(text, /<mark title="look-alike">U\+0430 reads like &quot;a&quot;<\/mark>/)
  assert.match(text, /Look closely: the text holds direction control, long blank run, looks like another character/)
  assert.doesNotMatch(text, /\u202e/)
})

test('what cannot be shown whole has no approve form', async () => {
  const { app, state } = world()
  state.shown.delete(APPROVAL)
  const { text } = await open(app, await logIn(app))
  assert.doesNotMatch(text, /\/approve"/)
  assert.match(text, /\/deny"/)
})

test('an odd id reaches neither a path nor a header', async () => {
  const { app } = world()
  for (const id of ['%0d%0aSet-Cookie:x=1', '..%2f..%2fx', '%22%3E%3Cscript%3E', 'a'.repeat(5000)]) {
    const response = await app.request(`/approvals/${id}`)
    assert.match(await response.text(), /action="\/approvals\/a_000000000000\/login"/)
  }
})

test('a comment that lies stands beside the same text without comments', async () => {
  const { app, state } = world()
  state.shown.set(APPROVAL, hold('/* read only */ DELETE FROM payments'))
  const redacted = [{ withheld: 'comment' as const, bytes: 15 }, ' DELETE FROM payments']
  state.approvals.set(APPROVAL, approval({ redacted }))
  const { text } = await open(app, await logIn(app))
  assert.match(text, /<pre>‹comment 15› DELETE FROM payments<\/pre>/)
})
