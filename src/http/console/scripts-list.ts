import { html } from 'hono/html'
import { z } from 'zod'
import { SCRIPT_STATES } from '../../approvals/script.ts'
import type { Script } from '../../approvals/script.ts'
import type { ScriptSummary } from '../script-schemas.ts'
import { scriptSummary } from '../script-view.ts'
import { seesScript } from '../sight.ts'
import { csv, csvHeaders, cutRow } from './csv.ts'
import { decidedSentence, unfolded } from './decision-words.ts'
import { filterOf, filtersOf } from './form.ts'
import { respondPage } from './frame.ts'
import type { Html } from './frame.ts'
import { HISTORY_FILTERS, historyFields, isFiltered, MOST_EXPORTED, olderLink, PAGE_ROWS } from './history.ts'
import { stateField, walkBack } from './history.ts'
import { badge, empty, exportLinks, filterForm, live, table, time } from './parts.ts'
import { setOf } from './query.ts'
import type { ConsoleContext, ConsoleDeps } from './seat.ts'

type Summary = z.infer<typeof ScriptSummary>

const PATH = '/scripts'
const Filters = z.object({ ...HISTORY_FILTERS, state: filterOf(SCRIPT_STATES) })
type Wanted = z.infer<typeof Filters>

/** `GET /scripts`: all scripts that a person sees, newest first. */
export async function scriptsHere(c: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  const asked = filtersOf(c, Filters)
  const { found, next } = await walked(c, asked, deps)
  const all = found.map((one) => scriptSummary(one, deps))
  if (asked.format === 'csv') return c.body(asCsv(all, next !== undefined), 200, csvHeaders('scripts'))
  if (asked.format === 'json') return c.json({ scripts: all, cut: next !== undefined })
  return respondPage(c, { title: 'Scripts', active: 'approvals', body: scriptsBody(all, { asked, next }) })
}

function walked(c: ConsoleContext, asked: Wanted, deps: ConsoleDeps) {
  const { viewer } = c.get('seat')
  const { state, text, format } = asked
  const words = text?.toLowerCase()
  return walkBack<Script>({
    asked,
    page: (of) => deps.scripts.list(of),
    // What has run out of time says so by itself: its state is not only what is stored.
    fits: (one) => {
      if (!seesScript(viewer, one)) return false
      const summary = scriptSummary(one, deps)
      return (
        (state === undefined || summary.state === state) && (words === undefined || searched(summary).includes(words))
      )
    },
    most: format === undefined ? PAGE_ROWS : MOST_EXPORTED,
  })
}

const searched = ({ id, statement, reason, ticket, rules }: Summary): string =>
  [id, statement, reason, ticket, ...rules.map(({ rule }) => rule)].join(' ').toLowerCase()

interface Listed {
  readonly asked: Wanted
  readonly next: number | undefined
}

const scriptsBody = (all: readonly Summary[], { asked, next }: Listed): Html =>
  html`<h1>Scripts</h1>
    <p class="soft">
      Approved as a whole before they run: <code>countersign submit FILE --target T --reason …</code>.
      <a href="/approvals">Approvals</a>
    </p>
    ${filterForm(PATH, historyFields(asked, { textLabel: 'Text or id', states: stateField(SCRIPT_STATES, asked.state) }))}
    ${live(
      { id: 'scripts', on: ['script'] },
      table({
        caption: 'Scripts, newest first',
        columns: ['Script', 'State', 'Person', 'Target', 'Statements', 'Reason', 'Submitted'],
        rows: all.map(rowOf),
        empty: isFiltered(asked)
          ? empty('No script fits.', html`Take a filter away, or <a href="${PATH}">see all</a>.`)
          : empty(
              'There is no script yet.',
              html`Whoever has a migration or a deployment ahead submits it with
                <code>countersign submit FILE --target T --reason …</code>; then it appears here.`,
            ),
      }),
    )}
    ${olderLink(PATH, asked, next)} ${exportLinks(PATH, setOf(asked, ['format']))}`

const rowOf = (one: Summary): readonly (Html | string)[] => [
  html`<a href="/scripts/${one.id}"><code>${one.id}</code></a>`,
  badge(one.state),
  one.person,
  one.target,
  html`<span>${one.statements} <code class="one-line small">${unfolded(one.statement, ' ')}</code></span>`,
  html`<span class="breaks">${one.reason}${one.ticket === null ? '' : ` (${one.ticket})`}</span>`,
  time(Date.parse(one.createdAt)),
]

const asCsv = (all: readonly Summary[], isCut: boolean): string =>
  csv([
    ['id', 'state', 'person', 'target', 'statements', 'passed', 'begins', 'reason', 'ticket', 'rules', 'decisions'],
    ...all.map((one) => [
      ...[one.id, one.state, one.person, one.target, one.statements, one.position, one.statement],
      ...[one.reason, one.ticket, one.rules.map(({ rule }) => rule).join(' ')],
      one.decisions.map(decidedSentence).join('; '),
    ]),
    ...cutRow(all.length, isCut),
  ])
