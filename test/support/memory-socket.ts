import { Socket } from 'node:net'

/** A socket without a network: what the code under test writes is `heard`, what the peer says is `say`. */
export class MemorySocket extends Socket {
  readonly #heard: Buffer[] = []
  readonly #onHeard: (bytes: Buffer) => void
  #stalled: (() => void)[] | undefined

  constructor(onHeard: (bytes: Buffer) => void = () => undefined) {
    super()
    this.#onHeard = onHeard
  }

  /** Everything that was written so far. */
  get heard(): Buffer {
    return Buffer.concat(this.#heard)
  }

  /** The peer sends these bytes. */
  say(bytes: Buffer): void {
    this.push(bytes)
  }

  /** The peer closes its direction. */
  hangUp(): void {
    this.push(null)
  }

  /** The peer stops reading: writes stay with us until `drain`. */
  stall(): void {
    this.#stalled ??= []
  }

  drain(): void {
    const waiting = this.#stalled ?? []
    this.#stalled = undefined
    for (const go of waiting) go()
  }

  override _read(): void {
    // `say` pushes whenever it likes.
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    const go = (): void => {
      this.#heard.push(chunk)
      this.#onHeard(chunk)
      done()
    }
    if (this.#stalled === undefined) go()
    else this.#stalled.push(go)
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map((one) => one.chunk)), 'utf8', done)
  }
}
