import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApi } from '../../src/http/api.ts'
import { scriptFakes } from './script-fakes.ts'
import { APPROVAL, approval, call, world } from './world.ts'
import type { World } from './world.ts'

async function stream(app: World['app'], who: string) {
  const response = await call(app, who, { path: '/api/v1/events' })
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  assert.ok(response.body)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  return { next: async () => (await reader.read()).value, cancel: () => reader.cancel() }
}

test('a change reaches those who may see it as id and state, and nobody else', async () => {
  const { app, state, clock } = world()
  const [bob, mallory] = [await stream(app, 'bob'), await stream(app, 'mallory')]
  assert.equal(await bob.next(), 'retry: 3000\n\n')
  assert.equal(await mallory.next(), 'retry: 3000\n\n')
  for (const listener of state.listeners) listener({ kind: 'opened', approval: approval() })
  assert.equal(await bob.next(), `event: approval\ndata: {"id":"${APPROVAL}","state":"open"}\n\n`)
  clock.advance(15_000)
  assert.equal(await mallory.next(), ': beat\n\n')
  await Promise.all([bob.cancel(), mallory.cancel()])
})

test('the stream of a person who is disabled ends at the next line', async () => {
  const { app, state, clock } = world()
  const bob = await stream(app, 'bob')
  await bob.next()
  state.disabled.add('bob')
  clock.advance(15_000)
  assert.equal(await bob.next(), undefined)
  assert.equal(state.listeners.size, 0)
})

test('a HEAD opens no stream, at any number', async () => {
  const { app, state } = world()
  for (let n = 0; n < 600; n += 1) {
    const { status } = await call(app, 'mallory', { method: 'HEAD', path: '/api/v1/events' })
    assert.equal(status, 200)
  }
  assert.equal(state.listeners.size, 0)
  assert.equal((await call(app, 'bob', { path: '/api/v1/events' })).status, 200)
})

test('one person cannot take every place: who has thirty streams gets no more, and everybody else does', async () => {
  const { app } = world()
  const open = async (who: string): Promise<number> => (await call(app, who, { path: '/api/v1/events' })).status
  const own = await Promise.all(Array.from({ length: 31 }, () => open('mallory')))
  assert.deepEqual([own.filter((status) => status === 200).length, own.at(-1)], [30, 503])
  assert.equal(await open('bob'), 200)
})

test('a reader that does not read is not kept waiting for', async () => {
  const { app, state } = world()
  const response = await call(app, 'bob', { path: '/api/v1/events' })
  const listeners = [...state.listeners]
  for (let n = 0; n < 400 && state.listeners.size > 0; n += 1) {
    for (const listener of listeners) listener({ kind: 'opened', approval: approval() })
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal(state.listeners.size, 0)
  const lines = (await response.text()).split('\n\n')
  assert.ok(lines.length > 200 && lines.length < 300, `${lines.length}`)
})

test('a reader who leaves takes the subscription along', async () => {
  const { app, state } = world()
  const bob = await stream(app, 'bob')
  assert.equal(state.listeners.size, 1)
  await bob.cancel()
  assert.equal(state.listeners.size, 0)
})

test('scripts and reviews are told of as well, to those who may see them', async () => {
  const { deps } = world()
  const fakes = scriptFakes(() => deps.clock.now())
  const own = createApi({ ...deps, scripts: fakes.scripts, reviews: fakes.reviews })
  const [bob, mallory] = [await stream(own, 'bob'), await stream(own, 'mallory')]
  await Promise.all([bob.next(), mallory.next()])
  for (const listener of fakes.state.scriptListeners) listener({ kind: 'decided', script: fakes.state.script })
  for (const listener of fakes.state.reviewListeners) listener(fakes.state.review)
  const { script, review } = fakes.state
  assert.equal(await bob.next(), `event: script\ndata: {"id":"${script.id}","state":"${script.state}"}\n\n`)
  assert.equal(await bob.next(), `event: review\ndata: {"id":"${review.id}","state":"open"}\n\n`)
  await Promise.all([bob.cancel(), mallory.cancel()])
  assert.deepEqual([fakes.state.scriptListeners.size, fakes.state.reviewListeners.size], [0, 0])
})
