import type { Socket } from 'node:net'
import type { Client, Connection } from 'ssh2'
import { isExchangingKeys } from './library-state.ts'

export interface KeyExchangesSeat {
  readonly connection: Connection | Client
  readonly socket: Socket
  /** Milliseconds; whether of the day or since the start does not matter. */
  readonly now: () => number
  /** Calls back once after so many milliseconds; the returned function cancels it. */
  readonly after: (ms: number, callback: () => void) => () => void
  /** What the other side did, in words for it. */
  readonly onFault: (words: string) => void
}

/** From a proposal to new keys, in milliseconds: nothing else is said meanwhile. */
const PATIENCE_MS = 30_000
/** Exchanges that may follow each other at once. */
const MOST = 20
/** Whoever moves so many bytes, or lets so much time pass, may exchange keys once more. OpenSSH takes no smaller limit than 16 bytes; people set megabytes. */
const BYTES_EACH = 64 * 1024
const MS_EACH = 10_000
/** Exchanges over a prime group take that much longer than those over a curve. */
const GROUP_COST = 10

/**
 * Watches the key exchanges of one connection after its first: the other side begins them, each costs everybody's time, and one that is begun and not ended holds back all that
 * is to be sent. To be begun once the first is over.
 */
export class KeyExchanges {
  readonly #seat: KeyExchangesSeat
  readonly #listeners = new Set<() => void>()
  #left = MOST
  #bytes: number
  #at: number
  #giveUp: (() => void) | undefined

  constructor(seat: KeyExchangesSeat) {
    const { connection, socket } = seat
    this.#seat = seat
    this.#bytes = bytesOf(socket)
    this.#at = seat.now()
    socket.on('data', () => this.#look())
    // One whose other side has ended is over, and its library has let go of it.
    for (const end of ['end', 'close'] as const) socket.once(end, () => this.#giveUp?.())
    connection.on('handshake', ({ kex }) => this.#done(kex))
    this.#look()
  }

  get isUnderWay(): boolean {
    return isExchangingKeys(this.#seat.connection)
  }

  /** Called after each. */
  onDone(listener: () => void): void {
    this.#listeners.add(listener)
  }

  #look(): void {
    if (this.#giveUp !== undefined || !this.isUnderWay) return
    this.#giveUp = this.#seat.after(PATIENCE_MS, () => this.#seat.onFault('a key exchange was begun and not ended'))
  }

  #done(kex: string): void {
    this.#giveUp?.()
    this.#giveUp = undefined
    this.#earn()
    this.#left -= kex.startsWith('diffie-hellman') ? GROUP_COST : 1
    if (this.#left < 0) this.#seat.onFault('keys were exchanged anew too often')
    for (const listener of this.#listeners) listener()
  }

  #earn(): void {
    const [bytes, at] = [bytesOf(this.#seat.socket), this.#seat.now()]
    const earned = (bytes - this.#bytes) / BYTES_EACH + (at - this.#at) / MS_EACH
    this.#left = Math.min(MOST, this.#left + earned)
    this.#bytes = bytes
    this.#at = at
  }
}

const bytesOf = ({ bytesRead, bytesWritten }: Socket): number => bytesRead + bytesWritten
