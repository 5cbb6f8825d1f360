import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName } from '../../../src/model/ids.ts'
import { PROPOSAL } from '../identity-fakes.ts'
import { PEOPLE, world } from '../world.ts'
import { freshCode, visitor } from './visitor.ts'

async function admin(changes: Parameters<typeof world>[0] = {}) {
  const running = world(changes)
  const browser = visitor(running.app)
  await browser.signIn('adam')
  await browser.get('/people')
  return { ...running, browser }
}

test('people are for those who watch and those who administer', async () => {
  const { app } = world()
  for (const { name, roles } of PEOPLE) {
    const browser = visitor(app)
    await browser.signIn(name)
    const may = roles.some((role) => ['admin', 'security', 'auditor'].includes(role))
    for (const path of ['/people', '/people/alice', '/people?format=csv'])
      assert.equal((await browser.get(path)).status, may ? 200 : 403, `${name} ${path}`)
    assert.equal(/href="\/people"/.test((await browser.get('/account')).text), may, name)
  }
})

test('only an admin has the forms, and a forged form of another changes nothing and spends no factor', async () => {
  const { app, state } = world()
  const carol = visitor(app)
  await carol.signIn('carol')
  const { text } = await carol.get('/people/alice')
  assert.doesNotMatch(text, /action="\/people/)
  const posts: [string, Record<string, string>][] = [
    ['/people/invite', { person: 'new' }],
    ['/people/alice/roles', { 'role-admin': 'yes' }],
    ['/people/alice/reset', {}],
    ['/people/alice/disable', {}],
    ['/people/alice/stop', { reason: 'x' }],
    [`/people/proposals/${PROPOSAL}/confirm`, {}],
  ]
  for (const [path, fields] of posts)
    assert.equal((await carol.post(path, { ...fields, totp: freshCode() })).status, 403, path)
  assert.deepEqual([state.purposes, state.stops], [[], []])
})

test('the list filters by its address and exports', async () => {
  const { browser } = await admin()
  const some = await browser.get('/people?role=approver')
  assert.ok(some.text.includes('/people/bob') && !some.text.includes('/people/carol"'))
  assert.match((await browser.get('/people?text=zzz')).text, /Nobody fits/)
  const csv = await browser.get('/people?format=csv&role=auditor')
  assert.equal(csv.text.split('\r\n').length, 3)
  assert.match(csv.text, /carol,auditor,active/)
})

test('an invite makes a link that is shown once', async () => {
  const { browser, state } = await admin()
  const made = await browser.post('/people/invite', { person: 'nina', 'role-engineer': 'yes', totp: freshCode() })
  assert.match(made.text, /https:\/\/countersign.example\/welcome\/t{43}/)
  assert.match(made.text, /nina comes in by this link as engineer/)
  assert.equal(made.headers.get('cache-control'), 'no-store')
  assert.deepEqual(state.purposes, ['invite'])
  assert.doesNotMatch((await browser.get('/people')).text, /welcome\/t/)
  assert.equal((await browser.post('/people/invite', { person: 'No Name', totp: freshCode() })).status, 400)
  assert.equal((await browser.post('/people/invite', { person: 'nina', totp: '999999' })).status, 403)
})

test('a change of roles where it takes two waits, and says so', async () => {
  const { browser, state } = await admin()
  await browser.get('/people/mallory')
  const done = await browser.post('/people/mallory/roles', { 'role-approver': 'yes', reason: '', totp: freshCode() })
  assert.equal(done.location, '/people/mallory')
  assert.deepEqual(state.purposes, ['propose'])
  const page = await browser.get('/people/mallory')
  assert.match(page.text, /It waits for a second admin/)
  assert.match(page.text, /mallory gets exactly these roles: approver/)
})

test('a proposal of somebody else is confirmed or rejected with a factor', async () => {
  const dave = { ...PEOPLE[0], name: personName('root'), roles: ['admin' as const] }
  assert.ok(dave.createdAt !== undefined)
  const { browser, state } = await admin()
  assert.match(
    (await browser.get('/people')).text,
    /local:root<\/b>\s+proposes: mallory gets exactly these roles: approver/,
  )
  const path = `/people/proposals/${PROPOSAL}`
  assert.equal((await browser.post(`${path}/reject`, {})).status, 403)
  assert.equal((await browser.post(`${path}/reject`, { totp: freshCode() })).status, 303)
  assert.deepEqual(state.purposes, [`reject ${PROPOSAL}`])
  assert.match((await browser.get('/people')).text, /Rejected: nothing changes/)
})

test('disabling needs a factor, names the person, and is never about oneself', async () => {
  const disabled: unknown[] = []
  const { browser, state } = await admin({
    people: {
      list: () => Promise.resolve(PEOPLE),
      disable: (name, actor) => Promise.resolve({ ok: true as const }).finally(() => disabled.push([name, actor.by])),
    },
  })
  await browser.get('/people/alice')
  assert.equal((await browser.post('/people/alice/disable', {})).status, 403)
  assert.equal((await browser.post('/people/adam/disable', { totp: freshCode() })).status, 403)
  assert.deepEqual([disabled, state.purposes], [[], []])
  assert.equal((await browser.post('/people/alice/disable', { totp: freshCode() })).status, 303)
  assert.deepEqual([disabled, state.purposes], [[['alice', 'adam']], ['disable alice']])
})

test('a person is stopped with a reason and a factor', async () => {
  const { browser, state } = await admin()
  await browser.get('/people/alice')
  const done = await browser.post('/people/alice/stop', { reason: 'incident 7', totp: freshCode() })
  assert.equal(done.status, 303)
  assert.deepEqual(state.stops, [
    { scope: 'person', name: 'alice', reason: 'incident 7', by: 'adam', origin: '192.0.2.7' },
  ])
  assert.match((await browser.get('/people/alice')).text, /alice is stopped: 1 sessions, 2 holds, 3 grants ended/)
})

test('an account that nobody has is not found', async () => {
  const { browser } = await admin()
  for (const path of ['/people/nobody', '/people/%3Cscript%3E']) assert.equal((await browser.get(path)).status, 404)
})
