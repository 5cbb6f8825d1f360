import { html } from 'hono/html'
import { RIGHTS_WORDS, type Rights } from '../../model/rights.ts'
import type { Html } from './frame.ts'

/** A text, a number or a piece of a page. */
export type Cell = Html | string | number

export interface Table {
  /** What the table is, for people who hear it; shown where `heading` is set. */
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** Stands in place of a table without rows: see `empty`. */
  readonly empty: Html
}

/** A table that becomes a list of cards on a phone. The first column is each row's heading. */
export function table({ caption, columns, rows, empty: nothing }: Table): Html {
  if (rows.length === 0) return nothing
  return html`<table>
    <caption class="unseen">
      ${caption}
    </caption>
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map((cells) => row(columns, cells))}
    </tbody>
  </table>`
}

const row = (columns: readonly string[], cells: readonly Cell[]): Html =>
  html`<tr>
    ${cells.map((cell, at) =>
      at === 0
        ? html`<th scope="row" data-label="${columns[at] ?? ''}">${cell}</th>`
        : html`<td data-label="${columns[at] ?? ''}">${cell}</td>`,
    )}
  </tr>`

/** Where there is nothing: says so, and what to do about it. */
export const empty = (text: string, todo: Cell): Html =>
  html`<div class="empty">
    <p><b>${text}</b></p>
    <p>${todo}</p>
  </div>`

/** A word, and what belongs to it. */
export type TagRow = readonly [string, readonly string[]]

/** Such rows as a list of definitions, without those that have nothing. */
export const tagRows = (rows: readonly TagRow[]): Html =>
  html`<dl>
    ${rows
      .filter(([, values]) => values.length > 0)
      .map(
        ([name, values]) =>
          html`<dt>${name}</dt>
            <dd>${tags(values)}</dd>`,
      )}
  </dl>`

/** An instant in UTC; `app.js` writes the viewer's own time below it, in room that is kept for it. */
export const time = (ms: number): Html =>
  html`<time class="two-lines" datetime="${new Date(ms).toISOString()}" data-local
    ><span>${utc(ms)}</span><span class="local"></span
  ></time>`

/** The same inside a sentence: the viewer's own time is its tooltip. */
export const timeInline = (ms: number): Html =>
  html`<time datetime="${new Date(ms).toISOString()}" data-local-title>${utc(ms)}</time>`

/** `2026-11-22 05:06:32 UTC`. */
export const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** How long until then, counted down by `app.js`; `over` is said when it has passed. */
export const until = (ms: number, { now, over }: { readonly now: number; readonly over: string }): Html =>
  html`<time class="until" datetime="${new Date(ms).toISOString()}" data-until data-over="${over}"
    >${ms <= now ? over : span(ms - now)}</time
  >`

/** `2 d 3 h`, `4 h 5 min`, `12 min`, `40 s`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600), Math.floor(seconds / 60)]
  if (days > 0) return `${days} d ${hours % 24} h`
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  if (minutes >= 5) return `${minutes} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}

/** How a state is coloured; the word itself always stands there too. */
const TONES: Readonly<Record<string, 'wait' | 'good' | 'bad' | 'live'>> = {
  open: 'wait',
  waiting: 'wait',
  executing: 'live',
  live: 'live',
  running: 'live',
  approved: 'good',
  granted: 'good',
  done: 'good',
  cleared: 'good',
  allow: 'good',
  allowed: 'good',
  ok: 'good',
  delivered: 'good',
  valid: 'good',
  hold: 'wait',
  held: 'wait',
  denied: 'bad',
  deny: 'bad',
  refused: 'bad',
  failed: 'bad',
  failing: 'bad',
  unknown: 'bad',
  broken: 'bad',
  disabled: 'bad',
}

/** The word of a state, as a badge. */
export const badge = (state: string, tone = TONES[state] ?? 'plain'): Html =>
  html`<span class="badge ${tone}">${state}</span>`

/** Small words side by side: roles, tags, classes. */
export const tags = (all: readonly string[]): readonly Html[] =>
  all.map((one) => html`<span class="tag">${one}</span> `)

/** What a grant is for, where it is for less than everything. */
export const rightsTag = (rights: Rights): Html | string =>
  rights === 'all' ? '' : html`<span class="tag">${RIGHTS_WORDS[rights]}</span>`

export interface FilterField {
  readonly name: string
  readonly label: string
  readonly value: string | undefined
  /** Without options it is a text field. */
  readonly options?: readonly { readonly value: string; readonly label: string }[]
  readonly type?: 'search' | 'text' | 'date' | 'datetime-local'
}

/** A search whose fields stand in the address, so that it can be sent to somebody. `clear` leads to the list without any. */
export function filterForm(action: string, fields: readonly FilterField[]): Html {
  const set = fields.some(({ value }) => value !== undefined && value !== '')
  return html`<form class="filter" method="get" action="${action}" role="search">
    ${fields.map(filterField)}
    <button>Filter</button>
    ${set ? html`<a class="quiet" href="${action}">Clear</a>` : ''}
  </form>`
}

function filterField({ name, label, value = '', options, type = 'text' }: FilterField): Html {
  if (options === undefined)
    return html`<label
      >${label}
      <input type="${type}" name="${name}" value="${value}" autocapitalize="none" spellcheck="false" maxlength="200"
    /></label>`
  return html`<label
    >${label}
    <select name="${name}">
      <option value="">any</option>
      ${options.map(
        (one) => html`<option value="${one.value}" ${one.value === value ? html`selected` : ''}>${one.label}</option>`,
      )}
    </select></label
  >`
}

/** Links to the same list as a file; `path` answers them by `?format=`. The filters go along. */
export function exportLinks(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  formats: readonly string[] = ['csv', 'json'],
): Html {
  const set = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  )
  const href = (format: string): string => `${path}?${new URLSearchParams([...set, ['format', format]]).toString()}`
  return html`<p class="exports">
    Export: ${formats.map((format) => html`<a href="${href(format)}" download>${format.toUpperCase()}</a> `)}
  </p>`
}

export interface PostForm {
  readonly action: string
  readonly csrf: string
  readonly className?: string
  /** What a passkey is asked for, e.g. `approve a_…`: the form may then hold `factorFields`. */
  readonly passkey?: string
}

/** A form that posts, guarded by `csrf`; a second press posts nothing. */
export const postForm = ({ action, csrf, className = '', passkey }: PostForm, body: Html | readonly Html[]): Html =>
  html`<form method="post" action="${action}" class="${className}" autocomplete="off" data-once ${passkeyOf(passkey)}>
    <input type="hidden" name="csrf" value="${csrf}" />
    ${body}
  </form>`

const passkeyOf = (purpose: string | undefined): Html | string =>
  purpose === undefined ? '' : html`data-passkey="/console/factor" data-passkey-body="${JSON.stringify({ purpose })}"`

export interface DangerButton {
  readonly action: string
  readonly csrf: string
  /** On the button that opens the question, e.g. `Terminate`. */
  readonly label: string
  /** What it will do, as a sentence that ends the doubt: `Ends alice's session at cards now; what runs is cancelled.` */
  readonly says: string
  /** Further fields, e.g. a reason. */
  readonly fields?: Html
  /** What a passkey is asked for, where `fields` holds `factorFields`: their button is then the form's. */
  readonly passkey?: string
}

/** Two steps to anything that cannot be taken back: the first opens what it will do, the second does it. Works without script. */
export const dangerButton = ({ action, csrf, label, says, fields = html``, passkey }: DangerButton): Html =>
  html`<details class="danger">
    <summary>${label}…</summary>
    ${postForm(
      passkey === undefined ? { action, csrf } : { action, csrf, passkey },
      html`<p>${says}</p>
        ${fields} ${passkey === undefined ? html`<button class="stop">${label}</button>` : ''}`,
    )}
  </details>`

/**
 * A region that `app.js` fetches anew when one of these kinds of events arrives (`approval`, `session`, `request`). While somebody types in it, it waits,
 * unless `force` says that what stands there is no longer true.
 */
export const live = (
  region: { readonly id: string; readonly on: readonly string[] },
  body: Cell,
  { force = false }: { readonly force?: boolean } = {},
): Html =>
  html`<div id="${region.id}" data-live="${region.on.join(' ')}" ${force ? html`data-force` : ''}>${body}</div>`
