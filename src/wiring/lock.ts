import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { CodedError } from '../std/errors.ts'

/**
 * Takes the data folder for this process: two writers would break the ledger's chain. A lock whose process is gone is taken over. Returns what gives
 * it back; throws `E_DATA_IN_USE` naming the folder and the process.
 */
export function lockFolder(data: string): () => undefined {
  const file = path.join(data, 'lock')
  if (!tryLock(file)) {
    const owner = Number.parseInt(readFileSync(file, 'utf8'), 10)
    if (isAlive(owner)) throw inUse(data, owner)
    rmSync(file, { force: true })
    if (!tryLock(file)) throw inUse(data, owner)
  }
  return () => {
    rmSync(file, { force: true })
    return undefined
  }
}

function tryLock(file: string): boolean {
  try {
    const descriptor = openSync(file, 'wx', 0o600)
    writeSync(descriptor, `${process.pid}\n`)
    closeSync(descriptor)
    return true
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') return false
    throw thrown
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}

const inUse = (data: string, pid: number): CodedError =>
  new CodedError('E_DATA_IN_USE', { clientMessage: `the data folder ${data} is in use by process ${pid}` })
