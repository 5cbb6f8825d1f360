import { createScrubber } from '../../mask/stream.ts'
import { createTerminalScrubber, type TerminalScrubber } from '../../mask/terminal.ts'

/** What a stream of output goes through on its way to the client. Whatever way it is cut, the result is the same. */
export interface Veil {
  /** Bytes that may leave now. */
  push(chunk: Buffer): Buffer
  /** Something is kept back that may be the beginning of a card number. */
  readonly waiting: boolean
  /** Nothing followed within the time that may pass: what was kept leaves. */
  pass(): Buffer
  /** The stream is over. */
  flush(): Buffer
  /** Card numbers cut down so far. */
  readonly found: number
}

/** For file transfers and protocols of programs: every byte as it is. */
export const createPlainVeil = (): Veil => ({
  push: (chunk) => chunk,
  waiting: false,
  found: 0,
  pass: () => NOTHING,
  flush: () => NOTHING,
})

/**
 * For output without a terminal: card numbers out, everything else byte for byte. Where a sequence of a terminal begins, or a number pauses in its middle, the rest of that line is
 * read as a terminal would show it: colours split no number, and what was let go of is remembered.
 */
export function createStreamVeil(): Veil {
  return new StreamVeil()
}

class StreamVeil implements Veil {
  readonly #plain = createScrubber()
  #kept = 0
  /** One for every line that needs it, as there may be millions. */
  readonly #terminal = createTerminalScrubber()
  #screen: TerminalScrubber | undefined

  push(chunk: Buffer): Buffer {
    const pieces: Buffer[] = []
    for (let rest = chunk; rest.length > 0;)
      rest = this.#screen ? this.#line(this.#screen, rest, pieces) : this.#front(rest, pieces)
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
  }

  get waiting(): boolean {
    return this.#screen?.waiting ?? this.#kept > 0
  }

  get found(): number {
    return this.#plain.found + this.#terminal.found
  }

  pass(): Buffer {
    if (this.#screen !== undefined) return this.#screen.passWaiting()
    const [before, screen] = this.#enter()
    return Buffer.concat([before, screen.passWaiting()])
  }

  flush(): Buffer {
    this.#kept = 0
    return Buffer.concat([this.#plain.flush(), this.#screen?.flush() ?? NOTHING])
  }

  /** Up to where a sequence begins; returns what is behind it. */
  #front(rest: Buffer, pieces: Buffer[]): Buffer {
    const at = sequenceIn(rest)
    const front = at < 0 ? rest : rest.subarray(0, at)
    const safe = this.#plain.push(front)
    this.#kept += front.length - safe.length
    pieces.push(safe)
    if (at < 0) return NOTHING
    pieces.push(this.#enter()[0])
    return rest.subarray(at)
  }

  /** To the end of the line, where no number goes on. */
  #line(screen: TerminalScrubber, rest: Buffer, pieces: Buffer[]): Buffer {
    const end = rest.indexOf(LINE_END) + 1
    if (end === 0) {
      pieces.push(screen.push(rest))
      return NOTHING
    }
    pieces.push(screen.push(rest.subarray(0, end)), screen.restart())
    this.#screen = undefined
    return rest.subarray(end)
  }

  #enter(): readonly [Buffer, TerminalScrubber] {
    this.#kept = 0
    this.#screen = this.#terminal
    return [this.#terminal.push(this.#plain.flush()), this.#terminal]
  }
}

const ESCAPE = 0x1b
const LINE_END = 0x0a
const [LEFT_BRACKET, RIGHT_BRACKET, FIRST_INTERMEDIATE, NINE] = [0x5b, 0x5d, 0x20, 0x39]
/** What follows ESC in colours, titles and character sets, and where a digit may end the sequence, which would be taken for one of a number. */
const mayIntroduce = (byte: number | undefined): boolean =>
  byte === undefined || byte === LEFT_BRACKET || byte === RIGHT_BRACKET || (byte >= FIRST_INTERMEDIATE && byte <= NINE)

/** Where a sequence begins, or may begin at the end; -1 where none does. */
function sequenceIn(bytes: Buffer): number {
  let at = bytes.indexOf(ESCAPE)
  while (at >= 0 && !mayIntroduce(bytes[at + 1])) at = bytes.indexOf(ESCAPE, at + 1)
  return at
}

const NOTHING = Buffer.alloc(0)

/** For a terminal: at the same width, whatever sequences stand between the digits. */
export function createTerminalVeil(): Veil {
  const scrubber = createTerminalScrubber()
  return {
    push: (chunk) => scrubber.push(chunk),
    get waiting() {
      return scrubber.waiting
    },
    get found() {
      return scrubber.found
    },
    pass: () => scrubber.passWaiting(),
    flush: () => scrubber.flush(),
  }
}
