import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../src/cli/demo/embedded-postgres.ts'
import { targetName } from '../src/model/ids.ts'
import { startServer } from './child.ts'
import { letIn, PERSON, serveArgs } from './countersign.ts'
import { common, type BenchHost, type SshRoute } from './ssh-host.ts'

const TARGET = targetName('web-1')
const inCheckout = (place: string): string => fileURLToPath(new URL(`../${place}`, import.meta.url))

/** Countersign before that host, with everything on: packs, masking, recording. */
export async function startSshCountersign(
  { host }: BenchHost,
  folder: string,
  nodeOptions: readonly string[] = [],
): Promise<{ readonly route: SshRoute; stop(): Promise<void> }> {
  const home = path.join(folder, 'countersign-ssh')
  mkdirSync(home, { mode: 0o700 })
  const [port, http, postgres] = [await freePort(), await freePort(), await freePort()]
  const hostKey = path.join(home, 'host.key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey])
  const configFile = path.join(home, 'countersign.yaml')
  writeFileSync(
    configFile,
    `publicUrl: http://127.0.0.1:${http}
listen: { postgres: 127.0.0.1:${postgres}, ssh: 127.0.0.1:${port}, http: 127.0.0.1:${http} }
ssh: { hostKey: ./host.key }
data: ./data
policies: ${JSON.stringify(inCheckout('policies'))}
targets:
  ${TARGET}:
    protocol: ssh
    address: 127.0.0.1:${host.port}
    user: ${host.user}
    key: { file: ${JSON.stringify(host.keyFile)} }
    hostKey: ${JSON.stringify(host.hostKey)}
limits: { sessions: 1000, sessionsPerPerson: 1000, sessionsPerSource: 1000 }
`,
  )
  const secret = await letIn(configFile, TARGET)
  const args = serveArgs(configFile, nodeOptions)
  const running = await startServer({ command: process.execPath, args, log: path.join(home, 'log'), port })
  const known = path.join(home, 'known_hosts')
  writeFileSync(known, `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8').trim()}\n`)
  // ssh asks a program for the password where it has no terminal.
  const ask = path.join(home, 'password')
  writeFileSync(ask, `#!/bin/sh\necho '${secret.reveal()}'\n`, { mode: 0o700 })
  chmodSync(ask, 0o700)
  const options = [
    ...common(known),
    ...['-o', `User=${PERSON}@${TARGET}`, '-o', `Port=${port}`, '-o', 'PreferredAuthentications=password'],
  ]
  const env = { SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: 'force' }
  const route = { name: 'countersign', options, host: '127.0.0.1', env, folder: home, pid: running.pid } as const
  return { route, stop: () => running.stop() }
}
