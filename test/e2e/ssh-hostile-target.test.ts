import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import ssh2, { type Connection, type Session } from 'ssh2'
import { Builder } from '../../src/bytes/builder.ts'
import { about, asking, content, exchangeKeys, globally, leaving, opening, say } from '../support/ssh-packets.ts'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import { withoutSshd } from '../support/sshd.ts'

const PAN = '4012888888881881'
const ESCAPE = '\u001b]0;owned\u0007'
const BASH = /BASH_VERSION/
const [END, CLOSE, SUCCESS, FAILURE] = [96, 97, 99, 100] as const

/** What the target does once it is asked for the command; `channel` is the asking side's number. */
type Act = (target: Connection, channel: number, session: Session) => void

const exitWith = (target: Connection, channel: number, status: number): void => {
  say(target, asking(channel, 'exit-status', false, [status]))
  say(target, about(CLOSE, channel))
}

const errorOutput = (channel: number, kind: number, text: string): Uint8Array => {
  const bytes = Buffer.from(text)
  return new Builder().u8(95).u32(channel).u32(kind).u32(bytes.length).bytes(bytes).finish()
}

const signalled = (channel: number, name: string): Uint8Array => {
  const builder = new Builder().bytes(asking(channel, 'exit-signal', false, [name])).u8(0)
  for (const text of [`${PAN}${ESCAPE}`, '']) builder.u32(Buffer.byteLength(text)).utf8(text)
  return builder.finish()
}

interface Deed {
  readonly act: Act
  readonly status: number
  readonly out?: string
  readonly err?: string | RegExp
}

const UNOPENED = 'countersign: the target did not open a channel for this\n'
const LOST = /^countersign: the target (cannot be reached|did not open a channel|closed the connection)/

const DEEDS: Readonly<Record<string, Deed>> = {
  'output before it has agreed': {
    act(target, channel) {
      say(target, content(channel, 'early\n'))
      say(target, about(SUCCESS, channel))
      exitWith(target, channel, 0)
    },
    ...{ status: 0, out: 'early\n' },
  },
  'two ends, of which the first counts, and output between them': {
    act(target, channel) {
      say(target, about(SUCCESS, channel))
      say(target, asking(channel, 'exit-status', false, [3]))
      say(target, signalled(channel, 'KILL'))
      say(target, content(channel, 'between\n'))
      exitWith(target, channel, 0)
    },
    ...{ status: 3, out: 'between\n' },
  },
  'output behind its own end': {
    act(target, channel) {
      say(target, about(SUCCESS, channel))
      say(target, content(channel, 'before\n'))
      say(target, about(END, channel))
      say(target, content(channel, 'behind\n'))
      say(target, errorOutput(channel, 1, 'behind\n'))
      exitWith(target, channel, 4)
    },
    ...{ status: 4, out: 'before\n' },
  },
  'an answer over and over, and content on a channel that is gone': {
    act(target, channel) {
      for (let count = 0; count < 5; count += 1) say(target, about(SUCCESS, channel))
      say(target, content(channel, 'once\n'))
      exitWith(target, channel, 0)
      say(target, about(CLOSE, channel))
      say(target, content(channel, 'ghost\n'))
    },
    ...{ status: 0, out: 'once\n' },
  },
  'a refusal behind output with a card number': {
    act(target, channel) {
      say(target, content(channel, `${PAN}\n`))
      say(target, about(FAILURE, channel))
    },
    ...{ status: 255, err: UNOPENED },
  },
  'the end of the channel instead of an answer': {
    act: (target, channel) => say(target, about(CLOSE, channel)),
    ...{ status: 255, err: UNOPENED },
  },
  'output of a third kind, and a card number in the second': {
    act(target, channel) {
      say(target, about(SUCCESS, channel))
      say(target, errorOutput(channel, 7, 'odd'))
      say(target, errorOutput(channel, 1, `${PAN}\n`))
      exitWith(target, channel, 0)
    },
    ...{ status: 0, err: '401288******1881\n' },
  },
  'a signal with a name of thirty thousand letters': {
    act(target, channel) {
      say(target, about(SUCCESS, channel))
      say(target, signalled(channel, 'X'.repeat(30_000)))
      say(target, about(CLOSE, channel))
    },
    status: 255,
  },
  'channels of every kind, and requests with names that are none': {
    act(target, channel) {
      for (const kind of ['x11', 'auth-agent@openssh.com', 'session', 'tun@openssh.com', 'forwarded-tcpip'])
        say(
          target,
          new Builder().bytes(opening(900, { kind })).u32(1).utf8('a').u32(1).u32(1).utf8('a').u32(1).finish(),
        )
      for (const name of ['hostkeys-00@openssh.com', 'keepalive@openssh.com', `${ESCAPE}${PAN}`])
        say(target, globally(name, true))
      say(target, about(SUCCESS, channel))
      say(target, content(channel, 'fine\n'))
      exitWith(target, channel, 0)
    },
    ...{ status: 0, out: 'fine\n' },
  },
  'a goodbye with a card number and an escape': {
    act: (target) => say(target, leaving(`${PAN}${ESCAPE}`)),
    ...{ status: 255, err: LOST },
  },
  'a packet of a kind that has no place': {
    act: (target) => say(target, Uint8Array.of(50, 0, 0, 0, 0)),
    ...{ status: 255, err: LOST },
  },
  'keys that are exchanged anew before it answers': {
    act(target, channel) {
      void exchangeKeys(target).then(() => {
        say(target, about(SUCCESS, channel))
        say(target, content(channel, 'anew\n'))
        exitWith(target, channel, 0)
      })
    },
    ...{ status: 0, out: 'anew\n' },
  },
  'keys that are exchanged over and over': {
    act(target) {
      const rounds = async (): Promise<void> => {
        for (let round = 0; round < 100; round += 1) await exchangeKeys(target)
      }
      void rounds()
    },
    ...{ status: 255, err: LOST },
  },
}

describe('a target that lies', { skip: withoutSshd, timeout: 40_000 }, () => {
  const key = ssh2.utils.generateKeyPairSync('ed25519')
  const doing = new Map<string, Act>()
  let stage: SshStage
  let server: ssh2.Server
  before(async () => {
    server = new ssh2.Server({ hostKeys: [key.private] }, (target) => {
      target.on('error', () => undefined)
      target.on('authentication', (context) => context.accept())
      target.on('session', (accept) => listen(target, accept()))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    stage = await sshStage({ targetPort: (server.address() as AddressInfo).port, hostKey: key.public.trim() })
  })
  after(async () => {
    await stage.stop()
    server.close()
  })

  function listen(target: Connection, session: Session): void {
    for (const kind of ['pty', 'env', 'signal', 'window-change'] as const)
      session.on(kind as 'pty', (accept: unknown) => {
        if (typeof accept === 'function') (accept as () => void)()
      })
    session.on('exec', (accept, reject, { command }) => {
      const { outgoing } = Reflect.get(session, '_chanInfo') as { outgoing: { id: number } }
      const act = doing.get(command)
      if (BASH.test(command)) {
        const channel = accept()
        channel.write('bash=5.2.15(1)-release\n')
        channel.exit(0)
        channel.end()
      } else if (act === undefined) reject()
      else act(target, outgoing.id, session)
    })
  }

  let number = 0
  async function sees(act: Act): Promise<{ status: number | null; out: string; err: string }> {
    const command = `echo ${(number += 1)}`
    doing.set(command, act)
    const { status, out, err } = await stage.run('ssh', ['-F', stage.config, 'web-1', command])
    return { status, out: out.toString(), err }
  }

  for (const [what, { act, status, out, err = '' }] of Object.entries(DEEDS))
    test(`says ${what}`, async () => {
      const seen = await sees(act)
      assert.equal(seen.status, status, seen.err)
      if (out !== undefined) assert.equal(seen.out, out)
      if (typeof err === 'string' && err !== '') assert.equal(seen.err, err)
      else if (typeof err !== 'string') assert.match(seen.err, err)
    })

  test('what it did against the protocol stands in the recording of the session that it ended', async () => {
    for (const words of ['a packet of kind 50 has no place there', 'keys were exchanged anew too often']) {
      const told = new RegExp(`"kind":"close"[^\\n]*the target does not speak[^\\n]*${words}`)
      while (!told.test(stage.recorded())) await setTimeout(20)
    }
  })

  test('nothing of it acts on a terminal, and no card number is kept anywhere', () => {
    const all = stage.recorded() + readFileSync(path.join(stage.folder, 'countersign.log'), 'latin1')
    assert.ok(!all.includes(PAN) && !all.includes('\u001b') && !/X{100}/.test(all))
  })
})
