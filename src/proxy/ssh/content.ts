import { createHash } from 'node:crypto'
import type { FileTransfer } from '../../recording/event.ts'
import { CardCount } from './card-count.ts'

/**
 * Follows what goes through an open file in one direction without keeping any of it: bytes, SHA-256 as long as they come in order from the beginning, and card
 * numbers in them.
 */
export class Content {
  readonly #hash = createHash('sha256')
  readonly #cards = new CardCount()
  #bytes = 0
  #next = 0n
  #inOrder = true
  #atEnd = false

  /** Bytes of the file from `offset` on. Gives how many card numbers were found with them. */
  push(offset: bigint, bytes: Buffer): number {
    if (bytes.length === 0) return 0
    const before = this.pans
    this.#bytes += bytes.length
    const follows = offset === this.#next
    // What comes from elsewhere in the file is a text of its own: digits here and there are no number together.
    if (!follows) this.#cards.cut()
    if (this.#inOrder && follows) this.#hash.update(bytes)
    else this.#inOrder = false
    this.#next = offset + BigInt(bytes.length)
    this.#cards.push(bytes)
    return this.pans - before
  }

  /** Nothing lies behind `offset`. */
  end(offset: bigint): void {
    if (offset === this.#next) this.#atEnd = true
  }

  /** Something of it did not arrive, or nobody can say in which order. */
  spoil(): void {
    this.#inOrder = false
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Where the bytes after those seen so far lie. */
  get next(): bigint {
    return this.#next
  }

  get pans(): number {
    return this.#cards.count
  }

  /** What went through; nothing can be pushed after it. `whole`: the file began empty, or `end` told where it ends. */
  finish(whole = this.#atEnd): FileTransfer {
    this.#cards.cut()
    const sha256 = this.#inOrder ? this.#hash.digest('hex') : undefined
    return { bytes: this.#bytes, sha256, whole: whole && this.#inOrder, pans: this.pans }
  }
}
