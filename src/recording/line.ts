import type { Clock } from '../std/clock.ts'
import type { RecordedEvent, ResultEvent, SessionHeader, StatementEvent } from './event.ts'
import { outcomeOf } from './outcome.ts'

/** When a line was written. */
export interface Stamp {
  /** RFC 3339, UTC, microseconds. */
  readonly at: string
  readonly mono: number
}

/** Stamps lines; the text of a second is made once, which halves the price of a line. */
export function createStamps(clock: Clock): () => Stamp {
  let second = -1
  let text = ''
  return () => {
    const micros = Number(clock.nowMicros())
    const now = Math.floor(micros / 1e6)
    if (now !== second) {
      second = now
      text = new Date(now * 1000).toISOString().slice(0, 20)
    }
    return { at: `${text}${String(micros - now * 1e6).padStart(6, '0')}Z`, mono: clock.monoMicros() }
  }
}

/** The part of PCI 10.2.2 that is the same in every line of a session: who, from where, on what. */
export function constantPart(header: SessionHeader, node: string): string {
  const { person, account, upstreamAccount, address, target, protocol, database } = header
  const who = { person, account, upstreamAccount }
  const origin = { address, tls: header.tls?.version ?? null, node }
  const resource = { target, protocol, database }
  return `"session":${json(header.session)},"who":${json(who)},"origin":${json(origin)},"resource":${json(resource)}`
}

/** Serialises events of one node's sessions. Facts and verdicts are remembered by object, since most statements repeat. */
export function createPayloads(): (event: RecordedEvent) => string {
  const known = new WeakMap<object, string>()
  const remembered = (value: object): string => {
    const text = known.get(value)
    if (text !== undefined) return text
    const fresh = json(value)
    known.set(value, fresh)
    return fresh
  }
  return (event) => {
    if (event.kind === 'statement') return statementPayload(event, remembered)
    if (event.kind === 'result') return resultPayload(event)
    return otherPayload(event)
  }
}

/** One line without its `prev` and its end; the writer adds both. */
export const lineHead = (event: RecordedEvent, place: { seq: number; stamp: Stamp; constant: string }): string =>
  `{"seq":${place.seq},"at":"${place.stamp.at}","mono":${place.stamp.mono},"kind":"${event.kind}","outcome":"${outcomeOf(event)}",${place.constant},`

const json = (value: unknown): string => JSON.stringify(value)
const orNull = (value: unknown): string => (value === undefined ? 'null' : json(value))

function statementPayload(event: StatementEvent, remembered: (value: object) => string): string {
  const { statement, message, text, values, facts, verdict } = event
  return (
    `"statement":${statement},"message":"${message}","text":${json(text)},"values":${json(values)},` +
    `"facts":${remembered(facts)},"verdict":${remembered(verdict)}`
  )
}

function resultPayload(event: ResultEvent): string {
  const { statement, end, sqlstate, tag, rows, bytes, ms, masked, pans } = event
  return (
    `"statement":${statement},"end":"${end}","sqlstate":${orNull(sqlstate)},"tag":${orNull(tag)},` +
    `"rows":${rows},"bytes":${bytes},"ms":${ms},"masked":${masked},"pans":${pans}`
  )
}

// Field by field: a property that the type does not know must not reach the disk.
function otherPayload(event: Exclude<RecordedEvent, StatementEvent | ResultEvent>): string {
  switch (event.kind) {
    case 'open':
      return fields({ grant: event.grant, credential: event.credential, policyVersion: event.policyVersion })
    case 'hold':
      return fields({
        statement: event.statement,
        approval: event.approval,
        digest: event.digest,
        terms: event.terms.map(({ rule, from, need, withinMs, notify }) => ({ rule, from, need, withinMs, notify })),
      })
    case 'ruling':
      return fields({
        statement: event.statement,
        ruling: event.ruling,
        approval: event.approval,
        by: event.by,
        reason: event.reason,
      })
    case 'rows':
      return fields({ statement: event.statement, columns: event.columns, rows: event.rows })
    case 'pg.notice':
      return fields({ severity: event.severity, sqlstate: event.sqlstate, text: event.text })
    case 'pg.parameter':
      return fields({ name: event.name, value: event.value })
    case 'pg.notification':
      return fields({ channel: event.channel, payload: event.payload })
    case 'find':
      return fields({ statement: event.statement, where: event.where, count: event.count })
    case 'close':
      return fields({ reason: event.reason, text: event.text })
    case 'seal':
      return fields({ key: event.key, signature: event.signature })
    case 'crash':
      return fields({ torn: event.torn, tornHash: event.tornHash, unknown: event.unknown })
  }
}

const fields = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([name, value]) => `"${name}":${orNull(value)}`)
    .join(',')
