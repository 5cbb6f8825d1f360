import { lstat, readFile, readdir, readlink, realpath, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CodedError } from '../../std/errors.ts'
import { readPidFile } from './postmaster.ts'

/** Our temporary folders are called `countersign-postgres-<pid of the maker>-<random>`. */
const PREFIX = 'countersign-postgres-'
const MAKER = /^countersign-postgres-(\d+)-\w+$/
/** The cluster's folder inside such a folder, and inside `--data`. */
export const CLUSTER = 'cluster'

/** Where a temporary folder of this process begins; whoever makes one there has it cleared when the process was killed. */
export const temporaryPrefix = (): string => path.join(os.tmpdir(), `${PREFIX}${process.pid}-`)

/**
 * Stops servers and removes folders of earlier runs that were killed before they could: those whose maker no longer lives. Only folders that
 * our own account (or the server's, when we are root) owns are looked at, and only a process whose working folder is that very cluster is stopped.
 */
export async function clearLeftovers(owners: readonly number[]): Promise<void> {
  for (const name of await readdir(os.tmpdir())) {
    const maker = Number(MAKER.exec(name)?.[1])
    if (!Number.isSafeInteger(maker) || isAlive(maker)) continue
    const folder = path.join(os.tmpdir(), name)
    const found = await lstat(folder).catch(() => undefined)
    if (found === undefined || !found.isDirectory() || !owners.includes(found.uid)) continue
    await stopLeftover(path.join(folder, CLUSTER))
    await rm(folder, { recursive: true, force: true })
  }
}

/** Stops the server that still runs on this cluster, if one does. Throws `E_DEMO_DATA_IN_USE` if it does not end within 5 s. */
export async function stopLeftover(cluster: string): Promise<void> {
  const found = readPidFile(cluster)
  if (found === undefined || !(await serves(found.pid, cluster))) return
  process.kill(found.pid, 'SIGINT')
  for (let waited = 0; waited < 5000; waited += 20) {
    // Not merely dead: where the first process of a machine collects nobody, a dead one keeps its number.
    if (!(await serves(found.pid, cluster))) return
    await pause(20)
  }
  throw new CodedError('E_DEMO_DATA_IN_USE', {
    clientMessage: `another Postgres (process ${found.pid}) uses ${cluster} and does not stop`,
    fields: { pid: found.pid },
  })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** A pid alone proves nothing: numbers are used again, and the file could name anybody's process. A server's working folder is its cluster. */
async function serves(pid: number, cluster: string): Promise<boolean> {
  if (process.platform !== 'linux' || !isAlive(pid)) return false
  const [folder, place, command] = await Promise.all([
    readlink(`/proc/${pid}/cwd`).catch(() => undefined),
    realpath(cluster).catch(() => cluster),
    readFile(`/proc/${pid}/comm`, 'utf8').catch(() => ''),
  ])
  return folder === place && command.trim() === 'postgres'
}
