import { refused } from '../../session/ruling.ts'
import { Channels, type Asked } from './channels.ts'
import { disconnect, REASON } from './disconnect.ts'
import type { Call } from './call.ts'
import type { SshEntered } from './entered.ts'
import { listenForForwards, type ForwardAsk } from './forward-asks.ts'
import { LOST } from './refusals.ts'
import { PacketFault } from './packet-fault.ts'
import type { SshSession } from './session.ts'

export interface LobbyDeps {
  readonly after: (ms: number, callback: () => void) => () => void
}

/** For a client that is turned away to ask for something, and so to be told why, in milliseconds. */
const TELL_MS = 3000
/** For a client to read what was said last on its channels, in milliseconds. */
const READ_MS = 2000
/** For a client whose channels are all closed to leave by itself, in milliseconds. */
const PARTING_MS = 500
/** For its connection to close in order, in milliseconds. */
const LINGER_MS = 5000

/**
 * The client's connection from login to close. What it asks for while its session is being opened waits here; should there be no session, it is told why on
 * the channel that it opened, as SSH has no other place for words.
 */
export class Lobby {
  readonly #entered: SshEntered
  readonly #deps: LobbyDeps
  readonly #channels: Channels
  readonly #gone = new AbortController()
  readonly #waiting: Asked[] = []
  readonly #forwards: ForwardAsk[] = []
  #session: SshSession | undefined
  #fault: string | undefined
  #onForward: (ask: ForwardAsk) => void = (ask) => void this.#forwards.push(ask)
  #onAsked: (asked: Asked) => void = (asked) => void this.#waiting.push(asked)

  constructor(entered: SshEntered, deps: LobbyDeps) {
    this.#entered = entered
    this.#deps = deps
    const { connection, restrictions } = entered
    this.#channels = new Channels({
      ...{ connection, restrictions },
      after: (ms, callback) => deps.after(ms, callback),
      onAsked: (asked) => this.#onAsked(forced(asked, entered)),
    })
    listenForForwards(connection, (ask) => this.#onForward(ask))
    connection.on('error', (error: Error) => this.#failed(error))
    connection.on('close', () => this.#left())
  }

  /** Fires when the client's connection is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** What the client did against the protocol, where that ended it. */
  get fault(): string | undefined {
    return this.#fault
  }

  get calls(): ReadonlySet<Call> {
    return this.#channels.calls
  }

  /** From here on the session takes what is asked for. */
  admit(session: SshSession): void {
    this.#session = session
    this.#onAsked = (asked) => session.take(asked)
    this.#onForward = (ask) => session.takeForward(ask)
    for (const asked of this.#waiting.splice(0)) session.take(asked)
    for (const ask of this.#forwards.splice(0)) session.takeForward(ask)
    if (this.#fault !== undefined) session.protocolError(this.#fault)
    if (this.#gone.signal.aborted) session.clientLeft()
  }

  /** Tells on every channel why there is no session, and ends the connection. */
  async turnAway(text: string): Promise<void> {
    const told = Promise.withResolvers<undefined>()
    const tell = (asked: Asked): void => {
      asked.call.say([text])
      void asked.call.outlet.end(LOST)
      told.resolve(undefined)
    }
    this.#onAsked = tell
    const why = refused('unavailable', text)
    this.#onForward = ({ reject }) => reject(why)
    for (const { reject } of this.#forwards.splice(0)) reject(why)
    for (const asked of this.#waiting.splice(0)) tell(asked)
    await this.#within(told.promise, TELL_MS)
    await this.end(text)
  }

  /**
   * Ends the connection once the client has read what was said on its channels: it drops whatever lies in front of a disconnect. One that has no channel, as for
   * forwards alone, is told with that.
   */
  async end(words?: string): Promise<void> {
    const hasHeard = this.calls.size > 0
    this.#onAsked = ({ call }) => void call.outlet.end(LOST)
    const read = [...this.calls].map(({ gone }) => fired(gone))
    await this.#within(Promise.all(read), READ_MS)
    const { connection, socket } = this.#entered
    if (words !== undefined && !hasHeard) disconnect(connection, REASON.byApplication, words)
    // OpenSSH's client closes a channel before it has printed all that came over it, and leaves by itself once it has.
    else await this.#within(new Promise<never>(() => undefined), PARTING_MS)
    if (this.#gone.signal.aborted) return
    connection.end()
    const stop = this.#deps.after(LINGER_MS, () => socket.destroy())
    socket.once('close', stop)
  }

  async #within(promise: Promise<unknown>, ms: number): Promise<void> {
    const late = Promise.withResolvers<undefined>()
    const stop = this.#deps.after(ms, () => late.resolve(undefined))
    await Promise.race([promise, late.promise, fired(this.#gone.signal)])
    stop()
  }

  /** The library has not closed anything yet, so the words still go out. */
  #failed(error: Error): void {
    const level: unknown = Reflect.get(error, 'level')
    // A connection that broke, or a client that is silent: nobody is there to be told anything.
    if (level === 'socket' || level === 'client-timeout') return
    const words = wordsFor(error)
    this.#fault ??= words
    if (this.#session === undefined) for (const call of this.calls) call.say([words])
    else this.#session.protocolError(words)
    disconnect(this.#entered.connection, REASON.protocolError, words)
  }

  #left(): void {
    this.#gone.abort('the client left')
    this.#channels.leave()
    this.#session?.clientLeft()
  }
}

/** A certificate may name the only command that its holder may run; then that is what is asked for, whatever was. */
function forced(asked: Asked, { restrictions: { command } }: SshEntered): Asked {
  return command === undefined ? asked : { kind: 'exec', call: asked.call, text: command }
}

const fired = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })

function wordsFor(error: Error): string {
  if (error instanceof PacketFault) return `the client does not speak the protocol as it must: ${error.message}`
  return /packet length/i.test(error.message)
    ? 'the client sent a packet of more than 35000 bytes; a command line may have 32 KiB, longer ones go into a file'
    : 'the client does not speak the protocol as it must'
}
