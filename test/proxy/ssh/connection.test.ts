import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { Builder } from '../../../src/bytes/builder.ts'
import { writeWord } from '../../../src/protocol/ssh/fields.ts'
import { createStartups, STARTUP_LIMITS } from '../../../src/proxy/ssh/startups.ts'
import { sshDoor, type Door } from '../../support/ssh-door.ts'

/** A client of bytes alone. */
class Raw {
  readonly socket: Socket
  #seen = Buffer.alloc(0)
  readonly ended: Promise<void>

  constructor(t: TestContext, port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('error', () => undefined)
    this.socket.on('data', (chunk: Buffer) => {
      this.#seen = Buffer.concat([this.#seen, chunk])
    })
    this.ended = new Promise((resolve) => this.socket.on('close', () => resolve()))
    t.after(() => this.socket.destroy())
  }

  get text(): string {
    return this.#seen.toString('latin1')
  }

  /** Waits for so many bytes behind the first line. */
  async packet(): Promise<Buffer> {
    for (;;) {
      const from = this.#seen.indexOf('\n') + 1
      const body = this.#seen.subarray(from)
      if (from > 0 && body.length >= 4 && body.length >= 4 + body.readUInt32BE(0)) return body
      await new Promise((resolve) => this.socket.once('data', resolve))
    }
  }

  async greeted(): Promise<void> {
    while (!this.text.includes('\n')) await new Promise((resolve) => this.socket.once('data', resolve))
  }
}

/** The name lists of a KEXINIT (RFC 4253, 7.1). */
function listsOf(packet: Buffer): readonly string[][] {
  assert.equal(packet[5], 20)
  const lists: string[][] = []
  let at = 22
  for (let list = 0; list < 10; list += 1) {
    const length = packet.readUInt32BE(at)
    lists.push(packet.toString('latin1', at + 4, at + 4 + length).split(','))
    at += 4 + length
  }
  return lists
}

/** A KEXINIT with these ciphers for the two directions. */
function proposing(toServer: string, toClient = toServer): Buffer {
  const lists = [
    'curve25519-sha256',
    'ssh-ed25519',
    toServer,
    toClient,
    'hmac-sha2-256',
    'hmac-sha2-256',
    'none',
    'none',
    '',
    '',
  ]
  const builder = new Builder().u8(20).bytes(randomBytes(16))
  for (const list of lists) writeWord(builder, list)
  const payload = builder.u8(0).u32(0).finish()
  const padding = 16 - ((payload.length + 5) % 8)
  return new Builder()
    .u32(1 + payload.length + padding)
    .u8(padding)
    .bytes(payload)
    .bytes(new Uint8Array(padding))
    .finish()
}

async function left(door: Door, client: Raw): Promise<string[]> {
  await client.ended
  // The door notes it once its own side of the socket is closed.
  while (door.failures.length === 0) await new Promise((resolve) => setImmediate(resolve))
  return door.failures.map(({ why }) => why)
}

test('the listener offers modern algorithms alone, and the strict key exchange', async (t) => {
  const door = await sshDoor(t)
  const client = new Raw(t, door.port)
  client.socket.write('SSH-2.0-test\r\n')
  client.socket.write(proposing('aes256-ctr', 'aes128-gcm@openssh.com'))
  const [kex = [], hostKeys, ciphers = [], , macs = [], , compression] = listsOf(await client.packet())
  assert.ok(client.text.startsWith('SSH-2.0-countersign sftp=OpenSSH_9.2\r\n'), client.text.slice(0, 40))
  assert.deepEqual(kex, [
    ...['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384'],
    ...['ecdh-sha2-nistp521', 'diffie-hellman-group16-sha512', 'diffie-hellman-group14-sha256'],
    'kex-strict-s-v00@openssh.com',
  ])
  assert.deepEqual(hostKeys, ['ssh-ed25519'])
  assert.deepEqual(ciphers, [
    ...['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr'],
  ])
  assert.deepEqual(compression, ['none'])
  for (const name of [...kex, ...ciphers, ...macs]) assert.doesNotMatch(name, /sha1|cbc|md5|arcfour|chacha|group1-/)
})

describe('of the ciphers it is offered', () => {
  const GCM = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com']
  const offered = async (client: Raw): Promise<readonly string[][]> => listsOf(await client.packet()).slice(2, 4)

  test('a client that has a fast one for both directions sees no other, however little it likes that one', async (t) => {
    const door = await sshDoor(t)
    for (const fast of GCM) {
      const client = new Raw(t, door.port)
      client.socket.write('SSH-2.0-test\r\n')
      client.socket.write(proposing(`chacha20-poly1305@openssh.com,aes128-ctr,${fast}`))
      assert.deepEqual(await offered(client), [GCM, GCM])
    }
  })

  test('what it proposes is read however it is cut', async (t) => {
    const door = await sshDoor(t)
    const client = new Raw(t, door.port)
    for (const byte of Buffer.concat([Buffer.from('SSH-2.0-test\r\n'), proposing(`aes128-ctr,${GCM.join()}`)])) {
      client.socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.deepEqual(await offered(client), [GCM, GCM])
  })

  test('a client that waits for our proposal sees all of them, after a moment', async (t) => {
    const after = (ms: number, callback: () => void): (() => void) => {
      if (ms < 1000) setImmediate(callback)
      return () => undefined
    }
    const door = await sshDoor(t, { after })
    const client = new Raw(t, door.port)
    client.socket.write('SSH-2.0-test\r\n')
    const [toServer = []] = await offered(client)
    assert.ok(toServer.includes('aes256-ctr') && toServer.includes('aes128-gcm@openssh.com'), toServer.join())
  })
})

test('the host key and the CAs are made on first start, for their owner alone, and stay', async (t) => {
  const door = await sshDoor(t)
  const folder = path.join(door.folder, 'keys')
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  for (const name of ['ssh_host_ed25519_key', 'ssh_people_ca', 'ssh_targets_ca']) {
    assert.equal(statSync(path.join(folder, name)).mode & 0o777, 0o600, name)
    assert.ok(existsSync(path.join(folder, `${name}.pub`)), name)
  }
  assert.ok(readFileSync(path.join(folder, 'ssh_host_ed25519_key.pub'), 'utf8').startsWith(door.door.hostKey.line))
})

describe('a client that is none', () => {
  const GARBAGE: readonly [what: string, bytes: Buffer | string][] = [
    ['HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['TLS', Buffer.from('16030100a5010000a1', 'hex')],
    ['the first version of SSH', 'SSH-1.5-old\r\n'],
    ['a line in front of the identification', 'hello\r\nSSH-2.0-x\r\n'],
    ['an identification without end', `SSH-2.0-${'x'.repeat(300)}`],
    ['a megabyte of nothing', Buffer.alloc(1_048_576)],
  ]
  for (const [what, bytes] of GARBAGE)
    test(`but sends ${what} is told so at once and noted`, async (t) => {
      const door = await sshDoor(t)
      const client = new Raw(t, door.port)
      client.socket.write(bytes)
      assert.deepEqual(await left(door, client), ['no SSH client'])
      assert.match(
        client.text,
        /^SSH-2\.0-countersign sftp=OpenSSH_9\.2\r\nThis is an SSH server: what it was sent is no SSH\r\n/,
      )
      assert.equal(door.entered.length, 0)
    })

  test('but sends packets of noise behind a good identification is ended and noted', async (t) => {
    for (const noise of [randomBytes(4096), Buffer.from([0, 0, 0, 0]), Buffer.alloc(64, 0xff)]) {
      const door = await sshDoor(t)
      const client = new Raw(t, door.port)
      client.socket.write(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), noise]))
      const whys = await left(door, client)
      assert.equal(whys.length, 1)
      assert.match(whys[0] ?? '', /broken packet|key exchange that failed|broken connection|left before/)
    }
  })

  test('but looks and leaves is nobody’s business', async (t) => {
    const door = await sshDoor(t)
    const client = new Raw(t, door.port)
    await client.greeted()
    client.socket.end()
    await client.ended
    assert.deepEqual(door.failures, [])
  })
})

describe('a client that never logs in', () => {
  test('and never says what it is, is ended when the time for the key exchange is over', async (t) => {
    const door = await sshDoor(t)
    const client = new Raw(t, door.port)
    await client.greeted()
    door.clock.advance(9_999)
    assert.equal(client.socket.closed, false)
    door.clock.advance(1)
    assert.deepEqual(await left(door, client), ['no key exchange in time'])
  })

  test('takes up one of few places, and gives it back', async (t) => {
    const door = await sshDoor(t, { startups: createStartups({ ...STARTUP_LIMITS, total: 10, perSource: 2 }, () => 0) })
    const idle = [new Raw(t, door.port), new Raw(t, door.port)]
    await Promise.all(idle.map((client) => client.greeted()))
    const third = new Raw(t, door.port)
    await third.ended
    assert.equal(third.text, 'Too many connections from here have not logged in; try again in a moment\r\n')
    idle[0]?.socket.destroy()
    await idle[0]?.ended
    let fourth = new Raw(t, door.port)
    await fourth.greeted()
    while (!fourth.text.startsWith('SSH-')) {
      fourth = new Raw(t, door.port)
      await fourth.greeted()
    }
  })
})
