import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** How a client program ended. */
export interface Ended {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** A client program at work. */
export interface Client {
  readonly ended: Promise<Ended>
  /** What it has said so far; notices of libpq come on stderr. */
  output(): string
  errors(): string
  /** Resolves when it has said something more, or has ended. */
  more(): Promise<unknown>
  type(text: string): void
  /** Nothing more will be typed. */
  close(): void
  signal(name: NodeJS.Signals): void
}

type Env = Readonly<Record<string, string>>

/** A client gets its connection by variables only: nothing of the machine's own settings, no pager, no history. */
const BARE: Env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C.UTF-8', TZ: 'UTC', PAGER: 'cat' }
/** Longer than any of our clients takes. */
const PATIENCE_MS = 60_000

export function startClient(command: string, args: readonly string[], env: Env): Client {
  const child = spawn(command, args, { env: { ...BARE, ...env }, timeout: PATIENCE_MS, killSignal: 'SIGKILL' })
  const texts = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text))
  child.stdin.on('error', () => undefined)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, ...texts }))
  })
  return {
    ended,
    output: () => texts.out,
    errors: () => texts.err,
    more: () => Promise.race([once(child.stdout, 'data'), ended]),
    type: (text) => void child.stdin.write(text),
    close: () => void child.stdin.end(),
    signal: (name) => void child.kill(name),
  }
}

export function runClient(command: string, args: readonly string[], env: Env): Promise<Ended> {
  const client = startClient(command, args, env)
  client.close()
  return client.ended
}

/** For a test's `skip`: false where the program runs, otherwise why not. In CI a missing client is a failure. */
export function without(command: string, ...args: readonly string[]): string | false {
  if (spawnSync(command, args, { env: BARE, stdio: 'ignore' }).status === 0) return false
  const why = `${[command, ...args].join(' ')} does not work here; scripts/setup.sh test installs it`
  if (process.env['CI'] === 'true') throw new Error(why)
  return why
}
