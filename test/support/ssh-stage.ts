import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../../src/cli/demo/embedded-postgres.ts'
import { mintFor } from '../../src/cli/demo/people.ts'
import { startApp, type App } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { systemClock } from '../../src/std/clock.ts'
import { createLog } from '../../src/wiring/log.ts'
import { startTool, type Ran, type Running } from './ssh-bench.ts'
import { startSshd, type SshdOptions, type TestSshd } from './sshd.ts'
import { Desk, seat, type TestStage } from './stage.ts'

/** The whole of Countersign before a real sshd, with alice, whose credential every tool is given, and an approver who answers when a test says so. */
export interface SshStage extends Pick<TestStage, 'held' | 'approve' | 'deny' | 'approvals' | 'reaches'> {
  readonly app: App
  readonly sshd: TestSshd
  /** A folder on "both" machines, removed with the stage. */
  readonly folder: string
  readonly port: number
  /** Alice's password. */
  readonly password: string
  /** An OpenSSH configuration that knows the host `web-1` with its key; what is asked as password is answered. */
  readonly config: string
  /** A tool of the machine, e.g. `ssh -F … web-1`, with the password at hand; `input` as in `startTool`. */
  start(tool: string, args: readonly string[], given?: Given): Running
  /** The same to its end; without input. */
  run(tool: string, args: readonly string[], given?: Given): Promise<Ran>
  /** Every line of every recording and of the ledger, and whatever else lies beside them, as text. */
  recorded(): string
  stop(): Promise<void>
}

/** What a tool is given besides its arguments. */
export interface Given {
  readonly input?: Buffer | string | null
  readonly env?: NodeJS.ProcessEnv
}

export interface SshStageOptions {
  readonly sshd?: SshdOptions
  /** Further keys of the target, each on a line of its own. */
  readonly targetKeys?: readonly string[]
  readonly policies?: string
  /** Instead of the key that the host knows. */
  readonly login?: string
  /** Pinned instead of the host's own. */
  readonly hostKey?: string
  /** Another target's port on this machine, instead of the real host's. */
  readonly targetPort?: number
}

const ACTOR = { by: 'test', origin: 'local' }
const WEB = 'web-1'
const POLICIES = new URL('../../policies', import.meta.url).pathname

export async function sshStage(options: SshStageOptions = {}): Promise<SshStage> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-ssh-stage-'))
  const sshd = await startSshd(options.sshd)
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text, { mode: 0o600 })
    return path.join(folder, name)
  }
  file('node.key', sshd.key.reveal())
  const configFile = file('countersign.yaml', await configText(options, sshd))
  const config = loadConfig(configFile, process.env)
  const log = createLog({ level: 'info', file: path.join(folder, 'countersign.log') })
  const app = await startApp({ config, clock: systemClock, log, version: 'test', onFatal: () => undefined })
  await engineer(app)
  const desk = new Desk(await Promise.all([1, 2, 3, 4].map((at) => seat({ app, config }, `approver-${at}`))))
  const password = (await mintFor(app.access, 'alice')).reveal()
  const port = app.ports.ssh ?? 0
  const client = file('ssh_config', clientText(folder, port))
  const start: SshStage['start'] = (tool, args, { input, env } = {}) =>
    startTool('sshpass', ['-e', tool, ...args], input, { ...process.env, SSHPASS: password, ...env })
  return {
    ...{ app, sshd, folder, port, password, config: client, start },
    run: (tool, args, given) => start(tool, args, { input: null, ...given }).ended,
    held: (statement) => desk.held(statement),
    approve: (statement) => desk.approve(statement),
    deny: (statement, reason) => desk.deny(statement, reason),
    approvals: () => desk.all(),
    reaches: (id, state) => desk.reaches(id, state),
    recorded: () => textBelow(path.join(folder, 'data', 'recordings')),
    async stop() {
      await app.stop()
      await sshd.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function configText(options: SshStageOptions, sshd: TestSshd): Promise<string> {
  const http = await freePort()
  const lines = [
    `publicUrl: http://localhost:${http}`,
    `listen: { ssh: 127.0.0.1:0, http: 127.0.0.1:${http} }`,
    'data: ./data',
    `policies: ${options.policies ?? POLICIES}`,
    'targets:',
    `  ${WEB}:`,
    '    protocol: ssh',
    `    address: 127.0.0.1:${options.targetPort ?? sshd.port}`,
    `    user: ${sshd.user}`,
    `    ${options.login ?? 'key: { file: ./node.key }'}`,
    `    hostKey: "${options.hostKey ?? sshd.hostKey}"`,
    ...(options.targetKeys ?? []).map((key) => `    ${key}`),
  ]
  return `${lines.join('\n')}\n`
}

async function engineer({ access }: App): Promise<void> {
  const name = personName('alice')
  await access.people.add({ name, roles: ['engineer'], password: 'alice-and-a-long-password-1' }, ACTOR)
  const grant = { person: name, target: targetName(WEB), forMs: 3_600_000, reason: 'a test' }
  await access.grants.grant(grant, ACTOR)
}

const clientText = (folder: string, port: number): string =>
  [
    `Host ${WEB}`,
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User alice@${WEB}`,
    '  PubkeyAuthentication no',
    '  StrictHostKeyChecking no',
    `  UserKnownHostsFile ${path.join(folder, 'known_hosts')}`,
    '  LogLevel ERROR',
    '',
  ].join('\n')

const textBelow = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
