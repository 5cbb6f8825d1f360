import type { Socket } from 'node:net'
import type { KeyExchanges } from './key-exchanges.ts'

export interface FlowSeat {
  readonly socket: Socket
  readonly exchanges: KeyExchanges
  /** Milliseconds; whether of the day or since the start does not matter. */
  readonly now: () => number
  /** Calls back once after so many milliseconds; the returned function cancels it. */
  readonly after: (ms: number, callback: () => void) => () => void
}

/** Bytes that may wait for one side to read them. Windows of ordinary clients add up to less. */
const MOST = 4 * 1024 * 1024
/** Pieces that may: answers are small, and thousands of them cost more time than they have bytes. */
const MOST_PIECES = 8192
/** Reading one piece takes less than a millisecond. One that took so long was made of thousands of requests, or was hard work. */
const LONG_MS = 20
/** Whoever took so long is read again after twice that time, which leaves the machine to others. */
const REST = 2
const LONGEST_REST_MS = 1000

/**
 * The pace of one connection: nothing is read from it while a side that it feeds does not read, or is exchanging keys. The library knows the windows of channels alone, and
 * writes as much as they allow: a window of four gigabytes, or answers to requests, which have no window at all, would pile up in memory here. Whoever keeps everybody
 * waiting is read more slowly.
 */
export class Flow {
  readonly #seat: FlowSeat
  readonly #fed: Flow[] = []
  readonly #onRoom = new Set<() => void>()
  readonly #settled = (): void => this.#settle()
  #isHeld = false
  #rests = false
  #began = 0

  /** To be begun when the library listens to the socket already, so that it has read each piece before the pace is looked at. */
  constructor(seat: FlowSeat) {
    this.#seat = seat
    const { socket, exchanges, now } = seat
    const tell = (): void => {
      for (const listener of this.#onRoom) listener()
    }
    socket.on('drain', tell).on('close', tell)
    exchanges.onDone(tell)
    // What answers it goes back the same way.
    this.#onRoom.add(this.#settled)
    socket.prependListener('data', () => (this.#began = now()))
    socket.on('data', () => {
      this.#rest(now() - this.#began)
      this.#settle()
    })
  }

  /** What is read here goes there. */
  feed(other: Flow): void {
    this.#fed.push(other)
    other.#onRoom.add(this.#settled)
    this.#seat.socket.once('close', () => other.#onRoom.delete(this.#settled))
  }

  #rest(tookMs: number): void {
    if (tookMs < LONG_MS || this.#rests) return
    this.#rests = true
    this.#seat.after(Math.min(tookMs * REST, LONGEST_REST_MS), () => {
      this.#rests = false
      this.#settle()
    })
  }

  #settle(): void {
    const isHeld = this.#rests || this.#isFull || this.#fed.some((one) => one.#isFull || one.#isBusy)
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    if (isHeld) this.#seat.socket.pause()
    else this.#seat.socket.resume()
  }

  get #isFull(): boolean {
    const { socket } = this.#seat
    return !socket.destroyed && (socket.writableLength > MOST || piecesOf(socket) > MOST_PIECES)
  }

  get #isBusy(): boolean {
    const { socket, exchanges } = this.#seat
    return !socket.destroyed && exchanges.isUnderWay
  }
}

/** Its interface tells the bytes alone; where it does not tell the pieces either, those have to do. */
function piecesOf(socket: Socket): number {
  const state: unknown = Reflect.get(socket, '_writableState')
  const count: unknown = typeof state === 'object' && state !== null ? Reflect.get(state, 'bufferedRequestCount') : 0
  return typeof count === 'number' ? count : 0
}
