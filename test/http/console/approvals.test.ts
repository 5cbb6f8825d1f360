import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName } from '../../../src/model/ids.ts'
import { APPROVAL, approval, DIGEST, hold, SESSION, world } from '../world.ts'
import type { World } from '../world.ts'
import { freshCode, visitor } from './visitor.ts'

const AT = `/approvals/${APPROVAL}`

/** Somebody who followed the link and signed in for it. */
async function atLink(app: World['app'], person = 'bob') {
  const browser = visitor(app)
  await browser.signIn(person, { next: AT })
  return { browser, page: await browser.get(AT) }
}

test('bob signs in from the link and approves with that sign-in, once', async () => {
  const { app, state } = world()
  const { browser, page } = await atLink(app)
  assert.match(page.text, /DELETE FROM payments/)
  assert.match(page.text, /Approve: DELETE on public.payments/)
  assert.match(page.text, /No filter that counts/)
  assert.doesNotMatch(page.text, /name="totp"/, 'the sign-in is fresh enough')
  const before = browser.cookie
  const done = await browser.post(`${AT}/approve`, { digest: DIGEST, read: 'yes' })
  assert.deepEqual([done.status, done.location], [303, AT])
  assert.notEqual(browser.cookie, before, 'the key changes with a proved factor')
  assert.equal(state.approvals.get(APPROVAL)?.state, 'approved')
  assert.deepEqual(state.purposes, [])
  const after = await browser.get(AT)
  assert.match(after.text, /You approved it/)
  assert.match(after.text, /bob approved it at 2026-11-22 00:00:00 UTC/)
  assert.doesNotMatch(after.text, /Approve: DELETE/)
  assert.doesNotMatch((await browser.get(AT)).text, /You approved it/, 'said once')
})

test('a sign-in for one approval is no factor for another, nor later, nor twice', async () => {
  const { app, state, clock } = world()
  const terms = approval().holds
  state.approvals.set(
    APPROVAL,
    approval({ holds: terms.map((one) => ({ ...one, need: 2 })), expiresAt: approval().createdAt + 3_600_000 }),
  )
  const elsewhere = visitor(app)
  await elsewhere.signIn('bob', { next: '/approvals' })
  assert.match((await elsewhere.get(AT)).text, /name="totp"/)
  assert.equal((await elsewhere.post(`${AT}/approve`, { digest: DIGEST })).status, 403)
  const { browser } = await atLink(app, 'erin')
  assert.equal((await browser.post(`${AT}/approve`, { digest: DIGEST })).status, 303)
  await browser.get(AT)
  assert.equal((await browser.post(`${AT}/deny`, { digest: DIGEST, reason: 'no' })).status, 403)
  const late = await atLink(app)
  clock.advance(600_000)
  assert.equal((await late.browser.post(`${AT}/approve`, { digest: DIGEST })).status, 403)
  assert.equal(state.approvals.get(APPROVAL)?.state, 'open')
})

test('a denial needs a reason and a code, and says so to the one who asked', async () => {
  const { app, state } = world()
  const browser = visitor(app)
  await browser.signIn('bob')
  await browser.get(AT)
  assert.equal((await browser.post(`${AT}/deny`, { digest: DIGEST, totp: freshCode() })).status, 400)
  assert.equal((await browser.post(`${AT}/deny`, { digest: DIGEST, reason: 'wait' })).status, 403)
  const wrong = await browser.post(`${AT}/deny`, { digest: DIGEST, reason: 'wait', totp: '999999' })
  assert.equal(wrong.status, 403)
  assert.match(wrong.text, /The one-time code was not accepted/)
  assert.equal(state.approvals.get(APPROVAL)?.state, 'open')
  const done = await browser.post(`${AT}/deny`, { digest: DIGEST, reason: 'wait', totp: freshCode() })
  assert.equal(done.status, 303)
  assert.deepEqual(state.purposes, [`deny ${APPROVAL}`, `deny ${APPROVAL}`])
  const alice = await atLink(app, 'alice')
  assert.match(alice.page.text, /bob denied it at .*: wait/)
})

test('one cookie sent ten times at once uses its sign-in once', async () => {
  const { app, state } = world()
  state.approvals.set(APPROVAL, approval({ holds: approval().holds.map((one) => ({ ...one, need: 2 })) }))
  const { browser } = await atLink(app)
  const answers = await Promise.all(Array.from({ length: 10 }, () => browser.post(`${AT}/approve`, { digest: DIGEST })))
  assert.equal(state.decided.length, 1)
  assert.ok(answers.every(({ status }) => [303, 403].includes(status)))
  assert.equal(state.approvals.get(APPROVAL)?.decisions.length, 1)
})

test('the key before a decision opens nothing once the moment of grace is over', async () => {
  const { app, clock } = world()
  const { browser } = await atLink(app)
  const before = browser.cookie
  await browser.post(`${AT}/approve`, { digest: DIGEST })
  const other = visitor(app)
  other.cookie = before
  assert.equal((await other.get(AT)).status, 200, 'a press that was already under way')
  clock.advance(10_000)
  assert.equal((await other.get(AT)).status, 303)
  assert.equal((await browser.get(AT)).status, 200)
})

test('a stale tab is told who decided what and when, and decides nothing', async () => {
  const { app, state } = world()
  const [bob, erin] = [await atLink(app), await atLink(app, 'erin')]
  await erin.browser.post(`${AT}/deny`, { digest: DIGEST, reason: 'not before the backup' })
  const stale = await bob.browser.post(`${AT}/approve`, { digest: DIGEST })
  assert.equal(stale.status, 409)
  assert.match(stale.text, /Nothing was decided now. erin denied it at 2026-11-22 00:00:00 UTC: not before the backup/)
  assert.doesNotMatch(stale.text, /action="[^"]*\/approve"/)
  assert.match(stale.text, new RegExp(`data-self="${AT}"`), 'a reload asks for the page, not for the form again')
  assert.equal(state.decided.length, 1)
})

test('another digest than the one that was shown decides nothing', async () => {
  const { app, state } = world()
  const { browser } = await atLink(app)
  assert.equal((await browser.post(`${AT}/approve`, { digest: 'e'.repeat(64) })).status, 409)
  assert.deepEqual(state.decided, [])
})

test('a field that stands twice or that nobody knows is refused', async () => {
  const { app, state } = world()
  const { browser } = await atLink(app)
  assert.equal((await browser.post(`${AT}/approve`, { digest: DIGEST, person: 'erin' })).status, 400)
  const headers = {
    'Sec-Fetch-Site': 'same-origin',
    Origin: 'null',
    Cookie: browser.cookie,
    'Content-Type': 'application/x-www-form-urlencoded',
  }
  const body = `csrf=${browser.csrf}&digest=${DIGEST}&digest=${DIGEST}`
  assert.equal((await app.request(`${AT}/approve`, { method: 'POST', headers, body })).status, 400)
  assert.deepEqual(state.decided, [])
})

test('twenty bots that fetch the link decide nothing', async () => {
  const { app, state } = world()
  const { browser } = await atLink(app)
  const bots = ['Slackbot-LinkExpanding 1.0', 'facebookexternalhit/1.1', 'SkypeUriPreview', 'Googlebot/2.1']
  const paths = [AT, `${AT}/approve`, `${AT}/deny`, `${AT}/approve?digest=${DIGEST}&csrf=${browser.csrf}`]
  for (const method of ['GET', 'HEAD'])
    for (const agent of bots)
      for (const path of paths)
        for (const cookie of ['', browser.cookie]) {
          const headers = { 'User-Agent': agent, Cookie: cookie }
          const { status } = await app.request(path, { method, headers })
          assert.ok([200, 303, 404].includes(status), `${method} ${path} ${status}`)
        }
  assert.deepEqual(state.decided, [])
  assert.equal(state.approvals.get(APPROVAL)?.state, 'open')
})

test('whoever asked sees it without a form and may take it back; a forged post is refused', async () => {
  const { app, state } = world()
  const { browser, page } = await atLink(app, 'alice')
  assert.match(page.text, /You asked for this/)
  assert.doesNotMatch(page.text, /\/approve"/)
  assert.equal((await browser.post(`${AT}/approve`, { digest: DIGEST })).status, 403)
  assert.deepEqual(state.decided, [])
  assert.equal((await browser.post(`${AT}/withdraw`, {})).status, 303)
  assert.equal(state.approvals.get(APPROVAL)?.state, 'withdrawn')
})

test('who may not see it is told that there is nothing', async () => {
  const { app, state } = world()
  const { browser, page } = await atLink(app, 'mallory')
  assert.equal(page.status, 404)
  assert.doesNotMatch(page.text, /payments|alice|cards/)
  const forms = { approve: { digest: DIGEST }, deny: { digest: DIGEST, reason: 'x', totp: '100001' }, withdraw: {} }
  for (const [verb, fields] of Object.entries(forms))
    assert.equal((await browser.post(`${AT}/${verb}`, fields)).status, 404, verb)
  assert.deepEqual(state.decided, [])
})

test('the inbox has first what one may decide, then one’s own, then the rest', async () => {
  const { app, state } = world()
  const mine = approval({
    id: 'a_mine00000000' as typeof APPROVAL,
    person: personName('bob'),
    human: personName('bob'),
  })
  state.approvals.set(mine.id, mine)
  const browser = visitor(app)
  await browser.signIn('bob')
  const { text } = await browser.get('/approvals')
  const [first, own] = [text.indexOf(`/approvals/${APPROVAL}`), text.indexOf(`/approvals/${mine.id}`)]
  assert.ok(text.indexOf('Waits for you') < first && first < text.indexOf('You asked for'))
  assert.ok(text.indexOf('You asked for') < own)
  assert.match(text, /1<span class="unseen"> waiting for you/)
  await browser.signIn('carol')
  const auditor = await browser.get('/approvals')
  assert.match(auditor.text, /Nothing waits for you/)
  assert.match(auditor.text, /Waits for others/)
})

test('what has run out of time waits for nobody', async () => {
  const { app, clock } = world()
  const browser = visitor(app)
  await browser.signIn('bob')
  assert.ok((await browser.get('/approvals')).text.includes(APPROVAL))
  clock.advance(900_000)
  assert.ok(!(await browser.get('/approvals')).text.includes(APPROVAL))
})

test('the history filters by its address, exports the same, and shows nobody more than they may see', async () => {
  const { app, state } = world()
  const formula = { message: 'x', rule: 'r', effect: 'hold' as const, severity: 'low' as const }
  const denied = approval({
    id: 'a_denied000000' as typeof APPROVAL,
    state: 'denied',
    redacted: ['=HYPERLINK("http://evil")'],
    matches: [formula],
  })
  state.approvals.set(denied.id, denied)
  const browser = visitor(app)
  await browser.signIn('carol')
  const all = await browser.get('/approvals/history')
  assert.ok(all.text.includes(denied.id) && all.text.includes(APPROVAL))
  const some = await browser.get('/approvals/history?state=denied')
  assert.ok(some.text.includes(denied.id) && !some.text.includes(APPROVAL))
  assert.match(some.text, /<option value="denied" selected/)
  assert.match(some.text, /href="\/approvals\/history\?state=denied&amp;format=csv"/)
  const csv = await browser.get('/approvals/history?state=denied&format=csv')
  assert.match(csv.headers.get('content-type') ?? '', /text\/csv/)
  assert.match(csv.text, /,"'=HYPERLINK/, 'no formula for a spreadsheet')
  assert.match((await browser.get('/approvals/history?state=bogus&text=zzz')).text, /No approval fits/)
  await browser.signIn('mallory')
  assert.doesNotMatch((await browser.get('/approvals/history')).text, /a_denied|payments/)
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
  test(`${payload} is inert text in every field of an approval`, async () => {
    const { app, state } = world()
    const relation = { oid: 1, schema: payload, name: payload, kind: 'table' as const, classes: [payload] }
    const shown = hold(payload, {
      writes: [{ ...relation, system: false, via: payload }],
      functions: [{ schema: payload, name: payload, oids: [], builtin: false }],
      settings: [{ name: payload, value: payload, scope: 'session' as const }],
      classes: [payload],
      gaps: [payload],
      complete: false,
    })
    const [first] = shown.statements
    assert.ok(first?.statement.kind === 'sql')
    const parameters = [{ type: 25, format: 'text' as const, value: Buffer.from(payload) }]
    state.shown.set(APPROVAL, {
      ...shown,
      ...{ database: payload, account: payload, searchPath: [payload] },
      statements: [{ ...first, statement: { ...first.statement, parameters } }],
    })
    const erin = personName('erin')
    const said = {
      person: erin,
      human: erin,
      kind: 'approve' as const,
      roles: ['approver'] as const,
      reason: payload,
      at: 0,
    }
    const change = {
      matches: [{ rule: payload, effect: 'hold' as const, severity: 'high' as const, message: payload }],
      redacted: [payload],
      decisions: [said],
    }
    state.approvals.set(APPROVAL, approval(change))
    const { browser, page } = await atLink(app)
    const pages = [
      page,
      await browser.get('/approvals'),
      await browser.get(`/approvals/history?text=${encodeURIComponent(payload)}`),
    ]
    state.approvals.set(
      APPROVAL,
      approval({ ...change, state: 'unknown', detail: payload, reason: payload, settledAt: 0 }),
    )
    for (const { status, text } of [...pages, await browser.get(AT)]) {
      assert.equal(status, 200)
      assert.doesNotMatch(text, /<script(?! src="\/console\/)|<img|<svg|<b>alert|onerror=alert\(1\)>|\s'?onmouseover=/)
      assert.doesNotMatch(text, /href="javascript/)
    }
  })
}

test('what deceives stands as a mark on the page, with a warning before it and a tick before the button', async () => {
  const { app, state } = world()
  state.shown.set(APPROVAL, hold(`SELECT 1 /* \u202e */;${' '.repeat(4000)}DELETE FROM cаrds`))
  const { page } = await atLink(app)
  assert.match(page.text, /<mark title="bidi">U\+202E right-to-left override<\/mark>/)
  assert.match(page.text, /<mark title="blank-run">U\+0020 4000 blanks, 0 line ends<\/mark>DELETE/)
  assert.match(page.text, /<mark title="look-alike">U\+0430 reads like &quot;a&quot;<\/mark>/)
  assert.match(
    page.text,
    /Look closely: the text holds direction control, long blank run, looks like another character/,
  )
  assert.match(page.text, /name="read" value="yes" required/)
  assert.doesNotMatch(page.text, /\u202e/)
})

test('the decision stands after the whole text, and no text is cut', async () => {
  const { app, state } = world()
  const long = `DELETE FROM payments WHERE id IN (${Array.from({ length: 9000 }, (_, at) => at).join(', ')})`
  state.shown.set(APPROVAL, hold(long))
  const { page } = await atLink(app)
  assert.ok(page.text.includes('8998, 8999)'))
  assert.ok(page.text.indexOf('8998, 8999)') < page.text.indexOf('Approve: '))
})

test('what cannot be shown whole has no approve form', async () => {
  const { app, state } = world()
  state.shown.delete(APPROVAL)
  const { page } = await atLink(app)
  assert.doesNotMatch(page.text, /\/approve"/)
  assert.match(page.text, /\/deny"/)
  assert.match(page.text, /nobody can approve it here/)
})

test('an odd id reaches neither a path nor a header', async () => {
  const { app } = world()
  for (const id of ['%0d%0aSet-Cookie:x=1', '..%2f..%2fx', '%22%3E%3Cscript%3E', 'a'.repeat(5000)]) {
    const browser = visitor(app)
    const away = await browser.get(`/approvals/${id}`)
    assert.equal(away.status, 303)
    assert.match(away.location ?? '', /^\/login(\?next=[\w%.-]*)?$/)
    await browser.signIn('bob')
    const { status, text, headers } = await browser.get(`/approvals/${id}`)
    assert.equal(status, 404)
    assert.equal(headers.get('set-cookie'), null)
    assert.doesNotMatch(text, /<script>/)
  }
})

test('a reason of five megabytes is refused with a page, and nothing is decided', async () => {
  const { app, state } = world()
  const { browser } = await atLink(app)
  const seen = await browser.post(`${AT}/deny`, { digest: DIGEST, reason: 'x'.repeat(5_000_000) })
  assert.equal(seen.status, 413)
  assert.match(seen.text, /Nothing was done/)
  assert.deepEqual(state.decided, [])
})

test('a fault shows a page without a word of it, and the operator is told', async () => {
  const { app, state, deps } = world()
  Object.assign(deps.approvals, { list: () => Promise.reject(new Error('secret detail')) })
  const browser = visitor(app)
  await browser.signIn('bob')
  const { status, text } = await browser.get('/approvals')
  assert.equal(status, 500)
  assert.match(text, /Something failed on our side/)
  assert.doesNotMatch(text, /secret detail/)
  assert.equal(state.faults.length, 1)
})

test('an address that leads nowhere says so inside the console', async () => {
  const { app } = world()
  const browser = visitor(app)
  await browser.signIn('bob')
  const { status, text } = await browser.get('/access/nothing/here')
  assert.equal(status, 404)
  assert.match(text, /There is no such page/)
})

test('the session behind an approval is a link for those who may follow it, and a name for everybody else', async () => {
  const { app } = world()
  const link = `href="/sessions/${SESSION}"`
  for (const [name, follows] of [
    ['alice', true],
    ['bob', false],
    ['carol', true],
  ] as const) {
    const browser = visitor(app)
    await browser.signIn(name)
    const { text } = await browser.get(`/approvals/${APPROVAL}`)
    assert.ok(text.includes(SESSION), name)
    assert.equal(text.includes(link), follows, name)
    assert.equal((await browser.get(`/sessions/${SESSION}`)).status, follows ? 200 : 404, name)
  }
})

test('line feeds and withheld values of our own are no odd characters in lists; typed ones are', async () => {
  const { app, state } = world()
  const token = { withheld: 'text', bytes: 9 } as const
  state.approvals.set(APPROVAL, approval({ redacted: ['DELETE\nFROM t WHERE a = ', token, " AND b = '‹text 9›'"] }))
  const bob = visitor(app)
  await bob.signIn('bob')
  for (const path of ['/approvals', '/approvals/history']) {
    const { text } = await bob.get(path)
    assert.match(text, /DELETE FROM t WHERE a = ‹text 9›/, path)
    assert.doesNotMatch(text, /U\+000A/, path)
    assert.match(text, /U\+2039/, path)
  }
})
