import type { Duplex } from 'node:stream'

/** The side that the bytes come from. */
export interface Feeder {
  pause(): void
  resume(): void
}

/** Bytes that may wait for a slow reader before its feeder pauses: a few socket buffers, so that a fast one never notices. */
const BACKLOG = 256 * 1024

/**
 * The one writer of a socket. Pieces of one turn leave in one system call; a full socket pauses whoever feeds it until it has drained.
 */
export class Outlet {
  readonly #socket: Duplex
  #feeder: Feeder | undefined
  #blocked = false
  #closed = false
  #corked = false

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

  /** Bytes that wait inside the process because the peer does not read. */
  get backlog(): number {
    return this.#socket.writableLength
  }

  write(bytes: Buffer): void {
    if (this.#closed || this.#socket.destroyed || this.#socket.writableEnded || bytes.length === 0) return
    this.#gather()
    this.#socket.write(bytes)
  }

  /** Writes the last bytes and ends our direction. */
  end(bytes?: Buffer): void {
    if (this.#closed || this.#socket.destroyed || this.#socket.writableEnded) return
    if (bytes === undefined) this.#socket.end()
    else this.#socket.end(bytes)
  }

  /** One cork a turn of the loop: several small writes become one writev. What the kernel did not take at once decides whether the feeder pauses. */
  #gather(): void {
    if (this.#corked) return
    this.#corked = true
    this.#socket.cork()
    queueMicrotask(() => {
      this.#corked = false
      this.#socket.uncork()
      if (this.#blocked || this.#socket.writableLength < BACKLOG) return
      this.#blocked = true
      this.#feeder?.pause()
    })
  }

  #drained(): void {
    if (!this.#blocked) return
    this.#blocked = false
    this.#feeder?.resume()
  }
}
