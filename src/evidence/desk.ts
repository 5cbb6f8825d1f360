import path from 'node:path'
import type { SessionId } from '../model/ids.ts'
import type { LedgerNote, NoteValue } from '../model/ledger.ts'
import { toHtml } from '../recording/export.ts'
import { readEnvelopes, readEvents, readSession } from '../recording/reader.ts'
import type { Checker } from './check-thread.ts'
import type { Screens } from './screen-thread.ts'
import type { Index } from './index-thread.ts'
import { lineValue } from './line-kind.ts'
import type { RawPage } from './pages.ts'
import type {
  Asker,
  Channel,
  FindQuestion,
  Found,
  FoundSession,
  FoundStatement,
  LedgerEntry,
  LedgerSearch,
  Page,
  PageQuestion,
  Place,
  RecordedLine,
  ScreenPage,
  ScreenQuestion,
  Search,
  Sights,
  SightQuestion,
} from './questions.ts'
import type { Report, ReportQuestion } from './report.ts'
import type { ReportDeps } from './report-parts.ts'
import { lackOf, makeReport } from './reports.ts'
import type { Tally } from './tally.ts'
import { createViews } from './views.ts'
import { verifiedOne, type VerifiedOne } from './verified-one.ts'

/** Answers about what was recorded. Each writes into the ledger who asked what, and only then answers. */
export interface EvidenceDesk {
  /** Statements, newest first. */
  search(question: Search, asker: Asker): Promise<Found<FoundStatement>>
  /** Sessions with a statement that fits, the latest started first. */
  sessions(question: Search, asker: Asker): Promise<Found<FoundSession>>
  /** Undefined where the question lacks what this report needs: see `ReportQuestion`. */
  report(question: ReportQuestion, asker: Asker): Promise<Report | undefined>
  /** Newest first. */
  ledger(question: LedgerSearch, asker: Asker): Promise<Found<LedgerEntry>>
  /** A page of a recording; undefined where there is none of this session. Of many pages the ledger has one entry an hour for each person who reads them. */
  page(question: PageQuestion, asker: Asker): Promise<Page | undefined>
  /** Places in one recording whose statement holds a text, in order. */
  find(question: FindQuestion, asker: Asker): Promise<Found<Place> | undefined>
  /** Channels of a session over SSH whose output was kept. Without a ledger entry: it shows no more than the events do. */
  channels(recording: SessionId): Promise<readonly Channel[]>
  /** Frames of a channel's screen, noted like pages; undefined where nothing was kept of it. */
  screens(question: ScreenQuestion, asker: Asker): Promise<ScreenPage | undefined>
  /** Where a text stood on a channel's screen. */
  sights(question: SightQuestion, asker: Asker): Promise<Sights | undefined>
  /** The lines of an export; undefined where there is no recording of this session. */
  lines(
    question: { readonly recording: SessionId; readonly format: 'jsonl' | 'html' },
    asker: Asker,
  ): Promise<AsyncIterable<string> | undefined>
  /** `session.json` of a recording. Without a ledger entry: it shows no statement. */
  head(recording: SessionId): Promise<RecordedLine | undefined>
  /** One session in numbers. Without a ledger entry: it shows no statement. */
  tally(recording: SessionId): Promise<Tally>
  /** What verification says of one recording now; undefined where there is none. Without a ledger entry: it shows no statement. */
  verify(recording: SessionId): Promise<VerifiedOne | undefined>
}

export interface DeskDeps extends Omit<ReportDeps, 'index' | 'check'> {
  readonly index: Index
  readonly checker: Checker
  readonly screens: Screens
  /** Sealed and on the disk when it resolves. */
  readonly record: (note: LedgerNote) => Promise<void>
  /** What somebody looked for may be a card number. */
  readonly scrub: (text: string) => string
}

/** The desk over an index that somebody else opened and closes. */
export function createEvidenceDesk(deps: DeskDeps): EvidenceDesk {
  const opened = opening(deps)
  return { ...questions(deps), ...recordings(deps, opened), ...screens(deps, opened) }
}

function questions(deps: DeskDeps): Pick<EvidenceDesk, 'search' | 'sessions' | 'report' | 'ledger'> {
  const { index, checker } = deps
  const reports: ReportDeps = { ...deps, check: (wanted) => checker.check(wanted) }
  const note = noting(deps)
  return {
    async search(question, asker) {
      const filter = withinSight(question, asker)
      if (filter === undefined) return NOTHING
      await note(asker, { kind: 'evidence.searched', resource: 'recordings', detail: asked(question) })
      const { value, complete } = await index.search(filter)
      return { ...value, complete }
    },
    async sessions(question, asker) {
      const filter = withinSight(question, asker)
      if (filter === undefined) return NOTHING
      await note(asker, { kind: 'evidence.searched', resource: 'sessions', detail: asked(question) })
      const { value, complete } = await index.searchSessions(filter)
      return { ...value, complete }
    },
    async report(question, asker) {
      if (asker.sees !== 'everything' || lackOf(question) !== undefined) return undefined
      await note(asker, { kind: 'evidence.reported', resource: `report:${question.name}`, detail: asked(question) })
      return makeReport(reports, question)
    },
    async ledger(question, asker) {
      if (asker.sees !== 'everything') return NOTHING
      await note(asker, { kind: 'ledger.viewed', resource: 'ledger', detail: asked(question) })
      const { value, complete } = await index.ledger(question)
      return { ...value, complete }
    },
  }
}

function recordings(
  deps: DeskDeps,
  opened: Opened,
): Pick<EvidenceDesk, 'page' | 'find' | 'lines' | 'head' | 'tally' | 'verify'> {
  const { index, checker } = deps
  return {
    async page(question, asker) {
      const { recording, from, limit } = question
      if (!(await opened(recording, asker, { kind: 'recording.viewed', detail: asked({ from, limit }) })))
        return undefined
      const { value } = await index.page(question)
      return value && pageOf(value)
    },
    async find(question, asker) {
      const { recording, text, from } = question
      if (!(await opened(recording, asker, { kind: 'recording.searched', detail: asked({ text, from }) })))
        return undefined
      const { value, complete } = await index.find(question)
      return { ...value, complete }
    },
    async lines({ recording, format }, asker) {
      if (!(await opened(recording, asker, { kind: 'recording.exported', detail: { format } }))) return undefined
      return exported(path.join(deps.root, recording), format)
    },
    head: async (recording) => (await index.head({ recording })).value,
    tally: async (session) => (await index.tally({ session })).value,
    verify: async (session) => verifiedOne(session, await checker.check({ root: deps.root, ...ONE, only: session })),
  }
}

type Opened = (recording: SessionId, asker: Asker, event: Omit<Event, 'resource'>) => Promise<boolean>

/** Writes the note where there is a recording that this person may see; false where there is none. */
function opening(deps: DeskDeps): Opened {
  const note = noting(deps)
  const once = createViews(deps)
  return async (recording, asker, event) => {
    if (!maySee((await deps.index.head({ recording })).value, asker)) return false
    const write = (): Promise<void> => note(asker, { ...event, resource: `session:${recording}` })
    const isPage = event.kind === 'recording.viewed'
    await (isPage ? once([asker.by, asker.origin, recording], write) : write())
    return true
  }
}

function screens(deps: DeskDeps, opened: Opened): Pick<EvidenceDesk, 'channels' | 'screens' | 'sights'> {
  return {
    channels: (recording) => deps.screens.channels(recording),
    async screens(question, asker) {
      const { recording, channel } = question
      const detail = { channel }
      return (await opened(recording, asker, { kind: 'recording.viewed', detail }))
        ? deps.screens.page(question)
        : undefined
    },
    async sights(question, asker) {
      const { recording, channel, text, from } = question
      const detail = asked({ channel, text, from })
      return (await opened(recording, asker, { kind: 'recording.searched', detail }))
        ? deps.screens.find(question)
        : undefined
    },
  }
}

/** A check of one session takes its recording as it is, remembered or not. */
const ONE = { outside: [], fresh: false } as const

const NOTHING = { items: [], next: null, complete: true } as const

/** The question as this person may ask it; undefined where only others' statements could answer it. */
function withinSight(question: Search, { sees }: Asker): Search | undefined {
  if (sees === 'everything') return question
  if (question.person !== undefined && question.person !== sees.person) return undefined
  return { ...question, person: sees.person }
}

/** Whether there is a recording, and this person may see it. */
function maySee(head: RecordedLine | undefined, { sees }: Asker): boolean {
  if (head === undefined || sees === 'everything') return head !== undefined
  const who = head['who']
  return typeof who === 'object' && who !== null && 'person' in who && who.person === sees.person
}

interface Event {
  readonly kind: string
  readonly resource: string
  readonly detail: Readonly<Record<string, NoteValue>>
}

const noting =
  ({ record, clock, scrub }: DeskDeps) =>
  ({ by, origin }: Asker, { kind, resource, detail }: Event): Promise<void> => {
    const clean = Object.entries(detail).map(([name, value]) => [
      name,
      typeof value === 'string' ? scrub(value) : value,
    ])
    const note = { kind, at: clock.now(), by, origin, outcome: 'done', resource }
    return record({ ...note, detail: Object.fromEntries(clean) as LedgerNote['detail'] })
  }

/** A question as the ledger keeps it: what was given, and nothing else. */
function asked(question: object): Readonly<Record<string, NoteValue>> {
  const given = Object.entries(question).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'string' || typeof value === 'number'
      ? [[name, typeof value === 'string' ? value.slice(0, MAX_ASKED) : value] as const]
      : typeof value === 'object' && value !== null
        ? [[name, JSON.stringify(value)] as const]
        : [],
  )
  return Object.fromEntries(given)
}

/** Characters of a search that the ledger keeps. */
const MAX_ASKED = 200

function pageOf({ lines, from, next, known }: RawPage): Page {
  return { events: lines.map((line, at) => lineOf(line, from + at)), from, next, lines: known }
}

/** A line that is no JSON any more is shown as what it is: something that was not written so. */
const lineOf = (line: string, number: number): RecordedLine =>
  lineValue(Buffer.from(line)) ?? {
    seq: number,
    kind: 'unreadable',
    outcome: 'unknown',
    bytes: Buffer.byteLength(line),
  }

async function* exported(folder: string, format: 'jsonl' | 'html'): AsyncGenerator<string> {
  const session = readSession(folder)
  if (format === 'html') {
    yield* toHtml({ session, events: readEvents(folder), folder })
    return
  }
  yield JSON.stringify(session)
  for await (const event of readEnvelopes(folder)) yield JSON.stringify(event)
}
