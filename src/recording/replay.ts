import type { ValueToken, RedactedText } from '../model/redacted.ts'
import type { ActionMessage } from './event.ts'
import { fileLine, forwardLine } from './replay-files.ts'
import type { FlowPart } from './screen-flow.ts'
import type { StoredEvent, StoredSession } from './stored.ts'
import { visible, visibleLines } from './visible.ts'

type Shown<Kind extends StoredEvent['kind']> = Extract<StoredEvent, { kind: Kind }>

/** First line of a replay: whose session, where, from where. */
export function renderHeader({ session, who, origin, resource, startedAt }: StoredSession): string {
  const tls = origin.tls ?? 'no TLS'
  const database = resource.database === '' ? '' : `, database ${resource.database}`
  const where = `${resource.target} (${resource.protocol}${database}, account ${who.upstreamAccount})`
  return visible(`-- session ${session}: ${who.person} on ${where} from ${origin.address}, ${tls}, ${startedAt}`)
}

/** One event as lines for a terminal; all text of the recording is made visible. Empty for what only verification needs. */
export function renderEvent(event: StoredEvent, session: StoredSession): readonly string[] {
  switch (event.kind) {
    case 'statement':
      return statement(event, visible(session.who.account))
    case 'hold':
      return [`   held as ${visible(event.approval)}: ${terms(event)}`]
    case 'ruling':
      return [`   ${event.ruling === 'cleared' ? 'cleared' : 'refused'}${by(event.by)}${because(event.reason)}`]
    case 'result':
      return [result(event)]
    case 'rows':
      return rows(event)
    case 'pg.notice':
      return visibleLines(`${event.severity}:  ${event.text}`)
    case 'pg.notification':
      return [visible(`Notification on "${event.channel}": ${event.payload}`)]
    case 'pg.parameter':
      return [visible(`-- the server reports ${event.name} = ${event.value}`)]
    case 'ssh.exit':
      return [exit(event)]
    case 'ssh.resize':
      return [`-- channel ${event.channel}: the window has ${event.columns} columns and ${event.rows} rows`]
    case 'ssh.input':
      return [inputMark(event)]
    case 'ssh.file':
      return [fileLine(event)]
    case 'ssh.forward':
      return [forwardLine(event)]
    case 'find':
      return [visible(`-- ${event.count} unexpected card number(s) in ${event.where}`)]
    case 'close':
      return [visible(`-- end: ${event.reason}${event.text === null ? '' : ` (${event.text})`}`)]
    case 'crash':
      return [crash(event)]
    case 'other':
      return [visible(`-- ${event.name} (a kind of event that this version does not know)`)]
    case 'open':
    case 'seal':
    case 'ssh.cast':
      return []
  }
}

/** What stood on a screen, as lines for a terminal. Another channel than the one before says so. */
export function renderLines(
  { channel, lines, isFullScreen }: Extract<FlowPart, { kind: 'lines' }>,
  before: number,
): readonly string[] {
  const head = channel === before ? [] : [`-- channel ${channel}`]
  const frame = isFullScreen ? ['-- full screen, as it was left:'] : []
  return [...head, ...frame, ...lines.map((line) => ` | ${visible(line)}`)]
}

/** How long to wait between two events, in milliseconds: the recorded pause, shortened by `speed`, never longer than `longest`. */
export function pauseBetween(
  before: StoredEvent,
  next: StoredEvent,
  pace: { readonly speed: number; readonly longest: number },
): number {
  // After a crash another process goes on with another clock.
  const micros = Math.max(0, next.mono - before.mono)
  return next.kind === 'crash' ? 0 : Math.min(micros / 1000 / pace.speed, pace.longest)
}

/** A redacted text for people: pieces made visible, tokens between guillemets that no piece can hold. */
export const shownText = (text: RedactedText): string =>
  text.map((piece) => (typeof piece === 'string' ? visibleLines(piece).join('\n') : shownToken(piece))).join('')

const shownToken = (token: ValueToken): string =>
  visible(token.shown ?? `${token.withheld} ${token.bytes}`).replace(/^.*$/su, '‹$&›')

function statement(event: Shown<'statement'>, account: string): string[] {
  const [first = '', ...rest] = shownText(event.text).split('\n')
  const isAction = ACTIONS.has(event.message)
  const directory = event.place?.directory
  const prompt = isAction
    ? `${account}${directory === undefined || directory === null ? '' : `:${visible(directory)}`}`
    : account
  const [begins, goesOn] = isAction ? [`${prompt}$`, `${prompt}>`] : [`${account}=>`, `${account}->`]
  const shown = [`${begins} ${first}`, ...rest.map((line) => `${goesOn} ${line}`)]
  if (event.message === 'parse') shown.push('   (prepared)')
  if (event.values.length > 0) shown.push(`   with ${event.values.map(parameter).join(', ')}`)
  if (event.verdict.effect === 'deny') shown.push(`   denied by ${visible(event.verdict.rules.join(', '))}`)
  return shown
}

const ACTIONS: ReadonlySet<string> = new Set<ActionMessage>(['exec', 'line', 'shell', 'subsystem', 'sftp', 'forward'])

const parameter = (value: RedactedText | null, index: number): string =>
  `$${index + 1} = ${value === null ? 'NULL' : oneLine(value)}`

const oneLine = (value: RedactedText): string => shownText(value).replaceAll('\n', '\\u{a}')

function terms(event: Shown<'hold'>): string {
  const all = event.terms.map(
    ({ rule, from, need, withinMs }) => `${rule} asks ${need} of ${from.join('/')} within ${seconds(withinMs)}`,
  )
  return visible(all.join('; '))
}

const by = (persons: readonly string[]): string => (persons.length === 0 ? '' : ` by ${visible(persons.join(', '))}`)
const because = (reason: string): string => (reason === '' ? '' : `: ${visible(reason)}`)
const seconds = (ms: number): string => (ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`)

function result(event: Shown<'result'>): string {
  const said = [
    event.end === 'done' ? event.tag : `${event.end}${event.sqlstate === null ? '' : ` (SQLSTATE ${event.sqlstate})`}`,
  ]
  // Rows that came back: a DELETE has none, and "DELETE 5000 (0 rows)" would read as nothing deleted.
  const counts = event.rows > 0 ? [`${event.rows} ${event.rows === 1 ? 'row' : 'rows'}`] : []
  counts.push(`${event.ms} ms`)
  if (event.masked > 0) counts.push(`${event.masked} ${event.masked === 1 ? 'cell' : 'cells'} masked`)
  if (event.pans > 0) counts.push(`${event.pans} card numbers caught`)
  return visible(`${said.filter(Boolean).join(' ')} (${counts.join(', ')})`.trimStart())
}

/** How a command over SSH ended, in a few words. */
export function exitWords({ code, signal }: Pick<Shown<'ssh.exit'>, 'code' | 'signal'>): string {
  if (signal !== null) return `ended by signal ${signal}`
  return code === null ? 'no end was seen' : code === 0 ? 'done' : `exit status ${code}`
}

function exit(event: Shown<'ssh.exit'>): string {
  const { bytesOut, bytesErr, bytesIn, ms, pans } = event
  const counts = [`${bytesOut + bytesErr} bytes out`, ...(bytesIn > 0 ? [`${bytesIn} bytes in`] : []), `${ms} ms`]
  if (pans > 0) counts.push(`${pans} card numbers caught`)
  return visible(`   #${event.statement} ${exitWords(event)} (${counts.join(', ')})`)
}

const INPUT: Readonly<Record<string, string>> = {
  paste: 'pasted',
  interrupt: 'Ctrl-C',
  'suspend-declined': 'Ctrl-Z, which was declined',
  'echo-off': 'typed without echo; not recorded',
  'end-of-file': 'Ctrl-D',
  signal: 'signal',
}

/** What was typed that output does not tell, for a person. */
export const inputWords = (what: string): string => INPUT[what] ?? what

const inputMark = ({ channel, what, detail }: Shown<'ssh.input'>): string =>
  visible(`-- channel ${channel}: ${inputWords(what)}${detail === null ? '' : ` (${detail})`}`)

function rows(event: Shown<'rows'>): string[] {
  const cell = (value: RedactedText | null): string => (value === null ? '' : oneLine(value))
  return [visible(event.columns.join(' | ')), ...event.rows.map((row) => row.map(cell).join(' | '))].map(
    (line) => ` ${line}`,
  )
}

function crash(event: Shown<'crash'>): string {
  const unknown = event.unknown.length === 0 ? '' : `; nobody knows whether statement ${event.unknown.join(', ')} ran`
  const torn = event.torn === 0 ? '' : `; ${event.torn} bytes of a half-written line lie in events.torn`
  return `-- the node died here${unknown}${torn}`
}
