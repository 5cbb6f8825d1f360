import assert from 'node:assert/strict'
import { test } from 'node:test'
import { targetName } from '../../src/model/ids.ts'
import { fakeSsh, KEY } from './ssh-fakes.ts'
import { call, json, world } from './world.ts'

const AT = '/api/v1/keys'

function setting() {
  const fakes = fakeSsh()
  const made = world({ ssh: fakes })
  const post = async (path: string, body: unknown) => {
    const response = await call(made.app, 'alice', { path, body })
    return { status: response.status, ...(await json(response)) }
  }
  return { ...made, fakes, post }
}

test('a key is added with a fresh factor, spent on that, and shown without its comment', async () => {
  const { app, state, post } = setting()
  const added = await post(AT, { key: 'ssh-ed25519 AAAA me@here', name: 'desk', factor: '100001' })
  assert.deepEqual([added.status, 'name' in added && added.name], [201, 'desk'])
  assert.deepEqual(state.purposes, ['add ssh key'])
  const listed = await json(await call(app, 'alice', { path: AT }))
  assert.match(JSON.stringify(listed), /"name":"laptop".*"usedAt":null.*"name":"desk"/)
})

test('without a factor, or with a wrong one, nothing is added or removed', async () => {
  const { app, fakes, post } = setting()
  assert.equal((await post(AT, { key: 'ssh-ed25519 AAAA' })).status, 400)
  assert.equal((await post(AT, { key: 'ssh-ed25519 AAAA', factor: '999999' })).status, 403)
  assert.equal((await post(`${AT}/${KEY}/remove`, {})).status, 400)
  assert.equal((await post(`${AT}/${KEY}/remove`, { factor: '999999' })).status, 403)
  assert.deepEqual(fakes.removed, [])
  assert.equal(JSON.stringify(await json(await call(app, 'alice', { path: AT }))).match(/"id"/g)?.length, 1)
})

test('what cannot be added or is not there costs no code', async () => {
  const { state, post } = setting()
  const refused = await post(AT, { key: 'garbage', factor: '100001' })
  assert.deepEqual([refused.status, 'detail' in refused && refused.detail], [400, 'this is no key'])
  assert.equal((await post(`${AT}/k_unknown/remove`, { factor: '100001' })).status, 404)
  assert.deepEqual(state.purposes, [])
})

test('a key that is somebody’s already is a conflict that says what to do', async () => {
  const { post } = setting()
  const taken = await post(AT, { key: 'ssh-ed25519 AAAA bob', factor: '100001' })
  assert.deepEqual([taken.status, 'code' in taken && taken.code], [409, 'key-taken'])
})

test('a certificate comes without a factor only right after a sign-in', async () => {
  const { post, fakes, deps, state } = setting()
  assert.equal((await post('/api/v1/ssh-certificate', { key: 'ssh-ed25519 AAAA' })).status, 201)
  const later = world({ ssh: fakes, login: { ...deps.login, isRecent: () => Promise.resolve(false) } })
  const ask = async (body: object) =>
    (await call(later.app, 'alice', { path: '/api/v1/ssh-certificate', body: { key: 'ssh-ed25519 AAAA', ...body } }))
      .status
  assert.equal(await ask({}), 403)
  assert.equal(await ask({ factor: '100001' }), 201)
  assert.deepEqual(state.purposes, ['ssh certificate'])
  assert.equal(await ask({ forSeconds: 28_801 }), 400)
  assert.equal(await ask({ forSeconds: 1 }), 400)
})

test('a server without an SSH listener says so', async () => {
  const { app } = world({ ssh: { ...fakeSsh(), door: () => undefined } })
  for (const request of [
    { path: '/api/v1/ssh-host-key' },
    { path: '/api/v1/ssh-certificate', body: { key: 'ssh-ed25519 A' } },
  ]) {
    const response = await call(app, 'alice', request)
    assert.deepEqual([response.status, (await json(response))['code']], [409, 'no-ssh'])
  }
})

test('a credential for a host comes with an address of ssh that holds no secret', async () => {
  const web = { protocol: 'ssh', database: '', account: 'deploy', tags: [] } as const
  const made = world()
  const { app } = world({ targets: { ...made.deps.targets, all: () => [{ ...web, name: targetName('cards') }] } })
  const minted = await json(
    await call(app, 'alice', { path: '/api/v1/credentials', body: { target: 'cards', forSeconds: 900 } }),
  )
  assert.equal(minted['dsn'], 'ssh://alice%40cards@127.0.0.1:6022')
})
