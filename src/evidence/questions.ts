import type { PersonName, SessionId, TargetName } from '../model/ids.ts'
import type { Frame, Sight } from '../recording/screen-frames.ts'

/** Who asks, for the ledger: every answer is preceded by an entry that names the question. */
export interface Asker {
  readonly by: PersonName
  /** Source address. */
  readonly origin: string
  /** What may be seen: everything, or what this person did. */
  readonly sees: 'everything' | { readonly person: PersonName }
}

/** Milliseconds since 1970; from is included, to is not. An absent end is open. */
export interface Period {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** `allow`, `hold` and `deny` are the policy's word; `cleared` and `refused` what became of a held statement. */
export const FOUND_VERDICTS = ['allow', 'hold', 'deny', 'cleared', 'refused'] as const
export type FoundVerdict = (typeof FOUND_VERDICTS)[number]

/** What is looked for; every part that is given must fit. */
export interface StatementFilter extends Period {
  readonly person?: PersonName | undefined
  readonly target?: TargetName | undefined
  readonly session?: SessionId | undefined
  /** `cards` or `public.cards`. */
  readonly table?: string | undefined
  /** `pan`, `cards.pan` or `public.cards.pan`. Also finds statements on the column's table that do not name their columns. */
  readonly column?: string | undefined
  /** A class of data, e.g. `pan`. */
  readonly class?: string | undefined
  readonly verdict?: FoundVerdict | undefined
  /** Part of the redacted text or of the redacted bound values, in any case. */
  readonly text?: string | undefined
}

export interface Search extends StatementFilter {
  /** 1 to 500. */
  readonly limit: number
  /** `next` of the page before. */
  readonly cursor?: string | undefined
}

/** One recorded statement with what became of it. All text is as redacted as in its recording. */
export interface FoundStatement {
  readonly session: SessionId
  /** Number within the session. */
  readonly statement: number
  /** Line of the recording, from 0: what `page` takes as `from`. */
  readonly line: number
  /** RFC 3339, UTC, microseconds. */
  readonly at: string
  readonly person: PersonName
  readonly target: TargetName
  readonly database: string
  readonly address: string
  readonly message: string
  readonly verbs: readonly string[]
  readonly effects: readonly string[]
  readonly tables: readonly string[]
  readonly columns: readonly string[]
  readonly classes: readonly string[]
  readonly verdict: string
  readonly rules: readonly string[]
  readonly policyVersion: string
  readonly approval: string | null
  readonly ruling: 'cleared' | 'refused' | null
  readonly ruledBy: readonly string[]
  /** `done`, `failed`, `cancelled` or `unknown`; null where there is no result: it runs, or never ran. */
  readonly end: string | null
  readonly sqlstate: string | null
  readonly rows: number
  readonly masked: number
  readonly ms: number
  /** The beginning of a long text; `cut` says so. */
  readonly text: string
  /** Bound values as they were recorded, `$1 = Graz; $2 = NULL`; the beginning of long ones. Null where nothing was bound. */
  readonly bound: string | null
  readonly cut: boolean
}

/** A page of answers, newest first. */
export interface Found<Item> {
  readonly items: readonly Item[]
  /** Hand in as `cursor` for the next page; null at the end. */
  readonly next: string | null
  /** False while recordings that were there at the start are still being read: more may turn up. */
  readonly complete: boolean
}

/** A session in which a search found something. */
export interface FoundSession {
  readonly session: SessionId
  /** Statements that fit. */
  readonly statements: number
}

export interface LedgerSearch extends Period {
  /** `login`, or `approval.` for everything that begins so. */
  readonly kind?: string | undefined
  readonly by?: string | undefined
  /** Part of what an entry says: whom or what it is about, from where, and its details, in any case. */
  readonly text?: string | undefined
  /** 1 to 500. */
  readonly limit: number
  readonly cursor?: string | undefined
}

/** One line of the ledger. */
export interface LedgerEntry {
  /** From 0, of the ledger's file. */
  readonly line: number
  /** When it happened, RFC 3339. */
  readonly at: string
  /** When the line was written: notes of commands that ran without the server come later. */
  readonly writtenAt: string
  readonly kind: string
  readonly outcome: string
  readonly by: string
  readonly origin: string
  readonly resource: string
  readonly node: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** A line of a recording as it stands in the file: JSON that the recorder wrote. */
export type RecordedLine = Readonly<Record<string, unknown>>

export interface Page {
  readonly events: readonly RecordedLine[]
  /** Line of the first event. In a recording that is whole, a line's number is its `seq`. */
  readonly from: number
  /** Line to go on from; null at the end as it stands now. */
  readonly next: number | null
  /** Lines that are known to be there; a live recording grows. */
  readonly lines: number
}

/** Where a page begins: at a line, or at the last line written before a moment (milliseconds since 1970). */
export type PageStart = number | { readonly at: number }

export interface PageQuestion {
  readonly recording: SessionId
  readonly from: PageStart
  /** 1 to 1000 lines; a page also ends after a few megabytes. */
  readonly limit: number
}

export interface FindQuestion {
  readonly recording: SessionId
  /** In any case. */
  readonly text: string
  /** Line to begin at. */
  readonly from: number
}

/** A channel of a session over SSH whose output was kept. */
export interface Channel {
  readonly channel: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly command: string
  readonly terminal: boolean
  /** Milliseconds from its beginning to the last thing it showed. */
  readonly lengthMs: number
}

export interface ScreenQuestion {
  readonly recording: SessionId
  readonly channel: number
  /** A moment (milliseconds since 1970), from which the first frame tells the whole screen; or `next` of the page before, to go on. */
  readonly from: { readonly at: number } | { readonly next: number }
}

/** Frames of one channel's screen, in order. All text is inert: letters, digits, signs and blanks. */
export interface ScreenPage {
  /** Of the channel, milliseconds since 1970; frames count from it. */
  readonly startedAt: number
  readonly frames: readonly Frame[]
  readonly next: number
  /** Nothing more is there now; a live channel goes on. */
  readonly atEnd: boolean
}

export interface SightQuestion {
  readonly recording: SessionId
  readonly channel: number
  /** In any case. */
  readonly text: string
  /** `next` of the answer before. */
  readonly from?: number | undefined
}

/** Where a text stood on a screen. */
export interface Sights {
  readonly startedAt: number
  readonly items: readonly Sight[]
  /** More of the recording is to be looked through; null at its end. */
  readonly next: number | null
}

/** A place inside one recording. */
export interface Place {
  readonly line: number
  readonly statement: number
  readonly at: string
  /** Text around what was found, as plain text. */
  readonly excerpt: string
}
