import { toCsv } from '../evidence/csv.ts'
import { DOCUMENT_POLICY, toDocument } from '../evidence/document.ts'
import { REPORTS, type Report, type ReportName } from '../evidence/report.ts'
import { lackOf } from '../evidence/reports.ts'
import { isName, personName } from '../model/ids.ts'
import { askerOf } from './asker.ts'
import { check } from './body.ts'
import {
  LedgerEntries,
  LedgerQuery,
  FoundStatements,
  ReportAnswer,
  ReportQuery,
  SearchQuery,
} from './evidence-schemas.ts'
import { asTarget, sessionId } from './ids.ts'
import type { EvidencePort } from './ports.ts'
import { Problem, respondProblem } from './problem.ts'
import { NO_BODY, route, type Caller, type Route } from './route.ts'
import { streamOf } from './stream.ts'
import type { Context } from 'hono'

export interface EvidenceRouteDeps {
  readonly evidence: EvidencePort
}

/** Questions over all recordings, the ledger and the store. */
export function evidenceRoutes({ evidence }: EvidenceRouteDeps) {
  return {
    search: route(
      {
        method: 'get',
        path: '/api/v1/search',
        summary: 'Recorded statements that you may see, newest first; the search is recorded too',
        body: NO_BODY,
        query: SearchQuery,
        answer: FoundStatements,
      },
      async ({ viewer, address, query }) => {
        const { person, target, session, ...rest } = query
        const filter = {
          ...rest,
          person: person === undefined ? undefined : personName(person),
          target: target === undefined ? undefined : asTarget(target),
          session: session === undefined ? undefined : sessionId(session),
        }
        const { items, next, complete } = await evidence.search(filter, askerOf(viewer, address))
        return { statements: items, next, complete }
      },
    ),
    ledger: route(
      {
        method: 'get',
        path: '/api/v1/ledger',
        summary: "The node's ledger, newest first; the viewing is recorded too",
        body: NO_BODY,
        query: LedgerQuery,
        answer: LedgerEntries,
      },
      async ({ viewer, address, query }) => {
        const { items, next, complete } = await evidence.ledger(query, askerOf(viewer, address))
        return { entries: items, next, complete }
      },
    ),
    evidence: reportRoute(evidence),
  }
}

function reportRoute(evidence: EvidencePort): Route {
  return {
    method: 'get',
    path: '/api/v1/evidence/:report',
    summary: `A report for a period, as JSON, CSV or one page of HTML: ${REPORTS.join(', ')}; the report is recorded too`,
    body: NO_BODY,
    query: ReportQuery,
    answer: ReportAnswer,
    status: 200,
    async respond(c, caller) {
      const answer = await respondReport(c, caller, evidence)
      return answer instanceof Problem ? respondProblem(c, answer) : answer
    },
  }
}

async function respondReport(
  c: Context,
  { viewer, address }: Caller,
  evidence: EvidencePort,
): Promise<Response | Problem> {
  if (viewer === undefined) return new Problem('not-signed-in')
  const name = reportName(c.req.param('report') ?? '')
  if (name === undefined) return new Problem('not-found', `reports are ${REPORTS.join(', ')}`)
  const query = check(ReportQuery, c.req.query())
  if (query instanceof Problem) return query
  const { person, format, ...rest } = query
  const question = { name, ...rest, person: person !== undefined && isName(person) ? personName(person) : undefined }
  const lack = lackOf(question)
  if (lack !== undefined) return new Problem('invalid', lack)
  const report = await evidence.report(question, askerOf(viewer, address))
  return report === undefined ? new Problem('forbidden') : written(c, report, format)
}

const reportName = (text: string): ReportName | undefined => REPORTS.find((name) => name === text)

function written(c: Context, report: Report, format: 'json' | 'csv' | 'html'): Response {
  // For programs that keep the file and never open it.
  c.header('Countersign-Verification', report.front.verification.ok ? 'ok' : 'problems')
  if (format === 'json') return c.json(ReportAnswer.parse(report))
  const attachment = `attachment; filename="countersign-${report.name}.${format}"`
  if (format === 'csv') {
    const headers = { 'Content-Type': 'text/csv; charset=utf-8; header=present', 'Content-Disposition': attachment }
    return c.body(streamOf(toCsv(report.table)), 200, headers)
  }
  return c.body(streamOf(toDocument(report)), 200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': DOCUMENT_POLICY,
    'Content-Disposition': attachment,
  })
}
