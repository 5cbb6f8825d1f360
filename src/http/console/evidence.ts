import { Hono } from 'hono'
import { z } from 'zod'
import { toCsv } from '../../evidence/csv.ts'
import { DOCUMENT_POLICY, toDocument } from '../../evidence/document.ts'
import type { LedgerEntry } from '../../evidence/questions.ts'
import type { Report, ReportName, ReportQuestion } from '../../evidence/report.ts'
import { lackOf } from '../../evidence/reports.ts'
import { isName, personName } from '../../model/ids.ts'
import { askerOf } from '../asker.ts'
import { seesAllStatements } from '../sight.ts'
import { streamOf } from '../stream.ts'
import { csv, csvHeaders, cutRow } from './csv.ts'
import { EvidenceAsked } from './evidence-asked.ts'
import { evidenceBody } from './evidence-page.ts'
import { filterOf, FilterText, filtersOf } from './form.ts'
import { respondForbidden, respondPage } from './frame.ts'
import { LEDGER_HEAD, ledgerBody, ledgerRow } from './ledger-page.ts'
import { endOf, momentOf } from './moments.ts'
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from './seat.ts'

const LedgerAsked = z.object({
  text: FilterText,
  kind: FilterText,
  by: FilterText,
  from: FilterText,
  to: FilterText,
  cursor: FilterText,
  format: filterOf(['csv', 'json']),
})

const LEDGER_PAGE = 100
/** Entries of one export. */
const MOST_EXPORTED = 20_000

/** Reports for a period, the ledger, and whether the chain holds. */
export function evidencePages(deps: ConsoleDeps): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  app.get('/evidence', (c) => (mayRead(c) ? evidenceHere(c, deps) : respondForbidden(c, 'evidence')))
  app.get('/evidence/ledger', (c) => (mayRead(c) ? ledgerHere(c, deps) : respondForbidden(c, 'evidence')))
  return app
}

const mayRead = (c: ConsoleContext): boolean => seesAllStatements(c.get('seat').viewer)

async function evidenceHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const asked = filtersOf(c, EvidenceAsked)
  const question = asked.report === undefined ? undefined : questionOf(asked.report, asked)
  const lack = question === undefined ? undefined : lackOf(question)
  const { viewer, address } = c.get('seat')
  const report =
    question === undefined || lack !== undefined
      ? undefined
      : await deps.evidence.report(question, askerOf(viewer, address))
  if (report !== undefined && asked.format !== undefined) return written(c, report, asked.format)
  const body = evidenceBody({ asked, lack, report, now: deps.now() })
  return respondPage(c, { title: 'Evidence', active: 'evidence', body, styles: ['sessions.css'] })
}

const questionOf = (
  name: ReportName,
  { person, table, column, class: classOf, from, to }: EvidenceAsked,
): ReportQuestion => ({
  name,
  ...{ table, column, class: classOf, from: momentOf(from), to: endOf(to) },
  person: person !== undefined && isName(person) ? personName(person) : undefined,
})

function written(c: ConsoleContext, report: Report, format: 'csv' | 'html' | 'json'): Response {
  const attachment = { 'Content-Disposition': `attachment; filename="countersign-${report.name}.${format}"` }
  if (format === 'json') return c.json(report, 200, attachment)
  if (format === 'csv')
    return c.body(streamOf(toCsv(report.table)), 200, { ...attachment, 'Content-Type': 'text/csv; charset=utf-8' })
  return c.body(streamOf(toDocument(report)), 200, {
    ...attachment,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': DOCUMENT_POLICY,
  })
}

async function ledgerHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const { format, ...asked } = filtersOf(c, LedgerAsked)
  const { viewer, address } = c.get('seat')
  const page = (cursor: string | undefined, limit: number) => {
    const { text, kind, by, from, to } = asked
    const question = { text, kind, by, cursor, limit, from: momentOf(from), to: endOf(to) }
    return deps.evidence.ledger(question, askerOf(viewer, address))
  }
  if (format !== undefined) {
    const all: LedgerEntry[] = []
    let cursor = asked.cursor
    do {
      const { items, next } = await page(cursor, 500)
      all.push(...items)
      cursor = next ?? undefined
    } while (cursor !== undefined && all.length < MOST_EXPORTED)
    if (format === 'json') return c.json({ entries: all, cut: cursor !== undefined })
    const rows = [LEDGER_HEAD, ...all.map(ledgerRow), ...cutRow(all.length, cursor !== undefined)]
    return c.body(csv(rows), 200, csvHeaders('ledger'))
  }
  const { items, next } = await page(asked.cursor, LEDGER_PAGE)
  const body = ledgerBody({ entries: items, next, asked })
  return respondPage(c, { title: 'Ledger', active: 'evidence', body, styles: ['sessions.css'] })
}
