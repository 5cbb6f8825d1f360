import { MAX_DIGITS } from './brands.ts'
import { findPans } from './pan.ts'
import { NOWHERE, seekRun } from './prefilter.ts'
import { mayBelong, runInBytes } from './runs.ts'
import type { Run } from './runs.ts'
import { starred } from './scrub.ts'
import { TRACK_REACH, mayContinue } from './track.ts'
import { digitsOf } from './windows.ts'

/** Takes card numbers out of a stream of bytes whose inner framing nobody knows. The result is the same however the stream is cut. */
export interface Scrubber {
  /** Bytes that are safe to send now; at most MAX_HELD bytes stay back. */
  push(chunk: Buffer): Buffer
  /** What stayed back, scrubbed. The stream is over. */
  flush(): Buffer
  /** Card numbers taken out so far. */
  readonly found: number
}

// A card number in the widest digits and separators takes less; a run that is longer is cut up.
const MAX_RUN = 256
/** Most bytes that a scrubber keeps: a run of digits, what could be the rest of a track, a character cut short. */
export const MAX_HELD = MAX_RUN + TRACK_REACH + 4

export function createScrubber(): Scrubber {
  let held: Buffer = Buffer.alloc(0)
  let total = 0
  return {
    push(chunk) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      const { safe, done, found } = cleaned(bytes, wholeCharacters(bytes))
      total += found
      // Copied, lest a few bytes keep a whole chunk of the socket in memory.
      held = Buffer.from(bytes.subarray(done))
      return safe
    },
    flush() {
      const { safe, found } = cleaned(held, undefined)
      total += found
      held = Buffer.alloc(0)
      return safe
    },
    get found() {
      return total
    },
  }
}

interface Cleaned {
  readonly safe: Buffer
  /** How many bytes of the input `safe` stands for. */
  readonly done: number
  /** Card numbers among them. */
  readonly found: number
}

/** `edge` is the end of the last whole character of a stream that goes on, undefined for one that is over. */
function cleaned(bytes: Buffer, edge: number | undefined): Cleaned {
  const end = edge ?? bytes.length
  const pieces: Buffer[] = []
  let done = 0
  let found = 0
  for (let run = nextRun(bytes, done, end); run !== undefined; run = nextRun(bytes, done, end)) {
    const step = judged(bytes, run, edge)
    pieces.push(bytes.subarray(done, run.start))
    if (step === 'wait') return { safe: joined(pieces), done: run.start, found }
    pieces.push(step.safe)
    done = run.start + step.done
    found += step.found
  }
  const cut = edge === undefined ? end : tailStart(bytes, done, end)
  return { safe: joined([...pieces, bytes.subarray(done, cut)]), done: cut, found }
}

const joined = (pieces: readonly Buffer[]): Buffer =>
  pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)

/** The next run with enough digits, from its first digit on: never from a separator, so that every cutting sees the same run. */
function nextRun(bytes: Buffer, from: number, end: number): Run | undefined {
  const start = seekRun(bytes, from, end)
  return start === NOWHERE ? undefined : { ...runInBytes(bytes, start, { from: start, to: end }), start }
}

function judged(bytes: Buffer, run: Run, edge: number | undefined): Cleaned | 'wait' {
  if (run.end - run.start > MAX_RUN) return judgedPiece(bytes, run.start)
  if (run.end === edge) return 'wait'
  const follows = mayContinue(bytes[run.end])
  if (follows && edge !== undefined && bytes.length - run.end < TRACK_REACH) return 'wait'
  const text = bytes.toString('utf8', run.start, follows ? run.end + TRACK_REACH : run.end)
  const length = bytes.toString('utf8', run.start, run.end).length
  const hits = findPans(text).filter((hit) => hit.start < length)
  return upTo(text, Math.max(length, hits.at(-1)?.end ?? 0))
}

/**
 * The front of a run that goes on and on. What no number can reach that begins in front of the last digits is decided; the rest is
 * looked at again with what follows.
 */
function judgedPiece(bytes: Buffer, start: number): Cleaned {
  let end = start + MAX_RUN
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  const text = bytes.toString('utf8', start, end)
  const [digits] = digitsOf(text, { start: 0, end: text.length, digits: 0 })
  const latest = Math.max(1, (digits?.starts.length ?? 0) - MAX_DIGITS - 1)
  const opening = digits?.opens.lastIndexOf(true, latest) ?? 0
  const cut = digits?.starts[opening > 0 ? opening : latest] ?? text.length
  return upTo(text, findPans(text).find((hit) => hit.start < cut && hit.end > cut)?.end ?? cut)
}

function upTo(text: string, cut: number): Cleaned {
  const hits = findPans(text).filter((hit) => hit.end <= cut)
  const front = text.slice(0, cut)
  return { safe: Buffer.from(starred(front, hits)), done: Buffer.byteLength(front), found: hits.length }
}

/** Where the run begins that reaches the end and may go on. */
function tailStart(bytes: Buffer, from: number, end: number): number {
  if (end <= from) return end
  const bounds = { from, to: end }
  return mayBelong(bytes, end - 1, bounds) ? runInBytes(bytes, end - 1, bounds).start : end
}

/** The end of the bytes without a character that the next chunk may complete. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte >= 0xc0) return sizeOfLead(byte) > back ? bytes.length - back : bytes.length
    if (byte < 0x80) break
  }
  return bytes.length
}

const sizeOfLead = (lead: number): number => (lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4)
