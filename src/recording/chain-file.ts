import { hash } from 'node:crypto'
import { asError } from '../std/errors.ts'
import type { GrowingFile } from './files.ts'
import { createGroupCommit } from './group-commit.ts'
import { LineBytes } from './line-bytes.ts'
import { RecorderError } from './recorder-error.ts'

/** Pending bytes beyond which lines are handed over unasked. */
const MAX_PENDING = 256 * 1024
const PREV = Buffer.from(',"prev":"')
const END = Buffer.from('"}\n')

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
  /** Where the next line is written in place; it is appended by `end`, and none without it. */
  begin(): LineBytes
  end(): void
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

/** `line` in `append`, like what is written before `end`, is everything up to the comma before the `prev` field; this adds that and the newline. */
export function createChainFile(deps: {
  readonly file: GrowingFile
  readonly head: ChainHead
  readonly onBroken: (error: RecorderError) => void
}): ChainFile {
  return new Chain(deps)
}

class Chain implements ChainFile {
  seq: number
  bytes = 0
  broken: RecorderError | undefined
  // Pending lines stand here one behind the other, so that a line is encoded once, for hash, count and disk alike, and never copied.
  readonly #lines = new LineBytes()
  /** SHA-256 of the last line as a text of 32 signs, one a byte: only few of them are asked for in hex. */
  #digest: string
  #pending = 0
  #closed = false
  readonly #file: GrowingFile
  readonly #onBroken: (error: RecorderError) => void
  readonly #commit = createGroupCommit(() => this.#datasync())

  constructor(deps: { file: GrowingFile; head: ChainHead; onBroken: (error: RecorderError) => void }) {
    this.#file = deps.file
    this.#onBroken = deps.onBroken
    this.seq = deps.head.seq
    this.#digest = Buffer.from(deps.head.hash, 'hex').toString('latin1')
  }

  get hash(): string {
    return Buffer.from(this.#digest, 'latin1').toString('hex')
  }

  append(start: string): void {
    this.begin().text(start)
    this.end()
  }

  begin(): LineBytes {
    this.#mustWork()
    return this.#lines.begin(this.#pending)
  }

  end(): void {
    this.#mustWork()
    const from = this.#pending
    this.#lines.bytes(PREV).hex(this.#digest).bytes(END)
    this.#pending = this.#lines.length
    this.#digest = hash('sha256', this.#lines.view(from, this.#pending), 'binary')
    this.seq += 1
    this.bytes += this.#pending - from
    if (this.#pending > MAX_PENDING) this.handOver()
  }

  handOver(): void {
    this.#mustWork()
    if (this.#pending === 0) return
    const written = this.#write()
    // A short write leaves half a line on the disk; a second try could hide that the disk is full.
    if (written !== this.#pending) throw this.fail(`only ${written} of ${this.#pending} bytes were written`)
    this.#pending = 0
    this.#lines.clear()
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
    this.#pending = 0
    this.#closeQuietly()
    this.#onBroken(this.broken)
    return this.broken
  }

  #write(): number {
    try {
      return this.#file.write(this.#lines.view(0, this.#pending))
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
