import type { EvidenceDesk } from '../../src/evidence/desk.ts'
import type { Asker, FoundStatement, Page, Place } from '../../src/evidence/questions.ts'
import type { Report, ReportQuestion } from '../../src/evidence/report.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { SessionId } from '../../src/model/ids.ts'
import type { RecordedEvent } from '../../src/http/ports.ts'

/** What was asked of the desk, in order: its ledger. */
export interface Asked {
  readonly what: string
  readonly question: unknown
  readonly by: string
  readonly sees: Asker['sees']
}

export const STATEMENT: FoundStatement = {
  session: 's_abcdefghij0123456789' as SessionId,
  statement: 1,
  line: 1,
  at: '2026-11-22T00:00:00.000000Z',
  person: personName('alice'),
  target: targetName('cards'),
  database: 'cards',
  address: '127.0.0.1:5000',
  message: 'query',
  verbs: ['select'],
  effects: ['read'],
  tables: ['public.cards'],
  columns: [],
  classes: ['pan'],
  verdict: 'allow',
  rules: ['reads'],
  policyVersion: '0123456789abcdef',
  approval: null,
  ruling: null,
  ruledBy: [],
  end: 'done',
  sqlstate: null,
  rows: 3,
  masked: 6,
  ms: 1.5,
  text: 'SELECT * FROM cards',
  bound: null,
  cut: false,
}

export const reportOf = (question: ReportQuestion, changes: Partial<Report['table']> = {}): Report => ({
  name: question.name,
  front: {
    title: 'Accounts',
    question: 'Which?',
    from: question.from === undefined ? null : new Date(question.from).toISOString(),
    to: question.to === undefined ? null : new Date(question.to).toISOString(),
    madeAt: '2026-11-22T00:00:00.000Z',
    node: 'n1',
    version: '0.1.0',
    policyVersion: '0123456789abcdef',
    verification: {
      ok: true,
      checkedAt: '2026-11-22T00:00:00.000Z',
      recordings: 1,
      events: 17,
      ledgerEntries: 4,
      ledgerHead: 'f'.repeat(64),
      keys: ['0123456789abcdef'],
      problems: 0,
      codes: [],
    },
    facts: [],
  },
  table: {
    title: 'Rows',
    columns: [{ name: 'person', title: 'Person' }],
    rows: [['alice']],
    cut: false,
    ...changes,
  },
})

/** A desk with one session of alice's; `asked` is what it was asked, `events` what her recording holds. */
export function fakeDesk(state: { readonly asked: Asked[]; readonly events: RecordedEvent[] }): EvidenceDesk {
  const note = (what: string, question: unknown, { by, sees }: Asker): void =>
    void state.asked.push({ what, question, by, sees })
  const isSeen = (recording: string, { sees }: Asker): boolean =>
    recording === STATEMENT.session && (sees === 'everything' || sees.person === STATEMENT.person)
  const found = <Item>(items: readonly Item[]) => ({ items, next: null, complete: true })
  return {
    search(question, asker) {
      note('search', question, asker)
      const seen = asker.sees === 'everything' || asker.sees.person === STATEMENT.person
      return Promise.resolve(found(seen ? [STATEMENT] : []))
    },
    sessions(question, asker) {
      note('sessions', question, asker)
      return Promise.resolve(found([{ session: STATEMENT.session, statements: 1 }]))
    },
    report(question, asker) {
      note('report', question, asker)
      return Promise.resolve(reportOf(question))
    },
    ledger(question, asker) {
      note('ledger', question, asker)
      return Promise.resolve(found([]))
    },
    page(question, asker): Promise<Page | undefined> {
      if (!isSeen(question.recording, asker)) return Promise.resolve(undefined)
      note('page', question, asker)
      const from = typeof question.from === 'number' ? question.from : 0
      const events = state.events.slice(from, from + question.limit)
      const next = from + events.length < state.events.length ? from + events.length : null
      return Promise.resolve({ events, from, next, lines: state.events.length })
    },
    find(question, asker) {
      if (!isSeen(question.recording, asker)) return Promise.resolve(undefined)
      note('find', question, asker)
      return Promise.resolve(found<Place>([]))
    },
    lines(question, asker) {
      if (!isSeen(question.recording, asker)) return Promise.resolve(undefined)
      note('lines', question, asker)
      return Promise.resolve(linesOf(state.events))
    },
    head: () => Promise.resolve(undefined),
    channels: () => Promise.resolve([]),
    screens: () => Promise.resolve(undefined),
    sights: () => Promise.resolve(undefined),
    tally: () => Promise.resolve({ verdicts: { allow: 2, deny: 1 }, cleared: 0, refused: 0, failed: 0, masked: 6 }),
    verify: () => Promise.resolve({ status: 'intact', events: 7, findings: [] }),
  }
}

async function* linesOf(events: readonly RecordedEvent[]): AsyncGenerator<string> {
  for (const event of events) yield await Promise.resolve(JSON.stringify(event))
}
