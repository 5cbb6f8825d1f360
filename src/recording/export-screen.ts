import type { CastOf } from './casts.ts'
import { renderEvent, renderHeader } from './replay.ts'
import { Drawer } from './screen-draw.ts'
import { Reel, type Frame } from './screen-frames.ts'
import type { StoredEvent, StoredSession } from './stored.ts'

/** A session with one channel's screen. */
export interface RecordedScreen {
  readonly session: StoredSession
  readonly events: AsyncIterable<StoredEvent>
  readonly cast: CastOf
}

/**
 * One channel's screen as asciicast version 2, one line an item, with statements and verdicts as marks. It is drawn anew from the emulator's model, so whoever plays it has nothing
 * on their terminal but text, colours and places.
 */
export async function* toScreenCast({ session, events, cast }: RecordedScreen): AsyncGenerator<string> {
  const { file, head } = cast
  const startedAt = Date.parse(head.startedAt)
  const { columns: width, rows: height } = head
  const timestamp = Math.floor(startedAt / 1000)
  yield JSON.stringify({ version: 2, width, height, timestamp, title: renderHeader(session) })
  const reel = new Reel({ file, head, from: head.end, size: head })
  const drawn = drawing()
  const frames = reel.frames()
  let frame = await frames.next()
  for await (const event of events) {
    const ms = Math.max(0, Date.parse(event.at) - startedAt)
    for (; frame.done !== true && frame.value.ms <= ms; frame = await frames.next()) yield* drawn(frame.value)
    const [text] = MARKED.has(event.kind) ? renderEvent(event, session) : []
    if (text !== undefined) yield line(ms, 'm', text.trim())
  }
  for (; frame.done !== true; frame = await frames.next()) yield* drawn(frame.value)
  reel.close()
}

const MARKED: ReadonlySet<StoredEvent['kind']> = new Set([
  'statement',
  'hold',
  'ruling',
  'ssh.exit',
  'ssh.file',
  'find',
])

const line = (ms: number, code: string, text: string): string =>
  JSON.stringify([Number((ms / 1000).toFixed(6)), code, text])

/** Draws frames on a canvas that is always as large as they are. */
function drawing(): (frame: Frame) => Generator<string> {
  let [drawer, size] = [new Drawer({ columns: 0, rows: 0 }), '']
  return function* (frame) {
    const { columns, rows, ms } = frame
    if (size !== `${columns}x${rows}`) {
      if (size !== '') yield line(ms, 'r', `${columns}x${rows}`)
      size = `${columns}x${rows}`
      // One row more than the screen has: the line for words of ours is left out.
      drawer = new Drawer({ columns, rows: rows + 1 })
      yield line(ms, 'o', drawer.begin())
    }
    yield line(ms, 'o', drawer.frame(frame))
  }
}
