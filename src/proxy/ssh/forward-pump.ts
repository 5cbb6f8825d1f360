import type { Duplex } from 'node:stream'
import type { Clock } from '../../std/clock.ts'
import { deferred } from '../../std/deferred.ts'

/** The two ends of a forwarded connection, as channels. */
export interface PumpParts {
  readonly client: Duplex
  readonly target: Duplex
  readonly gone: AbortSignal
  readonly clock: Pick<Clock, 'after' | 'monoMicros'>
  /** Without a byte either way for so long, in milliseconds, it is ended. */
  readonly idleMs: number
  readonly onInput: () => void
}

/** Why a forwarded connection ended: both sides had said all, one side broke off, or nothing went through it for too long. */
export type PumpEnd = 'ended' | 'client-left' | 'target-left' | 'idle' | 'session-ended'

type Side = 'client' | 'target'

/** Moves bytes both ways at the pace of whoever is slower, and passes on the end of each direction by itself. */
export class ForwardPump {
  /** Bytes from the target's side, and from the client's. */
  readonly bytes = { in: 0, out: 0 }
  readonly #parts: PumpParts
  readonly #over = deferred<PumpEnd>()
  readonly #said = new Set<Side>()
  /** Streams that were told that nothing more comes, each resolved once that has left. */
  readonly #told = new Map<Duplex, Promise<void>>()
  #lastAt: number

  constructor(parts: PumpParts) {
    this.#parts = parts
    this.#lastAt = parts.clock.monoMicros()
  }

  /** Resolves when it is over and both channels are closed. Never rejects. */
  async run(): Promise<PumpEnd> {
    const { client, target, gone } = this.#parts
    const onGone = (): void => this.#over.resolve('session-ended')
    gone.addEventListener('abort', onGone)
    if (gone.aborted) onGone()
    this.#copy('client')
    this.#copy('target')
    const stopClock = this.#watchIdle()
    const end = await this.#over.promise
    stopClock()
    gone.removeEventListener('abort', onGone)
    for (const stream of [client, target]) close(stream, this.#told.get(stream))
    return end
  }

  #copy(side: Side): void {
    const { client, target, onInput } = this.#parts
    const [from, to] = side === 'client' ? [client, target] : [target, client]
    from.on('data', (chunk: Buffer) => {
      this.#lastAt = this.#parts.clock.monoMicros()
      this.bytes[side === 'client' ? 'out' : 'in'] += chunk.length
      if (side === 'client') onInput()
      if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => from.resume())
    from.on('end', () => this.#ended(side, to))
    from.on('close', () => this.#left(side))
    from.on('error', () => this.#left(side))
  }

  #ended(side: Side, to: Duplex): void {
    if (this.#said.has(side)) return
    this.#said.add(side)
    const told = endInput(to)
    this.#told.set(to, told)
    void told.then(() => {
      if (this.#said.size === 2) this.#over.resolve('ended')
    })
  }

  /** Closed without having said its end. */
  #left(side: Side): void {
    this.#over.resolve(this.#said.has(side) ? 'ended' : side === 'client' ? 'client-left' : 'target-left')
  }

  #watchIdle(): () => void {
    const { clock, idleMs } = this.#parts
    let stop: () => void
    const look = (waitMs: number): void => {
      stop = clock.after(waitMs, () => {
        const leftMs = idleMs - (clock.monoMicros() - this.#lastAt) / 1000
        if (leftMs <= 0) this.#over.resolve('idle')
        else look(leftMs)
      })
    }
    look(idleMs)
    return () => stop()
  }
}

const NOTHING = Buffer.alloc(0)

/** A channel of the library's server side closes both ways where its writing is ended; only `eof` tells the end of one. */
function endInput(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (!isChannel(stream)) {
      stream.end(resolve)
      return
    }
    stream.write(NOTHING, () => {
      stream.eof()
      resolve()
    })
  })
}

/** Ends what is not closed yet, once what was written has left. A channel whose end was told takes no more writes, and never calls back for one. */
function close(stream: Duplex, told: Promise<void> | undefined): void {
  stream.on('error', () => undefined)
  stream.resume()
  if (!isChannel(stream)) stream.end()
  else if (told !== undefined) void told.then(() => stream.close())
  else if (stream.writableLength === 0) stream.close()
  else stream.write(NOTHING, () => stream.close())
}

interface HalfClosing {
  eof(): void
  close(): void
}

const isChannel = (stream: Duplex): stream is Duplex & HalfClosing => 'eof' in stream && 'close' in stream
