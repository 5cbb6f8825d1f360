import { i32At, u8At } from '../../bytes/peek.ts'
import type { BackendLimits, FrontendLimits, Limit } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'
import { BACKEND_TAGS, FRONTEND_TAGS } from './tags.ts'

/** Who sends the frames: the frontend (a client) or the backend (an upstream). */
export type Side = 'frontend' | 'backend'

/** The limits that fit a side. */
export interface LimitsOf {
  frontend: FrontendLimits
  backend: BackendLimits
}

const HEADER = 5
const REFUSED = -1
/** Frames up to this size get their whole buffer at once; longer ones grow with what has come, not with what was declared. */
const TRUSTED_SIZE = 64 * 1024
const NOTHING = Buffer.alloc(0)

/**
 * Walks the frames of a byte stream without making an object for each: `push` what the socket gave, then
 * `while (scanner.next())` read `tag`, `start` and `end` (of the whole frame, header included) in `buffer`. These are valid until the next call of `next`;
 * `buffer` is the pushed chunk itself unless the frame lay across chunks, and its bytes are never written again, so views of them stay good.
 *
 * Each header is checked before its body is awaited: a tag that is unknown or not allowed now, a length below 4 or over the kind's limit is a
 * ProtocolError, and again on every later call.
 */
export class FrameScanner<S extends Side = Side> {
  tag = 0
  start = 0
  end = 0
  buffer: Buffer = NOTHING
  readonly #side: S
  #max: Int32Array
  /** End of the bytes in `buffer` that are filled. */
  #stop = 0
  /** `buffer` is our own copy of one unfinished frame, which begins at 0. */
  #joining = false
  readonly #queue: Buffer[] = []

  constructor({ side, limits }: { side: S; limits: LimitsOf[S] }) {
    this.#side = side
    this.#max = maxByTag(side, limits)
  }

  /** Replaces the limits; they hold for every frame whose header was not yet met by `next`. */
  allow(limits: LimitsOf[S]): void {
    this.#max = maxByTag(this.#side, limits)
  }

  /** Adds a chunk. The caller must not write to it any more. */
  push(chunk: Buffer): void {
    if (chunk.length > 0) this.#queue.push(chunk)
  }

  /** Whether bytes were pushed that are not yet part of a frame that `next` gave. */
  get unfinished(): boolean {
    return this.#stop > this.end || this.#queue.length > 0
  }

  /** Steps to the next whole frame; false if more bytes are needed. */
  next(): boolean {
    let needed: number
    do {
      const at = this.end
      const left = this.#stop - at
      needed = HEADER
      if (left >= HEADER) {
        const tag = u8At(this.buffer, at)
        const length = i32At(this.buffer, at + 1)
        // A length of 2^31 or more reads as negative.
        if (length < 4 || length > (this.#max[tag] ?? REFUSED)) throw this.#violation(tag, length)
        if (left > length) {
          this.tag = tag
          this.start = at
          this.end = at + 1 + length
          return true
        }
        needed = length + 1
      }
    } while (this.#gather(needed))
    return false
  }

  /** Brings more bytes of the frame at `end` together, at most up to `needed`; false if the queue has none. */
  #gather(needed: number): boolean {
    const have = this.#stop - this.end
    const chunk = this.#queue.shift()
    if (have === 0) {
      this.#read(chunk ?? NOTHING)
      return chunk !== undefined
    }
    const missing = Math.min(needed - have, chunk?.length ?? 0)
    // Also without a new chunk: a few bytes must not keep a chunk of 64 KiB alive while the connection idles.
    this.#reserve(have + missing, needed)
    if (chunk === undefined) return false
    chunk.copy(this.buffer, have, 0, missing)
    this.#stop = have + missing
    if (missing < chunk.length) this.#queue.unshift(chunk.subarray(missing))
    return true
  }

  #read(chunk: Buffer): void {
    this.buffer = chunk
    this.start = 0
    this.end = 0
    this.#stop = chunk.length
    this.#joining = false
  }

  #reserve(length: number, needed: number): void {
    if (this.#joining && length <= this.buffer.length) return
    const have = this.#stop - this.end
    const own = Buffer.allocUnsafeSlow(
      needed <= TRUSTED_SIZE ? needed : Math.min(needed, Math.max(TRUSTED_SIZE, length * 2)),
    )
    this.buffer.copy(own, 0, this.end, this.#stop)
    this.#read(own)
    this.#stop = have
    this.#joining = true
  }

  #violation(tag: number, length: number): ProtocolError {
    const max = this.#max[tag] ?? REFUSED
    if (!Object.values(tagsOf(this.#side)).includes(tag)) return new ProtocolError('unknown message', { tag })
    if (max === REFUSED) return new ProtocolError('a message that is not allowed now', { tag })
    if (length < 4) return new ProtocolError('a length below 4', { tag, length })
    return new ProtocolError(`a message longer than ${max} bytes`, { tag, length, max })
  }
}

const tagsOf = (side: Side): Readonly<Record<string, number>> => (side === 'frontend' ? FRONTEND_TAGS : BACKEND_TAGS)

function maxByTag(side: Side, limits: Readonly<Record<string, Limit | undefined>>): Int32Array {
  const max = new Int32Array(256).fill(REFUSED)
  for (const [kind, tag] of Object.entries(tagsOf(side))) max[tag] = limits[kind]?.max ?? REFUSED
  return max
}
