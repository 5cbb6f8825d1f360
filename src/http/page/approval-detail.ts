import { html } from 'hono/html'
import type { z } from 'zod'
import type { Detail } from '../approval-view.ts'
import type { ShownFacts, ShownStatement } from '../schemas.ts'
import { KIND_WORDS } from '../visible.ts'
import type { VisiblePiece } from '../visible.ts'
import { decisionForms } from './decision-forms.ts'
import type { FormState } from './decision-forms.ts'
import { layout } from './layout.ts'
import { verbs } from './effect-words.ts'
import type { Html } from './layout.ts'

type Statement = z.infer<typeof ShownStatement>
type Facts = z.infer<typeof ShownFacts>

/** Everything that a person needs to decide, in the order in which it is needed. */
export function approvalDetail(detail: Detail, form: FormState): Html {
  const told = form.problem === undefined ? '' : html`<section class="warn" role="alert">${form.problem}</section>`
  return layout(
    `${detail.state} ${detail.id} - Countersign`,
    html`<header>
        <b>Countersign</b>
        <form method="post" action="/approvals/${detail.id}/logout">
          ${form.viewer} <button class="quiet">Log out</button>
        </form>
      </header>
      <h1>${headline(detail)}</h1>
      ${told} ${why(detail)} ${statements(detail)} ${where(detail)} ${decisions(detail)} ${decisionForms(detail, form)}`,
  )
}

function headline(detail: Detail): Html {
  const what = detail.shown === null ? 'a statement' : verbs(detail.shown.statements.flatMap(({ facts }) => facts))
  if (detail.state === 'open') return html`At ${detail.target}, ${detail.person} wants to run ${what}`
  return html`This request is ${detail.state}`
}

function why({ rules }: Detail): Html {
  const lines = rules.map(
    ({ rule, message, severity }) => html`<li>${message} <span class="soft">(${rule}, ${severity})</span></li>`,
  )
  return html`<section>
    <h2>Why it waits</h2>
    <ul>
      ${lines}
    </ul>
  </section>`
}

function statements({ shown, statement, state }: Detail): Html {
  if (shown !== null) {
    const number = (at: number): string => (shown.statements.length > 1 ? ` ${at + 1}` : '')
    return html`${shown.statements.map((one, at) => statementCard(one, number(at)))} ${bareText(statement)}`
  }
  const reason =
    state === 'open'
      ? 'It cannot be shown whole, so nobody can approve it here. It can be denied.'
      : 'Literals are withheld once a request is closed.'
  return html`<section>
    <h2>Statement, shortened to what may be kept</h2>
    <pre>${statement}</pre>
    <p class="soft">${reason}</p>
  </section>`
}

/** Comments and literals can lie; this is what is left without them. */
function bareText(statement: string): Html | string {
  if (!statement.includes('‹')) return ''
  return html`<section>
    <h2>The same without comments and values</h2>
    <pre>${statement}</pre>
  </section>`
}

function statementCard(one: Statement, number: string): Html {
  const warning =
    one.warnings.length === 0
      ? ''
      : html`<section class="warn">
          Look closely: the text holds ${one.warnings.map((kind) => KIND_WORDS[kind]).join(', ')}. Each is marked where
          it stands.
        </section>`
  return html`${warning}
    <section>
      <h2>Statement${number}, whole but for card data</h2>
      <pre>${pieces(one.text)}</pre>
    </section>
    ${parameters(one)} ${one.facts.map(effectCard)}`
}

/** Marks are elements of our own; the text between them is a text node and nothing else. */
function pieces(all: readonly VisiblePiece[]): readonly (Html | string)[] {
  return all.map((piece) => {
    if (typeof piece === 'string') return html`${piece}`
    const times = piece.count > 1 && piece.mark !== 'blank-run' ? ` ×${piece.count}` : ''
    return piece.mark === 'tab'
      ? html`<mark title="tab">⇥${times}</mark>${'\t'}`
      : html`<mark title="${piece.mark}">${piece.code} ${piece.label}${times}</mark>`
  })
}

function parameters({ parameters: bound }: Statement): Html | string {
  if (bound.length === 0) return ''
  const rows = bound.map(
    ({ number, value }) =>
      html`<dt><code>$${number}</code></dt>
        <dd>${value === null ? html`<i>NULL</i>` : html`<pre>${pieces(value)}</pre>`}</dd>`,
  )
  return html`<section>
    <h2>Bound values</h2>
    <dl>${rows}</dl>
  </section>`
}

function effectCard(facts: Facts): Html {
  const rows: (readonly [string, readonly string[]])[] = [
    ['Does', facts.effects],
    ['Changes', facts.writes.map(relation)],
    ['Reads', facts.reads.map(relation)],
    ['Card data', facts.classes],
    ['Functions', facts.functions.map(({ name, builtin }) => (builtin ? name : `${name} (not built in)`))],
    ['Settings', facts.settings],
  ]
  const shown = rows.filter(([, values]) => values.length > 0)
  return html`<section>
    <h2>What it does: ${facts.verbs.join(', ')}</h2>
    ${facts.filtered ? '' : html`<p class="bad"><b>No filter that counts: it may reach every row.</b></p>`}
    ${facts.complete ? '' : gaps(facts)}
    <dl>
      ${shown.map(
        ([name, values]) =>
          html`<dt>${name}</dt>
            <dd>${values.map((value) => html`<span class="tag">${value}</span>`)}</dd>`,
      )}
    </dl>
  </section>`
}

const gaps = ({ gaps: all }: Facts): Html =>
  html`<p class="bad"><b>Not everything about it is known:</b> ${all.join('; ')}</p>`

const relation = ({ name, kind, classes, via }: Facts['reads'][number]): string =>
  `${name}${kind === 'table' ? '' : ` (${kind})`}${classes.length === 0 ? '' : ` [${classes.join(', ')}]`}${via === null ? '' : ` through ${via}`}`

function where(detail: Detail): Html {
  const { shown } = detail
  const place =
    shown === null
      ? ''
      : html`<dt>Database</dt>
          <dd>${shown.database} as ${shown.account}</dd>
          <dt>Schemas</dt>
          <dd>${shown.searchPath?.join(', ') ?? 'unknown'}</dd>
          <dt>Transaction</dt>
          <dd>${TRANSACTION[shown.transaction]}</dd>`
  return html`<section>
    <h2>Who and where</h2>
    <dl>
      <dt>Person</dt>
      <dd>${detail.person}</dd>
      <dt>Target</dt>
      <dd>${detail.target}</dd>
      ${place}
      <dt>Asked</dt>
      <dd>${detail.createdAt}</dd>
      <dt>Expires</dt>
      <dd>${detail.expiresAt}</dd>
      <dt>Session</dt>
      <dd><code>${detail.session}</code></dd>
      <dt>Approval</dt>
      <dd><code>${detail.id}</code></dd>
      <dt>Digest</dt>
      <dd><code>${detail.digest}</code></dd>
    </dl>
  </section>`
}

const TRANSACTION = {
  idle: 'none open',
  open: 'inside a transaction that is open',
  failed: 'inside a transaction that has failed',
} as const

function decisions({ decisions: made, needs }: Detail): Html {
  const lines = made.map(
    ({ person, kind, reason, at }) =>
      html`<li>${person}: ${kind}${reason === null ? '' : html` - ${reason}`} <span class="soft">${at}</span></li>`,
  )
  const asked = needs.map(({ from, need }) => html`<li class="soft">needs ${need} of ${from.join(', ')}</li>`)
  return html`<section>
    <h2>Countersignatures</h2>
    <ul>
      ${asked}${lines}
    </ul>
  </section>`
}
