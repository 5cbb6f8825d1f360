import type { ActionFacts } from '../../model/action-facts.ts'
import type { ApprovalId } from '../../model/ids.ts'
import type { Scrubbed } from '../../model/scrubbed.ts'
import type { Statement } from '../../model/statement.ts'
import type { Cast, CastRequest } from '../../recording/cast.ts'
import type { ActionMessage, InputMark, SessionEvent } from '../../recording/event.ts'
import type { Guard, JudgeOptions } from '../../session/judgement.ts'
import type { ActionRequest } from '../../session/action-matter.ts'
import type { Clock } from '../../std/clock.ts'
import { refused, type Cleared, type Refused, type Ruling } from '../../session/ruling.ts'
import type { AccountShell } from './account-shell.ts'
import type { Call } from './call.ts'
import type { Exit } from './conduit.ts'
import { EchoWatch } from './echo-watch.ts'
import type { Upstream } from './upstream.ts'

/** The guard of a session over SSH. */
export type ActionGuard = Guard<ActionFacts, ActionRequest>

/** What every channel of a session shares. */
export interface DeskParts {
  readonly guard: ActionGuard
  readonly upstream: Upstream
  readonly accountShell: AccountShell
  /** Fires when the session ends, whoever ends it. */
  readonly gone: AbortSignal
  readonly append: (event: SessionEvent) => void
  readonly handOver: () => void
  readonly cast: (channel: number, request: CastRequest) => Cast
  /** Of the output of a command without a terminal, which may be a whole disk, so many bytes are kept; the rest is counted and hashed. */
  readonly recordedOutput: number
  readonly scrub: (text: string) => Scrubbed
  readonly clock: Clock
  readonly monoMicros: () => number
  readonly after: (ms: number, callback: () => void) => () => void
  /** Settles the approval of what ran. */
  readonly finish: (approval: ApprovalId, to: 'done' | 'unknown', detail: string) => void
  /** The person, or their program, did something. */
  readonly onInput: () => void
  /** Something waits, or runs without anybody typing: not idle until the returned function is called. */
  readonly busy: () => () => void
  /** The session cannot go on: its recording failed, or we are at fault. */
  readonly onFault: (thrown: unknown) => void
}

/** What is to be judged: the bytes that will leave and what they mean. */
export interface Wanted {
  readonly frame: Uint8Array
  readonly message: ActionMessage
  readonly statement: Statement
}

const UNAVAILABLE = 'this could not be judged safely, so it was not run'
/** Lines that wait for a place to be said at. */
const MOST_UNTOLD = 20
const NO_SUSPEND = 'Ctrl-Z stops nothing here: there is no shell that could bring it back. Ctrl-C ends it'

/** The place where channels have things judged and tell how they ended. */
export class Desk {
  readonly parts: DeskParts
  #untold: string[] = []

  constructor(parts: DeskParts) {
    this.parts = parts
  }

  /** Never rejects: a session that cannot be recorded ends, and nothing runs. */
  async judge(wanted: Wanted, options: JudgeOptions): Promise<Ruling<ActionFacts>> {
    const { guard, busy, onFault } = this.parts
    const free = busy()
    try {
      return await guard.judge({ ...wanted, transaction: 'idle', screen: nothing, preparesOnly: false }, options)
    } catch (thrown) {
      onFault(thrown)
      return refused('unavailable', UNAVAILABLE)
    } finally {
      free()
    }
  }

  /** Records a refusal of our own, of what is nothing to judge. */
  object(what: string, refusal: Refused): void {
    this.#safely(() => this.parts.guard.object(what, refusal))
  }

  /** Words about something that has no channel of its own: on a terminal of the same person, else beside the output of a command, else with the next of both. */
  tell(calls: ReadonlySet<Call>, lines: readonly string[]): void {
    const open = [...calls].filter(({ tap }) => tap !== undefined)
    const call = open.find(({ terminal }) => terminal !== undefined) ?? open[0]
    if (call === undefined) this.#untold = [...this.#untold, ...lines].slice(0, MOST_UNTOLD)
    for (const line of lines) call?.tell(line)
  }

  /** Keeps what the client of this channel gets from here on. */
  keep(call: Call, command: string): void {
    const { terminal, number } = call
    const { scrub, cast, recordedOutput, onFault } = this.parts
    const { columns, rows } = terminal?.size ?? { columns: 80, rows: 24 }
    const limit = terminal === undefined ? recordedOutput : undefined
    const kept = cast(number, { columns, rows, command: scrub(command), terminal: terminal !== undefined, limit })
    call.keepIn(kept, onFault)
    for (const line of this.#untold.splice(0)) call.tell(line)
    terminal?.onResize(() => {
      const now = terminal.size
      this.#safely(() => kept.resize(now.columns, now.rows))
      this.record({ kind: 'ssh.resize', channel: number, ...now })
    })
  }

  record(event: SessionEvent): void {
    this.#safely(() => this.parts.append(event))
  }

  /** Notes what the keys of a channel were about: in the chain, and at this moment of what its terminal shows. */
  mark({ number: channel, tap }: Call, what: InputMark, detail?: string): void {
    const { scrub } = this.parts
    this.record({ kind: 'ssh.input', channel, what, detail: detail === undefined ? undefined : scrub(detail) })
    this.#safely(() => tap?.mark(scrub(detail === undefined ? what : `${what}: ${detail}`)))
  }

  /** Watches the keys of a channel's terminal while a program has it. `stops`: the program has a shell of its own, which knows Ctrl-Z. */
  echoOf(call: Call, stops: boolean): EchoWatch {
    const onSuspend = (): void => {
      this.mark(call, 'suspend-declined')
      call.tell(NO_SUSPEND)
    }
    return new EchoWatch({
      after: this.parts.after,
      onHidden: () => this.mark(call, 'echo-off'),
      onSuspend: stops ? undefined : onSuspend,
    })
  }

  /** What was cleared did not run after all. */
  notRun(cleared: Cleared<ActionFacts>, channel: number, why: string): void {
    const { statement } = cleared
    const nothing = { bytesOut: 0, bytesErr: 0, bytesIn: 0, ms: 0, pans: 0 }
    this.record({ kind: 'ssh.exit', statement, channel, code: undefined, signal: undefined, ...nothing })
    this.parts.guard.abandon(cleared, why).catch((thrown: unknown) => this.parts.onFault(thrown))
  }

  /** What became of a command that ran. */
  ended(cleared: Cleared<ActionFacts>, of: Ended): void {
    const { exit, bytes, pans, startedAt, channel } = of
    const { scrub, monoMicros, finish } = this.parts
    const name = signalOf(exit)
    const signal = name === undefined ? undefined : scrub(name)
    const ms = Math.round((monoMicros() - startedAt) / 1000)
    const { statement, approval } = cleared
    const counts = { bytesOut: bytes.out, bytesErr: bytes.err, bytesIn: bytes.in, ms, pans }
    this.record({ kind: 'ssh.exit', statement, channel, code: exit.code, signal, ...counts })
    if (pans > 0) this.record({ kind: 'find', statement, where: 'output', count: pans })
    if (approval !== undefined) finish(approval, isKnown(exit) ? 'done' : 'unknown', inWords(exit))
  }

  #safely(write: () => void): void {
    try {
      write()
    } catch (thrown) {
      this.parts.onFault(thrown)
    }
  }
}

/** How a command ended, with what passed. */
export interface Ended {
  readonly channel: number
  readonly exit: Exit
  readonly bytes: { readonly out: number; readonly err: number; readonly in: number }
  readonly pans: number
  /** Monotonic microseconds. */
  readonly startedAt: number
}

const nothing = (): undefined => undefined

const isKnown = ({ code, signal }: Exit): boolean => code !== undefined || signal !== undefined

/** The target may call a signal what it likes; what could be no name is kept nowhere and shown to nobody. RFC 4254, section 6.10. */
function signalOf({ signal }: Exit): string | undefined {
  return signal === undefined || SIGNAL_NAME.test(signal) ? signal : 'unknown'
}

const SIGNAL_NAME = /^[A-Za-z][A-Za-z0-9+@._-]{0,31}$/

function inWords(exit: Exit): string {
  if (exit.code !== undefined) return `exit status ${exit.code}`
  const signal = signalOf(exit)
  return signal === undefined ? 'nobody knows how it ended' : `ended by SIG${signal}`
}
