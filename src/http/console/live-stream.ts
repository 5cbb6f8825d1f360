import type { Context } from 'hono'
import { html } from 'hono/html'
import type { RecordedLine } from '../../evidence/questions.ts'
import type { PersonName } from '../../model/ids.ts'
import type { SessionRecord, Watch } from '../ports.ts'
import { seesAllStatements } from '../sight.ts'
import { viewerOf } from '../viewer.ts'
import type { Player } from './player.ts'
import { SHOWN_TEXT } from './recorded-text.ts'
import type { ConsoleContext, ConsoleDeps, Seat } from './seat.ts'

/** How often a recording is looked at, in milliseconds; the recorder hands over within 50. */
export const LOOK_MS = 500
/** Looks between two questions whether the viewer may still look. */
const LOOKS_PER_PROOF = 4
/** Looks of silence before a comment line keeps the way open. */
const LOOKS_PER_BEAT = 30
/** Rows of one message; a viewer of a session that runs thousands a second sees the newest. */
const MOST_ROWS = 150
/** Streams of one node (rule D20), and of one person: whoever is watched may not take every place. */
const MAX_STREAMS = 100
const MAX_OWN_STREAMS = 10

/**
 * A live session as server-sent events: `lines` holds rows of the transcript, `end` says that the session has ended, `away` that the viewer may look no longer. It reads what
 * stands on the disk, so nothing that a viewer does reaches the session.
 */
export function createLiveStreams(
  deps: ConsoleDeps,
): (c: ConsoleContext, session: SessionRecord, player: Player) => Promise<Response> {
  const open: PersonName[] = []
  return async (c, session, player) => {
    const seat = c.get('seat')
    const { viewer, address } = seat
    const own = open.filter((one) => one === viewer.person).length
    if (open.length >= MAX_STREAMS || own >= MAX_OWN_STREAMS) return c.text('too many watch already', 503)
    open.push(viewer.person)
    const onEnd = (): unknown => open.splice(open.indexOf(viewer.person), 1)
    const watch = await deps.watching
      .begin({ session: session.id, by: viewer.person, origin: address })
      .catch((thrown: unknown) => {
        onEnd()
        throw thrown
      })
    if (watch === undefined) {
      onEnd()
      return c.text('Not found', 404)
    }
    return opened(c, new Live({ deps, session, player, seat, watch, onEnd }))
  }
}

const opened = (c: Context, live: Live): Response =>
  c.body(live.stream(), 200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store' })

interface LiveParts {
  readonly deps: ConsoleDeps
  readonly session: SessionRecord
  readonly player: Player
  readonly seat: Pick<Seat, 'token'>
  readonly watch: Watch
  readonly onEnd: () => unknown
}

class Live {
  readonly #parts: LiveParts
  #stopTimer = (): void => undefined
  #ended = false
  #looks = 0
  #quiet = 0
  #unnumbered = 0

  constructor(parts: LiveParts) {
    this.#parts = parts
  }

  stream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder()
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const send = (text: string): void => controller.enqueue(encoder.encode(text))
          send('retry: 3000\n\n')
          const close = (): void => {
            if (this.#stop()) controller.close()
          }
          // A viewer who reads slowly is not sent more: the recording keeps it.
          const hasRoom = (): boolean => (controller.desiredSize ?? 0) > 0
          this.#next({ send, close, hasRoom })
        },
        cancel: () => void this.#stop(),
      },
      { highWaterMark: 8 },
    )
  }

  #next(to: Sink): void {
    this.#look(to).then(
      () => {
        if (!this.#ended) this.#stopTimer = this.#parts.deps.clock.after(LOOK_MS, () => this.#next(to))
      },
      (error: unknown) => {
        this.#parts.deps.onFault(error instanceof Error ? error : new Error('a live stream failed'))
        to.close()
      },
    )
  }

  async #look(to: Sink): Promise<void> {
    this.#looks += 1
    // Whoever reads slowly is asked for, too.
    const isDue = this.#looks % LOOKS_PER_PROOF === 1
    const lines = to.hasRoom() ? await this.#newLines() : undefined
    if ((isDue || lines?.any === true) && !(await this.#mayLook())) {
      if (!this.#ended) to.send(message('away', 'You may look no longer: signed out, or no longer allowed to.'))
      to.close()
      return
    }
    if (this.#ended || lines === undefined) return
    if (lines.any) to.send(message('lines', await this.#rows(lines.all)))
    this.#quiet = lines.any ? 0 : this.#quiet + 1
    if (this.#quiet % LOOKS_PER_BEAT === LOOKS_PER_BEAT - 1) to.send(': beat\n\n')
    if (!lines.isLast) return
    to.send(message('end', 'The session has ended.'))
    to.close()
  }

  async #newLines(): Promise<{
    readonly all: readonly RecordedLine[]
    readonly any: boolean
    readonly isLast: boolean
  }> {
    const { deps, session, watch } = this.#parts
    // First whether it lives, then what was written: the other way round its last lines could be missed.
    const isOver = (await deps.sessions.find(session.id))?.state !== 'open'
    const all = await watch.next()
    return { all, any: all.length > 0, isLast: isOver || all.some(({ kind }) => kind === 'close') }
  }

  async #mayLook(): Promise<boolean> {
    const { deps, seat, session } = this.#parts
    const person = await deps.login.personOf(seat.token, 'passive')
    if (person === undefined) return false
    return person.name === session.person || seesAllStatements(viewerOf(person))
  }

  async #rows(lines: readonly RecordedLine[]): Promise<string> {
    const { session, player } = this.#parts
    const shown = lines.slice(-MOST_ROWS)
    const place = { path: `/sessions/${session.id}`, startedAt: session.startedAt, most: SHOWN_TEXT }
    const items = shown.flatMap((line) => player.rows({ ...place, events: [line], from: this.#numberOf(line) }))
    return String(
      await html`<ol data-skipped="${lines.length - shown.length}">
        ${items}
      </ol>`,
    )
  }

  #numberOf({ seq }: RecordedLine): number {
    if (typeof seq === 'number') this.#unnumbered = seq
    return this.#unnumbered
  }

  /** Whether it ended now. */
  #stop(): boolean {
    if (this.#ended) return false
    this.#ended = true
    this.#stopTimer()
    this.#parts.onEnd()
    this.#parts.watch.close().catch((error: unknown) => {
      this.#parts.deps.onFault(error instanceof Error ? error : new Error('a recording could not be closed'))
    })
    return true
  }
}

interface Sink {
  readonly send: (text: string) => void
  readonly close: () => void
  readonly hasRoom: () => boolean
}

/** Every line end of ours begins a line of `data` anew, so that no text can end a message. */
const message = (kind: string, text: string): string =>
  `event: ${kind}\n${text
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')}\n`
