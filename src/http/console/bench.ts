import { html } from 'hono/html'
import type { Target } from '../../model/target.ts'
import type { Trial, TriedColumn } from '../../policy/trial.ts'
import { printDuration } from '../../std/duration.ts'
import { askWords } from './ask-words.ts'
import type { Html } from './frame.ts'
import { badge, empty, postForm, table, tagRows, type TagRow } from './parts.ts'
import { inert } from './recorded-text.ts'

export interface BenchPage {
  readonly csrf: string
  readonly targets: readonly Target[]
  readonly people: readonly string[]
  readonly given: { readonly target: string; readonly person: string; readonly sql: string }
  readonly trial: Trial | undefined
  readonly problem: string | undefined
  /** Whether the list of packs is theirs to see. */
  readonly readsPacks: boolean
}

/** A statement, a target and a person in; facts, verdict and masks out. */
export function benchBody(page: BenchPage): Html {
  const { trial, problem, targets, readsPacks } = page
  return html`<h1>Try a statement</h1>
    <p class="soft">
      Reads it against the target's real catalog, as a fresh session of that person would, and says what the policies
      make of it. <b>Nothing is run</b>, and nobody is asked.
      ${readsPacks ? html`<a href="/policies">All policies</a>` : ''}
    </p>
    <p class="problem" role="alert">${problem ?? ''}</p>
    ${
      targets.length === 0
        ? empty('There is no target that you may try.', html`<a href="/access">Ask for access first</a>.`)
        : form(page)
    }
    ${trial === undefined ? '' : result(trial)}`
}

const form = ({ csrf, targets, people, given }: BenchPage): Html =>
  postForm({ action: '/policies/bench', csrf, className: 'card bench' }, [
    html`<div class="split">
      <label
        >Target
        <select name="target">
          ${targets.map(({ name, tags: all }) => option(name, given.target, all))}
        </select></label
      >
      <label
        >Person
        <select name="person">
          ${people.map((name) => option(name, given.person, []))}
        </select></label
      >
    </div>`,
    html`<label
        >Statement
        <textarea name="sql" rows="6" required maxlength="50000" spellcheck="false" autocapitalize="none">
${given.sql}</textarea>
      </label>
      <button>Try it</button>`,
  ])

const option = (name: string, chosen: string, all: readonly string[]): Html =>
  html`<option value="${name}" ${name === chosen ? html`selected` : ''}>
    ${name}${all.length === 0 ? '' : ` (${all.join(', ')})`}
  </option>`

const MEANINGS = {
  allow: ['It would run at once.', 'good'],
  hold: ['It would wait for a countersignature.', 'wait'],
  deny: ['It would be refused.', 'bad'],
} as const

function result({ verdict, facts, rules, columns }: Trial): Html {
  const [meaning, tone] = MEANINGS[verdict.effect]
  return html`<section class="card verdict ${tone}" id="verdict" aria-live="polite">
      <h2>Verdict</h2>
      <p>${badge(verdict.effect, tone)} <b>${meaning}</b></p>
      ${
        verdict.matches.length === 0
          ? html`<p class="soft">No rule matches.</p>`
          : html`<ul>
              ${verdict.matches.map(
                ({ rule, effect, severity, message }) =>
                  html`<li>
                    <code>${rule}</code> ${badge(effect)} <span class="soft">${severity}</span><br />${inert(message)}
                  </li>`,
              )}
            </ul>`
      }
      ${verdict.holds.map(
        ({ rule, withinMs, ...terms }) =>
          html`<p>Needs ${askWords(terms)} within ${printDuration(withinMs)}, for <code>${rule}</code>.</p>`,
      )}
      <p class="soft small">policy version <code>${verdict.policyVersion}</code></p>
    </section>
    ${facts.map((one, at) => (one.kind === 'sql' ? factsCard(one, { at, of: facts.length, rules: rules[at] ?? [] }) : ''))}
    <h2>Masks</h2>
    ${masks(columns)}`
}

type Facts = Extract<Trial['facts'][number], { kind: 'sql' }>

interface Nth {
  readonly at: number
  readonly of: number
  readonly rules: readonly string[]
}

/** What was found out about one statement. No literal of it is repeated. */
function factsCard(facts: Facts, { at, of, rules }: Nth): Html {
  const relation = ({ schema, name, classes }: Facts['reads'][number]): string =>
    `${schema}.${name}${classes.length === 0 ? '' : ` [${classes.join(', ')}]`}`
  const rows: readonly TagRow[] = [
    ['Verbs', facts.verbs],
    ['Effects', facts.effects],
    ['Reads', facts.reads.map(relation)],
    ['Changes', facts.writes.map(relation)],
    ['Columns', facts.columns.map(({ schema, table: name, column }) => `${schema}.${name}.${column}`)],
    [
      'Functions',
      facts.functions.map(({ schema, name, builtin }) => `${schema}.${name}${builtin ? '' : ' (not built in)'}`),
    ],
    ['Settings', facts.settings.map(({ name }) => name)],
    ['Card data', facts.classes],
    ['Computes on', facts.probes],
    ['Rules that match', rules],
  ]
  return html`<section class="card">
    <h2>Facts${of > 1 ? ` of statement ${at + 1} of ${of}` : ''}: ${facts.verb}</h2>
    ${facts.invalid === undefined ? '' : html`<p class="bad">The grammar refuses it: ${inert(facts.invalid.message)}</p>`}
    ${facts.complete ? '' : html`<p class="bad"><b>Not everything about it is known:</b> ${inert(facts.gaps.join('; '))}</p>`}
    ${facts.filtered ? '' : html`<p class="bad"><b>No filter that counts: it may reach every row.</b></p>`}
    ${tagRows(rows)}
  </section>`
}

const SHAPES: Readonly<Record<TriedColumn['shape'], string>> = {
  'bin+last4': 'first six and last four',
  last4: 'last four',
  token: 'a token, equal for equal values',
  hide: 'hidden',
  null: 'NULL',
}

const masks = (columns: readonly TriedColumn[]): Html =>
  table({
    caption: 'How tagged columns of the relations that it reads would show',
    columns: ['Column', 'Class', 'Shows', 'Named in the text'],
    rows: columns.map(({ schema, table: name, column, classes, shape, named }) => [
      html`<code>${schema}.${name}.${column}</code>`,
      classes.join(', '),
      SHAPES[shape],
      named ? 'yes' : 'no, but its table is read',
    ]),
    empty: empty('It reads no tagged column.', 'Card numbers are still looked for in everything that comes back.'),
  })
