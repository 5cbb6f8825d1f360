import { spawn } from 'node:child_process'
import { chown, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { CodedError } from '../../std/errors.ts'
import type { Secret } from '../../std/secret.ts'
import type { LastActs } from './last-acts.ts'
import { serverEnvironment, type PostgresBinaries } from './postgres-binaries.ts'

/** The superuser of every cluster that we make. */
export const SUPERUSER = 'postgres'

export interface ClusterPlace {
  readonly binaries: PostgresBinaries
  /** A folder of our own in which the cluster's folder lies or will lie. */
  readonly home: string
  /** The cluster's folder (PGDATA). */
  readonly cluster: string
  readonly lastActs: LastActs
}

/** Makes a new UTF-8 cluster whose only account is `postgres` with this password, SCRAM everywhere. Throws `E_DEMO_INITDB`. */
export async function createCluster(place: ClusterPlace, password: Secret): Promise<void> {
  const { binaries, home } = place
  // A pipe would be simpler, but the program cannot open ours after it changed its account.
  const passwordFile = path.join(home, 'initial-password')
  await writeFile(passwordFile, `${password.reveal()}\n`, { mode: 0o600 })
  await giveTo(binaries, passwordFile)
  const options = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C']
  // Whoever is killed here leaves a folder that nobody takes for a cluster. Home stays ours: in a folder that the server's account owns,
  // whoever else runs under it could plant links.
  await clearUnfinished(home)
  const unfinished = await mkdtemp(path.join(home, UNFINISHED))
  await giveTo(binaries, unfinished)
  const init = ['-D', unfinished, '-U', SUPERUSER, ...options, '--no-sync', '--no-instructions']
  try {
    await run(place, { program: 'initdb', args: init, input: '' })
    await rename(unfinished, place.cluster)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
    await rm(passwordFile, { force: true })
  }
}

const UNFINISHED = 'unfinished-'

/** A program that still writes there will fail by itself; what it leaves goes the next time. */
async function clearUnfinished(home: string): Promise<void> {
  const names = (await readdir(home)).filter((name) => name.startsWith(UNFINISHED))
  const removing = names.map((name) => rm(path.join(home, name), { recursive: true, force: true }))
  await Promise.allSettled(removing)
}

/**
 * Gives a stopped cluster's superuser a new password through the server's single-user mode, so that none has to be kept between runs.
 * Throws `E_DEMO_INITDB`.
 */
export async function resetPassword(place: ClusterPlace, password: Secret): Promise<void> {
  // The alphabet of our generated passwords has nothing that SQL would need escaped; the log of single-user mode stays silent.
  const input = `ALTER ROLE ${SUPERUSER} PASSWORD '${password.reveal().replaceAll("'", "''")}'\n`
  await run(place, { program: 'postgres', args: ['--single', '-D', place.cluster, 'postgres'], input })
}

/** Makes the server's account the owner of a file or folder; does nothing where that is our own account. */
async function giveTo({ account }: PostgresBinaries, place: string): Promise<void> {
  if (account !== undefined) await chown(place, account.uid, account.gid)
}

interface Run {
  readonly program: 'initdb' | 'postgres'
  readonly args: readonly string[]
  readonly input: string
}

/** What the programs print goes no further than its last line: single-user mode echoes what it was given. */
async function run(
  { binaries: { folder, account }, lastActs }: ClusterPlace,
  { program, args, input }: Run,
): Promise<void> {
  const child = spawn(path.join(folder, program), args, {
    ...account,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const forget = lastActs.add(() => void child.kill('SIGKILL'))
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString('utf8')).slice(-2000)))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const status = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  forget()
  if (status !== 0) throw failed(program, program === 'initdb' ? complaint : '')
}

const failed = (program: string, complaint: string): CodedError =>
  new CodedError('E_DEMO_INITDB', {
    clientMessage: `${program} could not prepare the demo's database: ${complaint.split('\n').find((line) => /error|FATAL/.test(line)) ?? ''}`,
  })
