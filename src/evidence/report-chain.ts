import type { Checked, CheckedSession } from './check.ts'
import type { LedgerSession, LedgerSessions } from './ledger-answers.ts'
import type { Cell, Section } from './report.ts'
import { columnsOf, tableOf } from './report-parts.ts'

const COLUMNS = columnsOf({
  session: 'Session',
  person: 'Person',
  target: 'Target',
  started: 'Started',
  ended: 'Ended',
  reason: 'End',
  status: 'Recording',
  events: 'Events',
  findings: 'Findings',
  head: 'Hash of its last line',
})

/** Findings of one recording that are spelled out. */
const SPELLED = 5

/** One row for the ledger, for every session of the period and for every recording that the ledger does not know. */
export function chainTable(checked: Checked, { inside }: LedgerSessions): Section {
  const sessions = new Map(checked.sessions.map((session) => [session.session, session]))
  const findings = findingsOf(checked)
  const listed = inside.map((entry) => rowOf(entry, sessions.get(entry.session), findings.get(entry.session)))
  const known = new Set(inside.map(({ session }) => session))
  const unlisted = checked.sessions.filter(({ session }) => !known.has(session))
  const rows = [
    ledgerRow(checked, findings.get('ledger')),
    ...unlisted.map((session) => strangerRow(session, findings.get(session.session))),
    ...listed,
  ]
  return tableOf('Recordings and the ledger', COLUMNS, rows)
}

function findingsOf({ problems }: Checked): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { where, code, text } of problems) found.set(where, [...(found.get(where) ?? []), `${text} [${code}]`])
  return found
}

function spelled(findings: readonly string[] = []): string {
  const more = findings.length > SPELLED ? [`and ${findings.length - SPELLED} more`] : []
  return [...findings.slice(0, SPELLED), ...more].join('\n')
}

function ledgerRow({ ledger }: Checked, findings: readonly string[] | undefined): readonly Cell[] {
  const status = findings !== undefined ? 'broken' : ledger === undefined ? 'missing' : 'intact'
  const place = ['ledger', null, null, null, null, ledger?.running === true ? 'the node is running' : null]
  return [...place, status, ledger?.events ?? 0, spelled(findings), ledger?.head ?? '']
}

function strangerRow(
  { session, status, events, head }: CheckedSession,
  findings: readonly string[] | undefined,
): readonly Cell[] {
  return [session, null, null, null, null, null, status, events, spelled(findings), head]
}

function rowOf(
  { session, person, target, startedAt, endedAt, reason }: LedgerSession,
  found: CheckedSession | undefined,
  findings: readonly string[] | undefined,
): readonly Cell[] {
  const status = found === undefined ? 'missing' : found.status
  const place = [session, person, target, startedAt, endedAt, reason]
  return [...place, status, found?.events ?? 0, spelled(findings), found?.head ?? '']
}
