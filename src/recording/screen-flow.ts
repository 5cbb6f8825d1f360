import { existsSync } from 'node:fs'
import path from 'node:path'
import { readCast, readCastHead, type CastHead, type CastPiece } from './cast-reader.ts'
import { lineText } from './screen-cells.ts'
import { Screen } from './screen.ts'
import { castChannel } from './session-file.ts'
import type { StoredEvent } from './stored.ts'

/** A part of a session in the order of time: an event, or lines that stood on a channel's screen. */
export type FlowPart =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  | {
      readonly kind: 'lines'
      readonly channel: number
      readonly lines: readonly string[]
      readonly isFullScreen: boolean
    }

/** Output that is taken in between two looks at what left the screen. */
const SLICE = 8 * 1024
const SCROLLBACK = SLICE + 1000
/** What wipes a screen, or changes to another: what stood there is told before. */
const WIPES = /(?=\u001b\[[23]J|\u001bc|\u001b\[\?(?:47|1047|1049)[hl])/u
const EMPTIES = /^\u001b(?:\[2J|c)/u
const LEAVES = /^\u001b\[\?(?:47|1047|1049)l/u
/** Events at which the screen is told up to the line that is being written. */
const PAUSES: ReadonlySet<StoredEvent['kind']> = new Set(['statement', 'ssh.exit', 'hold', 'ruling'])

/**
 * Events of a recording with what its screens showed between them, as plain lines: every line once, as it stood when it left the screen or when the next event came. Lines that were
 * drawn over before that are for the player.
 */
export async function* flowOf(folder: string, events: AsyncIterable<StoredEvent>): AsyncGenerator<FlowPart> {
  const open = new Map<number, Flow>()
  for await (const event of events) {
    const micros = microsOf(event.at)
    const isEnd = event.kind === 'close' || event.kind === 'crash'
    for (const flow of open.values()) {
      yield* flow.upTo(micros)
      if (PAUSES.has(event.kind)) yield* flow.standing('before the cursor')
    }
    if (event.kind === 'ssh.cast') yield* followed(open, event, folder)
    if (isEnd) yield* ended(open)
    if (event.kind !== 'ssh.cast') yield { kind: 'event', event }
  }
  yield* ended(open)
}

type Checkpoint = Extract<StoredEvent, { kind: 'ssh.cast' }>

async function* followed(
  open: Map<number, Flow>,
  { channel, state, file }: Checkpoint,
  folder: string,
): AsyncGenerator<FlowPart> {
  const known = open.get(channel)
  if (known === undefined && state === 'begun' && castChannel(file) === channel) {
    const flow = flowAt(channel, path.join(folder, file))
    if (flow !== undefined) open.set(channel, flow)
    else
      yield {
        kind: 'lines',
        channel,
        lines: ['(what it showed cannot be read: verify tells more)'],
        isFullScreen: false,
      }
  }
  if (state !== 'ended' || known === undefined) return
  open.delete(channel)
  yield* known.rest()
}

/** The events of a recording are worth reading without it. */
function flowAt(channel: number, file: string): Flow | undefined {
  try {
    return existsSync(file) ? new Flow(channel, file) : undefined
  } catch {
    return undefined
  }
}

async function* ended(open: Map<number, Flow>): AsyncGenerator<FlowPart> {
  for (const flow of open.values()) yield* flow.rest()
  open.clear()
}

/** One channel's screen as lines. */
class Flow {
  readonly #channel: number
  readonly #screen: Screen
  readonly #startedAt: number
  readonly #pieces: Iterator<CastPiece>
  #next: CastPiece | undefined
  /** Rows of the screen, from its top, that have been told. */
  #told = 0

  constructor(channel: number, file: string) {
    const head: CastHead = readCastHead(file)
    this.#channel = channel
    this.#startedAt = microsOf(head.startedAt)
    this.#screen = new Screen({ ...head, scrollback: SCROLLBACK })
    this.#pieces = readCast(file, head.end)
    this.#advance()
  }

  async *upTo(micros: number): AsyncGenerator<FlowPart> {
    while (this.#next !== undefined && this.#startedAt + this.#next.micros <= micros) {
      yield* this.#take(this.#next)
      this.#advance()
    }
  }

  async *rest(): AsyncGenerator<FlowPart> {
    yield* this.upTo(Infinity)
    yield* this.standing('all')
    this.#screen.close()
  }

  /** What stands on the screen and has not been told. */
  *standing(what: 'all' | 'before the cursor'): Generator<FlowPart> {
    const { lines, cursor, isAlternate } = this.#screen.picture()
    if (isAlternate) return
    const texts = lines.map(lineText)
    const end = what === 'all' ? texts.findLastIndex((text) => text !== '') + 1 : cursor.row
    const fresh = texts.slice(Math.min(this.#told, end), end)
    yield* this.#lines(this.#told === 0 ? fresh.slice(fresh.findIndex((text) => text !== '')) : fresh)
    this.#told = end
  }

  *#lines(lines: readonly string[], isFullScreen = false): Generator<FlowPart> {
    if (lines.length > 0) yield { kind: 'lines', channel: this.#channel, lines, isFullScreen }
  }

  #advance(): void {
    const step = this.#pieces.next()
    this.#next = step.done === true ? undefined : step.value
  }

  async *#take({ code, text }: CastPiece): AsyncGenerator<FlowPart> {
    const size = code === 'r' ? /^(\d{1,5})x(\d{1,5})$/.exec(text) : null
    if (size !== null) this.#screen.resize(Number(size[1]), Number(size[2]))
    if (code !== 'o') return
    for (const part of text.split(WIPES)) yield* this.#write(part)
  }

  async *#write(text: string): AsyncGenerator<FlowPart> {
    if (text.startsWith('\u001b')) yield* this.#wiped(text)
    for (let at = 0; at < text.length; at += SLICE) {
      await this.#screen.write(text.slice(at, at + SLICE))
      const departed = this.#screen.departed()
      yield* this.#lines(departed.slice(this.#told))
      this.#told = Math.max(0, this.#told - departed.length)
    }
  }

  /** Something is about to go that nobody may have told yet. */
  *#wiped(text: string): Generator<FlowPart> {
    const { lines, isAlternate } = this.#screen.picture()
    if (!isAlternate) {
      yield* this.standing('all')
      if (EMPTIES.test(text)) this.#told = 0
    } else if (LEAVES.test(text)) {
      const texts = lines.map(lineText)
      yield* this.#lines(texts.slice(0, texts.findLastIndex((line) => line !== '') + 1), true)
    }
  }
}

const microsOf = (at: string): number => {
  const [, second = at, fraction = ''] = /^(.{19})(?:\.(\d+))?Z$/.exec(at) ?? []
  return Date.parse(`${second}Z`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}
