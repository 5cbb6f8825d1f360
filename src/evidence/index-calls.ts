import path from 'node:path'
import type { SessionId } from '../model/ids.ts'
import { readSession } from '../recording/reader.ts'
import type { LedgerSessions, LedgerWanted } from './ledger-answers.ts'
import { everyEntry, ledgerSessions, searchLedger } from './ledger-answers.ts'
import { findPlaces, readPage } from './pages.ts'
import type { PageDeps, RawPage } from './pages.ts'
import type {
  FindQuestion,
  Found,
  FoundSession,
  FoundStatement,
  LedgerEntry,
  LedgerSearch,
  PageQuestion,
  Period,
  Place,
  RecordedLine,
  Search,
  StatementFilter,
} from './questions.ts'
import { countVerdicts, everyStatement, searchSessions, searchStatements } from './statement-answers.ts'
import { tallyOf, type Tally } from './tally.ts'

type Answer<Item> = Omit<Found<Item>, 'complete'>

/** What the index's thread is asked; each is answered from one state of the file. */
export interface IndexCalls {
  search(input: Search): Answer<FoundStatement>
  searchSessions(input: Search): Answer<FoundSession>
  statements(input: { readonly filter: StatementFilter; readonly limit: number }): readonly FoundStatement[]
  counts(input: StatementFilter): Readonly<Record<string, number>>
  ledger(input: LedgerSearch): Answer<LedgerEntry>
  entries(input: LedgerWanted): readonly LedgerEntry[]
  ledgerSessions(input: Period): LedgerSessions
  page(input: PageQuestion): RawPage | undefined
  find(input: FindQuestion): Answer<Place>
  head(input: { readonly recording: SessionId }): RecordedLine | undefined
  tally(input: { readonly session: SessionId }): Tally
}

export function indexCalls(deps: PageDeps): IndexCalls {
  const { file, root } = deps
  return {
    search: (input) => searchStatements(file, input),
    searchSessions: (input) => searchSessions(file, input),
    statements: ({ filter, limit }) => [...everyStatement(file, filter, limit)],
    counts: (input) => countVerdicts(file, input),
    ledger: (input) => searchLedger(file, input),
    entries: (input) => [...everyEntry(file, input)],
    ledgerSessions: (input) => ledgerSessions(file, input),
    page: (input) => readPage(deps, input),
    find: (input) => findPlaces(file, input),
    head: ({ recording }) => headOf(path.join(root, recording)),
    tally: ({ session }) => tallyOf(file, session),
  }
}

function headOf(folder: string): RecordedLine | undefined {
  try {
    return { ...readSession(folder) }
  } catch {
    return undefined
  }
}
