import { z } from 'zod'
import type { Asker, Channel, ScreenPage } from '../../evidence/questions.ts'
import type { EvidencePort, SessionRecord } from '../ports.ts'
import type { SeenPlaces } from './player.ts'

/** Parts of one search over screens that one page waits for; the rest is a link away. */
const PARTS = 4
const MOST_SEEN = 50

const whole = z.coerce.number().int().min(0).max(1e15).optional().catch(undefined)

/** What is asked of a channel's screen by an address. */
export const ScreenAsked = z.object({
  channel: z.coerce.number().int().min(1).max(1e9).optional().catch(undefined),
  /** Milliseconds since the session began. */
  ms: whole,
  /** `next` of the page before. */
  next: whole,
  /** `next` of a search that is not over. */
  further: whole,
})
export type ScreenAsked = z.infer<typeof ScreenAsked>

/** The channel that is looked at: the one that is asked for, the one that shows something at a moment, or the first with a terminal. */
export function chosenChannel(
  channels: readonly Channel[],
  { channel, ms }: ScreenAsked,
  startedAt: number,
): number | undefined {
  if (channels.some((one) => one.channel === channel)) return channel
  const at = startedAt + (ms ?? 0)
  const showing =
    ms === undefined ? undefined : channels.findLast((one) => one.startedAt <= at && at <= one.startedAt + one.lengthMs)
  return (showing ?? channels.find((one) => one.terminal) ?? channels[0])?.channel
}

/** A page of frames as the script takes it: times count from the beginning of the session. */
export interface ScreenAnswer extends Omit<ScreenPage, 'startedAt'> {
  /** Milliseconds of the session at which the channel began to show something. */
  readonly began: number
}

export async function screenAnswer(
  evidence: EvidencePort,
  { session, asked, asker }: { readonly session: SessionRecord; readonly asked: ScreenAsked; readonly asker: Asker },
): Promise<ScreenAnswer | undefined> {
  const { channel, ms = 0, next } = asked
  if (channel === undefined) return undefined
  const from = next === undefined ? { at: session.startedAt + ms } : { next }
  const page = await evidence.screens({ recording: session.id, channel, from }, asker)
  if (page === undefined) return undefined
  const { startedAt, ...rest } = page
  return { ...rest, began: startedAt - session.startedAt }
}

/** Where a text stood on the screens of a session: of every channel from the asked one on, as far as one page waits. */
export async function seenOn(
  evidence: EvidencePort,
  wanted: {
    readonly session: SessionRecord
    readonly text: string
    readonly channels: readonly Channel[]
    readonly asked: ScreenAsked
    readonly asker: Asker
  },
): Promise<SeenPlaces> {
  const { session, text, channels, asked, asker } = wanted
  const isFurther = asked.further !== undefined
  const items: SeenPlaces['items'][number][] = []
  let [part, from] = [0, asked.further]
  for (const { channel } of isFurther ? channels.filter((one) => one.channel >= (asked.channel ?? 0)) : channels) {
    for (let more = true; more; part++) {
      if (part >= PARTS || items.length >= MOST_SEEN) return { items, next: { channel, from: from ?? 0 } }
      const found = await evidence.sights({ recording: session.id, channel, text, from }, asker)
      const began = (found?.startedAt ?? 0) - session.startedAt
      items.push(...(found?.items ?? []).map(({ ms, line }) => ({ channel, ms: began + ms, line })))
      from = found?.next ?? undefined
      more = from !== undefined
    }
  }
  return { items, next: undefined }
}
