import { createHash } from 'node:crypto'
import { pauseBetween, renderEvent, renderHeader, renderLines } from './replay.ts'
import { flowOf, type FlowPart } from './screen-flow.ts'
import type { StoredEvent, StoredSession } from './stored.ts'
import { escaped } from '../std/html.ts'

/** A recording that is being read. */
export interface Recorded {
  readonly session: StoredSession
  readonly events: AsyncIterable<StoredEvent>
  /** Where the screens of its channels lie; undefined where only its events are wanted. */
  readonly folder?: string
}

/** Longest pause of a replayed terminal, so that a lunch break does not fill the afternoon. */
const LONGEST_PAUSE_MS = 3_600_000

/** asciicast version 2, one line an item, with the original pauses. */
export async function* toAsciicast({ session, events }: Recorded): AsyncGenerator<string> {
  const timestamp = Math.floor(Date.parse(session.startedAt) / 1000)
  yield JSON.stringify({ version: 2, width: 120, height: 40, timestamp, title: renderHeader(session) })
  yield JSON.stringify([0, 'o', `${renderHeader(session)}\r\n`])
  let elapsed = 0
  let last: StoredEvent | undefined
  for await (const event of events) {
    if (last !== undefined) elapsed += pauseBetween(last, event, { speed: 1, longest: LONGEST_PAUSE_MS }) / 1000
    last = event
    const text = renderEvent(event, session)
      .map((line) => `${line}\r\n`)
      .join('')
    if (text !== '') yield JSON.stringify([Number(elapsed.toFixed(6)), 'o', text])
  }
}

const STYLE = `body{font:14px/1.5 ui-monospace,monospace;margin:2em auto;max-width:80em;padding:0 1em;color:#1b1f24;background:#fff}
h1{font-size:1.2em}table{border-collapse:collapse;width:100%}td{padding:.1em 1em .1em 0;vertical-align:top;border-top:1px solid #e5e7eb}
td:first-child,td:nth-child(2){white-space:nowrap;color:#57606a}pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
.denied,.failed,.unknown,.found{color:#a40e26}.held{color:#8a5200}.approved{color:#0a6b31}`

/** One self-contained page: text only, no script, and a policy that lets none run. */
export async function* toHtml({ session, events, folder }: Recorded): AsyncGenerator<string> {
  const style = createHash('sha256').update(STYLE).digest('base64')
  yield '<!doctype html>'
  yield '<html lang="en"><head><meta charset="utf-8">'
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'">`
  yield '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width, initial-scale=1">'
  yield `<title>Session ${escaped(session.session)}</title><style>${STYLE}</style></head><body>`
  yield `<h1>${escaped(renderHeader(session))}</h1><table>`
  for await (const part of folder === undefined ? bare(events) : flowOf(folder, events)) {
    const text = (part.kind === 'event' ? renderEvent(part.event, session) : renderLines(part, 0)).join('\n')
    if (text === '') continue
    const [at, outcome] = part.kind === 'event' ? [escaped(part.event.at), escaped(part.event.outcome)] : ['', 'screen']
    yield `<tr><td>${at}</td><td class="${outcome}">${outcome}</td><td><pre>${escaped(text)}</pre></td></tr>`
  }
  yield '</table></body></html>'
}

async function* bare(events: AsyncIterable<StoredEvent>): AsyncGenerator<FlowPart> {
  for await (const event of events) yield { kind: 'event', event }
}
