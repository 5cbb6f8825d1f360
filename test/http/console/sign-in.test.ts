import assert from 'node:assert/strict'
import { test } from 'node:test'
import { APPROVAL, PUBLIC, world } from '../world.ts'
import { HOME, visitor } from './visitor.ts'

const AT = `/approvals/${APPROVAL}`

test('before the sign-in a link tells nothing, and the same for ids that do not exist', async () => {
  const { app } = world()
  const look = async (path: string) => {
    const browser = visitor(app)
    const away = await browser.get(path)
    assert.equal(away.status, 303)
    return (await browser.get(away.location ?? '')).text
  }
  const page = await look(AT)
  assert.doesNotMatch(page, /alice|cards|DELETE|payments|rule/)
  const other = await look('/approvals/a_zzzzzzzzzzzz')
  assert.equal(page.replaceAll(APPROVAL, 'ID'), other.replaceAll('a_zzzzzzzzzzzz', 'ID'))
})

test('every page has a strict policy, and nothing of it stands inline', async () => {
  const { app } = world()
  const browser = visitor(app)
  await browser.signIn('adam')
  const paths = [
    '/login',
    '/approvals',
    '/approvals/history',
    '/access',
    '/people',
    '/people/alice',
    '/health',
    '/account',
  ]
  for (const path of paths) {
    const { headers, text } = await browser.get(path)
    const policy = headers.get('content-security-policy') ?? ''
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      assert.ok(policy.includes(part), `${path}: ${part}`)
    assert.doesNotMatch(policy, /unsafe|nonce/)
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin')
    assert.equal(headers.get('x-frame-options'), 'DENY')
    assert.doesNotMatch(text, /<script(?! src="\/console\/)|<style|\sstyle=|\son[a-z]+=|href="javascript/i, path)
  }
})

test('pages are never kept, static files under the hash of their content for ever', async () => {
  const { app } = world()
  const { headers, text } = await visitor(app).get('/login')
  assert.equal(headers.get('cache-control'), 'no-store')
  const [, style = ''] = /href="(\/console\/style\.css\?v=[0-9a-f]{12})"/.exec(text) ?? []
  const kept = await visitor(app).get(style)
  assert.equal(kept.status, 200)
  assert.match(kept.headers.get('cache-control') ?? '', /immutable/)
  assert.match(kept.headers.get('content-type') ?? '', /^text\/css/)
  assert.equal((await visitor(app).get('/console/style.css?v=000000000000')).headers.get('cache-control'), 'no-cache')
  assert.match((await visitor(app).get('/console/app.js')).headers.get('content-type') ?? '', /^text\/javascript/)
  for (const name of ['nothing.css', '..%2fassets.ts', 'assets.ts'])
    assert.equal((await visitor(app).get(`/console/${name}`)).status, 404, name)
})

test('the cookie is for this host alone: its prefix, HttpOnly, Strict, Secure', async () => {
  const { app } = world()
  const cookie = (await visitor(app).signIn('bob')).headers.get('set-cookie') ?? ''
  for (const part of ['__Host-countersign=', 'Path=/', 'HttpOnly', 'SameSite=Strict', 'Secure'])
    assert.ok(cookie.includes(part), part)
  assert.doesNotMatch(cookie, /Domain|Max-Age|Expires|page-token/)
})

test('on plain http of loopback the cookie has no prefix, which browsers would refuse there', async () => {
  const { app } = world({ config: { publicUrl: 'http://localhost:8080', postgres: { host: '127.0.0.1', port: 6432 } } })
  const cookie = (await visitor(app).signIn('bob')).headers.get('set-cookie') ?? ''
  assert.match(cookie, /^countersign=/)
  assert.doesNotMatch(cookie, /Secure/)
})

test('after the sign-in one is back where one wanted to go, and at home without a wish', async () => {
  const { app } = world()
  assert.equal((await visitor(app).signIn('bob', { next: `${AT}?x=1` })).location, `${AT}?x=1`)
  assert.equal((await visitor(app).signIn('bob')).location, '/')
  const homes = { bob: '/approvals', alice: '/access', carol: '/sessions', adam: '/people' }
  for (const [person, path] of Object.entries(homes)) {
    const browser = visitor(app)
    await browser.signIn(person)
    assert.equal((await browser.get('/')).location, path, person)
  }
})

const ELSEWHERE = [
  'https://evil.example/approvals',
  '//evil.example/approvals',
  '/\\evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  `${PUBLIC}.evil.example/approvals`,
  '/api/v1/events',
  '/logout',
  '/login?next=/approvals',
  '/approvals\r\nSet-Cookie: x=1',
  'approvals',
  '',
]
for (const next of ELSEWHERE) {
  test(`a sign-in never leads to ${JSON.stringify(next)}`, async () => {
    const { app } = world()
    assert.equal((await visitor(app).signIn('bob', { next })).location, '/')
    const page = await visitor(app).get(`/login?next=${encodeURIComponent(next)}`)
    assert.doesNotMatch(page.text, /name="next"/)
  })
}

test('a wrong sign-in says so, alike for name, password and code, and sets no cookie', async () => {
  const { app } = world()
  const pages = await Promise.all(
    [
      { person: 'nobody', password: 'pw-bob', totp: '100001' },
      { person: 'bob', password: 'x', totp: '100002' },
      { person: 'bob', password: 'pw-bob', totp: '999999' },
    ].map(async (fields) => {
      const seen = await visitor(app).post('/login', fields)
      assert.equal(seen.status, 401)
      assert.equal(seen.headers.get('set-cookie'), null)
      // The name is the visitor's own typing.
      return seen.text.replace(`value="${fields.person}"`, 'value="NAME"')
    }),
  )
  assert.equal(new Set(pages).size, 1)
  assert.match(pages[0] ?? '', /Name, password or code is wrong: a phone whose clock is off shows wrong codes/)
})

test('a sign-in that was not taken keeps name and way, and nothing secret', async () => {
  const { app } = world()
  const next = '/access-requests/r_abcdefghij01'
  const wrong = await visitor(app).signIn('bob', { next, code: '999999' })
  const malformed = await visitor(app).signIn('bob', { next, code: '1 2 3' })
  for (const { text } of [wrong, malformed]) {
    assert.match(text, /name="person"[^>]*value="bob"/s)
    assert.match(text, new RegExp(`name="next" value="${next}"`))
    assert.match(text, /Somebody asks for access/)
    assert.doesNotMatch(text, /pw-bob|999999|1 2 3/)
  }
})

test('a locked name is told that it is locked', async () => {
  const { app } = world()
  const seen = await visitor(app).post('/login', { person: 'locked', password: 'x', totp: '100001' })
  assert.equal(seen.status, 429)
  assert.match(seen.text, /locked for up to 30 minutes/)
})

test('a password that somebody else chose leads to the form for one of one’s own', async () => {
  const attempts: unknown[] = []
  const base = world()
  const login = {
    ...base.deps.login,
    login: (attempt: Parameters<typeof base.deps.login.login>[0]) => {
      attempts.push(attempt.newPassword?.reveal())
      return attempt.newPassword === undefined
        ? Promise.resolve({ outcome: 'password-change' as const, problem: undefined })
        : base.deps.login.login(attempt)
    },
  }
  const { app } = world({ login })
  const browser = visitor(app)
  const asked = await browser.post('/login', { person: 'bob', password: 'pw-bob', totp: '100001', next: AT })
  assert.equal(asked.status, 403)
  assert.match(asked.text, /name="newPassword"/)
  assert.match(asked.text, /name="person"[^>]*value="bob"/s)
  assert.doesNotMatch(asked.text, /pw-bob/)
  const own = { person: 'bob', password: 'pw-bob', totp: '100001', newPassword: 'my-own-long-one-7', next: AT }
  assert.equal((await browser.post('/login', own)).status, 303)
  assert.deepEqual(attempts, [undefined, 'my-own-long-one-7'])
})

test('a sign-in gives a new key and ends the one before; a planted key opens nothing', async () => {
  const { app, state } = world()
  const browser = visitor(app)
  browser.cookie = '__Host-countersign=planted-by-an-attacker'
  await browser.signIn('bob')
  const first = browser.cookie
  assert.notEqual(first, '__Host-countersign=planted-by-an-attacker')
  const tokens = state.tokens.size
  await browser.signIn('bob')
  assert.notEqual(browser.cookie, first)
  assert.equal(state.tokens.size, tokens, 'the token before was ended')
  browser.cookie = first
  assert.equal((await browser.get('/approvals')).status, 303)
})

test('a signed-in person who opens the sign-in goes on at once', async () => {
  const { app } = world()
  const browser = visitor(app)
  await browser.signIn('bob')
  assert.equal((await browser.get(`/login?next=${AT}`)).location, AT)
})

test('a link from elsewhere, to which a strict cookie does not come along, steps inside first', async () => {
  const { app } = world()
  const page = await visitor(app).get(AT, { 'Sec-Fetch-Site': 'cross-site' })
  assert.equal(page.status, 200)
  assert.match(page.text, /http-equiv="refresh" content="0; url=\/login\?next=%2Fapprovals%2Fa_abcdefghij01"/)
  assert.doesNotMatch(page.text, /alice|cards|DELETE/)
})

test('signing out ends the token, takes the cookie and opens nothing afterwards', async () => {
  const { app, state } = world()
  const browser = visitor(app)
  await browser.signIn('bob')
  await browser.get('/approvals')
  const [cookie, tokens] = [browser.cookie, state.tokens.size]
  const out = await browser.post('/logout', {})
  assert.match(out.headers.get('set-cookie') ?? '', /Max-Age=0/)
  assert.equal(state.tokens.size, tokens - 1)
  browser.cookie = cookie
  assert.equal((await browser.get('/approvals')).status, 303)
})

test('a disabled person is out at the next request', async () => {
  const { app, state } = world()
  const browser = visitor(app)
  await browser.signIn('bob')
  assert.equal((await browser.get('/approvals')).status, 200)
  state.disabled.add('bob')
  assert.equal((await browser.get('/approvals')).status, 303)
  assert.equal((await browser.get('/console/events')).status, 401)
})

test('a look for news is passive, and a signed-out tab is told so without a detour', async () => {
  const uses: (string | undefined)[] = []
  const base = world()
  const personOf: typeof base.deps.login.personOf = (token, use) => {
    uses.push(use)
    return base.deps.login.personOf(token)
  }
  const { app } = world({ login: { ...base.deps.login, personOf } })
  const browser = visitor(app)
  await browser.signIn('bob')
  uses.length = 0
  assert.equal((await browser.get('/approvals', { 'X-Countersign-Refresh': '1' })).status, 200)
  await browser.get('/approvals')
  assert.deepEqual(uses, ['passive', 'active'])
  browser.cookie = ''
  assert.equal((await browser.get('/approvals', { 'X-Countersign-Refresh': '1' })).status, 401)
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
const POSTS = [
  `${AT}/approve`,
  `${AT}/deny`,
  '/access',
  '/people/alice/disable',
  '/health/stop',
  '/account/confirm',
  '/console/factor',
]
for (const headers of SITES) {
  test(`a form with ${JSON.stringify(headers)} does nothing and signs nobody in`, async () => {
    const { app, state } = world()
    const browser = visitor(app)
    await browser.signIn('bob', { next: AT })
    await browser.get(AT)
    for (const path of POSTS) assert.equal((await browser.post(path, { digest: 'x' }, headers)).status, 403, path)
    const login = await visitor(app).post('/login', { person: 'bob', password: 'pw-bob', totp: '100005' }, headers)
    assert.equal(login.status, 403)
    assert.equal(login.headers.get('set-cookie'), null)
    assert.deepEqual([state.decided, state.stops, state.logins], [[], [], 1])
  })
}

test('a form of another content type, or of none, does nothing', async () => {
  const { app, state } = world()
  const browser = visitor(app)
  await browser.signIn('bob', { next: AT })
  await browser.get(AT)
  const body = new URLSearchParams({ csrf: browser.csrf, digest: 'd'.repeat(64) }).toString()
  const bytes = new TextEncoder().encode(body)
  for (const type of [undefined, '', 'text/plain', 'application/json', 'multipart/form-data; boundary=x', 'null']) {
    const headers = { ...HOME, Cookie: browser.cookie, ...(type === undefined ? {} : { 'Content-Type': type }) }
    const response = await app.request(`${AT}/approve`, { method: 'POST', body: bytes, headers })
    assert.equal(response.status, 400, String(type))
  }
  assert.deepEqual(state.decided, [])
})

test('a form without the token of its own sign-in does nothing', async () => {
  const { app, state } = world()
  const [bob, erin] = [visitor(app), visitor(app)]
  await bob.signIn('bob', { next: AT })
  await erin.signIn('erin')
  await erin.get('/approvals')
  await bob.get(AT)
  for (const csrf of [erin.csrf, `${bob.csrf}x`, bob.csrf.toUpperCase(), '', 'x'])
    assert.equal((await bob.post(`${AT}/approve`, { csrf, digest: 'd'.repeat(64) })).status, 403, csrf)
  assert.deepEqual(state.decided, [])
})

test('a form without a sign-in is told that it did nothing', async () => {
  const { app, state } = world()
  const seen = await visitor(app).post(`${AT}/approve`, { csrf: 'x', digest: 'd'.repeat(64) })
  assert.equal(seen.status, 401)
  assert.match(seen.text, /Nothing was done/)
  assert.deepEqual(state.decided, [])
})

test('the stream of news asks for the cookie and tells states of what one may see', async () => {
  const { app, state } = world()
  const browser = visitor(app)
  await browser.signIn('bob')
  const response = await app.request('/console/events', { headers: { Cookie: browser.cookie } })
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const reader = response.body?.getReader()
  await reader?.read()
  const approval = state.approvals.get(APPROVAL)
  assert.ok(approval)
  for (const listener of state.listeners) listener({ kind: 'settled', approval: { ...approval, state: 'denied' } })
  const chunk: unknown = (await reader?.read())?.value
  const line = chunk instanceof Uint8Array ? new TextDecoder().decode(chunk) : ''
  assert.equal(line, `event: approval\ndata: {"id":"${APPROVAL}","state":"denied"}\n\n`)
  await reader?.cancel()
})
