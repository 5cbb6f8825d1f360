import type { Frame } from '../../protocol/postgres/framing.ts'
import { ProtocolError } from '../../protocol/postgres/protocol-error.ts'
import type { Expected } from '../../protocol/postgres/replies.ts'
import { refused, type Refused, type RefusalKind } from '../../session/ruling.ts'
import type { Inbox } from '../inbox.ts'
import type { Judging } from './judging.ts'
import { lanes } from './lanes.ts'
import { readyForQuery, refusalResponse } from './refusals.ts'
import type { Run } from './run.ts'
import { sendTracked, type Judged, type Refusal, type Step, type Tracked } from './step.ts'
import type { Tracking } from './tracking.ts'
import type { Upstream } from './upstream.ts'

export interface RequestsDeps {
  readonly inbox: Inbox<Frame>
  readonly upstream: Upstream
  readonly tracking: Tracking
  readonly judging: Judging
  /** Sends our own answers whose turn has come. */
  readonly answer: () => void
  /** Reads the catalog again after the session's own changes to it. */
  readonly settleCatalog: () => Promise<void>
  readonly onActivity: () => void
  /** A refusal that no judgement made: it is recorded all the same. */
  readonly onUnseen: (what: string, refusal: Refused) => void
  /** An error of the upstream came before this was sent: nothing of it runs. */
  readonly onDropped: (owed: Expected<Run>) => void
  /** The session has ended: nothing more is judged. */
  readonly isOver: () => boolean
}

/** Frames of one batch at most: a longer segment is judged in pieces, as if it came in pieces. */
const MAX_BATCH = 1024
/** Frames in a row that one session may keep the others waiting for. */
const FAIR_SHARE = 256
/** How often a batch is judged under packs and definitions that move while it waits. */
const MAX_ATTEMPTS = 5

/** The pump from the client to the upstream: a batch of frames at a time, judged whole before its first frame leaves. */
export class Requests {
  readonly #deps: RequestsDeps
  /** After a refusal in the extended protocol, everything up to Sync is dropped, as a server does after an error. */
  #skipping = false
  /** A batch is being judged, or judging one has failed for good. */
  #busy = false
  #isOver = false
  /** How often the batch was planned anew. */
  #attempts = 0
  readonly #ended = Promise.withResolvers<undefined>()

  constructor(deps: RequestsDeps) {
    this.#deps = deps
  }

  /** Runs until the client leaves. Rejects with ProtocolError on what no client may send, with RecorderError when the recording fails. */
  run(): Promise<undefined> {
    this.#deps.inbox.serve(() => this.#pump())
    return this.#ended.promise
  }

  /** Something that the client has sent is being judged and is not at the upstream yet. */
  get isBusy(): boolean {
    return this.#busy
  }

  /** Takes what is there, in the turn in which it came: harmless statements leave without a promise. */
  #pump(): void {
    if (this.#busy || this.#isOver) return
    this.#busy = true
    try {
      const waiting = this.#drain()
      if (waiting === undefined) this.#busy = false
      else waiting.then(() => this.#goOn()).catch(this.#ended.reject)
    } catch (thrown) {
      this.#ended.reject(thrown)
    }
  }

  /** After a wait, and so after the batch in which it was. */
  async #goOn(): Promise<void> {
    this.#attempts = 0
    const { judging, isOver } = this.#deps
    if (judging.remembers) await judging.forget(isOver() ? SESSION_ENDED : BATCH_REFUSED)
    this.#busy = false
    this.#pump()
  }

  /** Undefined when nothing is left to take; otherwise what to wait for before the next batch. */
  #drain(): Promise<void> | undefined {
    const { inbox, onActivity, isOver } = this.#deps
    for (let taken = 0; !inbox.isOver && !isOver();) {
      const batch = this.#batch()
      if (batch.length === 0) return undefined
      onActivity()
      if (batch[0]?.name === 'terminate') break
      const stepping = this.#step(batch)
      if (stepping !== undefined) return stepping
      taken += batch.length
      if (taken >= FAIR_SHARE) return nextTurn()
    }
    this.#isOver = true
    this.#ended.resolve(undefined)
    return undefined
  }

  /** Frames up to and with the next end of a segment; fewer where the client has not sent more yet. */
  #batch(): Frame[] {
    const batch: Frame[] = []
    for (let next = this.#deps.inbox.next; next !== undefined || batch.length === 0; next = this.#deps.inbox.next) {
      if (batch.length > 0 && next !== undefined && standsAlone(next)) break
      const frame = this.#deps.inbox.take()
      if (frame === undefined) break
      batch.push(frame)
      if (standsAlone(frame) || frame.name === 'sync' || batch.length >= MAX_BATCH) break
    }
    return batch
  }

  #step(batch: readonly Frame[]): Promise<void> | undefined {
    const { tracking } = this.#deps
    // Data of a COPY is not judged, and what is on its way may wait for it.
    if (isConduit(batch[0])) return this.#judgeAll(batch, 0, [])
    // What is on its way may change what this batch means; within one segment nothing can be awaited, and names stay uncertain.
    if (!tracking.segmentSent && (tracking.isUnsettled || tracking.canSettle)) return this.#stepSettled(batch)
    return this.#judgeAll(batch, 0, [])
  }

  async #stepSettled(batch: readonly Frame[]): Promise<void> {
    const { tracking, settleCatalog } = this.#deps
    if (tracking.isUnsettled) await tracking.idle()
    if (tracking.canSettle) await settleCatalog()
    await this.#judgeAll(batch, 0, [])
  }

  /** No promise is made while every ruling falls at once. */
  #judgeAll(batch: readonly Frame[], from: number, steps: Step[]): Promise<void> | undefined {
    for (let at = from; at < batch.length; at += 1) {
      const frame = batch[at]
      if (frame === undefined) break
      const step = this.#plan(frame)
      if (step instanceof Promise) return this.#waited(step, { batch, at, steps })
      if (this.#push(step, steps)) {
        this.#finish(steps, batch.slice(at + 1))
        return undefined
      }
    }
    this.#finish(steps, [])
    return undefined
  }

  /**
   * What was cleared before a wait may leave after it only if packs and definitions are the same: otherwise the batch is planned anew from its first frame, and
   * what people said meanwhile stands where it still fits.
   */
  async #waited(waiting: Promise<Step | undefined>, { batch, at, steps }: Unfinished): Promise<void> {
    const { judging, isOver } = this.#deps
    const { basis } = judging
    const made = await waiting
    const isRefused = this.#push(made, steps)
    const isOutdated = judging.basis !== basis && steps.some((step) => step !== made && step.kind === 'judged')
    if (isOver()) judging.startOver(steps)
    else if (isOutdated) await this.#startOver(batch, steps)
    else if (isRefused) this.#finish(steps, batch.slice(at + 1))
    else await this.#judgeAll(batch, at + 1, steps)
  }

  async #startOver(batch: readonly Frame[], steps: readonly Step[]): Promise<void> {
    this.#deps.judging.startOver(steps)
    this.#attempts += 1
    if (this.#attempts < MAX_ATTEMPTS) await this.#judgeAll(batch, 0, [])
    else this.#finish([RESTLESS], batch)
  }

  /** True when the step is a refusal: nothing behind it in the segment is looked at. */
  #push(step: Step | undefined, steps: Step[]): boolean {
    if (step === undefined) return false
    steps.push(step)
    return step.kind === 'refuse'
  }

  #plan(frame: Frame): Step | undefined | Promise<Step | undefined> {
    const { judging, tracking } = this.#deps
    // A server ends the connection there; we might wait for each other for ever.
    if (tracking.copyIn !== undefined && !goesWithCopy(frame)) throw new ProtocolError(`${frame.name} during a COPY`)
    if (this.#isSkipping && frame.name !== 'sync' && frame.name !== 'terminate') return undefined
    switch (frame.name) {
      case 'query':
        return judging.query(frame)
      case 'parse':
        return judging.parse(frame)
      case 'bind':
        return judging.bind(frame)
      case 'execute':
        return judging.execute(frame)
      case 'describe':
        return judging.describe(frame)
      case 'close':
        return judging.close(frame)
      case 'sync':
        return this.#sync(frame)
      case 'flush':
        return sendTracked(frame, undefined)
      case 'copyData':
      case 'copyDone':
      case 'copyFail':
        return this.#copy(frame)
      case 'terminate':
        return undefined
      case 'functionCall':
        return { kind: 'refuse', refusal: NO_FUNCTION_CALLS, ownsReady: true, unseen: 'FunctionCall' }
      case 'password':
        throw new ProtocolError('a password outside authentication')
    }
  }

  /** After an error, a server drops what is not Sync: we spare it, and people, what it would drop. */
  get #isSkipping(): boolean {
    return this.#skipping || this.#deps.tracking.replies.isSkipping
  }

  #sync(frame: Frame<'sync'>): Step {
    const { tracking } = this.#deps
    this.#skipping = false
    // While a COPY takes data, a server ignores Sync. Manual: "COPY Operations".
    if (tracking.copyIn !== undefined) return sendTracked(frame, undefined)
    return sendTracked(frame, { kind: 'sync', segment: tracking.segment, swallow: false })
  }

  #nextSegment(): void {
    const { tracking } = this.#deps
    tracking.segment += 1
    tracking.segmentSent = false
    tracking.segmentControls = false
  }

  /** Rides on a COPY that was cleared; outside of one a server ignores it, and so do we. */
  #copy(frame: Frame<'copyData' | 'copyDone' | 'copyFail'>): undefined | Promise<undefined> {
    const { tracking } = this.#deps
    if (tracking.copyIn === undefined && tracking.copyMayOpen) return tracking.progress().then(() => this.#copy(frame))
    const copy = tracking.copyIn
    if (copy === undefined) return undefined
    if (frame.name === 'copyData') copy.bytes += frame.bytes.length - FRAME_HEADER
    else tracking.copyIn = undefined
    this.#deps.upstream.feed(frame)
    return undefined
  }

  /** One write for everything that these steps and the conduit passed. */
  #finish(steps: readonly Step[], rest: readonly Frame[]): void {
    for (const step of steps) {
      if (step.kind === 'refuse') this.#refuse(step, rest)
      else this.#send(step)
    }
    this.#deps.upstream.leave()
  }

  #send(step: Judged | Tracked): void {
    const { upstream, tracking, onDropped } = this.#deps
    const { expected } = step
    if (tracking.replies.isSkipping && expected !== undefined && expected.kind !== 'sync') {
      onDropped(expected)
      return
    }
    if (step.kind === 'judged') {
      for (const one of step.before) {
        tracking.replies.expect(one.expected)
        upstream.say(one.message)
      }
      tracking.replies.expect(step.expected)
      upstream.send(step.frame, step.clearance)
    } else {
      if (expected !== undefined) tracking.replies.expect(expected)
      upstream.send(step.frame)
    }
    if (expected?.kind === 'query' || expected?.kind === 'sync') this.#nextSegment()
    else if (expected !== undefined) tracking.segmentSent = true
  }

  #refuse({ refusal, ownsReady, unseen }: Refusal, rest: readonly Frame[]): void {
    if (unseen !== undefined) this.#deps.onUnseen(unseen, refusal)
    const { replies } = this.#deps.tracking
    const error = refusalResponse(refusal)
    // What the server itself would have refused ends a transaction, as it does without us; a script must not commit around it.
    const fails = NATIVE.has(refusal.kind) && (replies.status !== 'idle' || !this.#isStatusCertain())
    // The upstream failed before: its error is the answer to all of the segment.
    if (!replies.isSkipping) {
      if (ownsReady) this.#refuseWhole(error, fails)
      else this.#refuseInSegment(error, fails)
      this.#deps.answer()
    }
    const sync = rest.at(-1)
    if (sync?.name === 'sync') this.#finish([this.#sync(sync)], [])
  }

  /** Error and ReadyForQuery in one answer, with the status that the upstream reports by then. */
  #refuseWhole(error: Buffer, fails: boolean): void {
    const { tracking, upstream } = this.#deps
    if (!tracking.segmentSent && !fails) {
      tracking.replies.expect({
        kind: 'local',
        answer: (status) => Buffer.concat([error, readyForQuery(status)]),
      })
      return
    }
    if (fails || this.#wouldCommit()) this.#poison(error)
    else tracking.replies.expect({ kind: 'local', answer: () => error })
    tracking.replies.expect({ kind: 'sync', segment: tracking.segment, swallow: false })
    upstream.say({ name: 'sync' })
    this.#nextSegment()
  }

  #refuseInSegment(error: Buffer, fails: boolean): void {
    const { tracking } = this.#deps
    if (fails || this.#wouldCommit()) this.#poison(error)
    else tracking.replies.expect({ kind: 'local', answer: () => error })
    this.#skipping = true
  }

  #poison(error: Buffer): void {
    this.#deps.tracking.replies.expect({ kind: 'poison', answer: error })
    this.#deps.upstream.say({ name: 'poison' })
  }

  /** Whether Sync might commit what this segment has sent already. On doubt it would: the transaction fails, as after any error. */
  #wouldCommit(): boolean {
    const { segmentSent, segmentControls, replies } = this.#deps.tracking
    if (!segmentSent) return false
    return !this.#isStatusCertain() || segmentControls || replies.status === 'idle'
  }

  /** Nothing on its way may begin or end a transaction before what comes now. */
  #isStatusCertain(): boolean {
    return !this.#deps.tracking.replies.outstanding().some((owed) => owed.kind === 'sync' || owed.kind === 'query')
  }
}

/** A batch of which a frame waits. */
interface Unfinished {
  readonly batch: readonly Frame[]
  readonly at: number
  readonly steps: Step[]
}

const FRAME_HEADER = 5

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const NATIVE: ReadonlySet<RefusalKind> = new Set([
  'syntax',
  'no-statement',
  'no-portal',
  'statement-exists',
  'portal-exists',
])

const SESSION_ENDED = 'the session ended before it was sent'
const BATCH_REFUSED = 'an earlier statement of its batch was refused'

const RESTLESS: Refusal = {
  kind: 'refuse',
  refusal: refused('void', 'packs or definitions changed again and again while this waited: send it again'),
  ownsReady: false,
  unseen: 'a batch',
}

const NO_FUNCTION_CALLS = refused('denied', 'function calls do not pass here; call the function in a SELECT')

/** Messages that are a batch by themselves. */
const standsAlone = (frame: Frame): boolean =>
  frame.name === 'query' || frame.name === 'terminate' || frame.name === 'functionCall' || isConduit(frame)

const goesWithCopy = (frame: Frame): boolean =>
  isConduit(frame) || frame.name === 'sync' || frame.name === 'flush' || frame.name === 'terminate'

const isConduit = (frame: Frame | undefined): boolean => frame !== undefined && lanes[frame.name] === 'conduit'
