import type { Socket } from 'node:net'
import { PlainPackets } from '../../protocol/ssh/first-exchange.ts'
import { readProposal, type Proposal } from '../../protocol/ssh/proposal.ts'

export interface FirstBytesSeat {
  /** Calls back once after so many milliseconds; the returned function cancels it. */
  readonly after: (ms: number, callback: () => void) => () => void
  /** A byte that no SSH client says. Nothing is called after it. */
  readonly onGarbage: () => void
  /** The client said who it is and, where it does not wait for our proposal, what it proposes. Everything that it said can be read from the socket again. */
  readonly onIntroduced: (proposal: Proposal | undefined) => void
}

/** RFC 4253, 4.2: an identification has at most 255 characters with its line end, and a client says nothing before it. */
const MAX_LINE = 255
const IDENTIFICATIONS: readonly Buffer[] = [Buffer.from('SSH-2.0-'), Buffer.from('SSH-1.99-')]
const LINE_FEED = 0x0a
/** For a proposal once it is known who the client is, in milliseconds: most send it with that, and one may wait for ours. */
const PATIENCE_MS = 300

/**
 * Reads what a client says first, up to its proposal for the key exchange. The library is not given the socket before: it would read eight megabytes of anything, and
 * would have to make its own proposal without knowing the client's.
 */
export function readFirstBytes(socket: Socket, seat: FirstBytesSeat): void {
  new FirstBytes(socket, seat).listen()
}

class FirstBytes {
  readonly #socket: Socket
  readonly #seat: FirstBytesSeat
  readonly #packets = new PlainPackets()
  #said: Buffer = Buffer.alloc(0)
  #taken = 0
  #giveUp: (() => void) | undefined
  readonly #look = (): void => this.#read()

  constructor(socket: Socket, seat: FirstBytesSeat) {
    this.#socket = socket
    this.#seat = seat
  }

  listen(): void {
    this.#socket.on('readable', this.#look)
    this.#socket.once('close', () => this.#giveUp?.())
  }

  #read(): void {
    const chunk: unknown = this.#socket.read()
    if (!Buffer.isBuffer(chunk)) return
    this.#said = Buffer.concat([this.#said, chunk])
    const line = this.#said.indexOf(LINE_FEED)
    if (
      (line < 0 ? this.#said.length : line) > MAX_LINE ||
      !IDENTIFICATIONS.some((word) => startsAlike(this.#said, word))
    ) {
      this.#stop()
      this.#seat.onGarbage()
    } else if (line >= 0) this.#introduced()
  }

  #introduced(): void {
    this.#giveUp ??= this.#seat.after(PATIENCE_MS, () => this.#handOver(undefined))
    try {
      const [first] = this.#packets.push(this.#said.subarray(this.#taken))
      this.#taken = this.#said.length
      if (first !== undefined) this.#handOver(readProposal(first))
    } catch {
      // Whoever reads on says what is wrong with it.
      this.#handOver(undefined)
    }
  }

  #handOver(proposal: Proposal | undefined): void {
    this.#stop()
    this.#socket.unshift(this.#said)
    this.#seat.onIntroduced(proposal)
  }

  #stop(): void {
    this.#giveUp?.()
    this.#socket.off('readable', this.#look)
  }
}

/** As far as both go. */
function startsAlike(seen: Buffer, word: Buffer): boolean {
  const length = Math.min(seen.length, word.length)
  return seen.subarray(0, length).equals(word.subarray(0, length))
}
