import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { duplexPair, type Duplex } from 'node:stream'
import { scrub } from '../../../src/mask/scrub.ts'
import { scrubbedBy } from '../../../src/model/scrubbed.ts'
import type { ForwardStatement } from '../../../src/model/statement.ts'
import type { ForwardAsk } from '../../../src/proxy/ssh/forward-asks.ts'
import { listenForForwards } from '../../../src/proxy/ssh/forward-asks.ts'
import { FORWARD_IDLE_MS, Forwards, MAX_CONNECTIONS, MAX_LISTENING } from '../../../src/proxy/ssh/forwards.ts'
import type { ForwardsSeat, Incoming } from '../../../src/proxy/ssh/forwards-seat.ts'
import type { ForwardEvent, SessionEvent } from '../../../src/recording/event.ts'
import { Clearance } from '../../../src/session/clearance.ts'
import { refused } from '../../../src/session/ruling.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A session with a clock that is set by hand. */
class Stage {
  readonly statements: ForwardStatement[] = []
  readonly events: SessionEvent[] = []
  readonly told: string[] = []
  /** Words in the answers to channels that were not opened. */
  readonly answered: string[] = []
  readonly objected: string[] = []
  readonly settled: string[] = []
  readonly gone = new AbortController()
  /** Far ends of what was opened at the target, and to the client. */
  readonly atTarget: Duplex[] = []
  readonly toClient: Duplex[] = []
  readonly unlistened: string[] = []
  onIncoming: (incoming: Incoming) => void = () => undefined
  verdict: 'clear' | 'deny' | Promise<'clear' | 'deny'> = 'clear'
  targetRefuses = false
  #now = 0
  #timers: { at: number; call: () => void }[] = []
  #number = 0

  forwards(switches = { local: true, remote: true }): Forwards {
    return new Forwards(this.#seat(switches))
  }

  get forwarded(): readonly string[] {
    return this.events
      .filter((event): event is ForwardEvent => event.kind === 'ssh.forward')
      .map(({ state, direction, host, port, bytesIn, bytesOut, reason }) =>
        [state, direction, `${host}:${port}`, bytesIn, bytesOut, ...(reason === undefined ? [] : [reason])].join(' '),
      )
  }

  pass(ms: number): void {
    this.#now += ms
    const due = this.#timers.filter(({ at }) => at <= this.#now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#now)
    for (const { call } of due) call()
  }

  /** What a client asks for, and what became of it. */
  connect(host = 'db', port = 5432): { ask: ForwardAsk; near: Promise<Duplex | 'rejected'> } {
    const { promise, resolve } = Promise.withResolvers<Duplex | 'rejected'>()
    const reject: ForwardAsk['reject'] = (why) => {
      this.answered.push(why?.message ?? '')
      resolve('rejected')
    }
    const accept = (): Duplex => {
      const [near, far] = duplexPair()
      resolve(near)
      return far
    }
    const route = { host, port, fromHost: '127.0.0.1', fromPort: 40_000 }
    return { ask: { kind: 'connect', route, accept, reject }, near: promise }
  }

  listen(host = 'localhost', port = 8080): { ask: ForwardAsk; answer: Promise<number | 'rejected'> } {
    const { promise, resolve } = Promise.withResolvers<number | 'rejected'>()
    return {
      ask: { kind: 'listen', bind: { host, port }, accept: resolve, reject: () => resolve('rejected') },
      answer: promise,
    }
  }

  #seat(switches: ForwardsSeat['switches']): ForwardsSeat {
    const pair = (ends: Duplex[]): Duplex => {
      const [near, far] = duplexPair()
      ends.push(far)
      return near
    }
    return {
      ...{ switches, gone: this.gone.signal },
      clock: {
        now: () => 0,
        nowMicros: () => 0n,
        monoMicros: () => this.#now * 1000,
        after: (ms, call) => {
          const timer = { at: this.#now + ms, call }
          this.#timers.push(timer)
          return () => void (this.#timers = this.#timers.filter((one) => one !== timer))
        },
      },
      judge: async ({ frame, statement }) => {
        this.statements.push(statement)
        if ((await this.verdict) === 'deny') return refused('denied', 'not there')
        this.#number += 1
        const rest = { epoch: undefined, tagged: false, approval: undefined, policyVersion: 'p', recordRows: 0 }
        return { outcome: 'cleared', clearance: Clearance.issue(frame), statement: this.#number, facts: [], ...rest }
      },
      connect: async (frame, _, clearance) => {
        clearance.spend(frame)
        await turn()
        if (this.targetRefuses) throw new Error('refused')
        return pair(this.atTarget)
      },
      listen: async (frame, { port }, clearance) => {
        clearance.spend(frame)
        await turn()
        if (this.targetRefuses) throw new Error('refused')
        return port === 0 ? 34_567 : port
      },
      unlisten: async ({ host, port }) => {
        await turn()
        this.unlistened.push(`${host}:${port}`)
      },
      onIncoming: (listener) => void (this.onIncoming = listener),
      toClient: async () => {
        await turn()
        return pair(this.toClient)
      },
      settle: ({ statement }, end) => this.settled.push(`${statement} ${end}`),
      record: (event) => this.events.push(event),
      object: (what, { message }) => this.objected.push(`${what}: ${message}`),
      scrub: scrubbedBy(scrub),
      onInput: () => undefined,
      tell: ({ message }) => this.told.push(message),
    }
  }
}

async function textOf(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString()
}

const never = (): never => {
  throw new Error('this must not happen')
}

const only = <Value>(values: readonly Value[]): Value => {
  const [value, ...more] = values
  assert.ok(value !== undefined && more.length === 0)
  return value
}

describe('a local forward', () => {
  test('is judged, opened, counted both ways and recorded', async () => {
    const stage = new Stage()
    const { ask, near } = stage.connect()
    const over = stage.forwards().take(ask)
    const client = await near
    assert.ok(client !== 'rejected')
    const target = only(stage.atTarget)
    client.end('hello')
    assert.equal(await textOf(target), 'hello')
    target.end('and goodbye')
    assert.equal(await textOf(client), 'and goodbye')
    await over
    assert.deepEqual(stage.statements, [{ kind: 'forward', direction: 'local', host: 'db', port: 5432 }])
    assert.deepEqual(stage.forwarded, ['opened local db:5432 0 0', 'ended local db:5432 11 5'])
    assert.deepEqual(stage.settled, ['1 done'])
  })

  test('that is switched off is refused without being judged, and recorded', async () => {
    const stage = new Stage()
    const { ask, near } = stage.connect()
    await stage.forwards({ local: false, remote: true }).take(ask)
    assert.equal(await near, 'rejected')
    assert.deepEqual(stage.statements, [])
    assert.deepEqual(stage.objected, ['a local forward to db:5432: local forwarding is switched off for this target'])
    assert.deepEqual(stage.answered, ['local forwarding is switched off for this target'])
  })

  test('that a rule denies opens nothing', async () => {
    const stage = new Stage()
    stage.verdict = 'deny'
    const { ask, near } = stage.connect()
    await stage.forwards().take(ask)
    assert.equal(await near, 'rejected')
    assert.deepEqual([stage.atTarget.length, stage.answered, stage.told], [0, ['not there'], []])
  })

  test('that is held stops no other', async () => {
    const stage = new Stage()
    const verdict = Promise.withResolvers<'clear'>()
    stage.verdict = verdict.promise
    const forwards = stage.forwards()
    const held = stage.connect('held')
    void forwards.take(held.ask)
    stage.verdict = 'clear'
    const other = stage.connect('other')
    void forwards.take(other.ask)
    assert.notEqual(await other.near, 'rejected')
    verdict.resolve('clear')
    assert.notEqual(await held.near, 'rejected')
    stage.gone.abort()
  })

  test('that the target does not open is rejected and told', async () => {
    const stage = new Stage()
    stage.targetRefuses = true
    const { ask, near } = stage.connect()
    await stage.forwards().take(ask)
    assert.equal(await near, 'rejected')
    assert.deepEqual(stage.forwarded, ['failed local db:5432 0 0 the target did not open it'])
    assert.deepEqual(stage.settled, ['1 failed'])
    assert.deepEqual(stage.answered, ['the target did not open the forward of db:5432'])
  })

  test('through which nothing goes for long is ended, and not one that is used', async () => {
    const stage = new Stage()
    const { ask, near } = stage.connect()
    const over = stage.forwards().take(ask)
    const client = await near
    assert.ok(client !== 'rejected')
    stage.pass(FORWARD_IDLE_MS - 1)
    client.write('x')
    await turn()
    await turn()
    stage.pass(2)
    await turn()
    assert.equal(stage.forwarded.length, 1)
    stage.pass(FORWARD_IDLE_MS)
    await over
    assert.match(stage.forwarded.at(-1) ?? '', /^ended local db:5432 0 1 nothing went through it/)
  })

  test('ends with its session', async () => {
    const stage = new Stage()
    const { ask, near } = stage.connect()
    const over = stage.forwards().take(ask)
    await near
    stage.gone.abort()
    await over
    assert.match(stage.forwarded.at(-1) ?? '', /the session ended$/)
  })

  test('has a limit to its number, which counts those that wait', async () => {
    const stage = new Stage()
    stage.verdict = new Promise(() => undefined)
    const forwards = stage.forwards()
    for (let at = 0; at < MAX_CONNECTIONS; at++) void forwards.take(stage.connect().ask)
    const { ask, near } = stage.connect()
    await forwards.take(ask)
    assert.equal(await near, 'rejected')
    assert.equal(stage.statements.length, MAX_CONNECTIONS)
  })

  test('moves no more than its slower side takes', async () => {
    const stage = new Stage()
    const { ask, near } = stage.connect()
    void stage.forwards().take(ask)
    const client = await near
    assert.ok(client !== 'rejected')
    let sent = 0
    for (let round = 0; round < 50; round++) {
      while (sent < 50_000_000 && client.write(Buffer.alloc(16_384))) sent += 16_384
      await turn()
    }
    assert.ok(sent < 2_000_000, String(sent))
    stage.gone.abort()
  })
})

describe('a remote forward', () => {
  const from = { host: '10.0.0.9', port: 50_000 }

  test('is judged once, and its connections are counted each', async () => {
    const stage = new Stage()
    const forwards = stage.forwards()
    const { ask, answer } = stage.listen('localhost', 0)
    await forwards.take(ask)
    assert.equal(await answer, 34_567)
    assert.deepEqual(stage.statements, [{ kind: 'forward', direction: 'remote', host: 'localhost', port: 0 }])
    const [near, far] = duplexPair()
    stage.onIncoming({ at: { host: 'localhost', port: 34_567 }, from, accept: () => far, reject: never })
    near.end('GET')
    await turn()
    const client = only(stage.toClient)
    assert.equal(await textOf(client), 'GET')
    client.end('200 OK')
    assert.equal(await textOf(near), '200 OK')
    for (let at = 0; at < 5; at++) await turn()
    assert.deepEqual(stage.forwarded, [
      'listening remote localhost:34567 0 0',
      'opened remote localhost:34567 0 0',
      'ended remote localhost:34567 3 6',
    ])
  })

  test('ends when its client wants no more of it, and takes nothing after that', async () => {
    const stage = new Stage()
    const forwards = stage.forwards()
    await forwards.take(stage.listen('', 8080).ask)
    const answers: string[] = []
    const cancel: ForwardAsk = {
      ...{ kind: 'unlisten', bind: { host: '', port: 8080 } },
      accept: () => answers.push('accepted'),
      reject: () => answers.push('rejected'),
    }
    await forwards.take(cancel)
    await forwards.take(cancel)
    const reject = (): void => void answers.push('not taken')
    stage.onIncoming({ at: { host: '', port: 8080 }, from, accept: never, reject })
    assert.deepEqual(answers, ['accepted', 'rejected', 'not taken'])
    assert.deepEqual(stage.unlistened, [':8080'])
  })

  test('takes nothing at a port that nobody asked for', () => {
    const stage = new Stage()
    stage.forwards()
    const answers: string[] = []
    const reject = (): void => void answers.push('rejected')
    stage.onIncoming({ at: { host: 'localhost', port: 22 }, from, accept: never, reject })
    assert.deepEqual(answers, ['rejected'])
  })

  test('that is switched off, denied, refused by the target or one too many is rejected', async () => {
    const off = new Stage()
    const first = off.listen()
    await off.forwards({ local: true, remote: false }).take(first.ask)
    assert.equal(await first.answer, 'rejected')
    assert.deepEqual(off.objected, [
      'a remote forward of localhost:8080: remote forwarding is switched off for this target',
    ])
    const denied = new Stage()
    denied.verdict = 'deny'
    const second = denied.listen()
    await denied.forwards().take(second.ask)
    assert.equal(await second.answer, 'rejected')
    assert.deepEqual([off.told, denied.told], [['remote forwarding is switched off for this target'], ['not there']])
    const refusing = new Stage()
    refusing.targetRefuses = true
    const third = refusing.listen()
    await refusing.forwards().take(third.ask)
    assert.equal(await third.answer, 'rejected')
    const full = new Stage()
    const forwards = full.forwards()
    for (let port = 1; port <= MAX_LISTENING; port++) await forwards.take(full.listen('localhost', port).ask)
    const last = full.listen()
    await forwards.take(last.ask)
    assert.equal(await last.answer, 'rejected')
  })
})

describe('what else a client may ask for', () => {
  type Listener = (...given: unknown[]) => void

  /** A connection that tells its listeners what it is told to. */
  function connection() {
    const listeners = new Map<string, Listener>()
    const asks: ForwardAsk[] = []
    const on = (event: string, listener: Listener): void => void listeners.set(event, listener)
    listenForForwards({ on } as unknown as Parameters<typeof listenForForwards>[0], (ask) => asks.push(ask))
    return { asks, emit: (event: string, ...given: unknown[]) => listeners.get(event)?.(...given) }
  }

  test('is read from the events of the library', () => {
    const { asks, emit } = connection()
    const answers: unknown[] = []
    const [accept, reject] = [(port?: number) => answers.push(port ?? 'yes'), () => answers.push('no')]
    emit('tcpip', accept, reject, { srcIP: '127.0.0.1', srcPort: 1, destIP: 'db', destPort: 2 })
    emit('request', accept, reject, 'tcpip-forward', { bindAddr: '', bindPort: 0 })
    emit('request', accept, reject, 'cancel-tcpip-forward', { bindAddr: '', bindPort: 3 })
    emit('request', accept, reject, 'streamlocal-forward@openssh.com', { socketPath: '/x' })
    emit('openssh.streamlocal', accept, reject, { socketPath: '/x' })
    assert.deepEqual(
      asks.map(({ kind }) => kind),
      ['connect', 'listen', 'unlisten', 'other', 'other'],
    )
    for (const ask of asks) ask.reject()
    if (asks[1]?.kind === 'listen') asks[1].accept(4)
    assert.deepEqual(answers, ['no', 'no', 'no', 'no', 'no', 4])
  })

  test('is answered by nothing where the client wants no answer', () => {
    const { asks, emit } = connection()
    emit('request', undefined, undefined, 'tcpip-forward', { bindAddr: '', bindPort: 0 })
    for (const ask of asks) ask.reject()
    assert.equal(asks.length, 1)
  })

  test('is refused where it is no connection by TCP, and recorded', async () => {
    const stage = new Stage()
    const answers: string[] = []
    const reject: ForwardAsk['reject'] = (why) => void answers.push(why?.message ?? '')
    await stage.forwards().take({ kind: 'other', what: 'a forward to a socket of Unix', reject })
    assert.deepEqual([answers, stage.objected.length], [['only connections by TCP can be forwarded here'], 1])
  })
})
