import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { after, UNREPORTED } from '../../../src/protocol/ssh/carry-after.ts'
import { ReportReader, type Report } from '../../../src/protocol/ssh/carry-report.ts'
import { LISTENER, NOTHING_CARRIED, wrapped, type Carried } from '../../../src/protocol/ssh/carry.ts'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly notes: readonly string[]
}

/** What a real bash of this machine does with wrapped lines, one after the other; its listener and its folder go with the test. */
export class BashTarget {
  carried: Carried = NOTHING_CARRIED
  readonly home: string
  readonly #environment: Record<string, string>
  readonly #listener: ChildProcessWithoutNullStreams
  readonly #reader = new ReportReader()
  readonly #reports: Report[] = []
  #fifo = ''
  #fresh: ReadonlyMap<string, string> = new Map()
  #turn = 0
  #heard = (): void => undefined

  constructor(test: TestContext, more: Record<string, string> = {}) {
    this.home = mkdtempSync(path.join(tmpdir(), 'countersign-bash-'))
    this.#environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.home,
      LANG: 'C.UTF-8',
      TMPDIR: this.home,
      ...more,
    }
    this.#listener = spawn('bash', ['-c', LISTENER], { env: this.#environment, cwd: this.home })
    this.#listener.stdout.on('data', (chunk: Buffer) => {
      for (const heard of this.#reader.push(chunk)) {
        if (heard.kind === 'fifo') this.#fifo = heard.path
        else this.#reports.push(heard)
      }
      this.#heard()
    })
    test.after(async () => {
      await this.close()
      rmSync(this.home, { recursive: true, force: true })
    })
  }

  get fifo(): string {
    return this.#fifo
  }

  async start(): Promise<this> {
    const first = await this.#next(0)
    this.#fresh = first.exported ?? new Map()
    return this
  }

  /** Runs a line to its end; waits for its report unless it is known that none comes. */
  async run(line: string, { silent = false } = {}): Promise<Ran> {
    this.#turn += 1
    const sent = wrapped(line, this.carried, { fifo: this.#fifo, turn: this.#turn })
    const { status, stdout, stderr } = spawnSync('bash', ['-c', sent], {
      env: this.#environment,
      cwd: this.home,
      encoding: 'utf8',
      timeout: 10_000,
    })
    if (silent) return { code: status, stdout, stderr, notes: [UNREPORTED] }
    const { carried, notes } = after(this.carried, await this.#next(this.#turn), this.#fresh)
    this.carried = carried
    return { code: status, stdout, stderr, notes }
  }

  /** Ends the listener as the end of its channel does, and waits until it is gone. */
  async close(): Promise<void> {
    if (this.#listener.exitCode !== null) return
    const gone = new Promise((resolve) => this.#listener.once('close', resolve))
    this.#listener.stdin.end()
    await gone
  }

  async #next(turn: number): Promise<Report> {
    for (;;) {
      const report = this.#reports.shift()
      if (report?.turn === turn) return report
      if (report === undefined) await new Promise<void>((resolve) => (this.#heard = resolve))
    }
  }
}
