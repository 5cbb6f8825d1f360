import { PAGER_ENVIRONMENT } from '../../classify/shell/variables.ts'
import type { ShellStatement } from '../../model/statement.ts'
import { after, UNREPORTED } from '../../protocol/ssh/carry-after.ts'
import { ReportReader, type Report } from '../../protocol/ssh/carry-report.ts'
import { asked, isBash, LISTENER, NOTHING_CARRIED, PROBE, wrapped, type Carried } from '../../protocol/ssh/carry.ts'
import type { Clock } from '../../std/clock.ts'
import { deferred, type Deferred } from '../../std/deferred.ts'
import type { Listening, PromptSeat, PromptWork } from './prompt-seat.ts'
import { believed } from './prompt-trust.ts'
import { LOST, NO_BASH, NO_CARRIER } from './prompt-words.ts'
import { refusalLines } from './refusals.ts'

export interface CarrierDeps {
  readonly seat: PromptSeat
  readonly clock: Clock
}

/** How long the target may take to answer the first questions, in milliseconds. */
const START_MS = 10_000
/** How long a report may come after the end of its line: it is on its way by then, on another channel of the same connection. */
const REPORT_MS = 1_000
/** Bytes of an answer to the probe. */
const PROBE_LIMIT = 256

/**
 * How the side channel is recorded and judged: it does nothing to the target but make a fifo in a folder of its own, and its text is the same in every
 * session, so it counts as the comment that it is.
 */
const LISTENING: ShellStatement = statementOf(
  ': countersign carries directory and variables from line to line',
  NOTHING_CARRIED,
  false,
)

/** Directory and variables on their way from one line to the next, and the side channel on which they come back. */
export class PromptCarrier {
  readonly #deps: CarrierDeps
  readonly #reader = new ReportReader()
  #listening: Listening | undefined
  #fifo: string | undefined
  #fresh: Report | undefined
  /** Pagers open no shell unless the person takes that away, and what they page is judged by it. */
  #carried: Carried = { ...NOTHING_CARRIED, environment: PAGER_ENVIRONMENT }
  #turn = 0
  #line: ShellStatement | undefined
  #awaited: { readonly turn: number; readonly report: Deferred<Report | undefined> } | undefined

  constructor(deps: CarrierDeps) {
    this.#deps = deps
  }

  get carried(): Carried {
    return this.#carried
  }

  /** The folder that a fresh shell starts in. */
  get home(): string {
    return this.#fresh?.directory ?? '/'
  }

  /** What a variable is at the beginning of the next line. */
  variable(name: string): string | undefined {
    if (this.#carried.unset.includes(name)) return undefined
    return this.#carried.environment.get(name) ?? this.#fresh?.exported?.get(name)
  }

  /** Looks whether the shell is bash and opens the side channel; words for the person where that fails. */
  async start(): Promise<readonly string[] | undefined> {
    const { seat, clock } = this.#deps
    const giveUp = new AbortController()
    const stop = clock.after(START_MS, () => giveUp.abort())
    const probe = { statement: statementOf(PROBE, NOTHING_CARRIED, false), sent: PROBE }
    const answer = await seat.ask({ ...probe, limit: PROBE_LIMIT, cancelled: giveUp.signal })
    stop()
    if (answer.kind === 'refused') return refusalLines(answer.refusal)
    if (answer.kind === 'lost') return [LOST]
    if (!isBash(answer.stdout.toString('utf8'))) return [NO_BASH]
    return this.#listen()
  }

  async #listen(): Promise<readonly string[] | undefined> {
    const first = this.#await(0)
    const listening = await this.#deps.seat.listen({ statement: LISTENING, sent: LISTENER }, (chunk) =>
      this.#hear(chunk),
    )
    if ('outcome' in listening) return refusalLines(listening)
    this.#listening = listening
    this.#fresh = await this.#within(first, START_MS)
    const isOpen = this.#fifo !== undefined && this.#fresh?.kind === 'told'
    return isOpen ? undefined : [NO_CARRIER]
  }

  /** The line as it is judged and sent. */
  work(line: string): PromptWork {
    this.#turn += 1
    const sent = wrapped(line, this.#carried, { fifo: this.#fifo ?? '', turn: this.#turn })
    this.#line = statementOf(line, this.#carried, true)
    return { statement: this.#line, sent }
  }

  /** A question in the place where the next line will run. */
  question(text: string): PromptWork {
    return { statement: statementOf(text, this.#carried, false), sent: asked(text, this.#carried) }
  }

  /** Begins to wait for the report of the line that `work` was made for last; call it before the line runs. */
  expect(): Promise<Report | undefined> {
    return this.#await(this.#turn)
  }

  /** Takes over what the line left behind, and returns what the person is to be told of it. */
  async take(coming: Promise<Report | undefined>, status: number): Promise<readonly string[]> {
    const report = await this.#within(coming, REPORT_MS)
    if (report === undefined) {
      this.#carried = { ...this.#carried, status }
      return [UNREPORTED]
    }
    const told = believed(report, this.#line, (name) => this.variable(name))
    const { carried, notes } = after(this.#carried, told, this.#fresh?.exported ?? new Map<string, string>())
    this.#carried = { ...carried, status }
    return notes
  }

  /** What the next line's `$?` will be. */
  set status(status: number) {
    this.#carried = { ...this.#carried, status }
  }

  close(): void {
    this.#listening?.close()
    this.#awaited?.report.resolve(undefined)
  }

  #await(turn: number): Promise<Report | undefined> {
    const report = deferred<Report | undefined>()
    this.#awaited = { turn, report }
    return report.promise
  }

  #within(report: Promise<Report | undefined>, ms: number): Promise<Report | undefined> {
    const stop = this.#deps.clock.after(ms, () => this.#awaited?.report.resolve(undefined))
    return report.finally(stop)
  }

  #hear(chunk: Buffer): void {
    for (const heard of this.#reader.push(chunk)) {
      if (heard.kind === 'fifo') this.#fifo ??= heard.path
      else if (heard.turn === this.#awaited?.turn) this.#awaited.report.resolve(heard)
    }
  }
}

function statementOf(text: string, { directory, environment }: Carried, terminal: boolean): ShellStatement {
  return { kind: 'shell', text, directory, environment, terminal }
}
