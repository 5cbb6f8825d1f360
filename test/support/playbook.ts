import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { createCellMasks } from '../../src/mask/cell.ts'
import { createPlanner } from '../../src/mask/plan.ts'
import { scrub } from '../../src/mask/scrub.ts'
import type { Catalog } from '../../src/model/catalog.ts'
import type { Facts, SqlFacts } from '../../src/model/facts.ts'
import { personName, targetName, type ApprovalId, type SessionId } from '../../src/model/ids.ts'
import { scrubbedBy } from '../../src/model/scrubbed.ts'
import type { RuleEffect, Verdict } from '../../src/model/verdict.ts'
import { decodeBackend, decodeFrontend } from '../../src/protocol/postgres/decode.ts'
import { FrameReader, type Frame } from '../../src/protocol/postgres/framing.ts'
import { CLIENT_SESSION, UPSTREAM_SESSION } from '../../src/protocol/postgres/limits.ts'
import { Inbox } from '../../src/proxy/inbox.ts'
import { Outlet } from '../../src/proxy/outlet.ts'
import { PostgresSession, type SessionEnd } from '../../src/proxy/postgres/session.ts'
import { Tracking } from '../../src/proxy/postgres/tracking.ts'
import type { SessionEvent } from '../../src/recording/event.ts'
import { RecorderError } from '../../src/recording/recorder-error.ts'
import type { SessionRecording } from '../../src/recording/session-recording.ts'
import { createGuard } from '../../src/session/guard.ts'
import type { SqlGuard } from '../../src/session/judgement.ts'
import type { HoldDesk, HoldEnd, HoldRequest } from '../../src/session/holds.ts'
import { Reader } from '../../src/session/reading.ts'
import { createSqlMatter } from '../../src/session/sql-matter.ts'
import { deferred, type Deferred } from '../../src/std/deferred.ts'
import { Tally } from '../../src/std/tally.ts'
import { createClassifier } from '../../src/classify/sql/classify.ts'
import { parser } from '../classify/sql/classified.ts'
import { shop } from '../classify/sql/shop-catalog.ts'
import { FakeClock } from '../store/fake-clock.ts'
import { spoken } from './builders.ts'
import { MemorySocket } from './memory-socket.ts'
import { seeded } from './random.ts'

/** How the client's and the upstream's bytes arrive: what a session does must not depend on it. */
export type Arrival = 'whole' | 'byte by byte' | 'dripping'
export const ARRIVALS: readonly Arrival[] = ['whole', 'byte by byte', 'dripping']

const classify = createClassifier({ parse: parser.parse })
const scrubbed = scrubbedBy(scrub)
/** Turns of the event loop after which nothing in memory moves any more. */
const TURNS = 12
const DRIP_TURNS = 3

/** A hold that a test answers. */
export interface OpenHold {
  readonly request: HoldRequest
  readonly approval: ApprovalId
  readonly settled: Deferred<HoldEnd>
}

export interface PlaybookOptions {
  readonly arrival?: Arrival
  readonly catalog?: Catalog
  readonly idleMs?: number
  /** The effect of a statement; without it see `effectOf`. */
  readonly effect?: (facts: SqlFacts) => RuleEffect
  readonly inboxLimit?: number
}

/** DROP is denied, an unfiltered write and whatever is not understood is held, the rest is allowed. */
export function effectOf(facts: SqlFacts): RuleEffect {
  if (facts.verbs.includes('drop')) return 'deny'
  return facts.effects.includes('unfiltered-write') || !facts.complete ? 'hold' : 'allow'
}

/** One whole session over memory: the test is the client, the upstream and the approver. */
export class Playbook {
  readonly clock = new FakeClock()
  /** Everything that matters in its order: what is recorded, what reaches the kernel, what reaches the upstream. */
  readonly log: string[] = []
  readonly events: SessionEvent[] = []
  readonly holds: OpenHold[] = []
  readonly cancels: string[] = []
  readonly finished: string[] = []
  readonly withdrawn: string[] = []
  /** Set to make that step of the recording fail from now on. */
  breaks: 'append' | 'handOver' | 'settle' | undefined
  policyVersion = 'p1'
  readonly tally = new Tally<RuleEffect>(['allow', 'hold', 'deny'])
  claimable = true
  catalog: Catalog | undefined
  /** Whether the service connection can look at the catalog now. */
  readable = true
  effect: (facts: SqlFacts) => RuleEffect
  readonly clientSocket = new MemorySocket((bytes) => this.#fromSession.push(bytes))
  readonly upstreamSocket = new MemorySocket((bytes) => this.#toUpstream(bytes))
  readonly tracking = new Tracking(() => this.catalog)
  readonly session: PostgresSession
  readonly inbox: Inbox<Frame>
  ended: SessionEnd | undefined
  readonly #arrival: Arrival
  readonly #random = seeded(7)
  readonly #fromSession = new FrameReader({ side: 'backend', limits: UPSTREAM_SESSION })
  readonly #fromProxy = new FrameReader({ side: 'frontend', limits: CLIENT_SESSION })
  #upstreamHeard: string[] = []

  constructor(options: PlaybookOptions = {}) {
    this.#arrival = options.arrival ?? 'whole'
    this.catalog = options.catalog ?? shop
    this.effect = options.effect ?? effectOf
    const frames = new FrameReader({ side: 'frontend', limits: CLIENT_SESSION })
    this.inbox = new Inbox<Frame>(this.clientSocket, {
      frames: { push: (chunk) => frames.push(chunk), next: () => frames.next() },
      sizeOf: (frame) => frame.bytes.length,
      limit: options.inboxLimit ?? 1024 * 1024,
      isFarewell: (frame) => frame.name === 'terminate',
    })
    this.session = this.#makeSession(options.idleMs ?? 60_000)
    void this.session.run().then((end) => (this.ended = end))
  }

  /** The client says these bytes. */
  async client(...said: readonly Buffer[]): Promise<void> {
    await this.#say(this.clientSocket, Buffer.concat(said))
  }

  /** The upstream says these bytes. */
  async upstream(...said: readonly Buffer[]): Promise<void> {
    await this.#say(this.upstreamSocket, Buffer.concat(said))
  }

  /** What the client has heard since it was asked last is exactly this. */
  clientHears(...lines: readonly string[]): void {
    assert.deepEqual(this.heard(), lines, 'what the client hears')
  }

  /** What the client has heard since it was asked last. */
  heard(): readonly string[] {
    const heard: string[] = []
    for (let frame = this.#fromSession.next(); frame !== undefined; frame = this.#fromSession.next())
      heard.push(spoken(decodeBackend(frame)))
    return heard
  }

  /** What the upstream has heard since it was asked last is exactly this. */
  upstreamHears(...lines: readonly string[]): void {
    const heard = this.#upstreamHeard
    this.#upstreamHeard = []
    assert.deepEqual(heard, lines, 'what the upstream hears')
  }

  /** The last hold that opened. */
  get hold(): OpenHold {
    const hold = this.holds.at(-1)
    assert.ok(hold, 'nothing is held')
    return hold
  }

  async approve(): Promise<void> {
    this.hold.settled.resolve({ end: 'approved', by: [{ person: personName('bob'), reason: undefined }] })
    await this.settle()
  }

  async deny(reason = 'not today'): Promise<void> {
    this.hold.settled.resolve({ end: 'denied', by: { person: personName('bob'), reason } })
    await this.settle()
  }

  get endedBecause(): SessionEnd['reason'] | undefined {
    return this.ended?.reason
  }

  /** Lets everything in memory come to rest. */
  async settle(): Promise<void> {
    for (let left = TURNS; left > 0; left -= 1) await turn()
  }

  /** The events of one kind, in order. */
  recorded<Kind extends SessionEvent['kind']>(kind: Kind): Extract<SessionEvent, { kind: Kind }>[] {
    return this.events.filter((event): event is Extract<SessionEvent, { kind: Kind }> => event.kind === kind)
  }

  /** Ends the session, whatever state it is in. */
  async stop(): Promise<void> {
    this.session.close('node-stop', 'the test is over')
    await this.settle()
    this.clientSocket.destroy()
    this.upstreamSocket.destroy()
  }

  async #say(socket: MemorySocket, bytes: Buffer): Promise<void> {
    for (let start = 0; start < bytes.length;) {
      const length = this.#chunkLength(bytes.length)
      socket.say(Buffer.from(bytes.subarray(start, start + length)))
      start += length
      if (this.#arrival === 'dripping') await this.#drip()
    }
    await this.settle()
  }

  async #drip(): Promise<void> {
    for (let left = DRIP_TURNS; left > 0; left -= 1) await turn()
  }

  #chunkLength(whole: number): number {
    if (this.#arrival === 'whole') return whole
    return this.#arrival === 'byte by byte' ? 1 : 1 + this.#random.below(80)
  }

  #toUpstream(bytes: Buffer): void {
    this.#fromProxy.push(Buffer.from(bytes))
    for (let frame = this.#fromProxy.next(); frame !== undefined; frame = this.#fromProxy.next()) {
      const line = spoken(decodeFrontend(frame))
      this.#upstreamHeard.push(line)
      this.log.push(`upstream: ${line}`)
    }
  }

  #makeSession(idleMs: number): PostgresSession {
    const { clock, tracking } = this
    const guard = this.#makeGuard()
    const tag = (): string => 'aabbccddeeff'
    return new PostgresSession({
      ...{ inbox: this.inbox, clientSocket: this.clientSocket, upstreamSocket: this.upstreamSocket, guard, tracking },
      client: this.#clientOutlet(),
      recording: this.#recording(),
      cells: createCellMasks({ tag, onFault: () => undefined }),
      columnsOf: (fields, output, catalog) =>
        createPlanner({ catalog: catalog ?? shop, shapeOf: (name) => (name === 'pan' ? 'bin+last4' : 'hide') })(
          fields,
          output,
        ),
      catalog: () => this.catalog,
      freshCatalog: () => this.#fresh(),
      noticeTime: () => undefined,
      scrub: scrubbed,
      safeFields: (fields) => fields,
      monoMicros: () => clock.monoMicros(),
      after: (ms, callback) => clock.after(ms, callback),
      idleMs,
      maxKeptRows: 0,
      cancelUpstream: () => {
        this.cancels.push('cancel')
        return Promise.resolve()
      },
      finishApproval: (approval, end, detail) => this.finished.push(`${approval} ${end} ${detail}`),
    })
  }

  #clientOutlet(): Outlet {
    const outlet = new Outlet(this.clientSocket)
    outlet.fedBy(this.upstreamSocket)
    return outlet
  }

  #makeGuard(): SqlGuard {
    const { clock } = this
    const reader = new Reader({
      classify: ({ text }, scope, catalog) =>
        classify(parser.parse(text), {
          catalog,
          searchPath: scope.searchPath,
          dirty: scope.dirty,
          names: (name, kind) => (kind === 'statement' ? scope.statement(name) : scope.cursor(name)),
        }),
      redact: (text) => [text],
      scrub: scrubbed,
    })
    return createGuard({
      principal: { person: personName('alice'), roles: ['engineer'], service: false },
      rights: 'all',
      target: { name: targetName('cards'), protocol: 'postgres', database: 'shop', account: 'app', tags: ['cde'] },
      matter: createSqlMatter({
        reader,
        catalog: () => this.catalog,
        freshCatalog: () => this.#fresh(),
        redactValue: () => ['value'],
        digest: ({ statement }, reading) => JSON.stringify([statement.text, reading.facts]),
      }),
      policy: () => ({ version: this.policyVersion, decide: ({ facts }) => this.#verdict(facts) }),
      witness: this.#recording(),
      holds: this.#desk(),
      scrub: scrubbed,
      tally: this.tally,
      now: () => clock.now(),
      after: (ms, callback) => clock.after(ms, callback),
    })
  }

  #fresh(): Promise<Catalog | undefined> {
    return Promise.resolve(this.readable ? this.catalog : undefined)
  }

  #verdict(facts: readonly Facts[]): Verdict {
    const effects = facts.map((one) => (one.kind === 'sql' ? this.effect(one) : 'deny'))
    const effect = effects.includes('deny') ? 'deny' : effects.includes('hold') ? 'hold' : 'allow'
    const rule = `test/${effect}`
    return {
      effect,
      matches: [{ rule, effect, severity: 'high', message: `the rule ${rule}` }],
      holds: effect === 'hold' ? [{ rule, from: ['approver'], need: 1, withinMs: 60_000, notify: [] }] : [],
      policyVersion: this.policyVersion,
    }
  }

  #desk(): HoldDesk {
    return {
      open: (request) => {
        const hold = { request, approval: `a_${this.holds.length + 1}` as ApprovalId, settled: deferred<HoldEnd>() }
        this.holds.push(hold)
        const { approval, settled } = hold
        const expiresAt = this.clock.now() + 60_000
        return Promise.resolve({ approval, link: 'https://x/a', expiresAt, settled: settled.promise })
      },
      withdraw: (approval, end, reason) => {
        this.withdrawn.push(end)
        this.holds.find((hold) => hold.approval === approval)?.settled.resolve({ end, reason })
        return Promise.resolve()
      },
      claim: (approval) => {
        this.log.push(`claim ${approval}`)
        return Promise.resolve(this.claimable)
      },
      finish: (approval, end) => {
        this.log.push(`finish ${approval} ${end}`)
        return Promise.resolve()
      },
    }
  }

  #recording(): SessionRecording {
    const reach = (step: 'append' | 'handOver' | 'settle', line: string): void => {
      if (this.breaks === step) throw new RecorderError('E_RECORDER_WRITE', 'no space left on device')
      this.log.push(line)
    }
    return {
      session: 's_test' as SessionId,
      folder: '',
      append: (event) => {
        reach('append', 'statement' in event ? `append ${event.kind} ${event.statement ?? ''}` : `append ${event.kind}`)
        this.events.push(event)
      },
      cast: () => ({ output: () => undefined, resize: () => undefined, mark: () => undefined, close: () => undefined }),
      handOver: () => reach('handOver', 'hand over'),
      settle: () => Promise.resolve().then(() => reach('settle', 'settle')),
      close: () => Promise.reject(new Error('the session does not close its recording')),
    }
  }
}

type Play = (make: (options?: PlaybookOptions) => Playbook) => Promise<void>

/** Plays a conversation whose matter is that bytes arrive together. */
export const atOnce = (play: Play): (() => Promise<void>) => playing(play, ['whole'])

/** Plays a conversation for every way in which bytes may arrive. */
export const arrivals = (play: Play): (() => Promise<void>) => playing(play, ARRIVALS)

function playing(play: Play, ways: readonly Arrival[]): () => Promise<void> {
  return async () => {
    for (const arrival of ways) {
      const books: Playbook[] = []
      try {
        await play((options = {}) => {
          const book = new Playbook({ arrival, ...options })
          books.push(book)
          return book
        })
      } catch (thrown) {
        throw new Error(`with bytes arriving ${arrival}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown }) // prettier-ignore
      } finally {
        for (const book of books) await book.stop()
      }
    }
  }
}
