import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CancelKeys } from '../../../src/proxy/postgres/cancel-keys.ts'

test('a key cancels its own session, another secret or number cancels nothing', async () => {
  const keys = new CancelKeys()
  const cancelled: string[] = []
  const issue = (name: string) => keys.issue(() => Promise.resolve(void cancelled.push(name)))
  const [one, other] = [issue('one'), issue('other')]
  await keys.cancel(one.pid, other.secret)
  await keys.cancel(one.pid, Buffer.alloc(0))
  await keys.cancel(0, one.secret)
  assert.deepEqual(cancelled, [])
  await keys.cancel(one.pid, one.secret)
  assert.deepEqual(cancelled, ['one'])
  keys.revoke(one)
  await keys.cancel(one.pid, one.secret)
  assert.deepEqual(cancelled, ['one'])
})

test('whoever asked is answered when the request has reached the target, so that it cannot hit what they send next', async () => {
  const keys = new CancelKeys()
  const reached = Promise.withResolvers<undefined>()
  const { pid, secret } = keys.issue(async () => {
    await reached.promise
  })
  const order: string[] = []
  const asked = keys.cancel(pid, secret).then(() => order.push('answered'))
  await Promise.resolve()
  order.push('reached')
  reached.resolve(undefined)
  await asked
  assert.deepEqual(order, ['reached', 'answered'])
})
