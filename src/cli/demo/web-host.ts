import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { CodedError } from '../../std/errors.ts'
import { createLastActs } from './last-acts.ts'
import { freePort } from './embedded-postgres.ts'
import { SAMPLE_FILES } from './web-host-files.ts'

/** A real SSH server on loopback that lets one key in, to one ordinary account. */
export interface WebHost {
  readonly port: number
  /** The account of this machine that commands run under. */
  readonly user: string
  /** The server's public key, as a line. */
  readonly hostKey: string
  /** File with the private key that is let in. */
  readonly keyFile: string
  /** Folder with files to look at: a log, a configuration, an export with test cards. */
  readonly site: string
  /** Ends the server and its sessions. May be called again. */
  stop(): Promise<void>
}

/** Why there is none, as the end of a sentence. */
export interface NoWebHost {
  readonly missing: string
}

const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd']
const START_MS = 10_000
/** The server ends with the pipe to us, so that not even a killed demo leaves one behind. */
const UNTIL_WE_END = '"$0" "$@" & server=$!; read -r _; kill $server'

/**
 * Starts the machine's own `sshd` on 127.0.0.1. It lets in one account and never root: whoever runs the demo, or where that is root, a system account that has bash for its
 * shell. `folder` is made anew. Throws `E_DEMO_SSHD` where the server is there and does not start.
 */
export async function startWebHost(folder: string): Promise<WebHost | NoWebHost> {
  const program = SSHD.find((file) => existsSync(file))
  if (program === undefined) return { missing: 'openssh-server is not on this machine' }
  const account = accountFor(process.getuid?.() ?? -1)
  if (account === undefined)
    return { missing: 'commands would run as root, since no other account has bash for its shell' }
  rmSync(folder, { recursive: true, force: true })
  const place = await prepare(folder, account)
  const port = await freePort()
  writeFileSync(place.config, configOf(place, account, port))
  // A server that drops privileges wants this folder.
  if (account.other) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const child = spawn('/bin/sh', ['-c', UNTIL_WE_END, program, '-D', '-e', '-f', place.config], {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'pipe'],
    // Its own process group: Ctrl-C at the terminal is for us.
    detached: true,
  })
  const stop = ending(child)
  await listening(child)
  return { port, user: account.name, hostKey: place.hostKey, keyFile: place.keyFile, site: place.site, stop }
}

interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** It is not our own. */
  readonly other: boolean
}

/** Our own account, unless that is root: then one of the machine's system accounts, never a person's. */
function accountFor(own: number): Account | undefined {
  if (own !== 0) {
    const { username, uid, gid, shell } = os.userInfo()
    return shell?.endsWith('/bash') === true ? { name: username, uid, gid, other: false } : undefined
  }
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const row of rows) {
    const [name = '', , uid, gid, , home = '', shell = ''] = row.split(':')
    const found = { name, uid: Number(uid), gid: Number(gid), other: true }
    if (found.uid > 0 && found.uid < 1000 && shell.endsWith('/bash') && existsSync(home)) return found
  }
  return undefined
}

interface Place {
  readonly config: string
  readonly hostKey: string
  readonly hostKeyFile: string
  readonly keyFile: string
  readonly authorized: string
  readonly site: string
}

async function prepare(folder: string, account: Account): Promise<Place> {
  const server = path.join(folder, 'server')
  const site = path.join(folder, 'site')
  mkdirSync(server, { recursive: true, mode: 0o711 })
  const place = {
    config: path.join(server, 'sshd_config'),
    hostKeyFile: path.join(server, 'host'),
    keyFile: path.join(folder, 'node.key'),
    authorized: path.join(server, 'authorized_keys'),
    site,
  }
  await keygen(place.hostKeyFile, 'web-1')
  await keygen(place.keyFile, 'countersign')
  copyFileSync(`${place.keyFile}.pub`, place.authorized)
  mkdirSync(site, { mode: 0o755 })
  for (const [name, text] of Object.entries(SAMPLE_FILES)) writeFileSync(path.join(site, name), text)
  const theirs = [site, ...Object.keys(SAMPLE_FILES).map((name) => path.join(site, name))]
  if (account.other) for (const file of theirs) chownSync(file, account.uid, account.gid)
  return { ...place, hostKey: readFileSync(`${place.hostKeyFile}.pub`, 'utf8').trim() }
}

const keygen = (file: string, comment: string): Promise<unknown> =>
  promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file])

const configOf = ({ hostKeyFile, authorized }: Place, { name, other }: Account, port: number): string =>
  [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKeyFile}`,
    `AuthorizedKeysFile ${authorized}`,
    'PidFile none',
    'AuthenticationMethods publickey',
    `AllowUsers ${name}`,
    'PermitRootLogin no',
    // Without PAM it takes an account that has no password for a locked one.
    `UsePAM ${other ? 'yes' : 'no'}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    // Our folders lie where the demo was started, which may be anybody's.
    'StrictModes no',
    'X11Forwarding no',
    'AllowAgentForwarding no',
    'AcceptEnv LANG LC_*',
    'Subsystem sftp internal-sftp',
    'MaxStartups 50',
    'MaxSessions 50',
    '',
  ].join('\n')

/** The returned function ends it; so does the end of this process. */
function ending(child: ChildProcess): () => Promise<void> {
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()))
  const kill = (signal: NodeJS.Signals): void => {
    try {
      // Its sessions as well: they are in its group.
      if (child.pid !== undefined) process.kill(-child.pid, signal)
    } catch {
      // It is gone already.
    }
  }
  const lastActs = createLastActs()
  lastActs.add(() => kill('SIGKILL'))
  return async () => {
    kill('SIGTERM')
    await exited
    lastActs.withdraw()
  }
}

function listening(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  let log = ''
  const fail = (): void =>
    reject(
      new CodedError('E_DEMO_SSHD', {
        clientMessage: `sshd did not start: ${log.trim().split('\n').at(-1) ?? 'no word'}`,
      }),
    )
  const timer = setTimeout(fail, START_MS)
  child.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-2000)
    if (log.includes('Server listening')) resolve(undefined)
  })
  child.once('exit', fail).once('error', fail)
  return promise.finally(() => clearTimeout(timer))
}
