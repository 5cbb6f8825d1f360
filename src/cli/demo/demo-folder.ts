import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { RefusedError } from '../command.ts'

/** Tells a folder that a demo made, and which process. */
const MARK = 'demo.pid'

/**
 * Makes the demo's folder, new at each run: what the last run left there goes. Refuses a folder in which a demo still runs, and one with
 * anything in it that no demo made.
 */
export function claimFolder(folder: string): void {
  const mark = path.join(folder, MARK)
  if (existsSync(mark)) {
    const owner = Number.parseInt(readFileSync(mark, 'utf8'), 10)
    if (runsDemo(owner))
      throw new RefusedError(
        `a demo runs in ${folder} already (process ${owner}): end it, or name another folder with --data`,
      )
    rmSync(folder, { recursive: true, force: true })
  } else if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new RefusedError(`${folder} holds something that no demo made: empty it, or name another folder with --data`)
  }
  // The host's own account has to reach its keys below; what is nobody else's business has modes of its own.
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  writeFileSync(mark, `${process.pid}\n`, { mode: 0o600 })
}

/** A number alone proves little, since numbers are used again: where the system tells, it has to be a demo. */
function runsDemo(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || pid === process.pid || !isAlive(pid)) return false
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('demo')
  } catch {
    return process.platform !== 'linux'
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}
