import { setTimeout as wait } from 'node:timers/promises'
import type { CastOf } from '../recording/casts.ts'
import { Drawer, type Canvas } from '../recording/screen-draw.ts'
import { Reel, type Frame } from '../recording/screen-frames.ts'
import { renderEvent } from '../recording/replay.ts'
import type { StoredEvent, StoredSession } from '../recording/stored.ts'
import type { Io } from './io.ts'

export interface ScreenReplay {
  readonly session: StoredSession
  readonly events: AsyncIterable<StoredEvent>
  readonly cast: CastOf
  readonly canvas: Canvas
  readonly pace: { readonly speed: number; readonly longest: number }
}

/** Plays one channel's screen on a terminal, with what was decided in the line below it. */
export async function playScreen({ session, events, cast, canvas, pace }: ScreenReplay, io: Io): Promise<void> {
  const { file, head } = cast
  const reel = new Reel({ file, head, from: head.end, size: head })
  const drawer = new Drawer(canvas)
  io.out(drawer.begin())
  let before: number | undefined
  for await (const { at, what } of merged(reel, { events, startedAt: Date.parse(head.startedAt) })) {
    const pause = before === undefined ? 0 : Math.min((at - before) / pace.speed, pace.longest)
    if (pause >= 1) await wait(pause)
    before = at
    if ('lines' in what) {
      io.out(drawer.frame(what))
      continue
    }
    const [line] = renderEvent(what, session)
    if (line !== undefined) io.out(drawer.status(line.trim()))
  }
  reel.close()
  io.out(drawer.end())
}

interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly what: Frame | StoredEvent
}

/** Frames and events in the order of time. */
async function* merged(
  reel: Reel,
  { events, startedAt }: { readonly events: AsyncIterable<StoredEvent>; readonly startedAt: number },
): AsyncGenerator<Moment> {
  const frames = reel.frames()
  let frame = await frames.next()
  for await (const event of events) {
    const at = Date.parse(event.at)
    for (; frame.done !== true && startedAt + frame.value.ms <= at; frame = await frames.next())
      yield { at: startedAt + frame.value.ms, what: frame.value }
    yield { at, what: event }
  }
  for (; frame.done !== true; frame = await frames.next()) yield { at: startedAt + frame.value.ms, what: frame.value }
}
