import type { ApprovalId } from '../../model/ids.ts'
import type { Scrubbed } from '../../model/scrubbed.ts'
import type { CloseReason } from '../../recording/event.ts'
import type { SessionRecording } from '../../recording/session-recording.ts'
import type { SessionPort } from '../../session/registry.ts'
import { deferred } from '../../std/deferred.ts'
import type { Clock } from '../../std/clock.ts'
import { asError } from '../../std/errors.ts'
import { CLIENT_LEFT, type Call } from './call.ts'
import type { Asked } from './channels.ts'
import { Desk, type ActionGuard } from './desk.ts'
import { serveExec } from './exec.ts'
import type { ForwardAsk } from './forward-asks.ts'
import { forwardsSeat, type ForwardsHostParts } from './forwards-host.ts'
import { Forwards } from './forwards.ts'
import { Idle } from './idle.ts'
import { PromptHost } from './prompt-host.ts'
import type { PromptSeat } from './prompt-seat.ts'
import type { Prompt } from './prompt.ts'
import { LOST } from './refusals.ts'
import { serveSftp } from './sftp.ts'
import { serveShell } from './shell.ts'
import type { SshTarget } from './target.ts'
import type { Upstream } from './upstream.ts'

/** How a session ended. */
export interface SessionEnd {
  readonly reason: CloseReason
  readonly text: string | undefined
}

/** Everything a session is given once its person is known and its target has answered. */
export interface SessionParts {
  readonly target: SshTarget
  readonly person: string
  readonly guard: ActionGuard
  readonly recording: SessionRecording
  readonly upstream: Upstream
  readonly connection: ForwardsHostParts['connection']
  /** Which forwards target and login leave open; each is judged besides. */
  readonly switches: ForwardsHostParts['switches']
  /** Channels of the client on which something was asked for. */
  readonly calls: () => ReadonlySet<Call>
  readonly scrub: (text: string) => Scrubbed
  readonly clock: Clock
  /** Opens our own prompt on one channel. */
  readonly prompt: (seat: PromptSeat) => Prompt
  readonly idleMs: number
  readonly recordedOutput: number
  readonly finishApproval: (approval: ApprovalId, to: 'done' | 'unknown', detail: string) => void
  /** For the operator's log. */
  readonly onError: (error: Error) => void
}

/** One client connection between login and close: channels that know nothing of each other, over one connection to the target. */
export class SshSession implements SessionPort {
  readonly desk: Desk
  readonly #parts: SessionParts
  readonly #ended = deferred<SessionEnd>()
  readonly #gone = new AbortController()
  readonly #idle: Idle
  readonly #forwards: Forwards
  readonly #work = new Set<Promise<void>>()
  #over = false

  constructor(parts: SessionParts) {
    this.#parts = parts
    const { guard, upstream, recording, scrub, clock, idleMs, target } = parts
    const monoMicros = (): number => clock.monoMicros()
    const after: Clock['after'] = (ms, callback) => clock.after(ms, callback)
    const onIdle = (): void => this.close('idle', 'the session was idle for too long')
    this.#idle = new Idle({ idleMs, monoMicros, after, onIdle })
    this.desk = new Desk({
      ...{ guard, upstream, scrub, clock, monoMicros, after, gone: this.#gone.signal },
      accountShell: target.accountShell,
      cast: recording.cast.bind(recording),
      recordedOutput: parts.recordedOutput,
      append: recording.append.bind(recording),
      handOver: recording.handOver.bind(recording),
      finish: parts.finishApproval,
      onInput: () => this.#idle.active(),
      busy: () => this.#idle.busy(),
      onFault: (thrown) => this.#fault(thrown),
    })
    const { connection, calls, switches } = parts
    this.#forwards = new Forwards(forwardsSeat({ desk: this.desk, connection, calls, switches }))
  }

  /** Runs until one side leaves or somebody ends it. Never rejects. */
  async run(): Promise<SessionEnd> {
    const { upstream } = this.#parts
    const left = (): void => this.#lost()
    if (upstream.lost.aborted) left()
    else upstream.lost.addEventListener('abort', left, { once: true })
    this.#idle.start()
    const end = await this.#ended.promise
    this.#idle.stop()
    // What became void just now still writes its ruling and its end: the recording waits for it, though not for ever.
    await Promise.race([Promise.allSettled(this.#work), this.#grace()])
    upstream.end()
    return end
  }

  /** Something asked for beside the channels. */
  takeForward(ask: ForwardAsk): void {
    if (this.#over) {
      ask.reject()
      return
    }
    this.#idle.active()
    this.#under(this.#forwards.take(ask))
  }

  /** Something asked for on a channel of its own; the others go on whatever becomes of it. */
  take(asked: Asked): void {
    if (this.#over) return
    this.#idle.active()
    this.#under(this.#serve(asked))
  }

  clientLeft(): void {
    this.#end({ reason: 'client-left', text: undefined })
  }

  protocolError(text: string): void {
    if (!this.#over) this.say(text)
    this.#end({ reason: 'protocol-error', text })
  }

  say(text: string): void {
    for (const call of this.#parts.calls()) call.tell(text)
  }

  cancelRunning(): void {
    for (const call of this.#parts.calls()) call.signal('INT')
  }

  statements(): number {
    return this.#parts.guard.statements
  }

  close(reason: CloseReason, text: string): void {
    if (this.#over) return
    this.say(text)
    this.#end({ reason, text })
  }

  /** Nothing more is judged, claimed or sent. */
  get isOver(): boolean {
    return this.#over
  }

  #under(way: Promise<void>): void {
    const work = way.catch((thrown: unknown) => this.#fault(thrown))
    this.#work.add(work)
    void work.finally(() => this.#work.delete(work))
  }

  #serve(asked: Asked): Promise<void> {
    const { call } = asked
    switch (asked.kind) {
      case 'exec':
        return serveExec(call, asked.text, this.desk)
      case 'sftp':
        return serveSftp(call, this.desk)
      case 'shell':
        return serveShell(call, this.desk, { mode: this.#parts.target.shell, prompt: (at) => this.#prompt(at) })
    }
  }

  #prompt(call: Call): Promise<number> {
    const { person, target, prompt } = this.#parts
    const opened = prompt(new PromptHost({ call, desk: this.desk, person, target: target.target.name }))
    call.speakThrough((text) => opened.say(text))
    return opened.ended
  }

  #grace(): Promise<undefined> {
    return new Promise((resolve) => this.#parts.clock.after(GRACE_MS, () => resolve(undefined)))
  }

  /** Every command tells its client by itself that the target is gone; then the session ends as well. */
  #lost(): void {
    const reason: unknown = this.#parts.upstream.lost.reason
    const text = typeof reason === 'string' ? reason : 'the target closed the connection'
    const end = (): void => this.#end({ reason: 'upstream-left', text })
    void Promise.race([Promise.allSettled(this.#work), this.#grace()]).then(end)
  }

  #fault(thrown: unknown): void {
    if (this.#over) return
    const error = asError(thrown)
    this.#parts.onError(error)
    const text =
      error.name === 'RecorderError'
        ? 'the session cannot be recorded, so it ends'
        : 'an internal fault ended the session'
    this.close('fault', text)
  }

  #end(end: SessionEnd): void {
    if (this.#over) return
    this.#over = true
    this.#gone.abort(end.text ?? CLIENT_LEFT)
    for (const call of this.#parts.calls()) void call.outlet.end(LOST)
    this.#ended.resolve(end)
  }
}

/** For the last rulings and ends of a session that is over, in milliseconds. */
const GRACE_MS = 3000
