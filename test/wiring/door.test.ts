import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { listen } from '../../src/proxy/listener.ts'
import { CodedError } from '../../src/std/errors.ts'
import { openDoor } from '../../src/wiring/door.ts'

const refusalOf = async (name: 'postgres' | 'http', open: () => Promise<unknown>): Promise<CodedError> => {
  const thrown: unknown = await openDoor(name, { host: '127.0.0.1', port: 6432 }, open).catch((error: unknown) => error)
  assert.ok(thrown instanceof CodedError)
  return thrown
}

const failing = (code: string) => (): Promise<never> => Promise.reject(Object.assign(new Error('listen'), { code }))

test('a taken port names the listener, the address and the key to change', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const serve = (): Promise<void> => Promise.resolve()
  const refusal = await refusalOf('postgres', () => listen({ host: '127.0.0.1', port, maxConnections: 1, serve }))
  taken.close()
  assert.match(refusal.message, /the postgres listener .* 127\.0\.0\.1:6432 is taken .* listen\.postgres/)
})

for (const [code, words] of [
  ['EACCES', /below 1024/],
  ['EADDRNOTAVAIL', /no address of this machine/],
] as const) {
  test(`${code} is said in words`, async () => {
    assert.match((await refusalOf('http', failing(code))).message, words)
  })
}

test('any other fault stays what it is', async () => {
  await assert.rejects(openDoor('http', { host: '127.0.0.1', port: 1 }, failing('EMFILE')), { code: 'EMFILE' })
})
