import type { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { CLIENT_LEFT } from './call.ts'
import type { Feeder } from './channel-outlet.ts'
import { GatheredOutput, type OutputKind } from './gathered-output.ts'
import { signalTo } from './signal-to.ts'
import type { Terminal } from './terminal.ts'
import type { Veil } from './veil.ts'

/** How a command ended, as far as the target said. Neither code nor signal: it did not say. */
export interface Exit {
  readonly code: number | undefined
  /** Without SIG. */
  readonly signal: string | undefined
}

/** The client's end of a running command. */
export interface NearEnd {
  /** What the person or their program sends; undefined: nothing, and the command's input is at its end at once. */
  readonly input: Readable | undefined
  /** Sees what it sends, before that leaves. */
  readonly seen?: ((chunk: Buffer) => void) | undefined
  readonly terminal: Terminal | undefined
  out(bytes: Buffer): void
  err(bytes: Buffer): void
  /** Who is to pause while the client does not read; the returned function ends it. */
  fedBy(feeder: Feeder): () => void
  onSignal(listener: (signal: string) => void): () => void
  /** Fires when the client left or the session ends: what runs is hung up. */
  readonly gone: AbortSignal
}

export interface ConduitParts {
  readonly upstream: ClientChannel
  readonly near: NearEnd
  readonly out: Veil
  readonly err: Veil
  /** The person or their program sent something. */
  readonly onInput: () => void
  /** Output could not be kept: the session must end. */
  readonly onFault: (thrown: unknown) => void
  readonly after: (ms: number, callback: () => void) => () => void
}

/** How long the beginning of a number waits for its rest, in milliseconds. */
const PATIENCE_MS = 50
/** For a command that was hung up to tell how it ended, in milliseconds. */
const HANG_UP_MS = 2000
/** For a program whose person's access has ended to end in its own way; whoever ends access is promised two seconds. */
const MERCY_MS = 1000

/** One running command: bytes both ways at the pace of whoever is slower, until the target has ended the channel. */
export class Conduit {
  readonly #parts: ConduitParts
  readonly bytes = { out: 0, err: 0, in: 0 }
  readonly #gathered = new GatheredOutput((to, bytes) => this.#veiled(to, bytes))
  /** End the waiting for the rest of a number. */
  readonly #patience = new Map<OutputKind, () => void>()
  #exit: Exit = { code: undefined, signal: undefined }

  constructor(parts: ConduitParts) {
    this.#parts = parts
  }

  /** Resolves when the command is over and its last output was given to the client. Never rejects. */
  async run(): Promise<Exit> {
    const { upstream, near } = this.#parts
    upstream.on('error', () => undefined)
    const stops = [
      near.fedBy(feederOf(upstream)),
      near.onSignal((signal) => signalTo(upstream, signal)),
      this.#resizing(),
    ]
    const deaf = this.#reading()
    stops.push(deaf, this.#hangingUp(deaf))
    await this.#over()
    this.#gathered.flush()
    for (const stop of stops) stop()
    return this.#exit
  }

  async #over(): Promise<void> {
    const { upstream, near, after } = this.#parts
    const closed = new Promise<void>((resolve) => {
      // `exit` may have been and gone in the very turn in which the channel opened; `close` repeats it, and waits until all was read.
      upstream.once('close', (code?: number | null, signal?: string) => {
        this.#exit = { code: code ?? undefined, signal: signal?.replace(/^SIG/, '') }
        resolve()
      })
    })
    const lines = [this.#line(upstream, 'out'), this.#line(upstream.stderr, 'err')]
    const givenUp = new Promise<void>((resolve) => {
      const wait = (): void => void after(HANG_UP_MS, resolve)
      if (near.gone.aborted) wait()
      else near.gone.addEventListener('abort', wait, { once: true })
    })
    await Promise.race([Promise.all([closed, ...lines]), givenUp])
  }

  /** One of the two outputs, until its end. */
  #line(source: Readable, to: OutputKind): Promise<void> {
    source.on('data', (chunk: Buffer) => {
      this.bytes[to] += chunk.length
      this.#gathered.add(to, chunk)
    })
    return new Promise((resolve) => {
      source.once('end', () => {
        this.#gathered.flush()
        this.#patience.get(to)?.()
        this.#give(to, this.#parts[to].flush())
        resolve()
      })
    })
  }

  #veiled(to: OutputKind, bytes: Buffer): void {
    const { [to]: veil, after } = this.#parts
    this.#give(to, veil.push(bytes))
    this.#patience.get(to)?.()
    this.#patience.delete(to)
    const still = (): void => {
      this.#patience.delete(to)
      // What came meanwhile may be the rest.
      this.#gathered.flush()
      if (!this.#patience.has(to)) this.#give(to, veil.pass())
    }
    if (veil.waiting) this.#patience.set(to, after(PATIENCE_MS, still))
  }

  #give(to: OutputKind, bytes: Buffer): void {
    if (bytes.length === 0) return
    try {
      this.#parts.near[to](bytes)
    } catch (thrown) {
      this.#parts.onFault(thrown)
    }
  }

  #reading(): () => void {
    const { near, upstream, onInput } = this.#parts
    const { input, seen } = near
    const end = (): void => void upstream.end()
    if (input === undefined || input.readableEnded) {
      end()
      return () => undefined
    }
    const take = (chunk: Buffer): void => {
      onInput()
      this.bytes.in += chunk.length
      seen?.(chunk)
      if (upstream.writable && !upstream.write(chunk)) input.pause()
    }
    const goOn = (): void => void input.resume()
    input.on('data', take)
    input.once('end', end)
    upstream.on('drain', goOn)
    input.resume()
    return () => {
      input.removeListener('data', take)
      input.removeListener('end', end)
      upstream.removeListener('drain', goOn)
      input.pause()
    }
  }

  #resizing(): () => void {
    const { near, upstream } = this.#parts
    const { terminal } = near
    if (terminal === undefined) return () => undefined
    return terminal.onResize(() => {
      const { columns, rows } = terminal.size
      upstream.setWindow(rows, columns, 0, 0)
    })
  }

  /** For whoever is not there any more nothing goes on: a terminal's programs get the hang-up that they know, others the signal of it. */
  #hangingUp(deaf: () => void): () => void {
    const { near, upstream, after } = this.#parts
    let spare = (): void => undefined
    const hangUp = (): void => {
      deaf()
      signalTo(upstream, 'HUP')
      upstream.resume()
      upstream.stderr.resume()
      if (near.terminal !== undefined || near.gone.reason === CLIENT_LEFT) upstream.close()
      else spare = after(MERCY_MS, kill)
    }
    const kill = (): void => {
      signalTo(upstream, 'KILL')
      upstream.close()
    }
    if (near.gone.aborted) hangUp()
    else near.gone.addEventListener('abort', hangUp, { once: true })
    return () => {
      near.gone.removeEventListener('abort', hangUp)
      spare()
    }
  }
}

const feederOf = (upstream: ClientChannel): Feeder => ({
  pause() {
    upstream.pause()
    upstream.stderr.pause()
  },
  resume() {
    upstream.resume()
    upstream.stderr.resume()
  },
})
