import type { Duplex } from 'node:stream'
import type { Patch } from '../bytes/patch.ts'
import { Spans } from '../protocol/postgres/spans.ts'

/** The side that the bytes come from. */
export interface Feeder {
  pause(): void
  resume(): void
}

/** Bytes that may wait for a slow reader before its feeder pauses: a few socket buffers, so that a fast one never notices. */
const BACKLOG = 256 * 1024

/** Pieces that are shorter than this on average are copied into one: cheaper than a list of them for the system. */
const SHORT = 4 * 1024

/**
 * The one writer of a socket. Pieces of one turn leave in one system call, and what lies next to each other in one chunk is one piece; a full socket pauses
 * whoever feeds it until it has drained.
 */
export class Outlet {
  readonly #socket: Duplex
  #feeder: Feeder | undefined
  #blocked = false
  #closed = false
  readonly #gathered = new Spans()
  #willLeave = false

  constructor(socket: Duplex, feeder?: Feeder) {
    this.#socket = socket
    this.#feeder = feeder
    socket.on('drain', () => this.#drained())
    socket.on('close', () => {
      this.#closed = true
      this.#drained()
    })
  }

  /** Whose reading pauses while the peer does not read. */
  fedBy(feeder: Feeder): void {
    this.#feeder = feeder
    if (this.#blocked) feeder.pause()
  }

  /** The peer does not read: whoever feeds it stands still. */
  get isBlocked(): boolean {
    return this.#blocked
  }

  /** Bytes that wait inside the process because the peer does not read. */
  get backlog(): number {
    return this.#socket.writableLength + this.#gathered.length
  }

  /** Leaves at the end of this turn, behind everything that was given before. */
  write(bytes: Buffer): void {
    this.pass(bytes, 0, bytes.length)
    if (this.#willLeave || bytes.length === 0) return
    this.#willLeave = true
    queueMicrotask(() => this.leave())
  }

  /** Bytes `start` to `end` of a chunk that nobody writes to any more. They stay until `leave`, which a pump calls once for all that it passed. */
  pass(chunk: Buffer, start: number, end: number): void {
    this.#gathered.keep(chunk, start, end)
  }

  /** The patch for a frame that begins at `start` of the chunk and is passed next: what is done to it leaves in place of the frame's own bytes. */
  patchFrom(chunk: Buffer, start: number): Patch {
    return this.#gathered.patchFrom(chunk, start)
  }

  /** Everything gathered goes to the system. What it does not take at once decides whether the feeder pauses. */
  leave(): void {
    this.#willLeave = false
    const pieces = this.#gathered.take()
    const [only] = pieces
    if (only === undefined || !this.#isOpen()) return
    if (pieces.length === 1) this.#socket.write(only)
    else this.#writeAll(pieces)
    if (this.#blocked || this.#socket.writableLength < BACKLOG) return
    this.#blocked = true
    this.#feeder?.pause()
  }

  /** Writes the last bytes and ends our direction. */
  end(bytes?: Buffer): void {
    this.leave()
    if (!this.#isOpen()) return
    if (bytes === undefined) this.#socket.end()
    else this.#socket.end(bytes)
  }

  #isOpen(): boolean {
    return !this.#closed && !this.#socket.destroyed && !this.#socket.writableEnded
  }

  #writeAll(pieces: readonly Buffer[]): void {
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
    if (bytes < pieces.length * SHORT) {
      this.#socket.write(Buffer.concat(pieces, bytes))
      return
    }
    this.#socket.cork()
    for (const piece of pieces) this.#socket.write(piece)
    this.#socket.uncork()
  }

  #drained(): void {
    if (!this.#blocked) return
    this.#blocked = false
    this.#feeder?.resume()
  }
}
