import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { listen } from '../../src/proxy/listener.ts'

const host = '127.0.0.1'

test('a listener tells the port that it was given, serves, and is closed when what it served has ended', async () => {
  const served: Socket[] = []
  const listener = await listen({ host, port: 0, maxConnections: 10, serve: (socket) => Promise.resolve(void served.push(socket)) }) // prettier-ignore
  const client = connect(listener.port, host)
  await once(client, 'connect')
  while (served.length === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(served[0]?.isPaused(), 'nothing is read before somebody asks')
  let closed = false
  const closing = listener.close().then(() => (closed = true))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(closed, false)
  client.destroy()
  served[0]?.destroy()
  await closing
})

test('a connection above the limit is closed and not served', async () => {
  let served = 0
  const sockets: Socket[] = []
  const serve = (socket: Socket): Promise<void> => {
    served += 1
    sockets.push(socket)
    return Promise.resolve()
  }
  const listener = await listen({ host, port: 0, maxConnections: 1, serve })
  const first = connect(listener.port, host)
  await once(first, 'connect')
  const second = connect(listener.port, host)
  second.on('error', () => undefined)
  second.resume()
  await once(second, 'close')
  assert.equal(served, 1)
  first.destroy()
  for (const socket of sockets) socket.destroy()
  await listener.close()
})

test('a taken port is an error that names it', async () => {
  const serve = (): Promise<void> => Promise.resolve()
  const listener = await listen({ host, port: 0, maxConnections: 1, serve })
  await assert.rejects(listen({ host, port: listener.port, maxConnections: 1, serve }), { code: 'EADDRINUSE' })
  await listener.close()
})
