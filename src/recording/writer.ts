import path from 'node:path'
import type { SessionId } from '../model/ids.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { createChainFile } from './chain-file.ts'
import type { SessionHeader } from './event.ts'
import type { GrowingFile, RecordingFiles } from './files.ts'
import type { Ledger } from './ledger.ts'
import { constantPart, createStamps } from './line.ts'
import { probeDisk } from './disk-probe.ts'
import { RecorderError } from './recorder-error.ts'
import type { Signer } from './seal.ts'
import { EVENTS_FILE, SESSION_FILE, sessionText, sha256 } from './session-file.ts'
import { OneRecording, type SessionRecording } from './session-recording.ts'

/** Longest time that an event stays in memory without anybody handing it over. */
const FLUSH_AFTER_MS = 50
/** How often live sessions are looked through for overdue checkpoints. */
const SWEEP_AFTER_MS = 5000

export interface RecorderDeps {
  /** The recordings' root, which exists. */
  readonly folder: string
  readonly files: RecordingFiles
  readonly clock: Clock
  readonly signer: Signer
  readonly ledger: Ledger
  /** This node's name, part of every line's origin. */
  readonly node: string
  /** Version of Countersign. */
  readonly version: string
  /** Told once for every recording that breaks, before the caller sees the exception. */
  readonly onFailure: (failure: { readonly session: SessionId; readonly error: RecorderError }) => void
}

export type RecorderHealth = { readonly healthy: true } | { readonly healthy: false; readonly reason: string }

export interface Recorder {
  /** Makes the session's folder and writes its first lines. Throws `RecorderError`: then there is no session. */
  open(header: SessionHeader): SessionRecording
  /** Unhealthy from the first failure until `probe` has written to the disk again, and for good once the ledger is broken. */
  health(): RecorderHealth
  /** Writes, syncs and reads back a small file in the recordings' folder. */
  probe(): Promise<RecorderHealth>
  /** Hands over what is pending and stops the timers; sessions are closed by their owners before. */
  stop(): void
}

/** The recorder of one node: one folder a session, written synchronously, hash-chained and sealed. */
export function createRecorder(deps: RecorderDeps): Recorder {
  return new NodeRecorder(deps)
}

class NodeRecorder implements Recorder {
  readonly #deps: RecorderDeps
  readonly #stamps: ReturnType<typeof createStamps>
  readonly #live = new Set<OneRecording>()
  #pending: OneRecording[] = []
  #cancelFlush: (() => void) | undefined
  #cancelSweep: (() => void) | undefined
  #failure: string | undefined
  #probes = 0

  constructor(deps: RecorderDeps) {
    this.#deps = deps
    this.#stamps = createStamps(deps.clock)
  }

  open(header: SessionHeader): SessionRecording {
    const health = this.health()
    if (!health.healthy) throw new RecorderError('E_RECORDER_BROKEN', health.reason)
    const recording = this.#begin(header)
    this.#live.add(recording)
    this.#cancelSweep ??= this.#deps.clock.after(SWEEP_AFTER_MS, () => this.#sweep())
    const { grant, credential, policyVersion } = header
    recording.write({ kind: 'open', grant, credential, policyVersion })
    recording.handOver()
    return recording
  }

  health(): RecorderHealth {
    const reason = this.#failure ?? this.#deps.ledger.broken?.message
    return reason === undefined ? { healthy: true } : { healthy: false, reason }
  }

  async probe(): Promise<RecorderHealth> {
    try {
      this.#probes += 1
      const name = `.probe-${process.pid}-${this.#probes}`
      await probeDisk(this.#deps.files, path.join(this.#deps.folder, name))
      this.#failure = undefined
    } catch (thrown) {
      this.#failure = `the recordings' folder cannot be written: ${asError(thrown).message}`
    }
    return this.health()
  }

  stop(): void {
    this.#flush()
    this.#cancelSweep?.()
    this.#cancelSweep = undefined
  }

  #begin(header: SessionHeader): OneRecording {
    const { files, ledger, signer, node, version } = this.#deps
    const folder = path.join(this.#deps.folder, header.session)
    const stamp = this.#stamps()
    const headerText = sessionText(header, { node, version, keyId: signer.keyId, stamp, ledger: ledger.head() })
    const file = this.#makeFolder({ header, folder, headerText })
    const onBroken = (error: RecorderError): void => {
      this.#live.delete(recording)
      this.#broke(header.session, error)
    }
    const chain = createChainFile({ file, head: { seq: 0, hash: sha256(headerText) }, onBroken })
    const recording: OneRecording = new OneRecording({
      session: header.session,
      folder,
      chain,
      constant: constantPart(header, node),
      startedAt: stamp.at,
      headerText,
      files,
      signer,
      ledger,
      stamps: this.#stamps,
      onPending: () => this.#notice(recording),
      onClosed: () => this.#live.delete(recording),
      by: header.person,
      address: header.address,
      resource: `target:${header.target}`,
    })
    return recording
  }

  // The ledger first: a folder that the ledger does not know is taken for forged.
  #makeFolder(input: { header: SessionHeader; folder: string; headerText: string }): GrowingFile {
    const { files } = this.#deps
    try {
      this.#tellLedger(input.header, sha256(input.headerText))
      files.makeFolder(input.folder)
      const header = files.create(path.join(input.folder, SESSION_FILE))
      const written = header.write(Buffer.from(input.headerText))
      header.close()
      if (written !== Buffer.byteLength(input.headerText)) throw new Error('session.json was written only in part')
      return files.create(path.join(input.folder, EVENTS_FILE))
    } catch (thrown) {
      throw this.#openFailed(input.header.session, thrown)
    }
  }

  #tellLedger(header: SessionHeader, headerHash: string): void {
    const { ledger, clock } = this.#deps
    const { session, person, account, upstreamAccount, address, target, protocol, database } = header
    const detail = { session, header: headerHash, account, upstreamAccount, protocol, database }
    const resource = `target:${target}`
    ledger.append({
      kind: 'session.start',
      at: clock.now(),
      by: person,
      origin: address,
      outcome: 'allowed',
      resource,
      detail,
    })
  }

  // A taken id is that session's misfortune; everything else means that the next session would fail as well.
  #openFailed(session: SessionId, thrown: unknown): RecorderError {
    const cause = asError(thrown)
    if ('code' in cause && cause.code === 'EEXIST') {
      return new RecorderError('E_RECORDING_EXISTS', 'a recording of this id exists already', cause)
    }
    const error = new RecorderError('E_RECORDER_WRITE', 'the recording could not be begun', cause)
    this.#broke(session, error)
    return error
  }

  #broke(session: SessionId, error: RecorderError): void {
    this.#failure ??= error.message
    const { ledger, clock } = this.#deps
    if (ledger.broken === undefined) {
      const detail = { session, code: error.code }
      // Best effort: the disk that refused the recording may refuse this as well, and then the ledger says so itself.
      try {
        ledger.append({
          kind: 'recorder.failed',
          at: clock.now(),
          by: 'system',
          origin: 'local',
          outcome: 'failed',
          resource: 'recorder',
          detail,
        })
      } catch {
        this.#failure = error.message
      }
    }
    this.#deps.onFailure({ session, error })
  }

  #notice(recording: OneRecording): void {
    if (this.#cancelFlush === undefined) this.#cancelFlush = this.#deps.clock.after(FLUSH_AFTER_MS, () => this.#flush())
    this.#pending.push(recording)
  }

  #flush(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
    const pending = this.#pending
    this.#pending = []
    for (const recording of pending) this.#attempt(() => recording.flush())
  }

  #sweep(): void {
    const mono = this.#deps.clock.monoMicros()
    for (const recording of this.#live) {
      if (!recording.needsSeal(mono)) continue
      this.#attempt(() => {
        recording.seal()
        recording.handOver()
      })
    }
    this.#cancelSweep = this.#live.size > 0 ? this.#deps.clock.after(SWEEP_AFTER_MS, () => this.#sweep()) : undefined
  }

  // A failure has been told through onFailure and meets the session at its next call.
  #attempt(step: () => void): void {
    try {
      step()
    } catch (thrown) {
      if (!(thrown instanceof RecorderError)) throw thrown
    }
  }
}
