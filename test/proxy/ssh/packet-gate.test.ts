import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import ssh2, { Client, type Connection } from 'ssh2'
import { guardPackets } from '../../../src/proxy/ssh/packet-gate.ts'
import { about, asking, content, globally, opening, run, say } from '../../support/ssh-packets.ts'

/** Both ends of one connection of the library that is installed, each looked at by a gate. */
async function pair(t: TestContext) {
  const faults = { client: new Array<string>(), target: new Array<string>() }
  const met = Promise.withResolvers<Connection>()
  const channels: ssh2.ServerChannel[] = []
  const server = new ssh2.Server({ hostKeys: [ssh2.utils.generateKeyPairSync('ed25519').private] }, (connection) => {
    const gate = guardPackets(connection, { from: 'client', onFault: (words) => faults.client.push(words) })
    assert.ok(gate)
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => {
      gate.loggedIn()
      context.accept()
    })
    connection.on('session', (accept) => accept().on('exec', (take) => void channels.push(take())))
    connection.on('request', () => undefined)
    met.resolve(connection)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new Client()
  client.on('error', () => undefined)
  client.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, username: 'x', password: 'y' })
  assert.ok(guardPackets(client, { from: 'target', onFault: (words) => faults.target.push(words) }))
  await once(client, 'ready')
  t.after(() => {
    client.destroy()
    server.close()
  })
  return { client, door: await met.promise, channels, faults }
}

const seen = async (list: readonly string[]): Promise<string> => {
  while (list.length === 0) await setTimeout(5)
  return list[0] ?? ''
}

describe('in front of the library that is installed', { timeout: 20_000 }, () => {
  test('a client that sends more than its window is told from one that fills it', async (t) => {
    const { client, channels, faults } = await pair(t)
    await run(client, 'x')
    // Nobody reads at the door. The library opens its window anew until two mebibytes lie there.
    for (let piece = 0; piece < 64; piece += 1) say(client, content(0, Buffer.alloc(32_768)))
    await new Promise((resolve) => client.exec('y', resolve))
    assert.equal(channels[0]?.readableLength, 2 * 1024 * 1024)
    assert.deepEqual(faults.client, [])
    for (let piece = 0; piece < 120; piece += 1) say(client, content(1, Buffer.alloc(32_000)))
    assert.match(await seen(faults.client), /a window for/)
  })

  test('so is a target, which is not read any more then', async (t) => {
    const { client, door, faults } = await pair(t)
    const channel = await run(client, 'x')
    for (let piece = 0; piece < 120; piece += 1) say(door, content(0, Buffer.alloc(32_000)))
    assert.match(await seen(faults.target), /a window for/)
    assert.ok(channel.readableLength < 3.5 * 1024 * 1024)
  })

  test('what a target sends behind its end is dropped, and the channel lives', async (t) => {
    const { client, door, channels } = await pair(t)
    const channel = await run(client, 'x')
    const failed: Error[] = []
    channel.on('error', (error: Error) => failed.push(error))
    say(door, about(96, 0))
    say(door, content(0, 'behind'))
    channel.resume()
    await once(channel, 'end')
    channel.write('still read')
    const [bytes] = (await once(channels[0] ?? new EventEmitter(), 'data')) as [Buffer]
    assert.deepEqual([bytes.toString(), failed], ['still read', []])
  })

  test('a target that opens a channel with packets for nothing is refused, and one that confirms so ends', async (t) => {
    const { client, door, faults } = await pair(t)
    const refusals: unknown[] = []
    const handlers = Reflect.get(Reflect.get(door, '_protocol') as object, '_handlers') as Record<string, unknown>
    handlers['CHANNEL_OPEN_FAILURE'] = (...[, ...told]: unknown[]) => refusals.push(told)
    say(door, opening(5, { packet: 0, kind: 'forwarded-tcpip' }))
    while (refusals.length === 0) await setTimeout(5)
    assert.deepEqual(refusals, [[5, 1, 'countersign: a channel has to take packets of at least 1024 bytes']])
    say(door, Uint8Array.of(91, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0))
    assert.match(await seen(faults.target), /at least 1024 bytes/)
    client.destroy()
  })

  test('requests that pile up behind one that waits are a fault', async (t) => {
    const { client, faults } = await pair(t)
    // The door leaves it without an answer, as it does while a person is asked.
    client.forwardIn('127.0.0.1', 0, () => undefined)
    for (let count = 0; count < 1000; count += 1) say(client, globally('keepalive@openssh.com', true))
    assert.match(await seen(faults.client), /too many requests wait/)
  })

  test('a request on a channel that runs is answered with failure, once', async (t) => {
    const { client, channels } = await pair(t)
    const channel = await run(client, 'x')
    const answers: unknown[] = []
    ;(Reflect.get(channel, '_callbacks') as unknown[]).push((failed: unknown) => answers.push(failed))
    say(client, asking(0, 'exec', true, ['another']))
    while (answers.length === 0) await setTimeout(5)
    say(client, asking(0, 'exec', false, ['a third']))
    await run(client, 'elsewhere')
    assert.deepEqual([answers, channels.length], [[true], 2])
  })
})

test('another library lets nobody in', () => {
  const others = [
    {},
    { _protocol: {}, _chanMgr: { _channels: {}, remove: () => undefined } },
    { _protocol: { _onPayload: () => undefined }, _chanMgr: undefined },
  ]
  for (const other of others)
    assert.equal(
      guardPackets(Object.assign(new EventEmitter(), other) as unknown as Connection, {
        from: 'client',
        onFault: () => undefined,
      }),
      undefined,
    )
})
