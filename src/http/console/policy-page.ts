import { html } from 'hono/html'
import type { PolicySet } from '../../policy/decide.ts'
import { printDuration } from '../../std/duration.ts'
import { askWords } from './ask-words.ts'
import type { Html } from './frame.ts'
import { badge, empty, exportLinks, filterForm, tags } from './parts.ts'
import type { Entry, EntryFilters } from './policy-entries.ts'
import { inert } from './recorded-text.ts'

export interface PoliciesPage {
  readonly policy: PolicySet
  readonly entries: readonly Entry[]
  readonly filters: EntryFilters
  readonly mayTry: boolean
}

const options = (words: readonly string[]) => words.map((value) => ({ value, label: value }))
const KINDS = [
  { value: 'rule', label: 'rules' },
  { value: 'mask', label: 'masks' },
  { value: 'access', label: 'access rules' },
]

/** What is loaded: version, files, and every entry with its examples. */
export function policiesBody({ policy, entries, filters, mayTry }: PoliciesPage): Html {
  return html`<h1>Policies</h1>
    <p class="soft">
      In force: version <code>${policy.version}</code>, of ${policy.packs.length}
      ${policy.packs.length === 1 ? 'file' : 'files'}. Every verdict names the version that made it.
    </p>
    ${mayTry ? html`<p><a class="button second" href="/policies/bench">Try a statement</a></p>` : ''}
    ${packsCard(policy)}
    ${filterForm('/policies', [
      { name: 'text', label: 'Text', value: filters.text, type: 'search' },
      { name: 'kind', label: 'Kind', value: filters.kind, options: KINDS },
      {
        name: 'effect',
        label: 'Effect',
        value: filters.effect,
        options: options(['allow', 'hold', 'deny', 'grant', 'ask', 'refuse']),
      },
      {
        name: 'severity',
        label: 'Severity',
        value: filters.severity,
        options: options(['low', 'medium', 'high', 'critical']),
      },
    ])}
    ${SECTIONS.map(([kind, title]) =>
      section(
        title,
        entries.filter((one) => one.kind === kind),
      ),
    )}
    ${entries.length === 0 ? empty('No entry fits.', html`Take a filter away, or <a href="/policies">see all</a>.`) : ''}
    ${exportLinks('/policies', { ...filters })}`
}

const SECTIONS = [
  ['rule', 'Rules'],
  ['mask', 'Masks'],
  ['access', 'Access rules'],
] as const

const packsCard = ({ packs }: PolicySet): Html =>
  html`<section class="card">
    <h2>Files</h2>
    <dl>
      ${packs.map(
        (pack) =>
          html`<dt><code>${basename(pack.file)}</code></dt>
            <dd>
              <b>${pack.name}</b>
              <span class="soft"
                >${pack.rules.length} rules, ${pack.masks.length} masks, ${pack.access.length} access rules</span
              >
              ${pack.description ?? ''}
            </dd>`,
      )}
    </dl>
  </section>`

const basename = (file: string): string => file.split('/').at(-1) ?? file

const section = (title: string, entries: readonly Entry[]): Html | string =>
  entries.length === 0
    ? ''
    : html`<h2>${title} <span class="soft">${entries.length}</span></h2>
        <ul class="entries">
          ${entries.map(
            (one) =>
              html`<li>
                <details class="entry">
                  <summary>
                    <span class="name">${one.name}</span> ${badge(one.effect, TONES[one.effect] ?? 'plain')}
                    ${one.severity === null ? '' : html`<span class="tag">${one.severity}</span>`}
                    <span class="soft text">${one.description}</span>
                  </summary>
                  ${entryBody(one)}
                </details>
              </li>`,
          )}
        </ul>`

const TONES: Readonly<Record<string, 'good' | 'wait' | 'bad' | 'live'>> = {
  allow: 'good',
  grant: 'good',
  hold: 'wait',
  ask: 'wait',
  deny: 'bad',
  refuse: 'bad',
}

type Row = readonly [string, Html | string | readonly (Html | string)[]]

function entryBody(one: Entry): Html {
  const rows: readonly Row[] = [
    ['Stands in', html`<code>${one.file}:${one.line}</code>`],
    ...(one.message === null ? [] : [['Says', one.message] as const]),
    ...(one.kind === 'mask' ? maskRows(one) : ruleRows(one)),
  ]
  return html`<dl>
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${examples(one)}`
}

function ruleRows(one: Extract<Entry, { kind: 'rule' | 'access' }>): readonly Row[] {
  const match: Row = ['Matches', matchLines(one.entry.match)]
  if (one.kind === 'rule') {
    const { approvals } = one.entry
    if (approvals === undefined) return [match]
    const later = approvals.then.map((step) => `, after ${printDuration(step.after)} also ${step.from.join(' or ')}`)
    const asks = `${askWords(approvals)} within ${printDuration(approvals.within)}${later.join('')}`
    return [match, ['Asks', asks]]
  }
  const { stages = [], longest } = one.entry
  return [
    match,
    ...(longest === undefined ? [] : [['At most', printDuration(longest)] as const]),
    ...(stages.length === 0 ? [] : [['Asks', stages.map(askWords).join(', then ')] as const]),
  ]
}

/** A match as it is meant, fact by fact. */
const matchLines = (match: object): readonly Html[] =>
  Object.entries(match)
    .filter(([, wish]) => wish !== undefined)
    .map(([fact, wish]: [string, unknown]) => html`<code class="fact">${fact}: ${wishText(wish)}</code> `)

function wishText(wish: unknown): string {
  if (typeof wish === 'string' || typeof wish === 'boolean') return String(wish)
  if (Array.isArray(wish)) return wish.map(wishText).join(', ')
  if (typeof wish !== 'object' || wish === null) return ''
  if ('source' in wish && typeof wish.source === 'string') return wish.source
  const parts = Object.entries(wish).map(([form, value]: [string, unknown]) =>
    form === 'bare' ? wishText(value) : `${form} ${wishText(value)}`,
  )
  return parts.join('; ')
}

const maskRows = ({ entry }: Extract<Entry, { kind: 'mask' }>): readonly Row[] => [
  ['Shows', entry.show],
  ...(entry.columns.length === 0 ? [] : [['Columns', tags(entry.columns)] as const]),
  ...(entry.except.length === 0 ? [] : [['Except', tags(entry.except)] as const]),
  ...(entry.detectors.length === 0 ? [] : [['Detectors', tags(entry.detectors)] as const]),
]

function examples({ entry }: Entry): Html {
  const { catches, spares } = entry.examples
  return html`<div class="split examples">${exampleList('Catches', catches)} ${exampleList('Spares', spares)}</div>`
}

const exampleList = (title: string, all: readonly object[]): Html =>
  html`<div>
    <h3>${title}</h3>
    <ul>
      ${all.map((one) => html`<li><code>${inert(exampleText(one))}</code></li>`)}
    </ul>
  </div>`

/** The statement, column or wish first; who and where behind it, as far as they are given. */
function exampleText(example: object): string {
  const given = Object.entries(example).filter(([, value]) => value !== undefined)
  const [first, ...rest] = given.map(([name, value]: [string, unknown]) =>
    ['sql', 'column', 'value'].includes(name) ? String(value) : `${name}: ${wishText(value) || String(value)}`,
  )
  return [first ?? 'anything', ...(rest.length === 0 ? [] : [`(${rest.join(', ')})`])].join(' ')
}
