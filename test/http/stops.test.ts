import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, json, SESSION, world } from './world.ts'

const V1 = '/api/v1'
const STOP = { path: `${V1}/stop`, body: { scope: 'target', name: 'cards', reason: 'incident 7', factor: '100001' } }
const stopping = (changes: object) => ({ ...STOP, body: { ...STOP.body, ...changes } })

test('a stop says who ordered it, from where and why, and answers with what it ended', async () => {
  const { app, state } = world()
  const answer = await json(await call(app, 'dan', STOP))
  assert.deepEqual(answer, { scope: 'target', name: 'cards', sessions: 1, holds: 2, grants: 3, credentials: 4 })
  const ordered = { scope: 'target', name: 'cards', reason: 'incident 7', by: 'dan', origin: '192.0.2.7' }
  assert.deepEqual(state.stops, [ordered])
  assert.deepEqual(state.purposes, ['stop target cards'])
})

test('a stop takes a fresh factor, each once, and a wrong one stops nothing', async () => {
  const { app, state } = world()
  assert.equal((await call(app, 'dan', STOP)).status, 200)
  assert.equal((await call(app, 'dan', STOP)).status, 403)
  assert.equal((await call(app, 'dan', stopping({ factor: '999999' }))).status, 403)
  assert.equal(state.stops.length, 1)
})

test('a stop that names nothing, too much, or what is not there costs no factor', async () => {
  const { app, state } = world()
  const wrong: readonly (readonly [object, number])[] = [
    [{ scope: 'everything' }, 400],
    [{ name: undefined }, 400],
    [{ scope: 'person', name: undefined }, 400],
    [{ name: 'nowhere' }, 404],
    [{ scope: 'session', name: 'alice' }, 404],
    [{ scope: 'planet' }, 400],
    [{ reason: '  ' }, 400],
    [{ reason: 'x'.repeat(501) }, 400],
    [{ factor: undefined }, 400],
    [{ by: 'adam' }, 400],
  ]
  for (const [changes, status] of wrong)
    assert.equal((await call(app, 'dan', stopping(changes))).status, status, JSON.stringify(changes))
  assert.deepEqual([state.stops, state.purposes], [[], []])
})

test('everything needs no name, and a session its id', async () => {
  const { app, state } = world()
  assert.equal((await call(app, 'adam', stopping({ scope: 'everything', name: undefined }))).status, 200)
  assert.equal((await call(app, 'dan', stopping({ scope: 'session', name: SESSION }))).status, 200)
  assert.equal(state.stops.length, 2)
})

test('a person who is not there is not found', async () => {
  const { app } = world()
  assert.equal((await call(app, 'dan', stopping({ scope: 'person', name: 'nobody' }))).status, 404)
})

test('a resume takes a fresh factor too, and says where nothing was stopped', async () => {
  const { app, state } = world()
  const resume = (changes: object) => call(app, 'dan', { ...stopping(changes), path: `${V1}/resume` })
  assert.equal((await resume({})).status, 200)
  assert.equal((await resume({})).status, 403)
  assert.equal((await resume({ scope: 'session' })).status, 400)
  assert.equal((await resume({ scope: 'everything', name: undefined, factor: '100002' })).status, 404)
  assert.equal(state.resumed.length, 2)
})

test('whoever is stopped is told so before a factor is spent, and lets nobody in again', async () => {
  const plain = world()
  const standing = { scope: 'person', name: 'dan', by: 'adam', reason: 'a laptop', at: 0 } as const
  const { app, state } = world({ stops: { ...plain.deps.stops, standing: () => Promise.resolve([standing]) } })
  const resume = { ...stopping({ scope: 'person', name: 'dan' }), path: `${V1}/resume` }
  assert.equal((await json(await call(app, 'dan', resume)))['code'], 'stopped')
  assert.deepEqual([plain.state.resumed, state.purposes], [[], []])
  assert.equal((await call(app, 'adam', resume)).status, 404)
})

test('what is stopped is listed with who and why', async () => {
  const { app } = world()
  assert.deepEqual(await json(await call(app, 'carol', { path: `${V1}/stops` })), {
    stops: [
      { scope: 'target', name: 'vault', by: 'dan', reason: 'incident 7', at: '2026-11-22T00:00:00.000Z' },
      { scope: 'person', name: 'trudy', by: 'dan', reason: 'incident 8', at: '2026-11-22T00:00:00.000Z' },
    ],
  })
})

test('everybody ends their own session, and nobody but the kill switch another one', async () => {
  const { app, state } = world()
  const end = { path: `${V1}/sessions/${SESSION}/terminate`, body: { reason: 'forgot it open' } }
  assert.equal((await call(app, 'mallory', end)).status, 404)
  assert.equal((await call(app, 'carol', end)).status, 403)
  assert.equal((await call(app, 'alice', end)).status, 200)
  assert.deepEqual(state.terminated, [{ id: SESSION, by: 'alice', origin: '192.0.2.7', reason: 'forgot it open' }])
})
