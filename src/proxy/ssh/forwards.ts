import type { Duplex } from 'node:stream'
import { Builder } from '../../bytes/builder.ts'
import type { ActionFacts } from '../../model/action-facts.ts'
import type { ForwardStatement } from '../../model/statement.ts'
import type { ForwardEvent } from '../../recording/event.ts'
import { refused, type Cleared, type Refused, type Ruling } from '../../session/ruling.ts'
import type { ForwardAsk } from './forward-asks.ts'
import { ForwardPump, type PumpEnd } from './forward-pump.ts'
import type { Bind, ForwardsSeat, Incoming } from './forwards-seat.ts'
import type { Route } from './upstream.ts'

/** Forwarded connections of one session at once, those that wait to be judged included. */
export const MAX_CONNECTIONS = 64
/** Ports of the target that one session may have opened. */
export const MAX_LISTENING = 16
/** A tunnel through which nothing went for so long was forgotten, in milliseconds. */
export const FORWARD_IDLE_MS = 60 * 60 * 1000

/** A port that the target listens on for the client. */
interface Listening {
  readonly statement: number
  /** The address as the client asked for it, with the port that the target listens on. */
  readonly at: Bind
  readonly since: number
}

/** A connection as its lines in the recording tell it. */
type Told = Pick<ForwardEvent, 'statement' | 'direction' | 'from'> & { readonly at: Bind; readonly since: number }

/** The forwards of one session: each judged, counted and recorded; what is switched off, or is no connection by TCP, is refused. */
export class Forwards {
  readonly #seat: ForwardsSeat
  readonly #listening = new Map<string, Listening>()
  #connections = 0
  /** Ports that are being asked for. */
  #binding = 0

  constructor(seat: ForwardsSeat) {
    this.#seat = seat
    seat.onIncoming((incoming) => void this.#incoming(incoming))
  }

  /** Resolves when the request is answered and, for a connection, when that is over. Rejects only where the session must end. */
  async take(ask: ForwardAsk): Promise<void> {
    switch (ask.kind) {
      case 'connect':
        return this.#connect(ask)
      case 'listen':
        return this.#listen(ask)
      case 'unlisten':
        return this.#unlisten(ask)
      case 'other':
        ask.reject(this.#object(ask.what, 'only connections by TCP can be forwarded here'))
    }
  }

  async #connect({ route, accept, reject }: Extract<ForwardAsk, { kind: 'connect' }>): Promise<void> {
    const { switches } = this.#seat
    const where = `a local forward to ${spelled(route)}`
    const objection = switches.local ? this.#isFull() : 'local forwarding is switched off for this target'
    if (objection !== undefined) {
      reject(this.#object(where, objection))
      return
    }
    this.#connections += 1
    try {
      await this.#judgedConnect(route, accept, reject)
    } finally {
      this.#connections -= 1
    }
  }

  async #judgedConnect(route: Route, accept: () => Duplex, reject: ForwardAsk['reject']): Promise<void> {
    const { clock, connect } = this.#seat
    const frame = frameOf(route.host, route.port, { host: route.fromHost, port: route.fromPort })
    const { host, port } = route
    const ruling = await this.#judge(frame, { kind: 'forward', direction: 'local', host, port })
    if (ruling.outcome === 'refused') {
      reject(ruling)
      return
    }
    const told: Told = {
      ...{ statement: ruling.statement, direction: 'local', at: route, since: clock.monoMicros() },
      from: this.#seat.scrub(spelled({ host: route.fromHost, port: route.fromPort })),
    }
    const target = await this.#attempt(told, ruling, () => connect(frame, route, ruling.clearance))
    if ('outcome' in target) reject(target)
    else await this.#pump(told, { client: accept(), target: target.got })
  }

  async #listen({ bind, accept, reject }: Extract<ForwardAsk, { kind: 'listen' }>): Promise<void> {
    const { switches } = this.#seat
    const objection = switches.remote ? this.#tooManyPorts() : 'remote forwarding is switched off for this target'
    if (objection !== undefined) {
      this.#seat.tell(this.#object(`a remote forward of ${spelled(bind)}`, objection))
      reject()
      return
    }
    this.#binding += 1
    try {
      const port = await this.#judgedListen(bind)
      if (typeof port === 'number') accept(port)
      else {
        this.#seat.tell(port)
        reject()
      }
    } finally {
      this.#binding -= 1
    }
  }

  async #judgedListen(bind: Bind): Promise<number | Refused> {
    const { clock, listen } = this.#seat
    const frame = frameOf(bind.host, bind.port)
    const ruling = await this.#judge(frame, { kind: 'forward', direction: 'remote', ...bind })
    if (ruling.outcome === 'refused') return ruling
    const { statement } = ruling
    const since = clock.monoMicros()
    const told: Told = { statement, direction: 'remote', from: undefined, at: bind, since }
    const attempt = await this.#attempt(told, ruling, () => listen(frame, bind, ruling.clearance))
    if ('outcome' in attempt) return attempt
    const at = { host: bind.host, port: attempt.got }
    this.#listening.set(spelled(at), { statement, at, since })
    this.#tell({ ...told, at }, { state: 'listening' })
    return attempt.got
  }

  async #unlisten({ bind, accept, reject }: Extract<ForwardAsk, { kind: 'unlisten' }>): Promise<void> {
    const listening = this.#listening.get(spelled(bind))
    if (listening === undefined) {
      reject()
      return
    }
    this.#listening.delete(spelled(bind))
    this.#tell({ ...listening, direction: 'remote', from: undefined }, { state: 'ended' })
    await this.#seat.unlisten(bind).catch(() => undefined)
    accept()
  }

  /** A connection to a port that was judged when the target was asked to listen on it. */
  async #incoming(incoming: Incoming): Promise<void> {
    const { toClient, clock, scrub } = this.#seat
    const listening = this.#listening.get(spelled(incoming.at))
    if (listening === undefined || this.#isFull() !== undefined) {
      incoming.reject()
      return
    }
    this.#connections += 1
    const { statement, at } = listening
    const from = scrub(spelled(incoming.from))
    const told: Told = { statement, direction: 'remote', at, from, since: clock.monoMicros() }
    try {
      const client = await toClient(at, incoming.from).catch(() => undefined)
      if (client !== undefined) await this.#pump(told, { client, target: incoming.accept() })
      else {
        incoming.reject()
        this.#tell(told, { state: 'failed', reason: 'the client did not take the connection' })
      }
    } finally {
      this.#connections -= 1
    }
  }

  #judge(frame: Uint8Array, statement: ForwardStatement): Promise<Ruling<ActionFacts>> {
    return this.#seat.judge({ frame, statement })
  }

  /** What the target makes of a cleared forward; that it refuses is recorded. */
  async #attempt<Got>(
    told: Told,
    cleared: Cleared<ActionFacts>,
    attempt: () => Promise<Got>,
  ): Promise<{ readonly got: Got } | Refused> {
    try {
      const got = await attempt()
      this.#seat.settle(cleared, 'done')
      return { got }
    } catch {
      this.#tell(told, { state: 'failed', reason: 'the target did not open it' })
      this.#seat.settle(cleared, 'failed')
      return refused('unavailable', `the target did not open the forward of ${spelled(told.at)}`)
    }
  }

  async #pump(told: Told, ends: { readonly client: Duplex; readonly target: Duplex }): Promise<void> {
    const { gone, clock, onInput } = this.#seat
    this.#tell(told, { state: 'opened' })
    const pump = new ForwardPump({ ...ends, gone, clock, idleMs: FORWARD_IDLE_MS, onInput })
    const end = await pump.run()
    this.#tell(told, { state: 'ended', bytes: pump.bytes, reason: WORDS[end] })
  }

  #tell(
    { statement, direction, from, at, since }: Told,
    now: {
      readonly state: ForwardEvent['state']
      readonly bytes?: ForwardPump['bytes']
      readonly reason?: string | undefined
    },
  ): void {
    const { record, scrub, clock } = this.#seat
    record({
      kind: 'ssh.forward',
      ...{ statement, direction, state: now.state, from },
      host: scrub(at.host),
      port: at.port,
      bytesIn: now.bytes?.in ?? 0,
      bytesOut: now.bytes?.out ?? 0,
      ms: Math.round((clock.monoMicros() - since) / 1000),
      reason: now.reason === undefined ? undefined : scrub(now.reason),
    })
  }

  #isFull(): string | undefined {
    return this.#connections >= MAX_CONNECTIONS ? 'too many connections are forwarded already' : undefined
  }

  #tooManyPorts(): string | undefined {
    const ports = this.#listening.size + this.#binding
    return ports >= MAX_LISTENING ? 'too many ports are forwarded already' : undefined
  }

  #object(what: string, why: string): Refused {
    const refusal: Refused = refused('denied', why)
    this.#seat.object(what, refusal)
    return refusal
  }
}

const WORDS: Readonly<Record<PumpEnd, string | undefined>> = {
  ended: undefined,
  'client-left': 'the client broke it off',
  'target-left': 'the target broke it off',
  idle: 'nothing went through it for an hour',
  'session-ended': 'the session ended',
}

const spelled = ({ host, port }: Bind): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

/** What is judged: the fields that the target is sent, RFC 4254, sections 7.1 and 7.2. */
function frameOf(host: string, port: number, from?: Bind): Buffer {
  const builder = new Builder()
  for (const one of [{ host, port }, ...(from === undefined ? [] : [from])]) {
    const text = Buffer.from(one.host)
    builder
      .u32(text.length)
      .bytes(text)
      .u32(one.port >>> 0)
  }
  return builder.finish()
}
