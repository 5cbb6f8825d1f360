import type { Scrubbed } from '../../model/scrubbed.ts'
import { mayHoldPan } from '../../mask/prefilter.ts'
import { decodeBackend } from '../../protocol/postgres/decode.ts'
import { encodeBackend } from '../../protocol/postgres/encode.ts'

/** What a CommandComplete says. */
export interface CommandTag {
  /** E.g. `SELECT 3`, as it may be recorded. */
  readonly text: Scrubbed
  /** How many rows it speaks of; 0 where it names no number. */
  readonly rows: number
  /** The message as the client may see it; undefined: as it came. */
  readonly shown: Buffer | undefined
}

/** Reads command tags; the last one is remembered, because most statements end like the one before. */
export class CommandTags {
  readonly #scrub: (text: string) => Scrubbed
  #raw: Buffer = Buffer.alloc(0)
  #tag: CommandTag | undefined

  constructor(scrub: (text: string) => Scrubbed) {
    this.#scrub = scrub
  }

  /** The CommandComplete in bytes `start` to `end`; ProtocolError where it is none. */
  read(buffer: Buffer, start: number, end: number): CommandTag {
    if (this.#tag !== undefined && this.#isSame(buffer, start, end)) return this.#tag
    this.#raw = Buffer.from(buffer.subarray(start, end))
    this.#tag = this.#decode(this.#raw)
    return this.#tag
  }

  #isSame(buffer: Buffer, start: number, end: number): boolean {
    const raw = this.#raw
    if (raw.length !== end - start) return false
    for (let at = 0; at < raw.length; at += 1) if (raw[at] !== buffer[start + at]) return false
    return true
  }

  #decode(bytes: Buffer): CommandTag {
    const { commandTag } = decodeBackend({ name: 'commandComplete', bytes })
    const text = this.#scrub(commandTag)
    // A tag is made by the server, and still no byte passes unseen.
    const shown = mayHoldPan(bytes, 0, bytes.length)
      ? encodeBackend({ name: 'commandComplete', commandTag: text })
      : undefined
    return { text, rows: rowsIn(commandTag), shown }
  }
}

/** Rows that a write touched stand in its tag alone: `DELETE 5000`, `INSERT 0 3`. Manual: CommandComplete. */
const rowsIn = (tag: string): number => Number(/ (\d{1,15})$/.exec(tag)?.[1] ?? 0)
