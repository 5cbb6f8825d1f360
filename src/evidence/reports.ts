import type { Checked } from './check.ts'
import type { LedgerSessions } from './ledger-answers.ts'
import type { Front, Report, ReportName, ReportQuestion, Verification } from './report.ts'
import { accounts } from './report-accounts.ts'
import { chainTable } from './report-chain.ts'
import { decisions, failed, views } from './report-ledger.ts'
import { periodOf, timeOf, type ReportBody, type ReportDeps, type ReportMaker } from './report-parts.ts'
import { person } from './report-person.ts'
import { reach } from './report-reach.ts'
import { touched } from './report-statements.ts'

const MAKERS = { reach, person, touched, decisions, failed, views, accounts } as const satisfies Record<
  Exclude<ReportName, 'chain'>,
  ReportMaker
>

/** What a question lacks for its report, in words; undefined where it lacks nothing. */
export function lackOf({ name, person: who, table, column, class: classOf }: ReportQuestion): string | undefined {
  if (name === 'person' && who === undefined) return 'this report needs a person'
  if (name === 'touched' && (table ?? column ?? classOf) === undefined)
    return 'this report needs a table, a column or a class'
  return undefined
}

/** Makes a report of what stands in recordings, ledger and store now; with it goes what a verification of the period says. */
export async function makeReport(deps: ReportDeps, question: ReportQuestion): Promise<Report> {
  await deps.settled()
  await deps.index.refresh()
  const { value: sessions } = await deps.index.ledgerSessions(periodOf(question))
  const fresh = question.name === 'chain'
  const checkedAt = deps.clock.now()
  const [checked, made] = await Promise.all([
    deps.check({ root: deps.root, outside: sessions.outside, fresh }),
    question.name === 'chain' ? undefined : MAKERS[question.name](deps, question),
  ])
  const body = made ?? chainBody(checked, sessions)
  return { name: question.name, front: frontOf({ deps, question, body, checked, checkedAt }), table: body.table }
}

function chainBody(checked: Checked, sessions: LedgerSessions): ReportBody {
  const of = (status: string): number => checked.sessions.filter((one) => one.status === status).length
  return {
    title: 'Verification of recordings',
    question:
      'Every recording of the period and the whole ledger, read byte by byte: what was changed, cut, removed or added.',
    facts: [
      { name: 'Sessions in the ledger', value: sessions.inside.length },
      ...['intact', 'crashed', 'open', 'broken'].map((status) => ({ name: `Recordings ${status}`, value: of(status) })),
    ],
    table: chainTable(checked, sessions),
  }
}

interface Made {
  readonly deps: ReportDeps
  readonly question: ReportQuestion
  readonly body: ReportBody
  readonly checked: Checked
  readonly checkedAt: number
}

function frontOf({ deps, question, body, checked, checkedAt }: Made): Front {
  return {
    title: body.title,
    question: body.question,
    from: timeOf(question.from ?? null),
    to: timeOf(question.to ?? null),
    madeAt: timeOf(checkedAt) ?? '',
    node: deps.node,
    version: deps.version,
    policyVersion: deps.policyVersion(),
    verification: verificationOf(checked, checkedAt),
    facts: body.facts,
  }
}

function verificationOf(checked: Checked, checkedAt: number): Verification {
  const counts = new Map<string, number>()
  for (const { code } of checked.problems) counts.set(code, (counts.get(code) ?? 0) + 1)
  return {
    ok: checked.ok,
    checkedAt: timeOf(checkedAt) ?? '',
    recordings: checked.sessions.length,
    events: checked.sessions.reduce((sum, { events }) => sum + events, 0),
    ledgerEntries: checked.ledger?.events ?? 0,
    ledgerHead: checked.ledger?.head ?? '',
    keys: checked.keys,
    problems: checked.problemCount,
    codes: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, count]) => `${code} (${count})`),
  }
}
