import { createHash } from 'node:crypto'
import { cutWords } from './csv.ts'
import type { Cell, Column, Front, Report } from './report.ts'
import { shownCell } from './shown.ts'
import { escaped } from '../std/html.ts'

const STYLE = `:root{color-scheme:light}body{font:13px/1.5 system-ui,sans-serif;margin:2em auto;max-width:90em;padding:0 1.5em;color:#1b1f24;background:#fff}
h1{font-size:1.6em;margin:0 0 .2em}p{margin:.3em 0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.3em 1.5em;margin:1.5em 0}
dt{color:#57606a}dd{margin:0;overflow-wrap:anywhere}.ok{color:#0a6b31;font-weight:600}.bad{color:#a40e26;font-weight:600}
table{border-collapse:collapse;width:100%;font-size:12px}th,td{text-align:left;vertical-align:top;padding:.3em .8em .3em 0;border-bottom:1px solid #d8dee4;white-space:pre-wrap;overflow-wrap:anywhere}
th{white-space:normal;color:#57606a;border-bottom-color:#57606a}td.number{text-align:right;font-variant-numeric:tabular-nums}
@media print{body{margin:0;max-width:none}thead{display:table-header-group}tr{break-inside:avoid}.front{break-after:page}}`

/** The Content-Security-Policy under which the page works: its own style and nothing else. */
export const DOCUMENT_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** A report as one page: text only, nothing loaded, nothing run, with what was asked and verified on its front. */
export function* toDocument({ front, table }: Report): Generator<string> {
  yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
  // A policy in a document may not speak of frames; the header that it is served with does.
  yield `<meta http-equiv="Content-Security-Policy" content="${escaped(DOCUMENT_POLICY.replace("; frame-ancestors 'none'", ''))}">\n`
  yield '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width, initial-scale=1">\n'
  yield `<title>${escaped(shownCell(front.title))}</title><style>${STYLE}</style></head><body>\n`
  yield frontPage(front)
  yield `<h2>${escaped(shownCell(table.title))}</h2>\n`
  if (table.cut) yield `<p class="bad">${cutWords(table.rows.length)}</p>\n`
  if (table.rows.length === 0) yield '<p>Nothing in this period.</p>\n'
  else {
    yield `<table><thead><tr>${table.columns.map(headCell).join('')}</tr></thead><tbody>\n`
    for (const row of table.rows) yield `<tr>${row.map(bodyCell).join('')}</tr>\n`
    yield '</tbody></table>\n'
  }
  yield '</body></html>\n'
}

function frontPage(front: Front): string {
  const { ok, checkedAt, recordings, events, ledgerEntries, ledgerHead, keys, problems, codes } = front.verification
  const verdict = ok
    ? 'everything is as it was written'
    : `${problems} ${problems === 1 ? 'problem' : 'problems'}: ${codes.join(', ')}`
  const facts: readonly (readonly [string, Cell])[] = [
    ['Period', `${front.from ?? 'the beginning'} to ${front.to ?? 'now'} (UTC)`],
    ['Made', front.madeAt],
    ['Node', `${front.node}, Countersign ${front.version}`],
    ['Policy in force', front.policyVersion],
    ['Checked', `${checkedAt}: ${recordings} recordings with ${events} events, ledger of ${ledgerEntries} entries`],
    ['Head of the ledger', ledgerHead],
    ['Signed by', keys],
    ...front.facts.map(({ name, value }) => [name, value] as const),
  ]
  const list = facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(shownCell(value))}</dd>`).join('\n')
  return `<header class="front"><h1>${escaped(shownCell(front.title))}</h1><p>${escaped(shownCell(front.question))}</p>
<dl><dt>Verification</dt><dd class="${ok ? 'ok' : 'bad'}">${escaped(verdict)}</dd>\n${list}</dl></header>\n`
}

const headCell = ({ title }: Column): string => `<th scope="col">${escaped(title)}</th>`

const bodyCell = (cell: Cell): string =>
  `<td${typeof cell === 'number' ? ' class="number"' : ''}>${escaped(shownCell(cell))}</td>`
