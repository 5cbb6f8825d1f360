import type { ServerChannel } from 'ssh2'

/** The side that the bytes come from. */
export interface Feeder {
  pause(): void
  resume(): void
}

/** Bytes that may wait for a client that does not read before its feeder pauses. */
const BACKLOG = 256 * 1024

interface Piece {
  readonly to: 'out' | 'err'
  readonly bytes: Buffer
}

/**
 * The one writer of a client's channel, for output and error output in the order in which they come. The library keeps one waiting piece for each of the two
 * and, once the window opens, resumes only one of them, or sends the other's old piece again; so the two never wait there together, and what it keeps of the
 * past is taken away.
 */
export class ChannelOutlet {
  readonly #channel: ServerChannel
  readonly #feeders = new Set<Feeder>()
  readonly #queue: Piece[] = []
  #queued = 0
  #inFlight = 0
  /** Which of the two the pieces in flight belong to. */
  #flying: Piece['to'] = 'out'
  #blocked = false
  #closed = false
  #idle: (() => void)[] = []

  constructor(channel: ServerChannel) {
    this.#channel = channel
    channel.on('close', () => this.#close())
    channel.on('error', () => undefined)
    channel.stderr.on('error', () => undefined)
  }

  /** Whose reading pauses while the client does not read; the returned function ends that. */
  fedBy(feeder: Feeder): () => void {
    this.#feeders.add(feeder)
    if (this.#blocked) feeder.pause()
    return () => this.#feeders.delete(feeder)
  }

  /** The client does not read. */
  get isBlocked(): boolean {
    return this.#blocked
  }

  out(bytes: Buffer): void {
    this.#give({ to: 'out', bytes })
  }

  err(bytes: Buffer): void {
    this.#give({ to: 'err', bytes })
  }

  /** Resolves once everything given so far is on its way, or the channel is closed. */
  drained(): Promise<void> {
    if (this.#closed || (this.#queue.length === 0 && this.#inFlight === 0)) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Ends the channel once all is on its way: first the status (a number, or a signal without SIG), then the end. RFC 4254, section 6.10. */
  async end(status: number | string | undefined): Promise<void> {
    await this.drained()
    if (this.#closed) return
    if (typeof status === 'number') this.#channel.exit(status)
    // A signal that only the target's system has is no status for this client: it gets none.
    else if (status !== undefined && SIGNALS.has(status)) this.#channel.exit(status)
    this.#channel.end()
  }

  #give(piece: Piece): void {
    if (this.#closed || piece.bytes.length === 0) return
    this.#queue.push(piece)
    this.#queued += piece.bytes.length
    this.#send()
    if (this.#blocked || this.#waiting() < BACKLOG) return
    this.#blocked = true
    for (const feeder of this.#feeders) feeder.pause()
  }

  #waiting(): number {
    return this.#queued + this.#channel.writableLength + this.#channel.stderr.writableLength
  }

  #send(): void {
    for (let next = this.#queue[0]; next !== undefined && this.#mayFly(next.to); next = this.#queue[0]) {
      this.#queue.shift()
      this.#queued -= next.bytes.length
      if (this.#inFlight === 0) Object.assign(this.#channel, FORGOTTEN)
      this.#inFlight += 1
      this.#flying = next.to
      const stream = next.to === 'out' ? this.#channel : this.#channel.stderr
      stream.write(next.bytes, () => this.#arrived())
    }
  }

  #mayFly(to: Piece['to']): boolean {
    return this.#inFlight === 0 || this.#flying === to
  }

  #arrived(): void {
    this.#inFlight -= 1
    this.#send()
    if (this.#blocked && this.#waiting() < BACKLOG / 2) this.#unblock()
    if (this.#inFlight === 0 && this.#queue.length === 0) this.#tellIdle()
  }

  #unblock(): void {
    this.#blocked = false
    for (const feeder of this.#feeders) feeder.resume()
  }

  #close(): void {
    this.#closed = true
    this.#queue.length = 0
    this.#queued = 0
    // Whoever fed it may run to its end.
    if (this.#blocked) this.#unblock()
    this.#tellIdle()
  }

  #tellIdle(): void {
    for (const tell of this.#idle.splice(0)) tell()
  }
}

/** What an end by signal may be called; the library throws at another name. RFC 4254, section 6.10. */
const SIGNALS: ReadonlySet<string> = new Set('ABRT ALRM FPE HUP ILL INT KILL PIPE QUIT SEGV TERM USR1 USR2'.split(' '))

/** The library's memory of pieces that have left. */
const FORGOTTEN = { _chunk: undefined, _chunkcb: undefined, _chunkErr: undefined, _chunkcbErr: undefined }
