import { html } from 'hono/html'
import { z } from 'zod'
import type { AccessRequest } from '../../model/access-request.ts'
import { printDuration } from '../../std/duration.ts'
import { REQUEST_STATES } from '../request-schemas.ts'
import type { RequestView } from '../request-schemas.ts'
import { requestViewOf } from '../request-view.ts'
import { seesRequest } from '../sight.ts'
import { csv, csvHeaders, cutRow } from './csv.ts'
import { filterOf, filtersOf } from './form.ts'
import { respondPage } from './frame.ts'
import type { Html } from './frame.ts'
import { HISTORY_FILTERS, historyFields, isFiltered, MOST_EXPORTED, olderLink, PAGE_ROWS } from './history.ts'
import { stateField, walkBack } from './history.ts'
import { badge, empty, exportLinks, filterForm, rightsTag, table, time } from './parts.ts'
import { setOf } from './query.ts'
import type { ConsoleContext, ConsoleDeps } from './seat.ts'

const PATH = '/access/history'
const Filters = z.object({ ...HISTORY_FILTERS, state: filterOf(REQUEST_STATES) })
type Wanted = z.infer<typeof Filters>

/** `GET /access/history`: everything that was asked for and what became of it, as a page or as a file. */
export async function requestHistory(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const asked = filtersOf(c, Filters)
  const { viewer } = c.get('seat')
  const { found, next } = await walked(c, asked, deps)
  const all = found.map((one) => requestViewOf(one, viewer, deps))
  if (asked.format === 'csv') return c.body(asCsv(all, next !== undefined), 200, csvHeaders('access-requests'))
  if (asked.format === 'json') return c.json({ requests: all, cut: next !== undefined })
  return respondPage(c, { title: 'Access, history', active: 'access', body: historyBody(all, { asked, next }) })
}

function walked(c: ConsoleContext, asked: Wanted, deps: ConsoleDeps) {
  const { viewer } = c.get('seat')
  const { state, text, format } = asked
  const words = text?.toLowerCase()
  return walkBack<AccessRequest>({
    asked,
    page: (of) => deps.requests.list(of),
    fits: (one) => {
      if (!seesRequest(viewer, one)) return false
      const view = requestViewOf(one, viewer, deps)
      return (state === undefined || view.state === state) && (words === undefined || searched(view).includes(words))
    },
    most: format === undefined ? PAGE_ROWS : MOST_EXPORTED,
  })
}

const searched = ({ id, reason, ticket, rule, grant, decisions }: RequestView): string =>
  [id, reason, ticket, rule, grant, ...decisions.flatMap((one) => [one.person, one.reason])].join(' ').toLowerCase()

interface History {
  readonly asked: Wanted
  readonly next: number | undefined
}

const historyBody = (found: readonly RequestView[], { asked, next }: History): Html =>
  html`<h1>Access, history</h1>
    <p class="soft"><a href="/access">Your access</a>, <a href="/access/grants">grants</a></p>
    ${filterForm(PATH, historyFields(asked, { textLabel: 'Text or id', states: stateField(REQUEST_STATES, asked.state) }))}
    ${table({
      caption: 'Access requests, newest first',
      columns: ['Request', 'State', 'Person', 'Target', 'For', 'Reason', 'Answered', 'Asked'],
      rows: found.map(historyRow),
      empty: isFiltered(asked)
        ? empty('No request fits.', html`Take a filter away, or <a href="${PATH}">see all</a>.`)
        : empty(
            'Nobody has asked yet.',
            html`<a href="/access#ask">Ask for access</a>: it appears here with its answer.`,
          ),
    })}
    ${olderLink(PATH, asked, next)} ${exportLinks(PATH, setOf(asked, ['format']))}`

const historyRow = (one: RequestView): readonly (Html | string)[] => [
  html`<a href="/access-requests/${one.id}"><code>${one.id}</code></a>`,
  badge(one.state),
  one.person,
  html`${one.target} ${rightsTag(one.rights)}`,
  printDuration(one.forMs),
  html`<span class="breaks">${one.reason}${one.ticket === null ? '' : ` (${one.ticket})`}</span>`,
  one.decisions.map(({ person, kind }) => `${person} ${kind === 'approve' ? 'approved' : 'denied'}`).join(', '),
  time(Date.parse(one.createdAt)),
]

const asCsv = (found: readonly RequestView[], isCut: boolean): string =>
  csv([
    [
      'id',
      'state',
      'person',
      'target',
      'rights',
      'minutes',
      'reason',
      'ticket',
      'rule',
      'decisions',
      'asked',
      'ended',
      'grant',
    ],
    ...found.map((one) => [
      ...[one.id, one.state, one.person, one.target, one.rights, one.forMs / 60_000, one.reason, one.ticket, one.rule],
      one.decisions.map(({ person, kind, at }) => `${person} ${kind} ${at}`).join('; '),
      ...[one.createdAt, one.settledAt, one.grant],
    ]),
    ...cutRow(found.length, isCut),
  ])
