import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import {
  about,
  asking,
  content,
  exchangeKeys,
  globally,
  heard,
  letIn,
  opening,
  proposeKeys,
  run,
  say,
  socketOf,
} from '../support/ssh-packets.ts'
import { withoutSshd } from '../support/sshd.ts'

const MIB = 1024 * 1024
const WORDS = /countersign: the client does not speak the protocol as it must: /

describe('a client that breaks the rules of SSH, or floods the door', { skip: withoutSshd, timeout: 60_000 }, () => {
  let stage: SshStage
  before(async () => {
    stage = await sshStage()
  })
  after(() => stage.stop())

  const library = () => letIn(stage.port, stage.password)
  /** Somebody else gets an ordinary answer meanwhile. */
  async function others(): Promise<void> {
    const { status, out } = await stage.run('ssh', ['-F', stage.config, 'web-1', 'echo fine'])
    assert.deepEqual([status, out.toString()], [0, 'fine\n'])
  }
  /** Its number at the door, where nothing else was opened on the connection. */
  const openAsFirst = async (
    ...[client, how]: [Awaited<ReturnType<typeof library>>['client'], object?]
  ): Promise<void> => {
    say(client, opening(0, how))
    await setTimeout(50)
  }

  test('packets of no length for a channel are refused in words, and hold up nobody', async () => {
    const { client } = await library()
    const refused = new Promise<string>((resolve) => {
      const first: unknown = Reflect.get(Reflect.get(client, '_protocol') as object, '_handlers')
      ;(first as Record<string, unknown>)['CHANNEL_OPEN_FAILURE'] = (...[, , , words]: unknown[]) =>
        resolve(String(words))
    })
    for (const packet of [0, 1, 1023]) say(client, opening(packet, { packet }))
    assert.match(await refused, /countersign: a channel has to take packets of at least 1024 bytes/)
    say(client, asking(0, 'exec', true, ['echo never']))
    await others()
    assert.deepEqual(await heard(await run(client, 'echo still here')), { out: 'still here\n', err: '', code: 0 })
    client.end()
  })

  test('channels that are closed before anything was asked for are closed by the door too, and leave nothing', async () => {
    const { client } = await library()
    let closed = 0
    const handlers = Reflect.get(Reflect.get(client, '_protocol') as object, '_handlers') as Record<string, unknown>
    handlers['CHANNEL_CLOSE'] = () => (closed += 1)
    for (let channel = 0; channel < 500; channel += 1) {
      say(client, opening(channel))
      // Twice: the second is for a channel that is not there any more.
      say(client, about(97, channel))
      say(client, about(97, channel))
    }
    while (closed < 500) await setTimeout(10)
    await setTimeout(50)
    assert.equal(closed, 500)
    client.end()
    await others()
  })

  test('more than sixty-four sessions on one connection are refused in words', async () => {
    const { client } = await library()
    const words: string[] = []
    const handlers = Reflect.get(Reflect.get(client, '_protocol') as object, '_handlers') as Record<string, unknown>
    handlers['CHANNEL_OPEN_FAILURE'] = (...[, , , said]: unknown[]) => words.push(String(said))
    for (let channel = 0; channel < 3000; channel += 1) say(client, opening(channel))
    while (words.length < 3000 - 64) await setTimeout(10)
    assert.deepEqual([...new Set(words)], ['countersign: one connection may have 64 sessions open, and has them'])
    await others()
    client.end()
  })

  test('a second command, shell, subsystem or terminal on a channel fails, and the connection lives on', async () => {
    const { client } = await library()
    const channel = await run(client, 'sleep 0.3; echo first')
    const said = heard(channel)
    const { outgoing, _callbacks } = channel as unknown as { outgoing: { id: number }; _callbacks: unknown[] }
    const late: [string, (string | number)[]][] = [
      ['exec', ['touch /tmp/never']],
      ['shell', []],
      ['subsystem', ['sftp']],
      ['pty-req', ['xterm', 80, 24, 0, 0, '']],
      ['env', ['LANG', 'C']],
      ['made-up@example.org', []],
    ]
    const answers = late.map(([name, rest]) => {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      _callbacks.push(resolve)
      say(client, asking(outgoing.id, name, true, rest))
      return promise
    })
    assert.deepEqual(
      await Promise.all(answers),
      late.map(() => true),
    )
    assert.deepEqual(await said, { out: 'first\n', err: '', code: 0 })
    assert.deepEqual(await heard(await run(client, 'echo second')), { out: 'second\n', err: '', code: 0 })
    client.end()
  })

  test('more input than its window allows ends the connection with words', async () => {
    const { client, ended } = await library()
    await openAsFirst(client)
    say(client, asking(0, 'exec', true, ['sleep 30']))
    const before = process.memoryUsage().rss
    for (let piece = 0; piece < 300; piece += 1) say(client, content(0, Buffer.alloc(32_000)))
    assert.match(await ended, new RegExp(`${WORDS.source}more was sent than there is a window for`))
    assert.ok(process.memoryUsage().rss - before < 64 * MIB)
    while (!/"reason":"protocol-error"[^\n]*a window for/.test(stage.recorded())) await setTimeout(10)
    await others()
  })

  test('a window of four gigabytes and a client that does not read: its target waits, and memory stays', async () => {
    const { client } = await library()
    await openAsFirst(client, { window: 0xffff_ffff })
    socketOf(client).pause()
    const before = process.memoryUsage().rss
    say(client, asking(0, 'exec', true, ['head -c 1000000000 /dev/zero']))
    await setTimeout(1500)
    assert.ok(process.memoryUsage().rss - before < 128 * MIB)
    await others()
    socketOf(client).destroy()
  })

  test('the same behind a key exchange that is begun and not ended', async () => {
    const { client } = await library()
    await openAsFirst(client, { window: 0xffff_ffff })
    const before = process.memoryUsage().rss
    say(client, asking(0, 'exec', true, ['head -c 1000000000 /dev/zero']))
    proposeKeys(client)
    socketOf(client).pause()
    await setTimeout(1500)
    assert.ok(process.memoryUsage().rss - before < 128 * MIB)
    await others()
    socketOf(client).destroy()
  })

  test('keys that are exchanged over and over end the connection with words', async () => {
    const { client, ended } = await library()
    const rounds = async (): Promise<void> => {
      for (let round = 0; round < 100; round += 1) await exchangeKeys(client)
    }
    void rounds()
    assert.match(await ended, new RegExp(`${WORDS.source}keys were exchanged anew too often`))
    await others()
  })

  test('a packet of a kind that has no place ends the connection with words', async () => {
    for (const kind of [193, 52, 6]) {
      const { client, ended } = await library()
      await heard(await run(client, 'true'))
      say(client, Uint8Array.of(kind, 0, 0, 0, 0))
      assert.match(await ended, new RegExp(`${WORDS.source}a packet of kind ${kind} has no place there`))
    }
  })

  test('floods of small requests keep nobody else waiting, and cost no memory', async () => {
    const floods: [string, () => Uint8Array][] = [
      ['sizes of the window', () => asking(0, 'window-change', false, [80 + Math.floor(Math.random() * 9), 24, 0, 0])],
      ['signals', () => asking(0, 'signal', false, ['USR1'])],
      ['variables', () => asking(0, 'env', false, [`LC_${Math.random()}`, 'x'.repeat(2000)])],
      ['questions', () => globally('keepalive@example.org', true)],
    ]
    for (const [what, one] of floods) {
      const { client } = await library()
      await openAsFirst(client)
      if (what !== 'variables') say(client, asking(0, 'exec', true, ['trap : USR1; sleep 30']))
      const before = process.memoryUsage().rss
      for (let count = 0; count < 10_000; count += 1) say(client, one())
      const began = performance.now()
      await others()
      assert.ok(performance.now() - began < 5000, what)
      assert.ok(process.memoryUsage().rss - before < 128 * MIB, what)
      socketOf(client).destroy()
    }
  })
})
