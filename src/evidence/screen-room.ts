import { existsSync } from 'node:fs'
import path from 'node:path'
import { eventBehind, lastMoment, readCastHead, seekCast, sizeAt, type CastHead } from '../recording/cast-reader.ts'
import { castsOf } from '../recording/casts.ts'
import { Reel, ScreenSearch, type Frame, type Sight } from '../recording/screen-frames.ts'
import { castName } from '../recording/session-file.ts'
import type { Channel, ScreenPage, ScreenQuestion, Sights, SightQuestion } from './questions.ts'
import { Shelf } from './shelf.ts'

/** Emulators that stand ready where a reader will go on. */
const KEPT = 12
/** What is read in front of a moment to know what stood on the screen then: after as much output hardly anything older does. */
const WARM = 2 * 1024 * 1024
const MOST_FRAMES = 200
/** Of the text of all frames of one page. */
const MOST_TEXT = 512 * 1024
/** Of the file, for one page of frames and one part of a search. */
const MOST_READ = 4 * 1024 * 1024
const MOST_SIGHTS = 100

/** Shows what stood on the screens of recorded channels, page by page from the disk. */
export class ScreenRoom {
  readonly #root: string
  readonly #reels = new Shelf<Reel>(KEPT)
  readonly #searches = new Shelf<ScreenSearch>(KEPT)

  constructor(root: string) {
    this.#root = root
  }

  channels({ recording }: { readonly recording: string }): readonly Channel[] {
    const folder = path.join(this.#root, recording)
    if (!existsSync(folder)) return []
    return castsOf(folder).map(({ channel, file, head }) => ({
      channel,
      startedAt: Date.parse(head.startedAt),
      command: head.command,
      terminal: head.terminal,
      lengthMs: lastMoment(file, head) / 1000,
    }))
  }

  async page({ recording, channel, from }: ScreenQuestion): Promise<ScreenPage | undefined> {
    const found = this.#cast(recording, channel)
    if (found === undefined) return undefined
    const { file, head } = found
    const startedAt = Date.parse(head.startedAt)
    const begun = 'next' in from ? await this.#goOn(found, from.next) : await enter(found, from.at - startedAt)
    const frames = [...begun.first]
    const [start, most] = [begun.reel.position, { frames: MOST_FRAMES, text: MOST_TEXT }]
    let isCut = false
    for await (const frame of begun.reel.frames()) {
      frames.push(frame)
      most.frames -= 1
      most.text -= JSON.stringify(frame.lines).length
      isCut = most.frames <= 0 || most.text <= 0 || begun.reel.position - start >= MOST_READ
      if (isCut) break
    }
    const next = begun.reel.position
    this.#reels.put(`${file}:${next}`, begun.reel)
    return { startedAt, frames, next, atEnd: !isCut }
  }

  async find({ recording, channel, text, from }: SightQuestion): Promise<Sights | undefined> {
    const found = this.#cast(recording, channel)
    if (found === undefined) return undefined
    const { file, head } = found
    const place = Math.max(head.end, from ?? head.end)
    const key = (at: number): string => `${file}:${at}:${text}`
    const known = this.#searches.take(key(place))
    const search =
      known ?? new ScreenSearch({ file, head, text, from: place === head.end ? place : eventBehind(file, place - 1) })
    const items: Sight[] = []
    for (let read = 0; items.length < MOST_SIGHTS && read < MOST_READ;) {
      const before = search.position
      const part = await search.next(MOST_READ / 8)
      if (part === undefined) {
        search.close()
        return { startedAt: Date.parse(head.startedAt), items, next: null }
      }
      items.push(...part.map(({ ms, line }) => ({ ms, line: line.slice(0, MOST_LINE) })))
      read += search.position - before
    }
    this.#searches.put(key(search.position), search)
    return { startedAt: Date.parse(head.startedAt), items, next: search.position }
  }

  async #goOn(cast: Cast, next: number): Promise<Entered> {
    const known = this.#reels.take(`${cast.file}:${next}`)
    if (known !== undefined) return { reel: known, first: [] }
    const { reel } = warm(cast, next)
    await reel.skipTo(next)
    reel.tellAll()
    return { reel, first: [] }
  }

  #cast(recording: string, channel: number): Cast | undefined {
    const file = path.join(this.#root, recording, castName(channel))
    return existsSync(file) ? { file, head: readCastHead(file) } : undefined
  }
}

/** Characters of a line that was found. */
const MOST_LINE = 300

interface Cast {
  readonly file: string
  readonly head: CastHead
}

interface Entered {
  readonly reel: Reel
  readonly first: readonly Frame[]
}

/** An emulator at a moment, which begins with the whole screen of that moment. */
async function enter(cast: Cast, ms: number): Promise<Entered> {
  const micros = Math.max(0, ms * 1000)
  const { reel } = warm(cast, seekCast(cast.file, cast.head, micros))
  const first: Frame[] = []
  for await (const frame of reel.frames(micros)) first.push(frame)
  return { reel, first }
}

function warm({ file, head }: Cast, place: number): { readonly reel: Reel } {
  const from = place - WARM <= head.end ? head.end : eventBehind(file, place - WARM)
  return { reel: new Reel({ file, head, from, size: from === head.end ? head : sizeAt(file, head, from) }) }
}
