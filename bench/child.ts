import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Account } from '../src/cli/demo/postgres-binaries.ts'

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  /** Receives what it prints. */
  readonly log: string
  /** Another account than ours. */
  readonly account?: Account | undefined
  /** The loopback port that it listens on once it is ready. */
  readonly port: number
}

export interface Running {
  readonly pid: number
  stop(): Promise<void>
}

const READY_MS = 15_000
const STOP_MS = 8000

/** Starts a server and waits until its port takes connections; throws with the end of its log where it does not come up. */
export async function startServer(program: Program): Promise<Running> {
  const log = openSync(program.log, 'a', 0o600)
  const child = spawn(program.command, [...program.args], { ...program.account, cwd: '/', stdio: ['ignore', log, log] })
  closeSync(log)
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const killed = (): void => void child.kill('SIGKILL')
  process.once('exit', killed)
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await gone
    clearTimeout(patience)
    process.off('exit', killed)
  }
  if (child.pid !== undefined && (await listens(child, program.port))) return { pid: child.pid, stop }
  if (child.pid !== undefined) await stop()
  throw new Error(`${program.command} did not start:\n${readFileSync(program.log, 'utf8').slice(-2000)}`)
}

async function listens(child: ChildProcess, port: number): Promise<boolean> {
  const giveUp = performance.now() + READY_MS
  while (performance.now() < giveUp && child.exitCode === null && child.signalCode === null) {
    if (await takes(port)) return true
    await pause(50)
  }
  return false
}

const takes = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** Runs a program to its end and gives what it printed; throws with its complaint where it fails. */
export async function output(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(command, [...args], { env: { PATH: process.env['PATH'], LC_ALL: 'C', ...env }, cwd: '/' })
  const text = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text.out += piece))
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (text.err += piece))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${text.err.slice(-2000)}`)
  return text.out
}
