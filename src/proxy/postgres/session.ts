import type { Socket } from 'node:net'
import type { Catalog } from '../../model/catalog.ts'
import type { ResultColumn } from '../../model/column.ts'
import type { ApprovalId } from '../../model/ids.ts'
import type { Output } from '../../model/lineage.ts'
import type { Scrubbed } from '../../model/scrubbed.ts'
import type { CellMasks } from '../../mask/cell.ts'
import type { ErrorFields, RowField } from '../../protocol/postgres/messages.ts'
import type { Frame } from '../../protocol/postgres/framing.ts'
import { ProtocolError } from '../../protocol/postgres/protocol-error.ts'
import { FrameScanner } from '../../protocol/postgres/scanner.ts'
import { UPSTREAM_SESSION } from '../../protocol/postgres/limits.ts'
import type { CloseReason } from '../../recording/event.ts'
import type { SessionRecording } from '../../recording/session-recording.ts'
import type { SqlGuard } from '../../session/judgement.ts'
import type { HeldNotice } from '../../session/ruling.ts'
import type { SessionPort } from '../../session/registry.ts'
import { deferred } from '../../std/deferred.ts'
import { asError } from '../../std/errors.ts'
import type { Inbox } from '../inbox.ts'
import { Outlet } from '../outlet.ts'
import { Completions } from './completions.ts'
import { Copies } from './copies.ts'
import { Judging } from './judging.ts'
import { Plans } from './plans.ts'
import { errorResponse, heldNotice, notice } from './refusals.ts'
import { Requests } from './requests.ts'
import { Responses } from './responses.ts'
import { Speech } from './speech.ts'
import type { Tracking } from './tracking.ts'
import { createUpstream, type Upstream } from './upstream.ts'

/** Everything a session is given once its person is known and its target has answered. */
export interface SessionParts {
  readonly inbox: Inbox<Frame>
  readonly client: Outlet
  readonly clientSocket: Socket
  readonly upstreamSocket: Socket
  readonly guard: SqlGuard
  readonly tracking: Tracking
  readonly recording: SessionRecording
  readonly cells: CellMasks
  readonly columnsOf: (
    fields: readonly RowField[],
    output: Output,
    catalog: Catalog | undefined,
  ) => readonly ResultColumn[]
  readonly catalog: () => Catalog | undefined
  readonly freshCatalog: () => Promise<Catalog | undefined>
  /** Told of each reading of the clock, in microseconds: the catalog lasts for a while only. */
  readonly noticeTime: (micros: number) => void
  readonly scrub: (text: string) => Scrubbed
  readonly safeFields: (fields: ErrorFields, tainted: boolean) => ErrorFields
  readonly monoMicros: () => number
  readonly after: (ms: number, callback: () => void) => () => void
  readonly idleMs: number
  readonly maxKeptRows: number
  /** Resolves when the upstream has taken the request, or could not be reached. Never rejects. */
  readonly cancelUpstream: () => Promise<void>
  readonly finishApproval: (approval: ApprovalId, end: 'done' | 'unknown', detail: string) => void
}

/** How a session ended. */
export interface SessionEnd {
  readonly reason: CloseReason
  readonly text: string | undefined
}

/** One client connection between login and close: two pumps, and the port through which others may end it. */
export class PostgresSession implements SessionPort {
  readonly #parts: SessionParts
  readonly #ended = deferred<SessionEnd>()
  readonly #completions: Completions
  readonly #responses: Responses
  readonly #requests: Requests
  readonly #upstream: Upstream
  readonly #gone = new AbortController()
  #cancelled = new AbortController()
  /** Asked for each statement, and Node makes the asking dear. */
  #cancelSignal = this.#cancelled.signal
  #waiting = false
  /** It is to end as soon as what ran has said that it was cancelled. */
  #closing: SessionEnd | undefined
  #over = false
  #lastActive = 0
  #stopIdle = (): void => undefined

  constructor(parts: SessionParts) {
    this.#parts = parts
    const { upstreamSocket, inbox, tracking, client, recording, scrub, monoMicros } = parts
    const append = recording.append.bind(recording)
    this.#upstream = createUpstream(new Outlet(upstreamSocket, inbox))
    this.#completions = new Completions({ tracking, append, scrub, monoMicros, onApprovedEnd: parts.finishApproval })
    const plans = new Plans({ ...parts, scrubName: scrub })
    const copies = new Copies({ ...parts, plans, scrubName: scrub })
    const onDrift = (parameter: string): void =>
      this.#end({ reason: 'settings-drift', text: `the setting ${parameter} may not change here` })
    const speech = new Speech({ ...parts, completions: this.#completions, append, onDrift })
    const scanner = new FrameScanner({ side: 'backend', limits: UPSTREAM_SESSION })
    this.#responses = new Responses({
      scanner,
      client,
      tracking,
      plans,
      copies,
      speech,
      scrub,
      completions: this.#completions,
    })
    this.#requests = this.#makeRequests()
  }

  /** Runs until one side leaves or somebody ends it. Never rejects. */
  async run(): Promise<SessionEnd> {
    this.#parts.upstreamSocket.on('data', (chunk: Buffer) => this.#fromUpstream(chunk))
    this.#parts.upstreamSocket.on('close', () =>
      this.#end({ reason: 'upstream-left', text: 'the target closed the connection' }),
    )
    this.#parts.upstreamSocket.on('error', () => undefined)
    this.#parts.inbox.gone.addEventListener('abort', () => this.#clientGone(), { once: true })
    this.#active()
    this.#watchIdle()
    const pumping = this.#requests.run().then(
      () => this.#pumped(),
      (thrown: unknown) => this.#fault(thrown),
    )
    const end = await this.#ended.promise
    this.#cleanUp(end)
    // A hold that became void just now still writes its ruling: the recording waits for it, though not for ever.
    await Promise.race([pumping, this.#grace()])
    return end
  }

  #grace(): Promise<undefined> {
    return new Promise((resolve) => this.#parts.after(GRACE_MS, () => resolve(undefined)))
  }

  /** At once, also while rows run: the pump from the upstream is synchronous and passes whole frames, so between its turns every message has ended. */
  say(text: string): void {
    if (!this.#over) this.#parts.client.write(notice(text))
  }

  cancelRunning(): void {
    void this.cancel()
  }

  /**
   * The same, for whoever waits: resolves when nothing of it is under way any more. Where nothing waits and nothing is at the upstream, none is asked: a request that takes its time would
   * hit whatever the client sends next.
   */
  async cancel(): Promise<void> {
    if (this.#waiting) this.#cancelled.abort()
    else if (this.#requests.isBusy || this.#parts.tracking.replies.pending > 0) await this.#parts.cancelUpstream()
  }

  statements(): number {
    return this.#parts.guard.statements
  }

  /** What runs is cancelled first, and has a moment to say how it ended: an outcome that nobody knows has to be looked up by hand. */
  close(reason: CloseReason, text: string): void {
    if (this.isOver) return
    const end = { reason, text }
    // A client that reads nothing keeps the upstream's last word from being read as well.
    if (!this.#isRunning() || this.#parts.client.isBlocked) {
      this.#end(end)
      return
    }
    this.#closing = end
    this.#gone.abort(text)
    void this.#parts.cancelUpstream()
    this.#parts.after(CANCEL_MS, () => this.#end(end))
  }

  /** Nothing more is judged, claimed or sent. */
  get isOver(): boolean {
    return this.#over || this.#closing !== undefined
  }

  #pumped(): void {
    if (this.#closing === undefined) this.#end({ reason: 'client-left', text: undefined })
  }

  #makeRequests(): Requests {
    const { inbox, tracking, guard, freshCatalog, monoMicros, maxKeptRows } = this.#parts
    const judging = new Judging({
      guard,
      upstream: this.#upstream,
      tracking,
      monoMicros,
      maxKeptRows,
      gone: this.#gone.signal,
      cancelled: () => this.#freshCancel(),
      onHeld: (held) => this.#held(held),
      onRuled: () => (this.#waiting = false),
    })
    const settleCatalog = async (): Promise<void> => {
      // A look that failed settles nothing: the definitions at hand may be older than what the session made.
      if ((await freshCatalog()) !== undefined) tracking.settled()
    }
    const answer = (): void => this.#responses.flush()
    return new Requests({
      inbox,
      upstream: this.#upstream,
      tracking,
      judging,
      answer,
      settleCatalog,
      onActivity: () => this.#active(),
      onUnseen: (what, refusal) => guard.object(what, refusal),
      onDropped: (owed) => this.#completions.dropped(owed),
      isOver: () => this.isOver,
    })
  }

  /** A signal that no earlier Ctrl-C has fired. */
  #freshCancel(): AbortSignal {
    this.#waiting = false
    if (!this.#cancelSignal.aborted) return this.#cancelSignal
    this.#cancelled = new AbortController()
    this.#cancelSignal = this.#cancelled.signal
    return this.#cancelSignal
  }

  #held(held: HeldNotice): void {
    this.#waiting = true
    // What came before the held statement may sit in the upstream's buffer until a Sync that is not coming.
    if (this.#parts.tracking.segmentSent) this.#upstream.say({ name: 'flush' })
    this.#parts.client.write(heldNotice(held))
  }

  #fromUpstream(chunk: Buffer): void {
    if (this.#over) return
    // What an upstream says of its own accord (a notification, say) keeps nobody's session alive.
    if (this.#parts.tracking.replies.pending > 0) this.#active()
    try {
      this.#responses.read(chunk)
    } catch (thrown) {
      this.#fault(thrown)
    }
    if (this.#closing !== undefined && !this.#isRunning()) this.#end(this.#closing)
  }

  /** The client left: what runs for nobody is cancelled, so that it does not hold locks. */
  #clientGone(): void {
    this.#gone.abort('the client left')
    if (this.#over) return
    if (this.#parts.tracking.replies.pending > 0) void this.#parts.cancelUpstream()
    if (this.#parts.inbox.isOver) this.#end({ reason: 'client-left', text: undefined })
    // What it sent before it left may wait for an upstream that never answers.
    else this.#parts.after(LEFT_MS, () => this.#end({ reason: 'client-left', text: undefined }))
  }

  #fault(thrown: unknown): void {
    const error = asError(thrown)
    if (error.name === 'RecorderError')
      this.#end({ reason: 'fault', text: 'the session cannot be recorded, so it ends' })
    else if (error instanceof ProtocolError) this.#end({ reason: 'protocol-error', text: error.clientMessage })
    else this.#end({ reason: 'fault', text: 'an internal fault ended the session' })
  }

  #end(end: SessionEnd): void {
    if (this.#over) return
    this.#over = true
    const { reason, text } = this.#closing ?? end
    if (this.#closing === undefined && !PARTED.includes(reason) && this.#isRunning()) void this.#parts.cancelUpstream()
    this.#gone.abort(text ?? reason)
    for (const owed of this.#parts.tracking.replies.outstanding()) this.#lost(owed)
    for (const portal of this.#parts.tracking.approvedPortals) this.#completions.portalEnded(portal)
    this.#ended.resolve({ reason, text })
  }

  #lost(owed: Parameters<Completions['lost']>[0]): void {
    try {
      this.#completions.lost(owed)
    } catch {
      // The recording is what failed: that nothing more is in it is what verify reports.
    }
  }

  #cleanUp(end: SessionEnd): void {
    this.#stopIdle()
    const { client, clientSocket, upstreamSocket } = this.#parts
    this.#upstream.end()
    upstreamSocket.destroySoon()
    client.end(farewell(end))
    clientSocket.destroySoon()
    // A client that does not read its last words would keep them, and us, for ever.
    this.#parts.after(LINGER_MS, () => {
      clientSocket.destroy()
      upstreamSocket.destroy()
    })
  }

  #active(): void {
    this.#lastActive = this.#parts.monoMicros()
    this.#parts.noticeTime(this.#lastActive)
  }

  /** Whether work is at the upstream. What only prepares, binds or describes is none, however long its answer is not asked for. */
  #isRunning(): boolean {
    const { replies, copyIn } = this.#parts.tracking
    return copyIn !== undefined || replies.outstanding().some(({ kind }) => kind === 'query' || kind === 'execute')
  }

  /** Held or running is not idle. One timer, set anew only when it fires: activity itself costs a clock reading. */
  #watchIdle(): void {
    const { after, client, idleMs, monoMicros } = this.#parts
    // What runs is not idle, but a client that reads nothing of it keeps the target's locks and snapshot for ever.
    if (this.#waiting || (this.#isRunning() && !client.isBlocked)) this.#stillRuns()
    const left = idleMs - (monoMicros() - this.#lastActive) / 1000
    if (left <= 0) this.close('idle', 'the session was idle for too long')
    else this.#stopIdle = after(Math.ceil(left), () => this.#watchIdle())
  }

  #stillRuns(): void {
    this.#active()
    const { segmentSent, copyIn } = this.#parts.tracking
    // An Execute without Sync may have ended long ago: its answer lies at the upstream until somebody asks for it.
    if (segmentSent && copyIn === undefined) this.#upstream.say({ name: 'flush' })
  }
}

/** Ends that one side made by itself: what a client sent before it left still runs, and without an upstream nothing does. */
const PARTED: readonly CloseReason[] = ['client-left', 'upstream-left']
/** For what was cancelled to say so, in milliseconds. */
const CANCEL_MS = 500

/** For the last ruling of a session that has ended, in milliseconds. */
const GRACE_MS = 2000
/** For what a client sent before it left, in milliseconds. */
const LEFT_MS = 10_000
/** For a peer to read what was written last, in milliseconds. */
const LINGER_MS = 10_000

/** SQLSTATE for each way in which we end a session. Manual: Appendix A, class 57. */
const CLOSING: Partial<Record<CloseReason, string>> = {
  idle: '57P05',
  'protocol-error': '08P01',
  'settings-drift': '0A000',
  'upstream-left': '08006',
  fault: 'XX000',
}

/** What a client reads last. */
export const farewell = ({ reason, text }: SessionEnd): Buffer | undefined =>
  text === undefined ? undefined : errorResponse({ severity: 'FATAL', code: CLOSING[reason] ?? '57P01', message: text })
