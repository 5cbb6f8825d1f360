import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CodedError } from '../../std/errors.ts'
import type { LastActs } from './last-acts.ts'
import { serverEnvironment, type PostgresBinaries } from './postgres-binaries.ts'

/** A running Postgres server that we started. */
export interface Postmaster {
  readonly pid: number
  /** Resolves when the process is gone, whatever ended it. */
  readonly exited: Promise<void>
  /** Ends it: fast shutdown, then immediate, then kill; resolves when it is gone. */
  stop(): Promise<void>
}

export interface Launch {
  readonly binaries: PostgresBinaries
  /** The cluster's folder (PGDATA). */
  readonly cluster: string
  /** Loopback TCP port. */
  readonly port: number
  /** Further `name=value` settings. */
  readonly settings: readonly string[]
  /** Receives what the server writes to its standard error; appended to. */
  readonly logPath: string
  /** Where the server's end is kept until `stop()` has done it. */
  readonly lastActs: LastActs
}

const START_MS = 20_000
const POLL_MS = 10

/** Starts `postgres` on loopback and waits until it takes connections. Throws `E_DEMO_POSTGRES_START` and leaves nothing running. */
export async function launch(wanted: Launch): Promise<Postmaster> {
  const log = await open(wanted.logPath, 'a', 0o600)
  const child = spawn(path.join(wanted.binaries.folder, 'postgres'), argumentsOf(wanted), {
    ...wanted.binaries.account,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', log.fd, log.fd],
    // Its own process group: Ctrl-C at the terminal is for us; the server ends after the sessions that use it.
    detached: true,
  })
  const postmaster = control(child, wanted)
  await log.close()
  if (await becomesReady(child, wanted.cluster)) return postmaster
  await postmaster.stop()
  throw new CodedError('E_DEMO_POSTGRES_START', {
    clientMessage: `Postgres did not start; its log is ${wanted.logPath}`,
    fields: { port: wanted.port },
  })
}

function argumentsOf({ cluster, port, settings }: Launch): string[] {
  const own = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=']
  return ['-D', cluster, ...[...own, ...settings].flatMap((setting) => ['-c', setting])]
}

const gone = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })

async function becomesReady(child: ChildProcess, cluster: string): Promise<boolean> {
  const giveUp = performance.now() + START_MS
  while (performance.now() < giveUp && child.pid !== undefined && isRunning(child)) {
    const file = readPidFile(cluster)
    if (file?.pid === child.pid && file.ready) return true
    await pause(POLL_MS)
  }
  return false
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

/** Manual: "Shutting Down the Server". SIGINT is fast (ends sessions), SIGQUIT immediate (recovery at next start). */
const STEPS: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 5000],
  ['SIGQUIT', 3000],
  ['SIGKILL', 3000],
]

function control(child: ChildProcess, { cluster, lastActs }: Launch): Postmaster {
  const exited = gone(child)
  const forget = lastActs.add(() => stopNow(child, cluster))
  const stop = async (): Promise<void> => {
    for (const [signal, patience] of STEPS) {
      if (child.pid === undefined || !isRunning(child)) break
      child.kill(signal)
      await within(exited, patience)
    }
    forget()
  }
  return { pid: child.pid ?? 0, exited, stop }
}

/** Immediate shutdown without the event loop, for at most 3 s. */
function stopNow(child: ChildProcess, cluster: string): void {
  if (child.pid === undefined || !isRunning(child)) return
  child.kill('SIGQUIT')
  waitForRemoval(path.join(cluster, 'postmaster.pid'), 3000)
}

async function within(exited: Promise<void>, patience: number): Promise<void> {
  const cancel = new AbortController()
  await Promise.race([exited, pause(patience, undefined, { signal: cancel.signal }).catch(() => undefined)])
  cancel.abort()
}

/** The server removes its pid file as its last act; nothing else can be awaited while our own process is exiting. */
function waitForRemoval(file: string, patience: number): void {
  const cell = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; waited < patience && existsSync(file); waited += POLL_MS) Atomics.wait(cell, 0, 0, POLL_MS)
}

/** What a running server writes about itself into its cluster's folder. */
export interface PidFile {
  readonly pid: number
  readonly port: number
  readonly ready: boolean
}

/** `postmaster.pid` of a cluster: pid in line 1, port in line 4, state in line 8; undefined where there is none or it is half written. */
export function readPidFile(cluster: string): PidFile | undefined {
  try {
    const lines = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')
    const pid = Number(lines[0])
    return pid > 1 ? { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' } : undefined
  } catch {
    return undefined
  }
}
