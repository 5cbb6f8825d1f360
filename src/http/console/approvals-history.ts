import { html } from 'hono/html'
import { z } from 'zod'
import { APPROVAL_STATES } from '../../approvals/approval.ts'
import type { Approval } from '../../approvals/approval.ts'
import { summaryOf } from '../approval-view.ts'
import type { Summary } from '../approval-view.ts'
import { seesApproval } from '../sight.ts'
import { historyRow } from './approvals-inbox.ts'
import { csv, csvHeaders, cutRow } from './csv.ts'
import { filterOf, filtersOf } from './form.ts'
import { respondPage } from './frame.ts'
import type { Html } from './frame.ts'
import { HISTORY_FILTERS, historyFields, isFiltered, MOST_EXPORTED, olderLink, PAGE_ROWS } from './history.ts'
import { stateField, walkBack } from './history.ts'
import { empty, exportLinks, filterForm, table } from './parts.ts'
import { setOf } from './query.ts'
import type { ConsoleContext, ConsoleDeps } from './seat.ts'

const PATH = '/approvals/history'
const Filters = z.object({ ...HISTORY_FILTERS, state: filterOf(APPROVAL_STATES) })
type Wanted = z.infer<typeof Filters>

/** `GET /approvals/history`: everything that waited and what became of it, as a page or as a file. */
export async function historyHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const asked = filtersOf(c, Filters)
  const { format } = asked
  const { found, next } = await walked(c, asked, deps)
  const all = found.map((one) => summaryOf(one, deps))
  if (format === 'csv') return c.body(asCsv(all, next !== undefined), 200, csvHeaders('approvals'))
  if (format === 'json') return c.json({ approvals: all, cut: next !== undefined })
  return respondPage(c, { title: 'Approvals, history', active: 'approvals', body: historyBody(all, { asked, next }) })
}

function walked(c: ConsoleContext, asked: Wanted, deps: ConsoleDeps) {
  const { viewer } = c.get('seat')
  const { state, text, format } = asked
  const words = text?.toLowerCase()
  return walkBack<Approval>({
    asked,
    page: (of) => deps.approvals.list({ ...(state !== undefined && { state }), ...of }),
    fits: (one) => seesApproval(viewer, one) && (words === undefined || searched(summaryOf(one, deps)).includes(words)),
    most: format === undefined ? PAGE_ROWS : MOST_EXPORTED,
  })
}

const searched = ({ id, statement, rules, decisions, session }: Summary): string =>
  [id, session, statement, ...rules.map(({ rule }) => rule), ...decisions.flatMap((one) => [one.person, one.reason])]
    .join(' ')
    .toLowerCase()

interface History {
  readonly asked: Wanted
  readonly next: number | undefined
}

function historyBody(found: readonly Summary[], { asked, next }: History): Html {
  const nothing = isFiltered(asked)
    ? empty('No approval fits.', html`Take a filter away, or <a href="${PATH}">see all</a>.`)
    : empty('Nothing was ever held.', 'A statement that a rule holds is kept here with who decided what about it.')
  return html`<h1>Approvals, history</h1>
    <p class="soft"><a href="/approvals">What waits now</a></p>
    ${filterForm(PATH, historyFields(asked, { textLabel: 'Text or id', states: stateField(APPROVAL_STATES, asked.state) }))}
    ${table({
      caption: 'Approvals, newest first',
      columns: ['Approval', 'State', 'Person', 'Target', 'Statement', 'Decided', 'Asked'],
      rows: found.map(historyRow),
      empty: nothing,
    })}
    ${olderLink(PATH, asked, next)} ${exportLinks(PATH, setOf(asked, ['format']))}`
}

const asCsv = (found: readonly Summary[], isCut: boolean): string =>
  csv([
    ['id', 'state', 'person', 'target', 'session', 'statement', 'rules', 'decisions', 'asked', 'ended'],
    ...found.map((one) => [
      one.id,
      one.state,
      one.person,
      one.target,
      one.session,
      one.statement,
      one.rules.map(({ rule }) => rule).join(' '),
      one.decisions
        .map(({ person, kind, at, reason }) => `${person} ${kind} ${at}${reason === null ? '' : ` ${reason}`}`)
        .join('; '),
      one.createdAt,
      one.ended?.at,
    ]),
    ...cutRow(found.length, isCut),
  ])
