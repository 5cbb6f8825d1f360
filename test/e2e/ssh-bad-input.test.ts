import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import ssh2 from 'ssh2'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import { keygen, withoutSshd } from '../support/sshd.ts'

const SFTP_ROOM = 64 * 1024 * 1024

/** A client that can be made to say what no client says. */
interface Library {
  readonly client: ssh2.Client
  /** What the door said last, and that it is gone. */
  readonly ended: Promise<string>
  /** A command on a channel of its own. */
  readonly run: (command: string) => Promise<ssh2.ClientChannel>
}

interface Protocol {
  channelData(id: number, bytes: Buffer): void
  channelWindowAdjust(id: number, more: number): void
}

const protocolOf = (client: ssh2.Client): Protocol => Reflect.get(client, '_protocol') as Protocol

/** The public key of nobody. */
function otherKey(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-key-'))
  keygen(['-t', 'ed25519', '-N', '', '-C', 'nobody', '-f', path.join(folder, 'key')])
  const line = readFileSync(path.join(folder, 'key.pub'), 'utf8').trim()
  rmSync(folder, { recursive: true })
  return line
}

describe('input that goes wrong at the door', { skip: withoutSshd, timeout: 120_000 }, () => {
  let stage: SshStage
  before(async () => {
    stage = await sshStage()
  })
  after(() => stage.stop())

  async function library(): Promise<Library> {
    const client = new ssh2.Client()
    const ended = new Promise<string>((resolve) => {
      let said = ''
      client.on('error', (error) => (said ||= error.message))
      client.on('close', () => resolve(said))
    })
    await new Promise((resolve, reject) => {
      client.once('ready', () => resolve(undefined))
      client.once('error', reject)
      client.connect({ host: '127.0.0.1', port: stage.port, username: 'alice@web-1', password: stage.password })
    })
    const run = (command: string): Promise<ssh2.ClientChannel> =>
      new Promise((resolve, reject) =>
        client.exec(command, (error, channel) => (error === undefined ? resolve(channel) : reject(error))),
      )
    return { client, ended, run }
  }

  const textOf = async (channel: ssh2.ClientChannel): Promise<{ out: string; err: string; code: unknown }> => {
    const said = { out: '', err: '' }
    channel.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
    channel.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
    const code = await new Promise((resolve) => channel.once('close', resolve))
    return { ...said, code }
  }
  /** Somebody else gets an ordinary answer meanwhile. */
  const others = async (): Promise<void> => {
    const { status, out } = await stage.run('ssh', ['-F', stage.config, 'web-1', 'echo fine'])
    assert.deepEqual([status, out.toString()], [0, 'fine\n'])
  }

  test('garbage before the banner is told so, noted, and nobody else is kept waiting', async () => {
    const socket: Socket = connect(stage.port, '127.0.0.1')
    let said = ''
    socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')))
    socket.write(Buffer.concat([Buffer.from([0, 1, 2, 0xff, 0x16, 3]), Buffer.from('GET / HTTP/1.1\r\n')]))
    await new Promise((resolve) => socket.once('close', resolve))
    assert.match(said, /This is an SSH server: what it was sent is no SSH/)
    await others()
    assert.match(stage.recorded(), /login\.failed[^\n]*no SSH client/)
  })

  test('a command line of a megabyte is told so in words, ends its own connection alone, and runs nothing', async () => {
    const made = path.join(stage.folder, 'by-a-long-line')
    const { client, ended, run } = await library()
    const beside = textOf(await run('cat'))
    client.exec(`touch ${made}; : ${'x'.repeat(1024 * 1024)}`, () => undefined)
    assert.match(await ended, /^countersign: the client sent a packet of more than 35000 bytes; .*32 KiB/)
    assert.match((await beside).err, /countersign: the client sent a packet of more than 35000 bytes/)
    await others()
    assert.ok(!existsSync(made))
    // The other command had a second to end by itself.
    while (!/"reason":"protocol-error"[^\n]*35000 bytes/.test(stage.recorded())) await setTimeout(20)
  })

  test('OpenSSH shows those words to its person', async () => {
    const { status, err } = await stage.run('ssh', [
      '-F',
      stage.config,
      '-o',
      'LogLevel=INFO',
      'web-1',
      `: ${'x'.repeat(100_000)}`,
    ])
    assert.equal(status, 255)
    assert.match(
      err,
      /Received disconnect from 127\.0\.0\.1 [^\n]*countersign: the client sent a packet of more than 35000 bytes/,
    )
  })

  test('data after the end of a channel goes nowhere, and the channel ends as it would have', async () => {
    const { client, run } = await library()
    const channel = await run('cat; echo end')
    const text = textOf(channel)
    channel.write('before\n')
    const { outgoing } = channel as unknown as { outgoing: { id: number } }
    channel.end()
    await new Promise((resolve) => setImmediate(resolve))
    protocolOf(client).channelData(outgoing.id, Buffer.from('after\n'))
    const { out, code, err } = await text
    assert.deepEqual([out, code], ['before\nend\n', 0])
    assert.equal(err, 'countersign: the client sent data after the end of its input; it was dropped\n')
    assert.deepEqual((await textOf(await run('echo more'))).out, 'more\n')
    client.end()
  })

  test('pieces of no length and windows beyond every number change nothing', async () => {
    const { client, run } = await library()
    const channel = await run('head -c 5000000 /dev/zero | wc -c; cat')
    const { outgoing } = channel as unknown as { outgoing: { id: number } }
    const text = textOf(channel)
    for (let more = 0; more < 3; more += 1) {
      protocolOf(client).channelData(outgoing.id, Buffer.alloc(0))
      protocolOf(client).channelWindowAdjust(outgoing.id, 0xffffffff)
    }
    channel.end('typed')
    assert.deepEqual(await text, { out: '5000000\ntyped', err: '', code: 0 })
    client.end()
  })

  test('keys that are exchanged anew in the middle of a transfer change no byte of it', async () => {
    const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, at) => `${at}\n`).join(''))
    const { status, out, err } = await stage.start(
      'ssh',
      ['-F', stage.config, '-o', 'RekeyLimit=256K', 'web-1', 'cat'],
      {
        input: bytes,
      },
    ).ended
    assert.deepEqual([status, err], [0, ''])
    assert.ok(out.equals(bytes))
  })

  test('a client whose window stays at zero holds up its own output and nothing else', async () => {
    const { client, run } = await library()
    // No adjustment of a window leaves this client: it takes what it announced, and then nothing.
    protocolOf(client).channelWindowAdjust = () => undefined
    const channel = await run('head -c 50000000 /dev/zero; echo never-here')
    channel.on('data', () => undefined)
    await setTimeout(500)
    const before = process.memoryUsage().rss
    await others()
    await setTimeout(500)
    assert.ok(process.memoryUsage().rss - before < SFTP_ROOM)
    client.end()
    await others()
  })

  test('a target that dies in the middle of an sftp upload: the client is told, and the file is recorded as cut', async () => {
    const near = path.join(stage.folder, 'large')
    writeFileSync(near, Buffer.alloc(SFTP_ROOM, 7))
    const far = path.join(stage.folder, 'far')
    const running = stage.start('sftp', ['-F', stage.config, '-oBatchMode=no', '-l', '20000', '-b', '-', 'web-1'], {
      input: `put ${near} ${far}\n`,
    })
    while (!existsSync(far) || statSync(far).size < 1000) await setTimeout(20)
    stage.sshd.dropAll()
    const { status, err } = await running.ended
    assert.notEqual(status, 0)
    assert.match(err, /countersign: the target ended the file transfer/)
    assert.ok(statSync(far).size < SFTP_ROOM)
    while (!/"kind":"ssh\.file"[^\n]*"end":"unknown"/.test(stage.recorded())) await setTimeout(20)
    await others()
  })

  test('a target that dies in the middle of a command: what came is whole, and the client is told', async () => {
    const running = stage.start('ssh', ['-F', stage.config, 'web-1', 'echo first; sleep 60'], { input: null })
    await running.saw('first')
    stage.sshd.dropAll()
    const { status, out, err } = await running.ended
    assert.deepEqual([status, out.toString()], [255, 'first\n'])
    assert.match(err, /the target closed the connection before the command had ended/)
  })
})

test(
  'a target with another host key than the pinned one: its person is told, and nothing was sent to it',
  { skip: withoutSshd },
  async () => {
    const stage = await sshStage({ hostKey: otherKey() })
    const { status, err } = await stage.run('ssh', ['-F', stage.config, 'web-1', 'echo never'])
    assert.equal(status, 255)
    assert.match(
      err,
      /countersign: the target does not show the host key that it is known by, so nothing was sent to it/,
    )
    assert.match(
      readFileSync(path.join(stage.folder, 'countersign.log'), 'utf8'),
      /the host key has changed: expected SHA256/,
    )
    assert.doesNotMatch(stage.sshd.log(), /Accepted/)
    await stage.stop()
  },
)
