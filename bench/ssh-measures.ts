import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import path from 'node:path'
import type { Sample } from './measures.ts'
import type { BenchHost, SshRoute } from './ssh-host.ts'
import { median } from './statistics.ts'
import { cpuMicros } from './usage.ts'

type Found = Pick<Sample, 'measure' | 'unit' | 'value'>

/** Something to be measured over each way to the host in turn. */
export type SshMeasure = (route: SshRoute) => Promise<readonly Found[]>

/** Key presses that are timed, after as many that are not. */
const KEYS = 400

interface Ran {
  readonly route: SshRoute
  readonly program: 'ssh' | 'scp' | 'sftp'
  readonly args: readonly string[]
}

const environment = ({ env }: SshRoute): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LC_ALL: 'C', ...env })

/** Runs a client to its end; its output is thrown away. Rejects with its complaint. */
async function run({ route, program, args }: Ran, input = ''): Promise<void> {
  const child = spawn(program, [...route.options, ...args], {
    env: environment(route),
    stdio: [input === '' ? 'ignore' : 'pipe', 'ignore', 'pipe'],
    cwd: '/',
  })
  child.stdin?.end(input)
  let complaint = ''
  child.stderr?.on('data', (piece: Buffer) => (complaint += piece.toString()))
  const [code] = (await once(child, 'close')) as readonly unknown[]
  if (code !== 0)
    throw new Error(`${program} over ${route.name} ended with ${String(code)}:\n${complaint.slice(-1000)}`)
}

/** From a byte that was typed until its echo: without a terminal, and through one. */
export const echo =
  (terminal: boolean): SshMeasure =>
  async (route) => {
    const args = terminal ? ['-tt', route.host, 'cat'] : [route.host, 'cat']
    const child = spawn('ssh', [...route.options, ...args], {
      env: environment(route),
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
    })
    const times: number[] = []
    const press = async (): Promise<number> => {
      const started = performance.now()
      child.stdin.write('x')
      await once(child.stdout, 'data')
      return performance.now() - started
    }
    await press()
    for (let at = 0; at < 2 * KEYS; at += 1) times.push(await press())
    child.kill()
    await once(child, 'close')
    const name = terminal ? 'ssh: echo of a key on a terminal' : 'ssh: echo of a byte'
    return [{ measure: `${name}, median`, unit: 'ms', value: median(times.slice(KEYS)) }]
  }

/** Commands one after the other over one connection. */
export const commands =
  (seconds: number): SshMeasure =>
  async (route) => {
    const socket = path.join(route.folder, 'control')
    const shared = ['-o', `ControlPath=${socket}`]
    await run({ route, program: 'ssh', args: [...shared, '-o', 'ControlMaster=yes', '-f', '-N', route.host] })
    try {
      const { count, elapsed } = await repeat(seconds, () =>
        run({ route, program: 'ssh', args: [...shared, route.host, 'true'] }),
      )
      return [{ measure: 'ssh: exec true, one connection', unit: 'commands/s', value: count / elapsed }]
    } finally {
      await run({ route, program: 'ssh', args: [...shared, '-O', 'exit', route.host] }).catch(() => undefined)
      rmSync(socket, { force: true })
    }
  }

/** A new connection for each command. */
export const logins =
  (seconds: number): SshMeasure =>
  async (route) => {
    const { count, elapsed } = await repeat(seconds, () => run({ route, program: 'ssh', args: [route.host, 'true'] }))
    return [{ measure: 'ssh: connect, exec true', unit: 'connections/s', value: count / elapsed }]
  }

/** Sessions that all come at once, each with one command. */
export const together =
  (sessions: number): SshMeasure =>
  async (route) => {
    const started = performance.now()
    await Promise.all(
      Array.from({ length: sessions }, () => run({ route, program: 'ssh', args: [route.host, 'true'] })),
    )
    const value = (performance.now() - started) / 1000
    return [{ measure: `ssh: ${sessions} sessions at once`, unit: 's', value }]
  }

async function repeat(seconds: number, once: () => Promise<void>): Promise<{ count: number; elapsed: number }> {
  const started = performance.now()
  let count = 0
  do {
    await once()
    count += 1
  } while (performance.now() - started < seconds * 1000)
  return { count, elapsed: (performance.now() - started) / 1000 }
}

/** The big file, each way that people move files. */
export const transfers = ({ big, megabytes, inbox }: BenchHost): Readonly<Record<string, SshMeasure>> => {
  const target = path.join(inbox, 'uploaded.log')
  const moved =
    (name: string, ran: (route: SshRoute) => Ran, input?: string): SshMeasure =>
    async (route) => {
      const cpu = route.pid === undefined ? 0 : cpuMicros(route.pid)
      const started = performance.now()
      await run(ran(route), input)
      const seconds = (performance.now() - started) / 1000
      const measure = `ssh: ${name} ${megabytes} MB`
      const found: Found[] = [{ measure, unit: 'MB/s', value: megabytes / seconds }]
      if (route.pid === undefined) return found
      const millis = (cpuMicros(route.pid) - cpu) / 1000 / megabytes
      return [...found, { measure: `${measure}: CPU of the middle`, unit: 'ms/MB', value: millis }]
    }
  return {
    'ssh exec': moved('exec', (route) => ({ route, program: 'ssh', args: [route.host, `cat ${big}`] })),
    'ssh scp': moved('scp down', (route) => ({
      route,
      program: 'scp',
      args: ['-O', `${route.host}:${big}`, '/dev/null'],
    })),
    'ssh scp up': moved('scp up', (route) => ({ route, program: 'scp', args: ['-O', big, `${route.host}:${target}`] })),
    'ssh sftp': moved(
      'sftp down',
      (route) => ({ route, program: 'sftp', args: ['-o', 'BatchMode=no', '-b', '-', route.host] }),
      `get ${big} /dev/null\n`,
    ),
    'ssh sftp up': moved(
      'sftp up',
      (route) => ({ route, program: 'sftp', args: ['-o', 'BatchMode=no', '-b', '-', route.host] }),
      `put ${big} ${target}\n`,
    ),
  }
}
