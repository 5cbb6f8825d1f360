import type { Channel, Place, RecordedLine } from '../../evidence/questions.ts'
import type { Html } from './frame.ts'

/** A part of a recording with what is needed to show it. */
export interface PlayerPage {
  /** Path of the session, e.g. `/sessions/s_…`. */
  readonly path: string
  readonly startedAt: number
  readonly lengthMs: number
  readonly events: readonly RecordedLine[]
  /** Line of the first event. */
  readonly from: number
  readonly next: number | null
  readonly lines: number
  /** The line that is pointed at. */
  readonly at: number | undefined
  /** Lines of one page. */
  readonly window: number
  readonly most: number
  readonly live: boolean
  readonly asked: { readonly text?: string | undefined; readonly verdict?: string | undefined }
  readonly found: FoundPlaces | undefined
  /** Of a session with screens. */
  readonly channels: readonly Channel[]
  readonly channel: number | undefined
  /** The moment that is pointed at, in milliseconds since the session began. */
  readonly ms: number | undefined
  readonly sights: SeenPlaces | undefined
  /** What stands above the transcript, inside the player, and below the search. */
  readonly above?: Html
  readonly below?: Html | string
}

/** What plays the recordings of one protocol. Another kind of player is another row of `PLAYERS` in `replay.ts`. */
export interface Player {
  readonly body: (page: PlayerPage) => Html
  /** Rows alone: what the script adds to a page, and what a live watch sends. */
  readonly rows: (page: PlayerRows) => readonly Html[]
  readonly scripts: readonly string[]
  readonly styles: readonly string[]
}

export type PlayerRows = Pick<PlayerPage, 'events' | 'from' | 'path' | 'startedAt' | 'most'>

/** Where a text stood on the screens of a session. */
export interface SeenPlaces {
  readonly items: readonly { readonly channel: number; readonly ms: number; readonly line: string }[]
  /** Where the search goes on. */
  readonly next: { readonly channel: number; readonly from: number } | undefined
}

/** What a search inside one recording found. */
export interface FoundPlaces {
  readonly items: readonly Place[]
  readonly startedAt: number
  /** There are more than are shown. */
  readonly more: boolean
  /** False while recordings are still being read. */
  readonly complete: boolean
}
