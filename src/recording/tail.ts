import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { MAX_LINE } from './line-bytes.ts'
import { parseEnvelope, type Envelope } from './envelope.ts'
import { EVENTS_FILE } from './session-file.ts'

/** The end of a recording that somebody else is writing. */
export interface Tail {
  /**
   * Whole lines since the call before, in order; the first call gives the last ones of what was there. Of more than a quarter of a megabyte the newest are given.
   * What is no event is passed over: `verify` tells.
   */
  next(): Promise<readonly Envelope[]>
  close(): Promise<void>
}

/** Bytes that one call reads at most, and of what was there at the start. */
const MOST_BYTES = 256 * 1024
/** Longest line, in bytes: three of UTF-8 for every unit that the writer allows. */
const LONGEST = 3 * MAX_LINE
const NEWLINE = 10

/** Opens a recording for following; undefined where there is none. It is only read, so its writer does not notice. */
export async function openTail(folder: string): Promise<Tail | undefined> {
  const file = await open(path.join(folder, EVENTS_FILE), 'r').catch(() => undefined)
  if (file === undefined) return undefined
  const start = Math.max(0, (await file.stat()).size - MOST_BYTES)
  return new FileTail(file, start)
}

class FileTail implements Tail {
  readonly #file: FileHandle
  #offset: number
  #carry: Buffer = Buffer.alloc(0)
  /** The start lies somewhere inside a line, whose rest is passed over. */
  #isInside: boolean

  constructor(file: FileHandle, start: number) {
    this.#file = file
    this.#offset = start
    this.#isInside = start > 0
  }

  async next(): Promise<readonly Envelope[]> {
    await this.#catchUp()
    const room = Buffer.alloc(MOST_BYTES)
    const { bytesRead } = await this.#file.read(room, 0, MOST_BYTES, this.#offset)
    this.#offset += bytesRead
    return this.#lines(room.subarray(0, bytesRead))
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** A follower that is far behind goes on with the newest; a reader sees the gap in the numbers of the lines. */
  async #catchUp(): Promise<void> {
    const newest = (await this.#file.stat()).size - MOST_BYTES
    if (newest <= this.#offset) return
    this.#offset = newest
    this.#carry = Buffer.alloc(0)
    this.#isInside = true
  }

  #lines(chunk: Buffer): readonly Envelope[] {
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk])
    const found: Envelope[] = []
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const event = this.#isInside ? undefined : parseEnvelope(bytes.subarray(start, end + 1))
      this.#isInside = false
      if (event !== undefined) found.push(event)
      start = end + 1
    }
    this.#carry = this.#rest(bytes.subarray(start))
    return found
  }

  /** Bytes of a line that is still being written; of one that is longer than any line only its end is waited for. */
  #rest(bytes: Buffer): Buffer {
    if (bytes.length <= LONGEST) return Buffer.from(bytes)
    this.#isInside = true
    return Buffer.alloc(0)
  }
}
