import { Carry } from '../../bytes/carry.ts'
import { SftpError } from './sftp-error.ts'

/** What OpenSSH's server takes and gives at most in one read or write, and a little for the fields around it. */
export const MAX_PACKET = 256 * 1024 + 1024

const LENGTH = 4
/** What comes behind the end of a packet in the same piece of a channel. */
const PIECE = 32 * 1024
/** A kind and an id, or the version. */
const SHORTEST = 5

/** One packet as it was on the wire. */
export interface SftpPacket {
  readonly type: number
  /** The number that a reply repeats; the version in INIT and VERSION. */
  readonly id: number
  /** Everything, its length field included. The one who read it may write a new id into it. */
  readonly bytes: Buffer
}

/**
 * Cuts a stream into packets. A length is judged before anything is kept for it: SftpError for one that no packet can have, and from then on the stream is
 * unreadable. Packets that lie whole in one chunk are views of it. Whoever pushes takes every whole packet before the next push.
 */
export class SftpReader {
  readonly #carry = new Carry(MAX_PACKET + LENGTH)
  #piece: Buffer = Buffer.alloc(0)
  #at = 0

  push(chunk: Buffer): void {
    if (this.#at < this.#piece.length) throw new Error('packets were left in front of a new chunk')
    this.#piece = this.#carry.join(chunk)
    this.#at = 0
  }

  /** The next whole packet; undefined until more bytes come. */
  next(): SftpPacket | undefined {
    const left = this.#piece.length - this.#at
    const length = left < LENGTH ? undefined : checked(this.#piece.readUInt32BE(this.#at))
    if (length === undefined || left < LENGTH + length) {
      this.#keep(length === undefined ? 0 : LENGTH + length + PIECE)
      return
    }
    const bytes = this.#piece.subarray(this.#at, this.#at + LENGTH + length)
    this.#at += LENGTH + length
    return { type: bytes.readUInt8(LENGTH), id: bytes.readUInt32BE(LENGTH + 1), bytes }
  }

  /** Whether a packet has begun whose end did not come. */
  get unfinished(): boolean {
    return this.#carry.length > 0
  }

  #keep(awaited: number): void {
    this.#carry.keep(this.#piece, this.#at, awaited)
    this.#at = this.#piece.length
  }
}

function checked(length: number): number {
  if (length < SHORTEST) throw new SftpError('a packet without an id', { length })
  if (length > MAX_PACKET) throw new SftpError('a packet that is too long', { length, max: MAX_PACKET })
  return length
}
