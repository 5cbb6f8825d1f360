import { PassThrough, type Readable } from 'node:stream'
import { refused, type Refused } from '../../session/ruling.ts'
import type { Call } from './call.ts'
import { runCommand, type CommandEnd, type CommandWay, type CommandWork } from './command.ts'
import type { NearEnd } from './conduit.ts'
import type { Desk } from './desk.ts'
import { PromptChannel } from './prompt-channel.ts'
import type { AskEnd, LineEnd, Listening, PromptSeat, PromptWork, RunWatch } from './prompt-seat.ts'
import { createPlainVeil, createTerminalVeil } from './veil.ts'

export interface PromptHostParts {
  readonly call: Call
  readonly desk: Desk
  readonly person: string
  readonly target: string
}

/** What a terminal without a window would have; the prompt is never given one. */
const NO_WINDOW = { columns: 80, rows: 24 }
/** Nobody is asked for what the prompt wants to know by itself: what a rule would hold is refused. */
const NOBODY = AbortSignal.abort()

/** What the session around it gives to the prompt of one channel. */
export class PromptHost implements PromptSeat {
  readonly channel: PromptChannel
  readonly person: string
  readonly target: string
  readonly gone: AbortSignal
  readonly #call: Call
  readonly #desk: Desk

  constructor({ call, desk, person, target }: PromptHostParts) {
    this.#call = call
    this.#desk = desk
    this.person = person
    this.target = target
    this.gone = AbortSignal.any([desk.parts.gone, call.gone])
    const { after, onInput } = desk.parts
    this.channel = new PromptChannel(call, { after, onInput })
  }

  get isPlain(): boolean {
    return this.#call.terminal?.isPlain ?? true
  }

  size(): { readonly columns: number; readonly rows: number } {
    return this.#call.terminal?.size ?? NO_WINDOW
  }

  onResize(listener: () => void): () => void {
    return this.#call.terminal?.onResize(listener) ?? (() => undefined)
  }

  async run(work: PromptWork, { cancelled, onHeld, onStart }: RunWatch): Promise<LineEnd> {
    const call = this.#call
    const show = (bytes: Buffer): void => call.out(bytes)
    const echo = this.#desk.echoOf(call, false)
    const seen = (chunk: Buffer): void => echo.keys(chunk)
    const near = { ...this.#near(this.channel), seen, terminal: call.terminal, out: show, err: show }
    const way = { near, out: echo.over(createTerminalVeil()), err: createTerminalVeil() }
    const start = (): void => {
      onStart()
      this.channel.settle()
    }
    const judging = { gone: this.gone, cancelled, onHeld }
    const end = await this.#run(work, { ...way, judging, onStart: start })
    echo.end()
    return this.#lineEnd(end)
  }

  async ask(work: PromptWork & { readonly limit: number; readonly cancelled: AbortSignal }): Promise<AskEnd> {
    const stop = new AbortController()
    const gone = AbortSignal.any([this.gone, work.cancelled, stop.signal])
    const pieces: Buffer[] = []
    let size = 0
    const out = (bytes: Buffer): void => {
      if (size < work.limit) pieces.push(bytes.subarray(0, work.limit - size))
      size += bytes.length
      if (size > work.limit) stop.abort('it says too much')
    }
    const near = { ...this.#near(undefined), gone, out }
    const end = this.#lineEnd(await this.#run(work, { ...quiet(near), judging: { gone, cancelled: NOBODY } }))
    const cut = size > work.limit
    if (end.kind === 'refused' || (end.kind === 'lost' && !cut)) return end
    return { kind: 'done', code: end.kind === 'exit' ? end.code : undefined, stdout: Buffer.concat(pieces), cut }
  }

  async listen(work: PromptWork, onChunk: (chunk: Buffer) => void): Promise<Listening | Refused> {
    const input = new PassThrough()
    const near = { ...this.#near(input), out: onChunk }
    const { promise, resolve } = Promise.withResolvers<Listening | Refused>()
    const judging = { gone: this.gone, cancelled: NOBODY }
    const onOpen = (): void => resolve({ close: () => void input.end() })
    void this.#run(work, { ...quiet(near), judging, onOpen }).then((end) => {
      const { kind } = this.#lineEnd(end)
      resolve(end.kind === 'refused' ? end.refusal : refused('unavailable', `it ended at once: ${kind}`))
    })
    return promise
  }

  mark(what: Parameters<PromptSeat['mark']>[0], detail?: string): void {
    this.#desk.mark(this.#call, what, detail)
  }

  #run({ statement, sent }: PromptWork, way: CommandWay): Promise<CommandEnd> {
    const { environment, number: channel, terminal } = this.#call
    const { upstream } = this.#desk.parts
    const settings = { terminal: statement.terminal ? terminal?.options : undefined, environment }
    const launch: CommandWork['launch'] = (frame, clearance) => upstream.exec(frame, settings, clearance)
    return runCommand(this.#desk, { frame: Buffer.from(sent), message: 'line', statement, channel, launch }, way)
  }

  #near(input: Readable | undefined): NearEnd {
    const { outlet } = this.#call
    return {
      ...{ input, terminal: undefined, gone: this.gone },
      out: () => undefined,
      err: () => undefined,
      fedBy: outlet.fedBy.bind(outlet),
      onSignal: this.#call.onSignal.bind(this.#call),
    }
  }

  #lineEnd(end: CommandEnd): LineEnd {
    if (end.kind !== 'failed') return end
    if (this.#desk.parts.upstream.lost.aborted) return { kind: 'lost' }
    return { kind: 'refused', refusal: refused('unavailable', end.why) }
  }
}

/** What is not shown needs no mask, and what carries a directory must not be given one. */
const quiet = (near: NearEnd): Pick<CommandWay, 'near' | 'out' | 'err'> => ({
  near,
  out: createPlainVeil(),
  err: createPlainVeil(),
})
