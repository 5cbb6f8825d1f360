/** Which of a command's two outputs. */
export type OutputKind = 'out' | 'err'

/** A shorter piece, behind which nothing waits, goes on at once: what programs write to a terminal, and the echo of a key. */
const LONG = 8 * 1024
/** What waits goes on in pieces that are not much longer. */
const MOST = 512 * 1024

/**
 * Puts together the pieces of output that one turn of the event loop reads. What is done with each of them (masking, recording, packets of the other side's own size) costs by
 * the piece as much as by the byte. The order of the two outputs among each other stays.
 */
export class GatheredOutput {
  readonly #pass: (to: OutputKind, bytes: Buffer) => void
  #to: OutputKind = 'out'
  #pieces: Buffer[] = []
  #length = 0
  #turn: NodeJS.Immediate | undefined

  constructor(pass: (to: OutputKind, bytes: Buffer) => void) {
    this.#pass = pass
  }

  add(to: OutputKind, piece: Buffer): void {
    if (to !== this.#to) this.flush()
    this.#to = to
    if (this.#length === 0 && piece.length < LONG) {
      this.#pass(to, piece)
      return
    }
    this.#pieces.push(piece)
    this.#length += piece.length
    if (this.#length >= MOST) this.flush()
    else this.#turn ??= setImmediate(() => this.flush())
  }

  /** What waits goes on. */
  flush(): void {
    clearImmediate(this.#turn)
    this.#turn = undefined
    if (this.#length === 0) return
    const pieces = this.#pieces
    this.#pieces = []
    this.#length = 0
    this.#pass(this.#to, pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces))
  }
}
