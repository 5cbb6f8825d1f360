import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApiDeps } from '../../src/http/api.ts'
import { freshCode, HOME, visitor } from './console/visitor.ts'
import { call, world } from './world.ts'

const V1 = '/api/v1'

/** Who was turned away where and why, in their order. */
function door() {
  const told: string[] = []
  const onTurned: NonNullable<ApiDeps['onTurned']> = ({ by = '?', route, why }) =>
    void told.push(`${by} ${route} ${why}`)
  return { ...world({ onTurned }), told }
}

test('the API tells of a dead token, a missing role and another site, and not of a request without any token', async () => {
  const { app, told } = door()
  await call(app, undefined, { path: `${V1}/me` })
  await app.request(`${V1}/me`, { headers: { Authorization: 'Bearer cst_of_nobody_at_all_here' } })
  await call(app, 'alice', { path: `${V1}/people` })
  const evil = { Authorization: 'Bearer x', Origin: 'https://evil.example', 'Content-Type': 'application/json' }
  await app.request(`${V1}/access-requests`, { method: 'POST', headers: evil, body: '{}' })
  assert.deepEqual(told, ['? me token', 'alice people role', '? askAccess cross-site'])
})

test('the console tells of the same: a dead sign-in, a missing role, another site and another page’s form', async () => {
  const { app, told } = door()
  const alice = visitor(app)
  await alice.get('/approvals')
  await alice.signIn('alice')
  await alice.get('/approvals')
  assert.deepEqual(told, [], 'nobody without a cookie has tried anything')
  assert.equal((await alice.get('/people')).status, 403)
  assert.equal((await alice.get('/health')).status, 403)
  assert.equal((await alice.post('/access', { csrf: 'forged' })).status, 403)
  assert.equal((await alice.post('/access', {}, { Origin: 'https://evil.example' })).status, 403)
  await alice.post('/logout', {})
  alice.cookie = '__Host-countersign=of-nobody-at-all'
  await alice.get('/sessions')
  await alice.get('/sessions', { 'x-countersign-refresh': '1' })
  assert.deepEqual(told, [
    'alice console:people role',
    'alice console:health role',
    'alice console:access cross-site',
    '? console:access cross-site',
    '? console:sessions token',
  ])
})

test('a wish for access that cannot be read is told, at the API and in the console; a wrong code is not', async () => {
  const { app, told } = door()
  const ask = (body: object) => call(app, 'alice', { path: `${V1}/access-requests`, body })
  assert.equal((await ask({ target: 'cards', reason: 'x'.repeat(2001), forMs: 60_000 })).status, 400)
  assert.equal((await ask({ target: 'cards' })).status, 400)
  const alice = visitor(app)
  await alice.signIn('alice')
  await alice.get('/access')
  assert.equal((await alice.post('/access', { target: 'cards', for: 'soon', reason: 'r' }, HOME)).status, 400)
  const dan = visitor(app)
  await dan.signIn('dan')
  await dan.get('/health')
  await dan.post('/health/stop', { scope: 'everything', reason: 'fire', totp: '000000' })
  await dan.post('/health/stop', { scope: 'everything', reason: 'fire', totp: freshCode() })
  assert.deepEqual(told, ['alice askAccess invalid', 'alice askAccess invalid', 'alice console:access invalid'])
})
