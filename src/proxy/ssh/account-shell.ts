import { isBash, PROBE } from '../../protocol/ssh/carry.ts'
import { runCommand, type CommandWay } from './command.ts'
import type { Desk } from './desk.ts'
import { createPlainVeil } from './veil.ts'

/** What reads the command lines that an account is sent: bash, as whose they are judged, or nobody knows what. */
export type LineReader = 'bash' | 'unknown'

export interface AccountShellDeps {
  readonly monoMicros: () => number
  readonly after: (ms: number, callback: () => void) => () => void
}

/** An account's shell seldom changes, and only by commands that are held. */
const REMEMBERED_MICROS = 10 * 60 * 1_000_000
/** A shell that has not answered by then is none that is known, in milliseconds. */
const PATIENCE_MS = 5000
/** The answer is one short line, whatever a startup file says before it. */
const MOST_ANSWER = 16 * 1024
/** Nobody is asked about a question of ours: what a rule would hold is refused. */
const NOBODY = AbortSignal.abort()
/** No channel of the client belongs to it. */
const OURS = 0

/**
 * The login shell of a target's account, which reads every command line that is sent there. sshd starts whatever the account has: where that is not bash, the
 * same line may do something else than was judged. Asked with a line that is judged and recorded like any other; an answer of bash is remembered.
 */
export class AccountShell {
  readonly #deps: AccountShellDeps
  #bashUntil = -1

  constructor(deps: AccountShellDeps) {
    this.#deps = deps
  }

  async reader(desk: Desk, gone: AbortSignal): Promise<LineReader> {
    if (this.#deps.monoMicros() < this.#bashUntil) return 'bash'
    if (!isBash(await this.#answer(desk, gone))) return 'unknown'
    this.#bashUntil = this.#deps.monoMicros() + REMEMBERED_MICROS
    return 'bash'
  }

  async #answer(desk: Desk, gone: AbortSignal): Promise<string> {
    const giveUp = new AbortController()
    const stop = this.#deps.after(PATIENCE_MS, () => giveUp.abort('no answer'))
    let answer = ''
    const hear = (bytes: Buffer): void => {
      answer += bytes.toString('latin1')
      if (answer.length > MOST_ANSWER) giveUp.abort('too much of an answer')
    }
    const way = silent(AbortSignal.any([gone, giveUp.signal]), hear)
    const { upstream } = desk.parts
    const settings = { terminal: undefined, environment: NOTHING }
    await runCommand(
      desk,
      { ...QUESTION, channel: OURS, launch: (frame, clearance) => upstream.exec(frame, settings, clearance) },
      way,
    )
    stop()
    return giveUp.signal.aborted ? '' : answer
  }
}

const NOTHING: ReadonlyMap<string, string> = new Map()

const QUESTION = {
  frame: Buffer.from(PROBE),
  message: 'exec',
  statement: { kind: 'shell', text: PROBE, directory: undefined, environment: NOTHING, terminal: false },
} as const

const silent = (gone: AbortSignal, out: (bytes: Buffer) => void): CommandWay => ({
  near: {
    ...{ input: undefined, terminal: undefined, gone, out },
    err: () => undefined,
    fedBy: () => () => undefined,
    onSignal: () => () => undefined,
  },
  ...{ out: createPlainVeil(), err: createPlainVeil() },
  judging: { gone, cancelled: NOBODY },
})
