import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const PATIENCE = 20_000

/** `countersign serve` as a process of its own, which a test may kill. */
export class ServeChild {
  readonly #process: ChildProcess
  #output = ''
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>

  constructor(configFile: string) {
    this.#process = spawn(process.execPath, [MAIN, 'serve', '--config', configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString('utf8')))
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString('utf8')))
    this.ended = once(this.#process, 'close').then(([code, signal]: readonly unknown[]) =>
      typeof code === 'number' ? code : (signal as NodeJS.Signals | null),
    )
  }

  /** Everything it said so far. */
  get output(): string {
    return this.#output
  }

  /** The port for Postgres clients, once it listens. Throws with its output when it ends first. */
  async ready(): Promise<number> {
    const start = Date.now()
    while (Date.now() - start < PATIENCE && this.#process.exitCode === null) {
      const port = /"postgres":(\d+)[^\n]*countersign is ready/.exec(this.#output)?.[1]
      if (port !== undefined) return Number(port)
      await soon()
    }
    throw new Error(`it did not start: ${this.#output}`)
  }

  /** Ends it by its id and waits until it is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#process.kill(signal)
    await this.ended
  }
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
