import path from 'node:path'
import type { SessionId } from '../model/ids.ts'
import type { Scrubbed } from '../model/scrubbed.ts'
import type { ChainFile } from './chain-file.ts'
import { CastFile, type Cast, type CastRequest } from './cast.ts'
import type { CastEvent, ChannelNumber, CloseReason, RecordedEvent, SessionEvent } from './event.ts'
import type { FileDigest, RecordingFiles } from './files.ts'
import type { Ledger } from './ledger.ts'
import { LineWriter, type Stamp } from './line.ts'
import { Notables, type NotableEvent } from './notable.ts'
import { RecorderError } from './recorder-error.ts'
import { sealText, type Signer } from './seal.ts'
import { castName, EVENTS_FILE, SESSION_FILE, sha256 } from './session-file.ts'
import { signedSummary, writeSummary, type Summary } from './summary.ts'

/** A checkpoint at least every so many events. */
export const SEAL_EVERY = 1000
/** A checkpoint at least so often while there is something to vouch for, in microseconds. */
export const SEAL_AFTER_MICROS = 30_000_000

/** One session's recording. Every method throws `RecorderError` once one has failed; the session then refuses and closes. */
export interface SessionRecording {
  readonly session: SessionId
  /** Folder of the recording. */
  readonly folder: string
  /**
   * Serialises, chains and keeps the event until the next `handOver`, at most 50 ms. Whoever forwards bytes calls `handOver` between
   * this and them.
   */
  append(event: SessionEvent): void
  /** Everything appended so far goes to the kernel in one write. */
  handOver(): void
  /** Keeps what a channel shows, in a file of its own; once for each channel. */
  cast(channel: ChannelNumber, request: CastRequest): Cast
  /** `handOver` and fdatasync: before anything held or risky runs. */
  settle(): Promise<void>
  /** Ends the recording: close event, signed checkpoint, summary, ledger. Nothing can be appended from its call on. */
  close(end: { readonly reason: CloseReason; readonly text?: Scrubbed }): Promise<Summary>
}

/** What one session's recording works with; made by `createRecorder`. */
export interface SessionParts {
  readonly session: SessionId
  readonly folder: string
  readonly chain: ChainFile
  readonly constant: string
  readonly startedAt: string
  readonly headerText: string
  readonly files: RecordingFiles
  readonly signer: Signer
  readonly ledger: Ledger
  readonly stamps: () => Stamp
  /** Called with the first line since `flush`. */
  readonly onPending: () => void
  readonly onClosed: () => void
  /** Who and from where, for the ledger. */
  readonly by: string
  readonly address: string
  readonly resource: string
}

export class OneRecording implements SessionRecording {
  readonly session: SessionId
  readonly folder: string
  readonly #parts: SessionParts
  readonly #chain: ChainFile
  readonly #lines: LineWriter
  readonly #counts = new Map<RecordedEvent['kind'], { lines: number }>()
  readonly #notables = new Notables()
  readonly #casts = new Map<ChannelNumber, CastFile>()
  /** Cast files that have ended. */
  readonly #castDigests: Record<string, FileDigest> = {}
  #awaitsFlush = false
  /** Its end is under way: only the recorder's own lines follow. */
  #closing = false
  #ended = false
  #onDisk: Promise<void> | undefined
  #sealedSeq = 0
  #sealedMono = 0

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#chain = parts.chain
    this.#lines = new LineWriter(parts.constant)
    this.session = parts.session
    this.folder = parts.folder
  }

  append(event: SessionEvent): void {
    if (this.#closing) throw new RecorderError('E_RECORDING_ENDED', 'the recording has ended')
    this.write(event)
  }

  /** `append` for every kind, the recorder's own included. */
  write(event: RecordedEvent): void {
    if (this.#ended) throw new RecorderError('E_RECORDING_ENDED', 'the recording has ended')
    const stamp = this.#parts.stamps()
    this.#line(event, stamp)
    const notable = this.#notables.see(event)
    if (notable !== undefined) this.#note(notable, stamp)
    if (!this.#awaitsFlush) {
      this.#awaitsFlush = true
      this.#parts.onPending()
    }
    if (this.#sealedMono === 0) this.#sealedMono = stamp.mono
    if (this.#chain.seq - this.#sealedSeq >= SEAL_EVERY) this.seal()
  }

  handOver(): void {
    this.#chain.handOver()
  }

  cast(channel: ChannelNumber, request: CastRequest): Cast {
    const known = this.#casts.get(channel)
    if (known !== undefined) return known
    const { files, stamps } = this.#parts
    const name = castName(channel)
    const cast = new CastFile({
      ...{ channel, request, name, stamps },
      create: () => files.create(path.join(this.folder, name)),
      // The file's name and beginning are in the chain before a byte of output leaves.
      vouch: (event) => this.#vouchCast(event),
      fail: (message, cause) => this.#chain.fail(message, cause),
      mustWork: () => {
        if (this.#ended) throw new RecorderError('E_RECORDING_ENDED', 'the recording has ended')
        if (this.#chain.broken !== undefined) throw this.#chain.broken
      },
    })
    this.#casts.set(channel, cast)
    return cast
  }

  #vouchCast(event: CastEvent): void {
    this.write(event)
    this.#chain.handOver()
    if (event.state !== 'ended') return
    this.#castDigests[event.file] = { bytes: event.bytes, sha256: event.sha256 }
    this.#casts.delete(event.channel)
  }

  /** The recorder's own hand-over, due 50 ms after `onPending` whether or not somebody has been faster. */
  flush(): void {
    this.#awaitsFlush = false
    this.#chain.handOver()
  }

  async settle(): Promise<void> {
    await Promise.all([this.#chain.settle(), this.#settleEntries()])
  }

  async close(end: { readonly reason: CloseReason; readonly text?: Scrubbed }): Promise<Summary> {
    this.#closing = true
    // What is on its way to the disk at the end is waited for; a file that was closed before was the kernel's by then.
    await Promise.all([...this.#casts.values()].map((cast) => cast.datasync())).catch((thrown: unknown) => {
      throw this.#chain.fail('a recording could not be brought to disk', thrown)
    })
    for (const cast of [...this.#casts.values()]) cast.close()
    this.write({ kind: 'close', reason: end.reason, text: end.text })
    const endedAt = this.seal()
    this.#ended = true
    // The folder's own entries were brought to disk if anything risky ran here; a harmless session saves those flushes.
    await this.#chain.settle()
    this.#chain.close()
    return this.#finish(end.reason, endedAt)
  }

  /** Whether a checkpoint is due at this monotonic time. */
  needsSeal(mono: number): boolean {
    return (
      !this.#ended &&
      this.#chain.broken === undefined &&
      (this.#chain.seq > this.#sealedSeq || [...this.#casts.values()].some((cast) => cast.hasNews)) &&
      mono - this.#sealedMono >= SEAL_AFTER_MICROS
    )
  }

  /** Writes a checkpoint; gives its time. */
  seal(): string {
    const { signer, stamps } = this.#parts
    for (const cast of this.#casts.values()) cast.checkpoint()
    const stamp = stamps()
    const { seq, hash: prev } = this.#chain
    const signature = signer.sign(sealText({ chain: this.session, seq, at: stamp.at, mono: stamp.mono, prev }))
    this.#line({ kind: 'seal', key: signer.keyId, signature }, stamp)
    this.#sealedSeq = this.#chain.seq
    this.#sealedMono = stamp.mono
    return stamp.at
  }

  #line(event: RecordedEvent, stamp: Stamp): void {
    this.#lines.write(event, stamp, this.#chain)
    const count = this.#counts.get(event.kind)
    if (count === undefined) this.#counts.set(event.kind, { lines: 1 })
    else count.lines += 1
  }

  #note({ kind, outcome, detail }: NotableEvent, { at }: Stamp): void {
    const { by, address: origin, resource, ledger } = this.#parts
    ledger.append({
      ...{ kind, outcome, at: Date.parse(at), by, origin, resource },
      detail: { session: this.session, ...detail },
    })
  }

  // The bytes of a file are no use after a power cut if its folder forgot the name.
  #settleEntries(): Promise<void> {
    const { files } = this.#parts
    const paths = [path.join(this.folder, SESSION_FILE), this.folder, path.dirname(this.folder)]
    this.#onDisk ??= Promise.all(paths.map((entry) => files.sync(entry))).then(
      () => undefined,
      (thrown: unknown) => {
        throw this.#chain.fail('a recording could not be brought to disk', thrown)
      },
    )
    return this.#onDisk
  }

  async #finish(reason: CloseReason, endedAt: string): Promise<Summary> {
    try {
      const summary = await this.#summary(reason, endedAt)
      const text = signedSummary(summary, this.#parts.signer)
      await writeSummary(this.#parts.files, this.folder, text)
      this.#tellLedger(summary, sha256(text))
      this.#parts.onClosed()
      return summary
    } catch (thrown) {
      throw this.#chain.fail('a recording could not be ended', thrown)
    }
  }

  async #summary(reason: CloseReason, endedAt: string): Promise<Summary> {
    const { headerText, files, signer, startedAt } = this.#parts
    const events = await files.digest(path.join(this.folder, EVENTS_FILE))
    if (events.bytes !== this.#chain.bytes) throw this.#chain.fail('the recording on disk is not what was written')
    const header = { bytes: Buffer.byteLength(headerText), sha256: sha256(headerText) }
    return {
      format: 'countersign.summary/1',
      session: this.session,
      startedAt,
      endedAt,
      reason,
      events: this.#chain.seq,
      head: this.#chain.hash,
      counts: Object.fromEntries([...this.#counts].map(([kind, { lines }]) => [kind, lines])),
      files: { [SESSION_FILE]: header, [EVENTS_FILE]: events, ...this.#castDigests },
      key: signer.keyId,
    }
  }

  #tellLedger(summary: Summary, summaryHash: string): void {
    const { by, address, resource, ledger } = this.#parts
    const { session, reason, events, head, endedAt } = summary
    const detail = { session, reason, events, head, summary: summaryHash }
    ledger.append({
      kind: 'session.end',
      at: Date.parse(endedAt),
      by,
      origin: address,
      outcome: 'closed',
      resource,
      detail,
    })
  }
}
