import type { Duplex } from 'node:stream'
import { deferred, type Deferred } from '../std/deferred.ts'

/** Cuts bytes into frames; throws on what no peer may send. */
export interface FrameSource<Frame> {
  push(chunk: Buffer): void
  next(): Frame | undefined
}

export interface InboxOptions<Frame> {
  readonly frames: FrameSource<Frame>
  readonly sizeOf: (frame: Frame) => number
  /** Bytes of whole frames that may wait; beyond them reading pauses. */
  readonly limit: number
  /** The peer's way of saying goodbye without hanging up. */
  readonly isFarewell: (frame: Frame) => boolean
}

/** Taken frames that are kept at most. */
const FORGET_AFTER = 1024

/**
 * The one reader of a client's socket. It goes on reading and framing while the session waits (a hold may last minutes), so that a farewell, a hang-up or an
 * error is noticed at once even when frames lie unread in front of it.
 */
export class Inbox<Frame> {
  readonly #socket: Duplex
  readonly #options: InboxOptions<Frame>
  #queue: Frame[] = []
  /** Frames of `#queue` that were taken: shifting a long array frame by frame takes quadratic time. */
  #taken = 0
  readonly #gone = new AbortController()
  #waiting = 0
  #ended = false
  #held = false
  #failure: Error | undefined
  #wake: Deferred<undefined> | undefined
  #pump: (() => void) | undefined

  constructor(socket: Duplex, options: InboxOptions<Frame>) {
    this.#socket = socket
    this.#options = options
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('end', () => this.#finish(undefined))
    socket.on('close', () => this.#finish(undefined))
    socket.on('error', (error) => this.#finish(error))
  }

  /** Fires when the peer has left or said that it leaves. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** The oldest waiting frame, taken; undefined when none is complete. Throws what framing threw, in its turn. */
  take(): Frame | undefined {
    const frame = this.#queue[this.#taken]
    if (frame === undefined) {
      if (this.#failure !== undefined) throw this.#failure
      return undefined
    }
    this.#taken += 1
    if (this.#taken === this.#queue.length || this.#taken >= FORGET_AFTER) this.#forgetTaken()
    this.#waiting -= this.#options.sizeOf(frame)
    this.#resumeIfRoom()
    return frame
  }

  /** The oldest frame that is complete and not taken yet, to look at. */
  get next(): Frame | undefined {
    return this.#queue[this.#taken]
  }

  /** No frame waits and none will come. */
  get isOver(): boolean {
    return this.#ended && this.next === undefined && this.#failure === undefined
  }

  /** Resolves when `take` has something to give or throw, or when it is over. */
  ready(): Promise<undefined> {
    if (this.next !== undefined || this.#ended || this.#failure !== undefined) return Promise.resolve(undefined)
    this.#wake ??= deferred<undefined>()
    return this.#wake.promise
  }

  /** From now on `pump` is called in the turn in which there is something to take, a failure, or the end; and once for what waits already. */
  serve(pump: () => void): void {
    this.#pump = pump
    pump()
  }

  /** The side that these frames go to does not read: no more are read until `resume`. */
  pause(): void {
    this.#held = true
    this.#socket.pause()
  }

  resume(): void {
    this.#held = false
    this.#resumeIfRoom()
  }

  /** Frames what the socket's earlier owner had read too much. */
  unshift(bytes: Buffer): void {
    if (bytes.length > 0) this.#read(bytes)
  }

  #read(chunk: Buffer): void {
    if (this.#failure !== undefined || this.#ended) return
    try {
      this.#options.frames.push(chunk)
      for (let frame = this.#options.frames.next(); frame !== undefined; frame = this.#options.frames.next())
        this.#enqueue(frame)
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      this.#socket.pause()
      // Nobody reads its hang-up from here on, and nothing it says can follow.
      this.#gone.abort(this.#failure)
    }
    this.#notify()
  }

  #enqueue(frame: Frame): void {
    this.#queue.push(frame)
    this.#waiting += this.#options.sizeOf(frame)
    if (this.#options.isFarewell(frame)) this.#gone.abort()
    if (this.#waiting > this.#options.limit) this.#socket.pause()
  }

  #forgetTaken(): void {
    if (this.#taken === this.#queue.length) this.#queue.length = 0
    else this.#queue = this.#queue.slice(this.#taken)
    this.#taken = 0
  }

  #finish(error: Error | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.#gone.abort(error)
    this.#notify()
  }

  #resumeIfRoom(): void {
    if (
      !this.#held &&
      this.#failure === undefined &&
      this.#socket.isPaused() &&
      this.#waiting < this.#options.limit / 2
    )
      this.#socket.resume()
  }

  #notify(): void {
    this.#wake?.resolve(undefined)
    this.#wake = undefined
    this.#pump?.()
  }
}
