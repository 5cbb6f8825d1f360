import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** A place between two lines of a file. */
export interface Spot {
  readonly offset: number
  /** Number of the line that begins there, from 0. */
  readonly line: number
}

/** One whole line. */
export interface WalkedLine extends Spot {
  /** With its newline; of a line longer than `keep` only its beginning. Valid until the next line. */
  readonly bytes: Buffer
  readonly length: number
}

export interface Walk {
  readonly file: string
  readonly from: Spot
  /** No line is begun behind so many bytes. */
  readonly budget: number
  /** How much of a long line is kept, in bytes. */
  readonly keep: number
  /** Ends the walk with `false`. */
  readonly take: (line: WalkedLine) => boolean
}

const CHUNK = 256 * 1024

/** Reads whole lines from a place on, in memory for one chunk and one kept line. Gives the place behind the last line that was taken. */
export function walkLines(walk: Walk): Spot {
  const fd = openSync(walk.file, 'r')
  try {
    return walkFrom(fd, walk)
  } finally {
    closeSync(fd)
  }
}

function walkFrom(fd: number, { from, budget, keep, take }: Walk): Spot {
  const chunk = Buffer.allocUnsafe(CHUNK)
  const size = fstatSync(fd).size
  const parts = new Parts(keep)
  let { offset, line } = from
  for (let position = offset; position < size;) {
    const read = readSync(fd, chunk, 0, Math.min(CHUNK, size - position), position)
    if (read === 0) break
    position += read
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0 && end < read; end = chunk.indexOf(10, start)) {
      const { bytes, length } = parts.end(chunk.subarray(start, end + 1))
      const goesOn = take({ bytes, length, offset, line })
      start = end + 1
      offset += length
      line += 1
      if (!goesOn || offset - from.offset >= budget) return { offset, line }
    }
    parts.add(chunk.subarray(start, read))
  }
  return { offset, line }
}

/** The pieces of a line that goes over several chunks. */
class Parts {
  readonly #keep: number
  #pieces: Buffer[] = []
  #kept = 0
  #length = 0

  constructor(keep: number) {
    this.#keep = keep
  }

  add(piece: Buffer): void {
    this.#length += piece.length
    const room = this.#keep - this.#kept
    if (room <= 0 || piece.length === 0) return
    // The chunk is read into again.
    this.#pieces.push(Buffer.from(piece.subarray(0, room)))
    this.#kept += Math.min(room, piece.length)
  }

  end(piece: Buffer): { bytes: Buffer; length: number } {
    if (this.#length === 0) return { bytes: piece.subarray(0, this.#keep), length: piece.length }
    this.add(piece)
    const line = { bytes: Buffer.concat(this.#pieces), length: this.#length }
    this.#pieces = []
    this.#kept = this.#length = 0
    return line
  }
}
