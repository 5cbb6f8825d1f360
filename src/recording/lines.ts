import { createReadStream } from 'node:fs'
import { CodedError } from '../std/errors.ts'
import { MAX_LINE } from './line-bytes.ts'

/** Longest line that is read, in bytes: three bytes of UTF-8 for every unit that the writer allows. */
const MAX_BYTES = 3 * MAX_LINE

/** One line of a file with its exact bytes. */
export interface Line {
  /** With the newline, where there is one. */
  readonly bytes: Buffer
  /** From 1. */
  readonly number: number
  /** Of its first byte in the file. */
  readonly offset: number
  /** False for a last line without its newline. */
  readonly complete: boolean
}

/** Reads a file line by line in constant memory, a batch for each piece read. Throws `E_RECORDING_LINE` on a line beyond the cap. */
export async function* readLines(file: string, cap = MAX_BYTES): AsyncGenerator<readonly Line[]> {
  const splitter = new Splitter(cap)
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    yield splitter.push(chunk)
  }
  yield splitter.rest()
}

class Splitter {
  #carry: Buffer[] = []
  #carried = 0
  #number = 0
  #offset = 0
  readonly #cap: number

  constructor(cap: number) {
    this.#cap = cap
  }

  push(chunk: Buffer): readonly Line[] {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end + 1))
      lines.push(this.#line(true))
      start = end + 1
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start))
    return lines
  }

  rest(): readonly Line[] {
    return this.#carried === 0 ? [] : [this.#line(false)]
  }

  #keep(piece: Buffer): void {
    this.#carry.push(piece)
    this.#carried += piece.length
    if (this.#carried <= this.#cap) return
    const message = `line ${this.#number + 1} is longer than ${this.#cap} bytes`
    throw new CodedError('E_RECORDING_LINE', { clientMessage: message })
  }

  #line(complete: boolean): Line {
    const [only] = this.#carry
    const bytes = this.#carry.length === 1 && only !== undefined ? only : Buffer.concat(this.#carry)
    const line = { bytes, number: (this.#number += 1), offset: this.#offset, complete }
    this.#offset += bytes.length
    this.#carry = []
    this.#carried = 0
    return line
  }
}
