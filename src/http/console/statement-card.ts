import { html } from 'hono/html'
import type { z } from 'zod'
import { columnLines } from '../column-lines.ts'
import type { ShownAction, ShownFacts, ShownStatement } from '../schemas.ts'
import { KIND_WORDS } from '../visible.ts'
import type { VisiblePiece } from '../visible.ts'
import type { Html } from './frame.ts'
import { tagRows, type TagRow } from './parts.ts'

type Statement = z.infer<typeof ShownStatement>
type Facts = z.infer<typeof ShownFacts>
type Action = z.infer<typeof ShownAction>

/** Each statement of a held frame: its whole text, and beside it what it does with comments dropped. */
export function statementCards(all: readonly Statement[]): readonly Html[] {
  const number = (at: number): string => (all.length > 1 ? ` ${at + 1} of ${all.length}` : '')
  return all.map((one, at) => statementCard(one, number(at)))
}

/** One statement; `number` stands behind the word, e.g. ` 2 of 3`. */
export function statementCard(one: Statement, number: string): Html {
  const warning =
    one.warnings.length === 0
      ? ''
      : html`<p class="warn">
          Look closely: the text holds ${one.warnings.map((kind) => KIND_WORDS[kind]).join(', ')}. Each is marked where
          it stands.
        </p>`
  return html`${warning}
    <div class="split wide-left">
      <section class="card">
        <h2 class="first">Statement${number}, whole but for card data</h2>
        <pre>${pieces(one.text)}</pre>
        ${parameters(one)} ${place(one)}
      </section>
      <div>${one.facts.map(effectCard)} ${one.actions.map(actionCard)}</div>
    </div>`
}

/** Marks are elements of our own; the text between them is a text node and nothing else. */
export function pieces(all: readonly VisiblePiece[]): readonly (Html | string)[] {
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
  return html`<h2 class="first">Bound values</h2>
    <dl>
      ${bound.map(
        ({ number, value }) =>
          html`<dt><code>$${number}</code></dt>
            <dd>${value === null ? html`<i>NULL</i>` : html`<pre>${pieces(value)}</pre>`}</dd>`,
      )}
    </dl>`
}

/** What one statement does, as the parser read it. */
export function effectCard(facts: Facts): Html {
  const rows: readonly TagRow[] = [
    ['Does', facts.effects],
    ['Changes', facts.writes.map(relation)],
    ['Reads', facts.reads.map(relation)],
    ['Columns', columnWords(facts)],
    ['Card data', facts.classes],
    ['Functions', facts.functions.map(({ name, builtin }) => (builtin ? name : `${name} (not built in)`))],
    ['Settings', facts.settings],
  ]
  return html`<section class="card">
    <h2 class="first">What it does: ${facts.verbs.join(', ')}</h2>
    ${filterWords(facts)}
    ${facts.complete ? '' : html`<p class="bad"><b>Not everything about it is known:</b> ${facts.gaps.join('; ')}</p>`}
    ${estimateOf(facts)} ${tagRows(rows)}
  </section>`
}

/** Whether rows are chosen; said both ways, since a missing word is easily overlooked. */
function filterWords({ filtered, verbs }: Facts): Html | string {
  if (!filtered) return html`<p class="bad"><b>No filter that counts: it may reach every row.</b></p>`
  const changesRows = verbs.some((verb) => verb === 'update' || verb === 'delete')
  return changesRows ? html`<p>Filtered: its WHERE names a column.</p>` : ''
}

/** Where none is named, whole rows are meant. */
function columnWords(facts: Facts): readonly string[] {
  const lines = columnLines(facts)
  if (lines.length > 0) return lines
  return facts.writes.length + facts.reads.length === 0 ? [] : ['none is named']
}

/** Where a command line runs, which is approved with it. */
function place({ place: where }: Statement): Html | string {
  if (where === null) return ''
  return html`<h2 class="first">Where it runs</h2>
    <dl>
      <dt>Directory</dt>
      <dd>${where.directory === null ? "the account's own" : html`<code>${pieces(where.directory)}</code>`}</dd>
      <dt>Terminal</dt>
      <dd>${where.terminal ? 'yes' : 'no'}</dd>
      ${where.environment.map(
        ({ name, value }) =>
          html`<dt><code>${name}</code></dt>
            <dd><code>${pieces(value)}</code></dd>`,
      )}
    </dl>`
}

/** What one command or request does, as the parser read it. */
export function actionCard(action: Action): Html {
  const rows: readonly TagRow[] = [
    ['Does', action.effects],
    ['Files', action.paths.map(({ path, does }) => `${does} ${path}`)],
    ['Options', action.options],
    ['Run by', action.through],
    ['Runs as', action.account === null ? [] : [action.account]],
    ['Reads from', action.readsFrom],
    ['Writes to', action.writesTo],
  ]
  return html`<section class="card">
    <h2 class="first">What it does: ${action.title}</h2>
    ${action.complete ? '' : html`<p class="bad"><b>Not everything about it is known:</b> ${action.gaps.join('; ')}</p>`}
    ${action.background ? html`<p class="bad"><b>It goes on in the background.</b></p>` : ''} ${tagRows(rows)}
  </section>`
}

/** What the planner expects. It is a guess of the server's own, and it says so. */
function estimateOf({ estimate }: Facts): Html | string {
  if (estimate === null) return ''
  return estimate.rows === null
    ? html`<p class="soft">No estimate: ${estimate.why}</p>`
    : html`<p>The planner expects <b>about ${estimate.rows.toLocaleString('en')}</b> rows.</p>`
}

const relation = ({ name, kind, classes, via }: Facts['reads'][number]): string =>
  `${name}${kind === 'table' ? '' : ` (${kind})`}${classes.length === 0 ? '' : ` [${classes.join(', ')}]`}${via === null ? '' : ` through ${via}`}`
