import type { ServerChannel } from 'ssh2'
import type { Cast } from '../../recording/cast.ts'
import type { Refused } from '../../session/ruling.ts'
import { ChannelOutlet } from './channel-outlet.ts'
import { refusalLines, spoken, statusOf } from './refusals.ts'
import type { Terminal } from './terminal.ts'

/** Why something is over that nobody took away. */
export const CLIENT_LEFT = 'the client left'

export interface CallParts {
  /** From 1, in the order of opening. */
  readonly number: number
  readonly channel: ServerChannel
  readonly terminal: Terminal | undefined
  readonly environment: ReadonlyMap<string, string>
}

/** One channel of a client on which something was asked for: the client's end of it, accepted and not yet ended. */
export class Call {
  readonly number: number
  readonly channel: ServerChannel
  readonly outlet: ChannelOutlet
  readonly terminal: Terminal | undefined
  readonly environment: ReadonlyMap<string, string>
  readonly #gone = new AbortController()
  readonly #signals = new Set<(signal: string) => void>()
  #tap: Cast | undefined
  #onFault: (thrown: unknown) => void = () => undefined
  #isBroken = false
  #speaker: ((text: string) => void) | undefined

  constructor({ number, channel, terminal, environment }: CallParts) {
    this.number = number
    this.channel = channel
    this.terminal = terminal
    this.environment = environment
    this.outlet = new ChannelOutlet(channel)
  }

  /** Fires when the client closed the channel or left. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  leave(): void {
    this.#gone.abort(CLIENT_LEFT)
  }

  /** From here on everything that the client gets is kept before it leaves. `onFault`: it cannot be kept, and nothing more leaves but words of ours. */
  keepIn(tap: Cast, onFault: (thrown: unknown) => void): void {
    this.#tap = tap
    this.#onFault = onFault
  }

  get tap(): Cast | undefined {
    return this.#tap
  }

  out(bytes: Buffer): void {
    this.#keep(bytes)
    if (!this.#isBroken) this.outlet.out(bytes)
  }

  err(bytes: Buffer): void {
    this.#keep(bytes)
    if (!this.#isBroken) this.outlet.err(bytes)
  }

  /** Lines of ours: on the screen of a terminal, elsewhere on error output, where no program reads them as data. */
  say(lines: readonly string[]): void {
    const bytes = spoken(lines, this.terminal !== undefined)
    this.#keep(bytes)
    if (this.terminal === undefined) this.outlet.err(bytes)
    else this.outlet.out(bytes)
  }

  /** Words of the session, between whatever else is on the screen. */
  tell(text: string): void {
    if (this.#speaker !== undefined) {
      this.#speaker(text)
      return
    }
    if (this.terminal !== undefined) this.out(Buffer.from('\r\n'))
    this.say([text])
  }

  /** Somebody else has the screen and puts the session's words where they fit. */
  speakThrough(speaker: (text: string) => void): void {
    this.#speaker = speaker
  }

  /** Tells why and ends the channel, as a shell ends a command that it may not run. */
  refuse(refusal: Pick<Refused, 'kind' | 'message' | 'detail' | 'hint'>): Promise<void> {
    this.say(refusalLines(refusal))
    return this.outlet.end(statusOf(refusal.kind))
  }

  /** A signal that the client asks for, without SIG. The returned function ends it. */
  onSignal(listener: (signal: string) => void): () => void {
    this.#signals.add(listener)
    return () => this.#signals.delete(listener)
  }

  signal(name: string): void {
    for (const listener of this.#signals) listener(name)
  }

  #keep(bytes: Buffer): void {
    if (this.#isBroken || bytes.length === 0) return
    try {
      this.#tap?.output(bytes)
    } catch (thrown) {
      this.#isBroken = true
      this.#onFault(thrown)
    }
  }
}
