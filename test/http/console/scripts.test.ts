import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName } from '../../../src/model/ids.ts'
import { REVIEW, script, SCRIPT } from '../script-fakes.ts'
import { APPROVAL, DIGEST, FACTS, world } from '../world.ts'
import { freshCode, visitor } from './visitor.ts'

const AT = `/scripts/${SCRIPT}`

test('a script is shown whole, part by part, and approved as one', async () => {
  const { app, state } = world()
  const bob = visitor(app)
  await bob.signIn('bob')
  assert.match((await bob.get('/approvals')).text, /alice: a script of 2 statements/)
  const page = await bob.get(AT)
  for (const part of [
    'DELETE FROM payments;',
    'SELECT 1',
    'release 42',
    'OPS-7',
    '1 of 2',
    '2 of 2',
    'pci/unfiltered-write',
  ])
    assert.ok(page.text.includes(part), part)
  assert.ok(page.text.indexOf('SELECT 1') < page.text.indexOf('Approve the script of alice'))
  assert.equal((await bob.post(`${AT}/approve`, { digest: DIGEST, read: 'yes' })).status, 403)
  assert.equal((await bob.post(`${AT}/approve`, { digest: 'e'.repeat(64), totp: freshCode() })).status, 409)
  const done = await bob.post(`${AT}/approve`, { digest: DIGEST, read: 'yes', totp: freshCode() })
  assert.equal(done.location, AT)
  assert.match((await bob.get(AT)).text, /You approved it. alice may run it now, once/)
  assert.deepEqual(state.purposes, [`approve ${SCRIPT}`])
})

test('a denied script tells a stale tab who denied it', async () => {
  const { app } = world()
  const [bob, erin] = [visitor(app), visitor(app)]
  await bob.signIn('bob')
  await erin.signIn('erin')
  await bob.get(AT)
  await erin.get(AT)
  const denied = { digest: DIGEST, reason: 'not in daytime', totp: freshCode() }
  assert.equal((await erin.post(`${AT}/deny`, denied)).status, 303)
  const stale = await bob.post(`${AT}/approve`, { digest: DIGEST, totp: freshCode() })
  assert.equal(stale.status, 409)
  assert.match(stale.text, /Nothing was decided now. erin denied it at .*: not in daytime/)
})

test('whoever submitted it withdraws and decides nothing; others find nothing', async () => {
  const { app } = world()
  const [alice, mallory] = [visitor(app), visitor(app)]
  await alice.signIn('alice')
  assert.match((await alice.get(AT)).text, /You submitted this/)
  assert.equal((await alice.post(`${AT}/approve`, { digest: DIGEST, totp: freshCode() })).status, 403)
  await mallory.signIn('mallory')
  assert.equal((await mallory.get(AT)).status, 404)
  assert.doesNotMatch((await mallory.get('/scripts')).text, new RegExp(SCRIPT))
  assert.equal((await mallory.post(`${AT}/approve`, { digest: DIGEST, totp: freshCode() })).status, 404)
  assert.equal((await alice.post(`${AT}/withdraw`, {})).status, 303)
})

test('markup in a script is text', async () => {
  const payload = '</pre><script>alert(1)</script>'
  const base = world()
  const hostile = script({ reason: payload, ticket: payload, redacted: [payload] })
  const content = base.deps.scripts.content(hostile)
  const scripts = {
    ...base.deps.scripts,
    find: () => Promise.resolve(hostile),
    list: () => Promise.resolve([hostile]),
    content: () => ({
      ...content,
      text: payload,
      searchPath: [payload],
      parts: [{ start: 0, end: 31, facts: FACTS }],
    }),
  }
  const { app } = world({ scripts })
  const bob = visitor(app)
  await bob.signIn('bob')
  for (const path of [AT, '/scripts', '/approvals'])
    assert.doesNotMatch((await bob.get(path)).text, /<script(?! src="\/console\/)/, path)
})

test('the glass is broken by those alone who may, with an incident, a reason and a factor', async () => {
  const { app, state } = world()
  const [alice, bob] = [visitor(app), visitor(app)]
  await alice.signIn('alice')
  const at = `/approvals/${APPROVAL}`
  assert.match((await alice.get(at)).text, /Clears this statement without a second person. Everybody is told at once/)
  await bob.signIn('bob')
  assert.doesNotMatch((await bob.get(at)).text, /break-glass/)
  const words = { digest: DIGEST, incident: 'INC-1', reason: 'the site is down' }
  assert.equal((await bob.post(`${at}/break-glass`, { ...words, totp: freshCode() })).status, 403)
  assert.equal((await alice.post(`${at}/break-glass`, words)).status, 403)
  assert.equal((await alice.post(`${at}/break-glass`, { ...words, incident: '<b>', totp: freshCode() })).status, 400)
  assert.equal(state.approvals.get(APPROVAL)?.state, 'open')
  assert.equal((await alice.post(`${at}/break-glass`, { ...words, totp: freshCode() })).status, 303)
  assert.match((await alice.get(at)).text, /The glass is broken/)
  assert.deepEqual(state.purposes, [`break-glass ${APPROVAL}`])
})

test('somebody else signs the review, with a remark and a factor', async () => {
  const { app, state } = world()
  const [alice, dan] = [visitor(app), visitor(app)]
  await alice.signIn('alice')
  const own = await alice.get('/reviews')
  assert.match(own.text, /INC-1/)
  assert.doesNotMatch(own.text, /\/sign"/)
  assert.equal((await alice.post(`/reviews/${REVIEW}/sign`, { remark: 'fine', totp: freshCode() })).status, 403)
  await dan.signIn('dan')
  assert.match((await dan.get('/approvals')).text, /waits for your review: 1/)
  await dan.get('/reviews?state=open')
  assert.equal((await dan.post(`/reviews/${REVIEW}/sign`, { remark: 'seen', totp: freshCode() })).status, 303)
  assert.match((await dan.get(`/reviews/${REVIEW}`)).text, /dan<\/b>\s+signed it: seen/)
  assert.deepEqual(state.purposes, [`sign ${REVIEW}`])
  assert.match((await dan.get('/reviews?state=open')).text, /There is nothing to review/)
})

test('what was nearly denied before, a favour that would be returned, and who was told stand on the page', async () => {
  const { app, state } = world()
  const erin = personName('erin')
  const at = state.approvals.get(APPROVAL)
  assert.ok(at)
  const said = { person: erin, human: erin, kind: 'deny' as const, roles: ['approver'] as const, reason: 'no', at: 0 }
  const denied = { ...at, id: 'a_denied000000' as typeof APPROVAL, state: 'denied' as const, decisions: [said] }
  state.approvals.set(denied.id, denied)
  state.favour = { of: 'a_favour000000', at: at.createdAt }
  state.lapsed = [erin]
  const told = { channel: 'oncall', kind: 'webhook' as const, message: 'approval.opened', state: 'failed' as const }
  state.deliveries.push({ subject: `approval:${APPROVAL}`, shown: { ...told, attempts: 3, at: 0, reason: 'refused' } })
  const bob = visitor(app)
  await bob.signIn('bob')
  const { text } = await bob.get(`/approvals/${APPROVAL}`)
  assert.match(text, /Nearly this was denied before:\s+the same words as a_denied000000, which erin denied/)
  assert.match(text, /Do not return a favour/)
  assert.match(text, /The yes of erin counts no longer/)
  assert.match(text, /oncall<\/b>.*that it waits.*failed.*3 attempts: refused/s)
})
