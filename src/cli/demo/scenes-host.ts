import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Client } from '../client.ts'
import type { Scene } from './scene.ts'
import type { Stage, WebStage } from './stage.ts'
import { claim, type Teller } from './teller.ts'

const PAN = '4111111111111111'

/** A file with card numbers in it, read on a real host with the machine's own ssh. */
export const readsFile: Scene = {
  title: 'Alice reads a file on web-1 with her own ssh',
  async play({ stage }, tell) {
    const web = hostOf(stage, tell)
    if (web === undefined) return
    const command = `tail -3 ${web.site}/export.csv`
    tell.act('alice$', `ssh alice@web-1@127.0.0.1 '${command}'`)
    const { out, err, code } = await ended(ssh(stage, web, command))
    claim(code === 0 && out.includes('Ada Lovelace'), 'the file', out + err)
    claim(!out.includes(PAN) && out.includes('411111******1111'), 'its card numbers cut down', out)
    tell.show(...out.trim().split('\n'))
    tell.good(
      'the command was parsed, judged and recorded before the host saw it; the card numbers never left it whole',
    )
  },
}

/** A command that changes the host, taken back by hanging up. */
export const hostWaits: Scene = {
  title: 'A command that changes the host waits, and ends with the connection',
  async play({ stage, alice }, tell) {
    const web = hostOf(stage, tell)
    if (web === undefined) return
    const command = 'sudo systemctl restart nginx'
    tell.act('alice$', `ssh alice@web-1@127.0.0.1 '${command}'`)
    const client = ssh(stage, web, command)
    const told = await said(client, /approval (a_[a-z0-9]+)/)
    const id = /a_[a-z0-9]+/.exec(told)?.[0] ?? ''
    tell.show(...told.trim().split('\n').slice(0, 2))
    client.kill()
    tell.act('alice', 'presses Ctrl-C')
    const { state } = await settled(await alice.api(), id)
    claim(state === 'void' || state === 'withdrawn', 'a hold that nobody can answer any more', state)
    tell.good(`nothing ran, and the hold is ${state}: nobody can countersign it any more`)
  },
}

function hostOf({ web }: Stage, tell: Teller): WebStage | undefined {
  if ('credential' in web) return web
  tell.good(
    `left out: ${'missing' in web ? web.missing : 'there is no host'}; with a host of your own it is a target with protocol: ssh`,
  )
  return undefined
}

/** The machine's own client, which asks a program for the password where it has no terminal. */
function ssh({ app, folder }: Stage, { credential }: WebStage, command: string): ChildProcess {
  const ask = path.join(folder, 'ask-password')
  writeFileSync(ask, `#!/bin/sh\necho '${credential.reveal()}'\n`, { mode: 0o700 })
  const known = path.join(folder, 'known_hosts')
  const options = [
    ...['-F', 'none', '-p', String(app.ports.ssh), '-o', 'PreferredAuthentications=password', '-o', 'LogLevel=ERROR'],
    // The first look at a host of our own, which this process started a moment ago.
    ...['-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${known}`],
  ]
  return spawn('ssh', [...options, 'alice@web-1@127.0.0.1', command], {
    env: { PATH: process.env['PATH'], SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: 'force' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

const LONGEST_MS = 15_000

async function ended(client: ChildProcess): Promise<{ out: string; err: string; code: number | null }> {
  const text = { out: '', err: '' }
  client.stdout?.on('data', (piece: Buffer) => (text.out += piece.toString()))
  client.stderr?.on('data', (piece: Buffer) => (text.err += piece.toString()))
  await once(client, 'close', { signal: AbortSignal.timeout(LONGEST_MS) })
  return { ...text, code: client.exitCode }
}

/** What it says on its standard error, once that holds this. */
async function said(client: ChildProcess, wanted: RegExp): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let text = ''
  const late = setTimeout(() => reject(new Error(`ssh said nothing of a hold: ${text}`)), LONGEST_MS)
  client.stderr?.on('data', (piece: Buffer) => {
    text += piece.toString()
    if (wanted.test(text)) resolve(text)
  })
  return promise.finally(() => clearTimeout(late))
}

async function settled(api: Client, id: string): Promise<{ readonly state: string }> {
  const until = performance.now() + LONGEST_MS
  for (;;) {
    const found = await api.approval(id)
    if (found.state !== 'open') return found
    claim(performance.now() < until, 'the end of the hold', found.state)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
