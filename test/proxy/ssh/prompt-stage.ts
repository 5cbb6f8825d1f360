import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import xterm from '@xterm/headless'
import type { LineHistory } from '../../../src/model/line-history.ts'
import { PROBE } from '../../../src/protocol/ssh/carry.ts'
import type {
  AskEnd,
  LineEnd,
  Listening,
  PromptSeat,
  PromptWork,
  RunWatch,
} from '../../../src/proxy/ssh/prompt-seat.ts'
import { openPrompt, type Prompt } from '../../../src/proxy/ssh/prompt.ts'
import type { Refused } from '../../../src/session/ruling.ts'
import { FakeClock } from '../../store/fake-clock.ts'

export interface StageOptions {
  readonly columns?: number
  readonly rows?: number
  readonly isPlain?: boolean
  readonly history?: readonly string[]
  /** Answer to the probe. */
  readonly shell?: string
  readonly refusesListening?: Refused
}

type OnRun = (work: PromptWork, watch: RunWatch) => Promise<LineEnd> | LineEnd

/** A line that is cleared at once, says so to the side channel, and ends with 0. */
const EXIT: LineEnd = { kind: 'exit', code: 0 }

/** A prompt before a terminal emulator, over a target that is made of answers. */
export class PromptStage implements PromptSeat {
  readonly person = 'alice'
  readonly target = 'web-1'
  readonly clock = new FakeClock()
  readonly channel: Duplex
  readonly terminal: xterm.Terminal
  /** Lines that went to the guard. */
  readonly ran: PromptWork[] = []
  readonly asked: string[] = []
  readonly marks: string[] = []
  readonly kept: string[] = []
  readonly faults: Error[] = []
  listening = false
  /** Everything that went to the terminal. */
  written = ''
  /** What becomes of the next lines. */
  onRun: OnRun = (work, { onStart }) => {
    onStart()
    this.report(work, { directory: work.statement.directory ?? '/home/alice' })
    return EXIT
  }
  onAsk: (text: string, cancelled: AbortSignal) => Promise<AskEnd> | AskEnd = () => ({ kind: 'lost' })
  readonly #leave = new AbortController()
  readonly #listeners = new Set<() => void>()
  readonly #options: StageOptions
  #tell: (chunk: Buffer) => void = () => undefined
  #size: { columns: number; rows: number }
  prompt: Prompt | undefined

  constructor(options: StageOptions = {}) {
    const { columns = 60, rows = 12 } = options
    this.#options = options
    this.#size = { columns, rows }
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
    this.channel = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _, done) => {
        this.written += chunk.toString()
        this.terminal.write(chunk, done)
      },
    })
  }

  /** Opens the prompt and waits until it is drawn. */
  async open(): Promise<this> {
    const history: LineHistory = {
      load: () => Promise.resolve(this.#options.history ?? []),
      add: ({ text }) => Promise.resolve(void this.kept.push(text)),
    }
    this.prompt = openPrompt({
      ...{ seat: this, history, clock: this.clock, scrub: (line) => line.replaceAll(/\d{16}/g, '****') },
      onFault: (error) => this.faults.push(error),
    })
    await this.quiet()
    return this
  }

  get isPlain(): boolean {
    return this.#options.isPlain ?? false
  }

  get gone(): AbortSignal {
    return this.#leave.signal
  }

  size(): { columns: number; rows: number } {
    return this.#size
  }

  onResize(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async run(work: PromptWork, watch: RunWatch): Promise<LineEnd> {
    this.ran.push(work)
    return this.onRun(work, watch)
  }

  async ask({
    statement: { text },
    cancelled,
  }: PromptWork & { limit: number; cancelled: AbortSignal }): Promise<AskEnd> {
    this.asked.push(text)
    if (text !== PROBE) return this.onAsk(text, cancelled)
    return { kind: 'done', code: 0, stdout: Buffer.from(this.#options.shell ?? 'bash=5.2.15(1)-release\n'), cut: false }
  }

  listen(_: PromptWork, onChunk: (chunk: Buffer) => void): Promise<Listening | Refused> {
    if (this.#options.refusesListening !== undefined) return Promise.resolve(this.#options.refusesListening)
    this.listening = true
    this.#tell = onChunk
    onChunk(Buffer.from('fifo /tmp/x/report\0'))
    this.tell(0, { directory: '/home/alice', exported: { HOME: '/home/alice', PATH: '/usr/bin:/bin' } })
    return Promise.resolve({ close: () => (this.listening = false) })
  }

  mark(kind: string, detail?: string): void {
    this.marks.push(detail === undefined ? kind : `${kind}: ${detail}`)
  }

  /** What a line leaves behind, on the side channel. */
  report(work: PromptWork, told: Parameters<PromptStage['tell']>[1]): void {
    this.tell(Number(/__cs_end "\$\?" (\d+)/.exec(work.sent)?.[1]), told)
  }

  tell(turn: number, { directory = '/home/alice', exported = {} as Record<string, string> }): void {
    const variables = { HOME: '/home/alice', PATH: '/usr/bin:/bin', ...exported }
    const fields = [
      ...[`begin ${turn}`, 'status 0', 'umask 0022', 'term xterm', `directory ${directory}`],
      ...Object.entries(variables).map(([name, value]) => `export ${name}=${value}`),
      `end ${turn}`,
    ]
    this.#tell(Buffer.from(fields.map((field) => `${field}\0`).join('')))
  }

  /** The person types. */
  async type(keys: string): Promise<this> {
    this.channel.push(Buffer.from(keys))
    return this.quiet()
  }

  /** The person's program prints. */
  print(text: string): void {
    this.channel.write(text)
  }

  async resize(columns: number, rows: number): Promise<this> {
    this.#size = { columns, rows }
    this.terminal.resize(columns, rows)
    for (const listener of this.#listeners) listener()
    return this.quiet()
  }

  leave(): void {
    this.#leave.abort()
  }

  /** Lets everything happen that can. */
  async quiet(): Promise<this> {
    for (let round = 0; round < 12; round += 1) await setImmediate()
    return this
  }

  /** What the terminal shows. */
  async screen(): Promise<string> {
    await this.quiet()
    await new Promise<void>((resolve) => this.terminal.write('', resolve))
    const { active } = this.terminal.buffer
    const rows = Array.from(
      { length: active.length },
      (_, at) => active.getLine(at)?.translateToString(true).trimEnd() ?? '',
    )
    return rows.join('\n').trimEnd()
  }
}
