import type { AcceptConnection, Connection, ServerChannel, Session } from 'ssh2'
import { refused } from '../../session/ruling.ts'
import { Call } from './call.ts'
import type { SshRestrictions } from './entered.ts'
import { mayPass } from './environment.ts'
import { explainRefusals } from './open-failure.ts'
import { dropPastEnd } from './past-end.ts'
import { Terminal, type TerminalDeps } from './terminal.ts'

/** What a client asks for on a channel of its own. */
export type Asked =
  | { readonly kind: 'exec'; readonly call: Call; readonly text: string }
  | { readonly kind: 'shell'; readonly call: Call }
  | { readonly kind: 'sftp'; readonly call: Call }

export interface ChannelsDeps extends TerminalDeps {
  readonly connection: Pick<Connection, 'on'>
  readonly restrictions: SshRestrictions
  /** Called in the turn in which the request came; the channel is accepted already. */
  readonly onAsked: (asked: Asked) => void
}

const PAST_END = 'the client sent data after the end of its input; it was dropped'
/** Channels that one client may have at once. OpenSSH itself takes ten sessions a connection. */
const MOST = 64
const TOO_MANY = refused('unavailable', `one connection may have ${MOST} sessions open, and has them`)
/** Signals that a client may send to what it runs. RFC 4254, section 6.10. */
const SIGNALS: ReadonlySet<string> = new Set('ABRT ALRM FPE HUP ILL INT KILL PIPE QUIT SEGV TERM USR1 USR2'.split(' '))

/**
 * The session channels of a client. A request is accepted in the event itself: if the client has ended its input by then (`ssh -n`), the library no longer
 * can. Agent, X11 and every other kind of request has no listener, which refuses it.
 */
export class Channels {
  readonly #deps: ChannelsDeps
  readonly #calls = new Set<Call>()
  #open = 0
  #opened = 0

  constructor(deps: ChannelsDeps) {
    this.#deps = deps
    const explain = explainRefusals(deps.connection)
    deps.connection.on('session', (accept, reject) => {
      if (this.#open < MOST) this.#listen(accept())
      else explain(reject, TOO_MANY)
    })
  }

  /** Channels on which something was asked for and that are not closed. */
  get calls(): ReadonlySet<Call> {
    return this.#calls
  }

  /** The client is gone, and with it every channel. */
  leave(): void {
    for (const call of this.#calls) call.leave()
    this.#calls.clear()
  }

  #listen(session: Session): void {
    this.#open += 1
    const opening = new Opening(this.#deps)
    opening.listen(session)
    let call: Call | undefined
    const begin = (accept: AcceptConnection<ServerChannel>): Call => {
      this.#opened += 1
      const made = new Call({ number: this.#opened, channel: accept(), ...opening.settings })
      dropPastEnd(made.channel, () => made.say([PAST_END]))
      call = made
      this.#calls.add(made)
      return made
    }
    session.on('exec', (accept, _, { command }) => {
      this.#deps.onAsked({ kind: 'exec', call: begin(accept), text: command })
    })
    session.on('shell', (accept) => this.#deps.onAsked({ kind: 'shell', call: begin(accept) }))
    session.on(
      'subsystem',
      (accept: AcceptConnection<ServerChannel>, reject: () => void, { name }: { name: string }) => {
        if (name === 'sftp') this.#deps.onAsked({ kind: 'sftp', call: begin(accept) })
        else reject()
      },
    )
    session.on('signal', (accept, _, { name }) => {
      const signal = name.replace(/^SIG/, '')
      if (SIGNALS.has(signal)) call?.signal(signal)
      answer(accept)
    })
    session.on('close', () => {
      this.#open -= 1
      call?.leave()
      if (call !== undefined) this.#calls.delete(call)
    })
  }
}

/** What a channel is told before anything is asked for on it. */
class Opening {
  readonly #deps: ChannelsDeps
  readonly #environment = new Map<string, string>()
  #terminal: Terminal | undefined

  constructor(deps: ChannelsDeps) {
    this.#deps = deps
  }

  get settings(): { terminal: Terminal | undefined; environment: ReadonlyMap<string, string> } {
    return { terminal: this.#terminal, environment: this.#environment }
  }

  listen(session: Session): void {
    session.on('pty', (accept, reject, asked) => {
      if (!this.#deps.restrictions.terminal || this.#terminal !== undefined) {
        answer(reject)
        return
      }
      this.#terminal = new Terminal(asked, this.#deps)
      answer(accept)
    })
    session.on('window-change', (accept, _, asked) => {
      this.#terminal?.resize(asked)
      answer(accept)
    })
    session.on('env', (accept, reject, { key, val }) => {
      if (!mayPass(key, val)) {
        answer(reject)
        return
      }
      this.#environment.set(key, val)
      answer(accept)
    })
  }
}

/** The library hands in no answer where the client wants none, though its types say otherwise. */
function answer(way: unknown): void {
  if (isAnswer(way)) way()
}

const isAnswer = (way: unknown): way is () => void => typeof way === 'function'
