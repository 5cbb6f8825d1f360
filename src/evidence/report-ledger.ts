import type { LedgerEntry } from './questions.ts'
import type { Cell } from './report.ts'
import { columnsOf, detailCell, MAX_ROWS, periodOf, restOf, tableOf, type ReportMaker } from './report-parts.ts'

const COLUMNS = columnsOf({
  at: 'Time',
  kind: 'Event',
  outcome: 'Outcome',
  by: 'By',
  origin: 'Source',
  resource: 'On',
  person: 'Person asked',
  target: 'Target',
  session: 'Session',
  decision: 'Decision',
  rules: 'Rules',
  reason: 'Reason',
  statement: 'Statement',
  detail: 'Detail',
  line: 'Ledger line',
})

const TOLD = ['person', 'target', 'session', 'decision', 'rules', 'reason', 'statement', 'why']

/** Words of an outcome that mean that somebody was not let in, or was told no. */
const FAILED = ['refused', 'failed', 'locked', 'denied', 'rejected']

/** Approvals, requests, scripts and reviews: who asked, who decided, what expired, every use of break-glass. */
export const decisions: ReportMaker = ledgerReport({
  title: 'Approvals and refusals',
  question:
    'Everything that waited for a person or was decided by one, expired, was withdrawn or was cleared by break-glass.',
  kinds: [
    'approval.',
    'request.',
    'script.',
    'review.',
    'proposal.',
    'break-glass.',
    'grant.',
    'stop',
    'stop.',
    'session.terminated',
  ],
  outcomes: [],
})

/** Invalid access attempts (PCI DSS 10.2.1.4), refused statements included: the ledger tells of them as well. */
export const failed: ReportMaker = ledgerReport({
  title: 'Failed and refused access',
  question: 'Failed logins and second factors at every door, and access and statements that rules or people refused.',
  kinds: [],
  except: ['approval.', 'script.', 'review.', 'policy.', 'tls.', 'session.end', 'recorder.'],
  outcomes: FAILED,
})

/** Access to the evidence itself (PCI DSS 10.2.1.3). */
export const views: ReportMaker = ledgerReport({
  title: 'Who looked at recordings and at the ledger',
  question: 'Every viewing, search and export of recordings, of the ledger and of reports like this one.',
  kinds: ['recording.', 'evidence.', 'ledger.'],
  outcomes: [],
})

interface Wanted {
  readonly title: string
  readonly question: string
  readonly kinds: readonly string[]
  readonly except?: readonly string[]
  readonly outcomes: readonly string[]
}

function ledgerReport({ title, question: says, kinds, except = [], outcomes }: Wanted): ReportMaker {
  return async ({ index }, question) => {
    const wanted = { ...periodOf(question), kinds, except, outcomes, person: question.person, limit: MAX_ROWS + 1 }
    const { value: entries } = await index.entries(wanted)
    return {
      title,
      question: says,
      facts: [{ name: 'Entries', value: entries.length }, ...outcomeCounts(entries)],
      table: tableOf('Entries of the ledger', COLUMNS, entries.map(rowOf)),
    }
  }
}

/** How often each event ended how, by name. */
function outcomeCounts(entries: readonly LedgerEntry[]): readonly { name: string; value: number }[] {
  const counts = new Map<string, number>()
  for (const { kind, outcome } of entries) {
    const name = `${kind}: ${outcome}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => ({ name, value }))
}

function rowOf(entry: LedgerEntry): readonly Cell[] {
  const cell = (field: string): Cell => detailCell(entry, field)
  const { at, kind, outcome, by, origin, resource } = entry
  return [
    ...[at, kind, outcome, by, origin, resource],
    ...[cell('person'), cell('target'), cell('session'), cell('decision'), cell('rules')],
    cell('reason') ?? cell('why'),
    cell('statement'),
    restOf(entry, TOLD),
    entry.line,
  ]
}
