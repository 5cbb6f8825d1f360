import { html } from 'hono/html'
import type { Report, ReportName } from '../../evidence/report.ts'
import { REPORTS } from '../../evidence/report.ts'
import { shownCell } from '../../evidence/shown.ts'
import type { EvidenceAsked } from './evidence-asked.ts'
import type { Html } from './frame.ts'
import { endField, fieldOf } from './moments.ts'
import { badge, empty, exportLinks, table, timeInline } from './parts.ts'
import type { FilterField } from './parts.ts'
import { queryOf, setOf } from './query.ts'

export interface EvidencePage {
  readonly asked: EvidenceAsked
  /** What the question lacks. */
  readonly lack: string | undefined
  readonly report: Report | undefined
  readonly now: number
}

/** The reports as people ask for them. */
const NAMES: Readonly<Record<ReportName, string>> = {
  reach: 'Who could reach what, by which grant and approval',
  person: 'Everything that a person did',
  touched: 'Every statement that touched a table, a column or a class',
  decisions: 'Approvals and refusals',
  failed: 'Failed access',
  views: 'Who looked at recordings and evidence',
  accounts: 'Accounts, roles and factors',
  chain: 'Verification of recordings and ledger',
}

/** Rows that a page shows; the files have all of them. */
const SHOWN = 200
const DAY_MS = 86_400_000

/** Pick a report and a period; see it, keep it. */
export function evidenceBody({ asked, lack, report, now }: EvidencePage): Html {
  return html`<h1>Evidence</h1>
    <p class="soft">
      Reports for a period, from the recordings, the ledger and the store. Asking is recorded.
      <a href="/evidence/ledger">Browse the ledger</a>
    </p>
    ${question(asked, now)}
    ${lack === undefined ? '' : html`<p class="problem" role="alert">Not asked yet: ${lack}.</p>`}
    ${report === undefined ? (lack === undefined ? chooser(now) : '') : reportPart(report, asked)}`
}

function question(asked: EvidenceAsked, now: number): Html {
  const from =
    fieldOf(asked.from) ??
    (asked.report === undefined ? fieldOf(new Date(now - 90 * DAY_MS).toISOString().slice(0, 10)) : '')
  return html`<form class="filter" method="get" action="/evidence">
    <label class="wide"
      >Report
      <select name="report">
        ${REPORTS.map(
          (name) =>
            html`<option value="${name}" ${name === asked.report ? html`selected` : ''}>${NAMES[name]}</option>`,
        )}
      </select></label
    >
    ${field({ name: 'from', label: 'From (UTC)', value: from, type: 'datetime-local' })}
    ${field({ name: 'to', label: 'Until (UTC)', value: endField(asked.to), type: 'datetime-local' })}
    ${field({ name: 'person', label: 'Person', value: asked.person })}
    ${field({ name: 'table', label: 'Table', value: asked.table })}
    ${field({ name: 'column', label: 'Column', value: asked.column })}
    ${field({ name: 'class', label: 'Class of data', value: asked.class })}
    <button>Show</button>
  </form>`
}

const field = ({ name, label, value = '', type = 'text' }: Omit<FilterField, 'options'>): Html =>
  html`<label
    >${label}
    <input type="${type}" name="${name}" value="${value}" autocapitalize="none" spellcheck="false" maxlength="200"
  /></label>`

/** What there is, with the period of a quarter filled in. */
function chooser(now: number): Html {
  const from = new Date(now - 90 * DAY_MS).toISOString().slice(0, 10)
  const plain = REPORTS.filter((name) => name !== 'person' && name !== 'touched' && name !== 'chain')
  return html`<section class="card">
      <h2>Is everything as it was written?</h2>
      <p>Reads every recording and the ledger byte by byte, and says what was changed, cut, removed or added.</p>
      <p><a class="button" href="/evidence?report=chain">Verify everything now</a></p>
    </section>
    <section class="card">
      <h2>The last ninety days</h2>
      <ul>
        ${plain.map((name) => html`<li><a href="/evidence?report=${name}&amp;from=${from}">${NAMES[name]}</a></li>`)}
      </ul>
    </section>`
}

function reportPart(report: Report, asked: EvidenceAsked): Html {
  const { front, table: section } = report
  const shown = section.rows.slice(0, SHOWN)
  const order = orderOf(section.columns)
  return html`<h2>${shownCell(front.title)}</h2>
    <p>${shownCell(front.question)}</p>
    ${verdict(report)} ${exportLinks('/evidence', setOf(asked, ['format']), ['csv', 'html', 'json'])}
    <section class="card">
      <h3>What it says</h3>
      <dl>
        <dt>Period</dt>
        <dd>
          ${front.from === null ? 'the beginning' : instantOf(front.from)} to
          ${front.to === null ? 'now' : instantOf(front.to)}
        </dd>
        <dt>Made</dt>
        <dd>${instantOf(front.madeAt)}, node ${front.node}, Countersign ${front.version}</dd>
        ${front.facts.map(
          ({ name, value }) =>
            html`<dt>${name}</dt>
              <dd>${shownCell(value)}</dd>`,
        )}
        <dt>Rows</dt>
        <dd>
          ${section.rows.length}${section.cut ? ' of more: they are the newest. Ask for a shorter period.' : ''}${
            shown.length < section.rows.length ? html`; the first ${SHOWN} stand here, the files have all` : ''
          }
        </dd>
      </dl>
    </section>
    <div class="wide-table" tabindex="0" role="region" aria-label="${shownCell(section.title)}">
      ${table({
        caption: shownCell(section.title),
        columns: order.map((at) => shownCell(section.columns[at]?.title ?? '')),
        rows: shown.map((row) => {
          const cells = section.columns.map(({ name }, at) => ({ name, text: shownCell(row[at] ?? null) }))
          return order.map((at) => momentLink(cells, at) ?? cellOf(cells[at]?.text ?? '', cells[at]?.name ?? ''))
        }),
        empty: empty('Nothing in this period.', 'That is an answer, too: the files say so with the verification.'),
      })}
    </div>`
}

/** A statement stands beside its time: at the end of a wide table nobody would see it. */
function orderOf(columns: Report['table']['columns']): readonly number[] {
  const text = columns.findIndex(({ name }) => name === 'text')
  const others = columns.map((_, at) => at).filter((at) => at !== text)
  if (text < 1) return columns.map((_, at) => at)
  return [0, text, ...others.slice(1)]
}

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** RFC 3339 as pages write it, with the viewer's own time as its tooltip. */
const instantOf = (text: string): Html | string => (TIME.test(text) ? timeInline(Date.parse(text)) : text)

const STATES = new Set(['intact', 'open', 'crashed', 'broken', 'missing'])
const STATE_TONES: Readonly<Record<string, 'good' | 'live' | 'wait' | 'bad'>> = {
  intact: 'good',
  open: 'live',
  crashed: 'wait',
  broken: 'bad',
  missing: 'bad',
}

interface NamedCell {
  readonly name: string
  readonly text: string
}

/** A statement's number leads to the moment in the replay at which it was asked for. */
function momentLink(cells: readonly NamedCell[], at: number): Html | undefined {
  const textOf = (wanted: string): string => cells.find(({ name }) => name === wanted)?.text ?? ''
  const [session, time, cell] = [textOf('session'), textOf('at'), cells[at]]
  if (cell?.name !== 'statement' || !SESSION.test(session) || !TIME.test(time)) return undefined
  return html`<a href="/sessions/${session}/replay?${queryOf({ time })}">#${cell.text}</a>`
}

const SESSION = /^s_[0-9a-z]{20}$/

function cellOf(text: string, column: string): Html | string {
  if (column === 'status' && STATES.has(text)) return badge(text, STATE_TONES[text])
  if (column === 'session' && SESSION.test(text)) return html`<a href="/sessions/${text}"><code>${text}</code></a>`
  if (/^[0-9a-f]{64}$/.test(text)) return html`<code class="small" title="${text}">${text.slice(0, 12)}…</code>`
  if (column === 'text' || text.length > 60) return html`<span class="long">${text}</span>`
  return TIME.test(text) ? html`<span class="nowrap">${timeInline(Date.parse(text))}</span>` : text
}

function verdict({ front: { verification: found } }: Report): Html {
  const tone = found.ok ? 'good' : 'bad'
  const said = found.ok
    ? 'Everything is as it was written'
    : `${found.problems} ${found.problems === 1 ? 'problem' : 'problems'}: ${found.codes.join(', ')}`
  return html`<section class="card verdict ${tone}" role="status">
    <p>${badge(found.ok ? 'verified' : 'broken', tone)} <b>${said}</b></p>
    <p class="soft small">
      ${found.recordings} recordings with ${found.events} events and a ledger of ${found.ledgerEntries} entries, checked
      ${instantOf(found.checkedAt)}; head of the ledger <code>${found.ledgerHead.slice(0, 16)}…</code>, signed by
      ${found.keys.length === 0 ? 'nobody' : found.keys.map((key) => html`<code>${key.slice(0, 16)}</code> `)}
    </p>
    ${found.ok ? '' : html`<p><a href="/evidence?report=chain">See which</a></p>`}
  </section>`
}
