import { SftpError } from '../../protocol/ssh/sftp-error.ts'
import type { SftpPacket } from '../../protocol/ssh/sftp-framing.ts'
import { readReply, type ReplyName, type SftpReply } from '../../protocol/ssh/sftp-replies.ts'
import type { Clearance } from '../../session/clearance.ts'
import type { FilesSeat } from './files-seat.ts'

/** Where a packet has its id. */
const ID_AT = 5

/** Somebody who waits for the reply to one request. */
export interface Waiter {
  /** The reply that is no STATUS. */
  readonly expects: ReplyName
  answered(reply: SftpReply, packet: SftpPacket): void
  /** The target left without a reply. */
  lost(): void
}

/** The requests that are under way to the target. They have numbers of our own: the client's would clash with those of our questions. */
export class Exchange {
  readonly #seat: Pick<FilesSeat, 'send' | 'sendRiding'>
  readonly #waiting = new Map<number, Waiter>()
  #last = 0
  #isLost = false

  constructor(seat: Pick<FilesSeat, 'send' | 'sendRiding'>) {
    this.#seat = seat
  }

  /** Requests without a reply. */
  get size(): number {
    return this.#waiting.size
  }

  /** A number that no request under way has. */
  newId(): number {
    do this.#last = (this.#last + 1) >>> 0
    while (this.#waiting.has(this.#last))
    return this.#last
  }

  /** Sends what needs no clearance; its id is written over with one of ours. */
  ride(frame: Buffer, waiter: Waiter): void {
    const id = this.newId()
    frame.writeUInt32BE(id, ID_AT)
    if (this.#await(id, waiter)) this.#seat.sendRiding(frame)
  }

  /** Sends a judged frame, which already has one of our numbers. */
  send(frame: Buffer, clearance: Clearance, waiter: Waiter): void {
    if (this.#await(frame.readUInt32BE(ID_AT), waiter)) this.#seat.send(frame, clearance)
  }

  /** SftpError for a reply that nobody waits for, or of another kind. */
  answer(packet: SftpPacket): void {
    const reply = readReply(packet)
    const waiter = this.#waiting.get(reply.id)
    if (waiter === undefined) throw new SftpError('a reply to no request')
    if (reply.name !== 'status' && reply.name !== waiter.expects) throw new SftpError('a reply of the wrong kind')
    this.#waiting.delete(reply.id)
    waiter.answered(reply, packet)
  }

  /** The target is gone, or nobody listens to it any more. */
  lose(): void {
    this.#isLost = true
    for (const [id, waiter] of this.#waiting) {
      this.#waiting.delete(id)
      waiter.lost()
    }
  }

  #await(id: number, waiter: Waiter): boolean {
    if (this.#isLost) waiter.lost()
    else this.#waiting.set(id, waiter)
    return !this.#isLost
  }
}

/** Gives a reply the number by which the client knows its request. */
export function renumbered({ bytes }: SftpPacket, id: number): Buffer {
  bytes.writeUInt32BE(id, ID_AT)
  return bytes
}
