import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import xterm from '@xterm/headless'

const PTY = fileURLToPath(new URL('own_terminal.py', import.meta.url))
/** Environment of a person's terminal. */
const PATIENCE_MS = 8_000

export interface PersonTerminalOptions {
  readonly columns?: number
  readonly rows?: number
  readonly command: readonly [string, ...string[]]
}

/** A person before a terminal in which a program runs: types, waits for what is to be seen, and sees what an emulator shows. */
export class PersonTerminal {
  readonly ended: Promise<number | null>
  /** Every byte that the program sent to the terminal. */
  raw = ''
  readonly #child: ChildProcess
  readonly #terminal: xterm.Terminal
  readonly #watchers = new Set<() => void>()

  constructor({ columns = 80, rows = 24, command }: PersonTerminalOptions) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 5000 })
    this.#child = spawn('python3', [PTY, String(columns), String(rows), ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    })
    this.#child.stdin?.on('error', () => undefined)
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.raw += chunk.toString('latin1')
      this.#terminal.write(chunk, () => {
        for (const watch of this.#watchers) watch()
      })
    })
    this.ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)))
  }

  type(keys: string): void {
    this.#child.stdin?.write(`k ${Buffer.from(keys).toString('hex')}\n`)
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows)
    this.#child.stdin?.write(`s ${columns} ${rows}\n`)
  }

  /** What is on the screen, with what has scrolled away. */
  get screen(): string {
    const { active } = this.#terminal.buffer
    const rows = Array.from(
      { length: active.length },
      (_, at) => active.getLine(at)?.translateToString(true).trimEnd() ?? '',
    )
    return rows.join('\n').trimEnd()
  }

  /** Waits until the screen shows this. */
  sees(what: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#watchers.delete(look)
        reject(new Error(`not seen: ${String(what)}\n${this.screen}`))
      }, PATIENCE_MS)
      const look = (): void => {
        if (!what.test(this.screen)) return
        clearTimeout(late)
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
  }

  /** Hangs up. */
  async close(): Promise<void> {
    this.#child.stdin?.end()
    await this.ended
  }
}
