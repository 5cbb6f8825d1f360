import type { Duplex } from 'node:stream'
import { spoken } from './refusals.ts'

/**
 * What a program may have left switched on, put back: colours, character sets, insert mode, application keys, a hidden cursor, a scroll region. Without it, what
 * an earlier program printed would decide how the line looks that is typed next.
 */
const RESET =
  '\x1b[0m\x0f\x1b(B\x1b[4l\x1b[?1l\x1b[?7h\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b7\x1b[r\x1b8'

export interface ScreenListeners {
  readonly onKeys: (chunk: Buffer) => void
  /** No more keys will come. */
  readonly onEnd: () => void
  /** The terminal takes no sequences. */
  readonly isPlain: boolean
}

/** The client's terminal as the prompt writes to it and reads from it. */
export class PromptScreen {
  readonly #channel: Duplex
  readonly #onKeys: (chunk: Buffer) => void
  readonly #isPlain: boolean
  #isReading = false
  #isClosed = false

  constructor(channel: Duplex, { onKeys, onEnd, isPlain }: ScreenListeners) {
    this.#channel = channel
    this.#isPlain = isPlain
    this.#onKeys = (chunk) => onKeys(chunk)
    channel.once('end', onEnd)
  }

  /** Writes; a client that does not read its screen is not read from either. */
  write(text: string | Buffer): void {
    if (text.length === 0 || this.#isClosed || !this.#channel.writable) return
    if (this.#channel.write(text) || !this.#isReading || this.#channel.isPaused()) return
    this.#channel.pause()
    this.#channel.once('drain', () => {
      if (this.#isReading) this.#channel.resume()
    })
  }

  /** Words of ours below what stands there. */
  say(lines: readonly string[]): void {
    this.write(spoken(lines, true))
  }

  /** Begins a row: below what a program printed, if it did not end its last line itself. The mark shows only then. */
  freshRow(columns: number): void {
    // Nobody could tell whether that is needed, and an empty line before each prompt would be in the way of whoever reads them by program.
    if (this.#isPlain) return
    this.write(`${RESET}\x1b[7m%\x1b[27m${' '.repeat(columns - 1)}\r\x1b[K`)
  }

  read(): void {
    if (this.#isReading || this.#isClosed) return
    this.#isReading = true
    this.#channel.on('data', this.#onKeys)
    this.#channel.resume()
  }

  /** Leaves the terminal for good. */
  close(): void {
    this.release()
    this.#isClosed = true
  }

  /** Leaves the keys to somebody else. */
  release(): void {
    if (!this.#isReading) return
    this.#isReading = false
    this.#channel.removeListener('data', this.#onKeys)
    this.#channel.pause()
  }
}
