import { createHash } from 'node:crypto'
import type { Scrubbed } from '../model/scrubbed.ts'
import { castHeader, castLine, OutputDecoder, type CastCode, type Decoded } from './cast-text.ts'
import type { CastEvent, ChannelNumber } from './event.ts'
import type { GrowingFile } from './files.ts'
import type { Stamp } from './line.ts'

/** What a channel shows, from its opening on. */
export interface CastRequest {
  readonly columns: number
  readonly rows: number
  readonly command: Scrubbed
  readonly terminal: boolean
  /** Bytes of output that are kept; what comes after is counted and hashed. Undefined: all of it. */
  readonly limit?: number | undefined
}

/**
 * What a channel's client gets, as an asciicast file beside the chain of events. Version 2 and not 3, because its times count from the beginning and not from the line before: a
 * reader can start anywhere in a file of any size, and a line that is lost shifts nothing. Every player of today reads both.
 *
 * Every method hands over to the kernel before it returns, so it is called before the bytes leave; all throw `RecorderError` once one has failed. The file is made with the
 * first thing that there is to keep.
 */
export interface Cast {
  /** Output as the client gets it: masked. */
  output(bytes: Buffer): void
  resize(columns: number, rows: number): void
  /** A word at this moment, for whoever looks for it in a player. */
  mark(text: Scrubbed): void
  /** The channel has ended. May be called again. */
  close(): void
}

/** A checkpoint at least every so many bytes of a file: what `verify` can name as changed is no longer. */
const CHECK_EVERY = 64 * 1024

export interface CastDeps {
  readonly channel: ChannelNumber
  readonly request: CastRequest
  /** Name inside the session's folder. */
  readonly name: string
  readonly create: () => GrowingFile
  readonly stamps: () => Stamp
  /** A checkpoint for the chain. */
  readonly vouch: (event: CastEvent) => void
  /** Breaks the recording; gives the error to throw. */
  readonly fail: (message: string, cause?: unknown) => Error
  readonly mustWork: () => void
}

/** One cast file and what the chain is told of it. */
export class CastFile implements Cast {
  readonly #deps: CastDeps
  readonly #decoder = new OutputDecoder()
  readonly #hash = createHash('sha256')
  readonly #outputHash = createHash('sha256')
  #file: GrowingFile | undefined
  #startedMono = 0
  #bytes = 0
  #vouched = 0
  #kept = 0
  #output = 0
  #size: { columns: number; rows: number }
  #hasEnded = false

  constructor(deps: CastDeps) {
    this.#deps = deps
    this.#size = deps.request
  }

  output(bytes: Buffer): void {
    this.#begin()
    const { limit } = this.#deps.request
    this.#output += bytes.length
    if (limit !== undefined) this.#outputHash.update(bytes)
    const room = limit === undefined ? bytes.length : Math.max(0, limit - this.#kept)
    if (room === 0) return
    this.#kept += Math.min(room, bytes.length)
    this.#decoded(this.#decoder.push(bytes.subarray(0, room)))
    if (room < bytes.length) this.#write([['m', 'from here on output is counted, and not kept']])
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows }
    if (this.#file !== undefined) this.#write([['r', `${columns}x${rows}`]])
  }

  mark(text: Scrubbed): void {
    this.#begin()
    this.#write([['m', text]])
  }

  close(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    if (this.#file === undefined) return
    this.#decoded(this.#decoder.flush())
    this.#vouch('ended')
    this.#file.close()
  }

  /** Tells the chain where the file stands, if it has grown since. */
  checkpoint(): void {
    if (this.hasNews) this.#vouch('running')
  }

  get hasNews(): boolean {
    return !this.#hasEnded && this.#bytes > this.#vouched
  }

  async datasync(): Promise<void> {
    if (this.#hasEnded) return
    await this.#file?.datasync()
  }

  #begin(): void {
    const { mustWork, create, request, stamps, fail } = this.#deps
    mustWork()
    if (this.#hasEnded) throw fail('a channel told of output after its end')
    if (this.#file !== undefined) return
    const stamp = stamps()
    try {
      this.#file = create()
    } catch (thrown) {
      throw fail('a channel could not be recorded', thrown)
    }
    this.#startedMono = stamp.mono
    this.#append(castHeader({ ...request, ...this.#size }, stamp.at))
    this.#vouch('begun')
  }

  #decoded({ text, raw }: Decoded): void {
    if (text === '') return
    this.#write([...(raw === undefined ? [] : [['b', raw.toString('base64')] as const]), ['o', text]])
  }

  #write(events: readonly (readonly [CastCode, string])[]): void {
    this.#deps.mustWork()
    const micros = this.#deps.stamps().mono - this.#startedMono
    this.#append(events.map(([code, text]) => castLine(micros, code, text)).join(''))
    if (this.#bytes - this.#vouched >= CHECK_EVERY) this.#vouch('running')
  }

  #append(text: string): void {
    const bytes = Buffer.from(text)
    const written = this.#handedOver(bytes)
    if (written !== bytes.length) throw this.#deps.fail(`only ${written} of ${bytes.length} bytes were written`)
    this.#hash.update(bytes)
    this.#bytes += bytes.length
  }

  #handedOver(bytes: Buffer): number {
    try {
      return this.#file?.write(bytes) ?? 0
    } catch (thrown) {
      throw this.#deps.fail('a channel could not be recorded', thrown)
    }
  }

  #vouch(state: CastEvent['state']): void {
    const { channel, name, request, vouch } = this.#deps
    this.#vouched = this.#bytes
    const [kept, output] = [this.#kept, this.#output]
    vouch({
      ...{ kind: 'ssh.cast', channel, state, file: name, bytes: this.#bytes, kept, output },
      sha256: this.#hash.copy().digest('hex'),
      outputHash:
        request.limit !== undefined && state === 'ended' && kept < output ? this.#outputHash.digest('hex') : undefined,
    })
  }
}
