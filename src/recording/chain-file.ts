import { hash } from 'node:crypto'
import { asError } from '../std/errors.ts'
import type { GrowingFile } from './files.ts'
import { createGroupCommit } from './group-commit.ts'
import { RecorderError } from './recorder-error.ts'

/** Longest line that is written, in UTF-16 units; a statement's text has lower caps long before. */
export const MAX_LINE = 32 * 1024 * 1024
/** Pending bytes beyond which lines are handed over unasked. */
const MAX_PENDING = 256 * 1024

/** Where a chain stands. */
export interface ChainHead {
  /** Number of the next line, from 0. */
  readonly seq: number
  /** SHA-256 of the exact bytes of the last line, its newline included. */
  readonly hash: string
}

/** A file of hash-chained lines, written by one process. Broken once is broken for good: every later call throws. */
export interface ChainFile {
  /** Pending until `handOver`. Throws `E_RECORD_TOO_LONG` and appends nothing where the line is longer than `MAX_LINE`. */
  append(line: string): void
  /** Everything pending in one write() to the kernel. */
  handOver(): void
  /** Hands over, then fdatasync, shared with whoever asks at the same time. */
  settle(): Promise<void>
  close(): void
  /** Breaks the file for good over something seen from outside; gives the error to throw. */
  fail(message: string, cause?: unknown): RecorderError
  readonly seq: number
  readonly hash: string
  /** Bytes appended so far, pending ones included. */
  readonly bytes: number
  readonly broken: RecorderError | undefined
}

/** `line` in `append` is everything up to the `prev` field; this adds `prev` and the newline. */
export function createChainFile(deps: {
  readonly file: GrowingFile
  readonly head: ChainHead
  readonly onBroken: (error: RecorderError) => void
}): ChainFile {
  return new Chain(deps)
}

class Chain implements ChainFile {
  seq: number
  hash: string
  bytes = 0
  broken: RecorderError | undefined
  #pending: Buffer[] = []
  #closed = false
  #pendingBytes = 0
  readonly #file: GrowingFile
  readonly #onBroken: (error: RecorderError) => void
  readonly #commit = createGroupCommit(() => this.#datasync())

  constructor(deps: { file: GrowingFile; head: ChainHead; onBroken: (error: RecorderError) => void }) {
    this.#file = deps.file
    this.#onBroken = deps.onBroken
    this.seq = deps.head.seq
    this.hash = deps.head.hash
  }

  append(start: string): void {
    this.#mustWork()
    if (start.length > MAX_LINE) throw new RecorderError('E_RECORD_TOO_LONG', 'one event is longer than a line may be')
    // UTF-8 once, for hash, count and disk alike.
    const line = Buffer.from(`${start}"prev":"${this.hash}"}\n`)
    this.hash = hash('sha256', line, 'hex')
    this.seq += 1
    this.#pending.push(line)
    this.bytes += line.length
    this.#pendingBytes += line.length
    if (this.#pendingBytes > MAX_PENDING) this.handOver()
  }

  handOver(): void {
    this.#mustWork()
    if (this.#pendingBytes === 0) return
    const written = this.#write()
    // A short write leaves half a line on the disk; a second try could hide that the disk is full.
    if (written !== this.#pendingBytes) throw this.fail(`only ${written} of ${this.#pendingBytes} bytes were written`)
    this.#pending = []
    this.#pendingBytes = 0
  }

  async settle(): Promise<void> {
    this.handOver()
    await this.#commit()
    this.#mustWork()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#file.close()
  }

  fail(message: string, cause?: unknown): RecorderError {
    if (this.broken !== undefined) return this.broken
    const code = cause === undefined ? '' : ` (${codeOf(cause)})`
    this.broken = new RecorderError('E_RECORDER_WRITE', `${message}${code}`, cause)
    this.#pending = []
    this.#pendingBytes = 0
    this.#closeQuietly()
    this.#onBroken(this.broken)
    return this.broken
  }

  #write(): number {
    try {
      const [only] = this.#pending
      const bytes = this.#pending.length === 1 && only !== undefined ? only : Buffer.concat(this.#pending)
      return this.#file.write(bytes)
    } catch (thrown) {
      throw this.fail('a recording could not be written', thrown)
    }
  }

  async #datasync(): Promise<void> {
    try {
      await this.#file.datasync()
    } catch (thrown) {
      throw this.fail('a recording could not be brought to disk', thrown)
    }
  }

  // The first error is the one that counts.
  #closeQuietly(): void {
    try {
      this.close()
    } catch {
      this.#closed = true
    }
  }

  #mustWork(): void {
    if (this.broken === undefined) return
    throw new RecorderError('E_RECORDER_BROKEN', 'this recording failed earlier and stays closed', this.broken)
  }
}

function codeOf(thrown: unknown): string {
  const error = asError(thrown)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
