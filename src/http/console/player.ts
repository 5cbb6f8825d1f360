import type { Place, RecordedLine } from '../../evidence/questions.ts'
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
}

/** What plays the recordings of one protocol. Another kind of player is another row of `PLAYERS` in `replay.ts`. */
export interface Player {
  readonly body: (page: PlayerPage) => Html
  /** Rows alone: what the script adds to a page, and what a live watch sends. */
  readonly rows: (page: PlayerRows) => readonly Html[]
  readonly scripts: readonly string[]
}

export type PlayerRows = Pick<PlayerPage, 'events' | 'from' | 'path' | 'startedAt' | 'most'>

/** What a search inside one recording found. */
export interface FoundPlaces {
  readonly items: readonly Place[]
  readonly startedAt: number
  /** There are more than are shown. */
  readonly more: boolean
  /** False while recordings are still being read. */
  readonly complete: boolean
}
