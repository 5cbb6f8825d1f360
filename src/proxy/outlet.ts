import type { Duplex } from 'node:stream'

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
 * The one writer of a socket. Pieces of one turn leave in one system call; a full socket pauses whoever feeds it until it has drained.
 */
export class Outlet {
  readonly #socket: Duplex
  #feeder: Feeder | undefined
  #blocked = false
  #closed = false
  #pieces: Buffer[] = []
  #gathered = 0

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
    return this.#socket.writableLength + this.#gathered
  }

  write(bytes: Buffer): void {
    if (!this.#isOpen() || bytes.length === 0) return
    if (this.#gathered === 0) queueMicrotask(() => this.#leave())
    this.#gathered += bytes.length
    const last = this.#pieces.at(-1)
    if (last !== undefined && isNext(last, bytes)) this.#pieces[this.#pieces.length - 1] = joined(last, bytes)
    else this.#pieces.push(bytes)
  }

  /** Writes the last bytes and ends our direction. */
  end(bytes?: Buffer): void {
    if (!this.#isOpen()) return
    this.#leave()
    if (bytes === undefined) this.#socket.end()
    else this.#socket.end(bytes)
  }

  #isOpen(): boolean {
    return !this.#closed && !this.#socket.destroyed && !this.#socket.writableEnded
  }

  /** Once a turn of the loop. What the kernel did not take at once decides whether the feeder pauses. */
  #leave(): void {
    const pieces = this.#pieces
    const gathered = this.#gathered
    if (gathered === 0) return
    this.#pieces = []
    this.#gathered = 0
    if (!this.#isOpen()) return
    const [only] = pieces
    if (pieces.length === 1 && only !== undefined) this.#socket.write(only)
    else if (gathered < pieces.length * SHORT) this.#socket.write(Buffer.concat(pieces, gathered))
    else this.#writeAll(pieces)
    if (this.#blocked || this.#socket.writableLength < BACKLOG) return
    this.#blocked = true
    this.#feeder?.pause()
  }

  #writeAll(pieces: readonly Buffer[]): void {
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

/** Frames of one chunk lie next to each other. */
const isNext = (last: Buffer, bytes: Buffer): boolean =>
  last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset

const joined = (last: Buffer, bytes: Buffer): Buffer =>
  Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length)
