import { Duplex } from 'node:stream'
import type { Call } from './call.ts'
import { createTerminalVeil } from './veil.ts'

/** How long the beginning of a number waits for its rest, in milliseconds. */
const PATIENCE_MS = 50

export interface PromptChannelDeps {
  readonly after: (ms: number, callback: () => void) => () => void
  /** The person typed. */
  readonly onInput: () => void
}

/** The client's terminal as our own prompt has it: keys come out, and what is written goes to the screen masked and kept, at the client's pace. */
export class PromptChannel extends Duplex {
  readonly #call: Call
  readonly #deps: PromptChannelDeps
  readonly #veil = createTerminalVeil()
  #stop: (() => void) | undefined
  #blocked: (() => void) | undefined

  constructor(call: Call, deps: PromptChannelDeps) {
    super({ readableHighWaterMark: 64 * 1024 })
    this.#call = call
    this.#deps = deps
    const { channel, outlet } = call
    channel.on('data', (chunk: Buffer) => {
      deps.onInput()
      if (!this.push(chunk)) channel.pause()
    })
    channel.once('end', () => this.push(null))
    outlet.fedBy({ pause: () => undefined, resume: () => this.#unblock() })
  }

  override _read(): void {
    this.#call.channel.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#stop?.()
    this.#show(this.#veil.push(chunk))
    this.#stop = this.#veil.waiting ? this.#deps.after(PATIENCE_MS, () => this.#show(this.#veil.pass())) : undefined
    if (this.#call.outlet.isBlocked) this.#blocked = done
    else done()
  }

  override _final(done: () => void): void {
    this.settle()
    done()
  }

  /** What was kept back is shown: a program is about to write to the same screen. */
  settle(): void {
    this.#stop?.()
    this.#show(this.#veil.flush())
  }

  #show(bytes: Buffer): void {
    if (bytes.length > 0) this.#call.out(bytes)
  }

  #unblock(): void {
    const done = this.#blocked
    this.#blocked = undefined
    done?.()
  }
}
