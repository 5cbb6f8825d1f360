import assert from 'node:assert/strict'
import { generateKeyPairSync, KeyObject } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import ssh2, { Client, type Connection } from 'ssh2'
import { printPrivateKey } from '../../../src/protocol/ssh/private-key.ts'
import { prepareKeys } from '../../../src/proxy/ssh/prepared-keys.ts'

const part = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined

/** The library's add-on has an instance of its own, with the key inside. */
function isPrepared(peer: unknown): boolean {
  const protocol = part(peer, '_protocol')
  const [cipher, decipher] = [part(protocol, '_cipher'), part(protocol, '_decipher')]
  if (part(cipher, '_instance') !== undefined) return part(decipher, '_instance') !== undefined
  return part(cipher, '_encKey') instanceof KeyObject && part(decipher, '_decipherKey') instanceof KeyObject
}

test('the library that is installed has its keys prepared at both ends, after each key exchange, and still understands itself', async (t) => {
  // Of those that the library makes, one in 256 cannot be read by the library.
  const { privateKey } = generateKeyPairSync('ed25519')
  const hostKey = printPrivateKey(privateKey, { comment: '', check: 7 }).secret
  const algorithms = { cipher: ['aes128-gcm@openssh.com'] } as const
  const met: Connection[] = []
  const server = new ssh2.Server(
    { hostKeys: [hostKey], algorithms: { cipher: [...algorithms.cipher] } },
    (connection) => {
      met.push(connection)
      prepareKeys(connection)
      connection.on('error', () => undefined)
      connection.on('authentication', (context) => context.accept())
      connection.on('session', (accept) => {
        accept().on('exec', (take) => {
          const channel = take()
          channel.write('understood')
          channel.exit(0)
          channel.end()
        })
      })
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new Client()
  t.after(() => {
    client.destroy()
    server.close()
  })
  prepareKeys(client)
  const { port } = server.address() as AddressInfo
  client.connect({ host: '127.0.0.1', port, username: 'x', password: 'y' })
  await once(client, 'ready')
  for (const round of ['first', 'second']) {
    assert.ok(isPrepared(client) && isPrepared(met[0]), round)
    const text = await new Promise<string>((resolve, reject) => {
      client.exec('x', (error, channel) => {
        if (error === undefined) channel.on('data', (bytes: Buffer) => resolve(bytes.toString())).resume()
        else reject(error)
      })
    })
    assert.equal(text, 'understood')
    if (round === 'first') {
      const again = once(client, 'handshake')
      const protocol = part(client, '_protocol')
      Reflect.apply(part(protocol, 'rekey') as () => void, protocol, [])
      await again
    }
  }
})

test('another library is left alone', () => {
  const other = Object.assign(new EventEmitter(), {
    _protocol: { _cipher: { _encKey: 'a word' }, _decipher: undefined },
  })
  prepareKeys(other as unknown as Connection)
  other.emit('handshake')
  assert.equal(other._protocol._cipher._encKey, 'a word')
})
