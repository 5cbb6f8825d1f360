import { MAX_DIGITS } from './brands.ts'
import { findPans, type PanHit } from './pan.ts'
import { NOWHERE, seekRun } from './prefilter.ts'
import { MAX_RUN, RunDigits } from './run-digits.ts'
import { mayBelong, runInBytes } from './runs.ts'
import { starred } from './scrub.ts'
import { TRACK_REACH, mayContinue } from './track.ts'

/** Takes card numbers out of a stream of bytes whose inner framing nobody knows. The result is the same however the stream is cut. */
export interface Scrubber {
  /** Bytes that are safe to send now; at most MAX_HELD bytes stay back. */
  push(chunk: Buffer): Buffer
  /** What stayed back, scrubbed. The stream is over. */
  flush(): Buffer
  /** Card numbers taken out so far. */
  readonly found: number
}

/** Most bytes that a scrubber keeps: a run of digits, what could be the rest of a track, a character cut short. */
export const MAX_HELD = MAX_RUN + TRACK_REACH + 4

export const createScrubber = (): Scrubber => new StreamScrubber()

const EMPTY: Buffer = Buffer.alloc(0)

class StreamScrubber implements Scrubber {
  found = 0
  #held = EMPTY
  readonly #digits = new RunDigits()
  /** What takes the place of card numbers, with the bytes around them up to `#done`. */
  #pieces: Buffer[] = []
  #copied = 0

  push(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const done = this.#clean(bytes, wholeCharacters(bytes))
    // Copied, lest a few bytes keep a whole chunk of the socket in memory.
    this.#held = done === bytes.length ? EMPTY : Buffer.from(bytes.subarray(done))
    return this.#safe(bytes, done)
  }

  flush(): Buffer {
    const bytes = this.#held
    this.#held = EMPTY
    return this.#safe(bytes, this.#clean(bytes, undefined))
  }

  /** Up to where the bytes are decided. `edge` is the end of the last whole character of a stream that goes on, undefined for one that is over. */
  #clean(bytes: Buffer, edge: number | undefined): number {
    const end = edge ?? bytes.length
    let done = 0
    // From a digit on, never from a separator, so that every cutting sees the same run.
    for (let start = seekRun(bytes, done, end); start !== NOWHERE; start = seekRun(bytes, done, end)) {
      this.#digits.read(bytes, start, end)
      if (this.#digits.end - start <= MAX_RUN && this.#mustWait(bytes, edge)) return start
      done = this.#digits.end - start > MAX_RUN ? this.#judgePiece(bytes, start) : this.#judge(bytes, start)
    }
    return edge === undefined ? end : tailStart(bytes, done, end)
  }

  #mustWait(bytes: Buffer, edge: number | undefined): boolean {
    const { end } = this.#digits
    return end === edge || (edge !== undefined && mayContinue(bytes[end]) && bytes.length - end < TRACK_REACH)
  }

  #judge(bytes: Buffer, start: number): number {
    const { end, row } = this.#digits
    const follows = mayContinue(bytes[end])
    if (!row.holdsAny && !isExponent(bytes[end])) return end
    const text = bytes.toString('utf8', start, follows ? end + TRACK_REACH : end)
    const length = follows ? bytes.toString('utf8', start, end).length : text.length
    const hits = findPans(text)
    const last = hits.findLast((hit) => hit.start < length)
    return this.#replace(bytes, start, { text, hits, cut: Math.max(length, last?.end ?? 0) })
  }

  /**
   * The front of a run that goes on and on. What no number can reach that begins in front of the last digits is decided; the rest is
   * looked at again with what follows.
   */
  #judgePiece(bytes: Buffer, start: number): number {
    let end = start + MAX_RUN
    while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
    this.#digits.cut(end)
    const { row } = this.#digits
    const latest = Math.max(1, row.count - MAX_DIGITS - 1)
    const opening = row.groupOf(latest)
    const cut = this.#digits.startOf(opening > 0 ? opening : latest)
    if (!row.holdsAny) return cut
    const text = bytes.toString('utf8', start, end)
    const place = bytes.toString('utf8', start, cut).length
    const hits = findPans(text)
    const over = hits.find((hit) => hit.start < place && hit.end > place)
    return this.#replace(bytes, start, { text, hits, cut: over?.end ?? place })
  }

  /** Up to its `cut`, the text that begins at `start` is decided; gives the place there. */
  #replace(bytes: Buffer, start: number, { text, hits, cut }: Found): number {
    const own = hits.filter((hit) => hit.end <= cut)
    const front = text.slice(0, cut)
    const done = start + Buffer.byteLength(front)
    if (own.length === 0) return done
    this.found += own.length
    this.#pieces.push(bytes.subarray(this.#copied, start), Buffer.from(starred(front, own)))
    this.#copied = done
    return done
  }

  #safe(bytes: Buffer, done: number): Buffer {
    if (this.#pieces.length === 0) return bytes.subarray(0, done)
    const safe = Buffer.concat([...this.#pieces, bytes.subarray(this.#copied, done)])
    this.#pieces = []
    this.#copied = 0
    return safe
  }
}

interface Found {
  readonly text: string
  readonly hits: readonly PanHit[]
  readonly cut: number
}

const isExponent = (byte: number | undefined): boolean => byte === 0x65 || byte === 0x45

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
