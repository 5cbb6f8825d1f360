import { constants } from 'node:os'
import { lastingWords } from '../../protocol/ssh/carry-words.ts'
import { MAX_SENT } from '../../protocol/ssh/carry.ts'
import type { PromptCarrier } from './prompt-carrier.ts'
import type { PromptScreen } from './prompt-screen.ts'
import type { LineEnd, PromptSeat } from './prompt-seat.ts'
import { LOST, TOO_LONG } from './prompt-words.ts'
import { heldLines, refusalLines, statusOf } from './refusals.ts'

export interface LineRunDeps {
  readonly seat: PromptSeat
  readonly screen: PromptScreen
  readonly carrier: PromptCarrier
}

/** What became of a line: it ran, it did not, or there is no target any more. */
export type LineFate = 'ran' | 'not-run' | 'lost'

/** One line on its way to the target and back. */
export class LineRun {
  readonly #deps: LineRunDeps
  readonly #cancel = new AbortController()
  #state: 'judged' | 'running' | 'ended' = 'judged'

  constructor(deps: LineRunDeps) {
    this.#deps = deps
  }

  /** Whether a program has the terminal. */
  get isRunning(): boolean {
    return this.#state === 'running'
  }

  /** Whether it can still be taken back. */
  get isJudged(): boolean {
    return this.#state === 'judged'
  }

  /** Takes the line back while it waits. */
  withdraw(): void {
    this.#cancel.abort()
  }

  /** Runs it to its end, says what is to be said of it, and takes over what it left behind. */
  async run(text: string): Promise<LineFate> {
    const { seat, screen, carrier } = this.#deps
    const work = carrier.work(text)
    if (Buffer.byteLength(work.sent) > MAX_SENT) {
      screen.say([TOO_LONG])
      return 'not-run'
    }
    const report = carrier.expect()
    const end = await seat.run(work, {
      cancelled: this.#cancel.signal,
      onHeld: (held) => screen.say(heldLines(held)),
      onStart: () => {
        screen.release()
        this.#state = 'running'
      },
    })
    this.#state = 'ended'
    screen.read()
    const fate = await this.#settle(end, report)
    const words = end.kind === 'exit' ? lastingWords(text) : undefined
    if (words !== undefined) this.#say([words])
    return fate
  }

  async #settle(end: LineEnd, report: Parameters<PromptCarrier['take']>[0]): Promise<LineFate> {
    const { screen, carrier } = this.#deps
    switch (end.kind) {
      case 'refused':
        carrier.status = statusOf(end.refusal.kind)
        screen.say(refusalLines(end.refusal))
        return 'not-run'
      case 'lost':
        this.#say([LOST])
        return 'lost'
      case 'exit':
      case 'signal': {
        const notes = await carrier.take(report, end.kind === 'exit' ? end.code : signalStatus(end.signal))
        if (notes.length > 0) this.#say(notes)
        return 'ran'
      }
    }
  }

  /** Below whatever the program printed last. */
  #say(lines: readonly string[]): void {
    const { screen, seat } = this.#deps
    screen.freshRow(seat.size().columns)
    screen.say(lines)
  }
}

/** The signal as a shell tells it: 128 and its number. */
function signalStatus(signal: string): number {
  const number = Object.entries(constants.signals).find(([name]) => name === `SIG${signal}`)?.[1]
  return 128 + (number ?? 0)
}
