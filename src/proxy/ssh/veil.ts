import { createScrubber } from '../../mask/stream.ts'
import { createTerminalScrubber } from '../../mask/terminal.ts'

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

/** For output without a terminal: card numbers out, everything else byte for byte. */
export function createStreamVeil(): Veil {
  const scrubber = createScrubber()
  let kept = 0
  const all = (): Buffer => {
    kept = 0
    return scrubber.flush()
  }
  return {
    push(chunk) {
      const safe = scrubber.push(chunk)
      kept += chunk.length - safe.length
      return safe
    },
    get waiting() {
      return kept > 0
    },
    get found() {
      return scrubber.found
    },
    pass: all,
    flush: all,
  }
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
