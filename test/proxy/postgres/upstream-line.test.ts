import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Line } from '../../../src/proxy/postgres/upstream-line.ts'
import { systemClock } from '../../../src/std/clock.ts'

/** Both ends of a line, which reads for itself or leaves that to TLS. */
async function connected(context: TestContext, tls: boolean): Promise<{ line: Line; peer: Socket }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const [line, [peer]] = await Promise.all([
    Line.open({ host: '127.0.0.1', port: address.port, clock: systemClock, deadlineMs: 10_000, tls }),
    once(server, 'connection') as Promise<[Socket]>,
  ])
  context.after(() => {
    peer.destroy()
    server.close()
  })
  return { line, peer }
}

/** Bytes of which no stretch is like another. */
const said = (length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32BE(at, at)
  return bytes
}

for (const tls of [false, true]) {
  test(`what comes before anybody listens comes first, and no byte changes once it was given (${tls ? 'TLS' : 'plain'})`, async (context) => {
    const { line, peer } = await connected(context, tls)
    const whole = said(3_000_000)
    peer.write(whole.subarray(0, 1000))
    assert.deepEqual(await line.read(400), whole.subarray(0, 400))
    const socket = await line.release()
    peer.end(whole.subarray(1000))
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(socket, 'end')
    assert.ok(Buffer.concat(chunks).equals(whole.subarray(400)))
  })

  test(`a paused socket gives nothing until it is resumed, and then everything in order (${tls ? 'TLS' : 'plain'})`, async (context) => {
    const { line, peer } = await connected(context, tls)
    const whole = said(1_000_000)
    const socket = await line.release()
    const chunks: Buffer[] = []
    let isPaused = false
    socket.on('data', (chunk: Buffer) => {
      assert.equal(isPaused, false)
      chunks.push(chunk)
      isPaused = true
      socket.pause()
      setImmediate(() => {
        isPaused = false
        socket.resume()
      })
    })
    peer.end(whole)
    await once(socket, 'end')
    assert.ok(Buffer.concat(chunks).equals(whole))
  })
}
