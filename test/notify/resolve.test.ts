import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createResolve } from '../../src/notify/resolve.ts'

/** A name server that answers when a test says so. */
function nameServer() {
  const asked = new Map<string, PromiseWithResolvers<readonly string[]>>()
  const resolve = createResolve((host) => {
    const answer = Promise.withResolvers<readonly string[]>()
    asked.set(host, answer)
    return answer.promise
  })
  return { asked, resolve, names: () => [...asked.keys()] }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a name server that hangs holds two lookups, however many are asked for', async () => {
  const { asked, resolve, names } = nameServer()
  const all = ['a', 'b', 'c', 'd'].map((host) => resolve(host))
  await settle()
  assert.deepEqual(names(), ['a', 'b'])
  asked.get('a')?.resolve(['192.0.2.1'])
  assert.deepEqual(await all[0], ['192.0.2.1'])
  await settle()
  assert.deepEqual(names(), ['a', 'b', 'c'])
  asked.get('b')?.reject(new Error('no such host'))
  await assert.rejects(all[1] ?? Promise.resolve(), /no such host/)
  await settle()
  assert.deepEqual(names(), ['a', 'b', 'c', 'd'])
})

test('a host that is being looked up is not asked for beside it, and is asked for anew afterwards', async () => {
  const { asked, resolve } = nameServer()
  const both = [resolve('a'), resolve('a')]
  await settle()
  asked.get('a')?.resolve(['192.0.2.1'])
  assert.deepEqual(await Promise.all(both), [['192.0.2.1'], ['192.0.2.1']])
  asked.clear()
  void resolve('a')
  await settle()
  assert.deepEqual([...asked.keys()], ['a'])
})
