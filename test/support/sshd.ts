import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../../src/cli/demo/embedded-postgres.ts'
import { Secret } from '../../src/std/secret.ts'

const SSHD = '/usr/sbin/sshd'

/** Why there is no SSH server for a test; false where there is one. In CI a missing one is a failure, not a shorter test. */
export const withoutSshd: string | false = existsSync(SSHD) ? false : 'openssh-server is not installed'
if (process.env['CI'] === 'true' && withoutSshd !== false) throw new Error(`${withoutSshd}: run scripts/setup.sh test`)

export interface TestSshd {
  readonly port: number
  /** The account that it runs as and takes logins for. */
  readonly user: string
  /** Home of the test: a folder that is removed with the server. */
  readonly folder: string
  /** A private key that is let in. */
  readonly key: Secret
  /** The host's public key, as a line. */
  readonly hostKey: string
  /** Its public key as it goes over the wire. */
  readonly hostKeyBlob: Buffer
  /** Ends every connection that it has, as a host that dies would. */
  dropAll(): void
  log(): string
  stop(): Promise<void>
}

export interface SshdOptions {
  /** Further lines of its configuration, which go first and so win. */
  readonly settings?: readonly string[]
  /** Public keys whose certificates it takes for users. */
  readonly userCa?: string
  /** Lets in an ordinary account even where root runs the test: of root's sessions sshd takes no signals. */
  readonly ordinary?: boolean
}

/** Starts Debian's sshd on a free loopback port, with a host key and an authorized key of its own, as whoever runs the test. */
export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-sshd-'))
  const user = options.ordinary === true ? ordinaryAccount() : os.userInfo().username
  // That account reads its key below.
  if (options.ordinary === true) chmodSync(folder, 0o711)
  const file = (name: string): string => path.join(folder, name)
  for (const name of ['host', 'client']) keygen(['-t', 'ed25519', '-N', '', '-C', name, '-f', file(name)])
  writeFileSync(file('authorized_keys'), readFileSync(file('client.pub')), { mode: 0o644 })
  if (options.userCa !== undefined) writeFileSync(file('ca.pub'), `${options.userCa}\n`)
  const port = await freePort()
  writeFileSync(file('sshd_config'), configOf(file, port, options))
  // It wants this folder where it drops privileges.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  execFileSync(SSHD, ['-t', '-f', file('sshd_config')])
  const child = spawn(SSHD, ['-D', '-e', '-f', file('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const stopOnExit = (): void => void child.kill()
  process.once('exit', stopOnExit)
  await listening(child, () => log)
  const hostKey = readFileSync(file('host.pub'), 'utf8').trim()
  return {
    ...{ port, user, folder, hostKey },
    key: new Secret(readFileSync(file('client'), 'utf8')),
    hostKeyBlob: Buffer.from(hostKey.split(' ')[1] ?? '', 'base64'),
    dropAll: () => childrenOf(child.pid).forEach((pid) => process.kill(pid, 'SIGKILL')),
    log: () => log,
    async stop() {
      process.removeListener('exit', stopOnExit)
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode === null) {
        child.kill()
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Our own account, or where that is root one of the machine's that has bash. */
function ordinaryAccount(): string {
  const { uid, username } = os.userInfo()
  if (uid !== 0) return username
  const rows = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((row) => row.split(':'))
  const found = rows.find(
    ([, , id, , , home = '', shell = '']) => id !== '0' && shell.endsWith('/bash') && existsSync(home),
  )
  return found?.[0] ?? 'root'
}

/** ssh-keygen without a word. */
export const keygen = (args: readonly string[]): void =>
  void execFileSync('ssh-keygen', ['-q', ...args], { stdio: ['ignore', 'ignore', 'pipe'] })

const configOf = (
  file: (name: string) => string,
  port: number,
  { settings = [], userCa, ordinary = false }: SshdOptions,
): string =>
  [
    ...settings,
    // Accounts of the system have no password, which sshd by itself takes for locked.
    ...(ordinary ? ['UsePAM yes'] : []),
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${file('host')}`,
    `AuthorizedKeysFile ${file('authorized_keys')}`,
    `PidFile ${file('sshd.pid')}`,
    ...(userCa === undefined ? [] : [`TrustedUserCAKeys ${file('ca.pub')}`]),
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
    'AcceptEnv LANG LC_*',
    'Subsystem sftp internal-sftp',
    'MaxSessions 100',
    'MaxStartups 100',
    'LogLevel VERBOSE',
    '',
  ].join('\n')

function listening(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (/Server listening/.test(log())) resolve()
    }
    child.stderr?.on('data', look)
    child.once('exit', () => reject(new Error(`sshd ended: ${log()}`)))
    look()
  })
}

/** Processes below this one, its sessions first of all. */
function childrenOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return []
  const direct = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  // Parents first: one that outlives its child would still tell how that ended.
  return direct.flatMap((child) => [child, ...childrenOf(child)])
}
