import type { Clock } from '../std/clock.ts'
import type {
  CastEvent,
  ExitEvent,
  FileEvent,
  FileTransfer,
  ForwardEvent,
  InputEvent,
  Outcome,
  RecordedEvent,
  ResizeEvent,
  ResultEvent,
  SessionHeader,
  ShellPlace,
  StatementEvent,
} from './event.ts'
import { createMemory, type Memory } from './memory.ts'
import { outcomeOf } from './outcome.ts'

/** When a line was written. */
export interface Stamp {
  /** RFC 3339, UTC, microseconds. */
  readonly at: string
  readonly mono: number
  /** `mono` in digits. */
  readonly monoText: string
}

/** How often the wall clock is asked where it stands, in microseconds; in between the monotonic clock carries it on. */
const ASK_WALL = 1000

/** Stamps lines from one reading of the monotonic clock each. */
export function createStamps(clock: Clock): () => Stamp {
  const wallSecond = lastOf((second) => new Date(second * 1000).toISOString().slice(0, 20))
  const monoSecond = lastOf(String)
  let asked = -Infinity
  let ahead = 0
  return () => {
    const mono = clock.monoMicros()
    if (mono - asked >= ASK_WALL) {
      asked = mono
      ahead = Number(clock.nowMicros(mono)) - mono
    }
    const wall = mono + ahead
    return {
      at: `${inSeconds(wall, wallSecond)}Z`,
      mono,
      monoText: mono < 1e6 ? `${mono}` : inSeconds(mono, monoSecond),
    }
  }
}

// In two parts, because the text of a number beyond 31 bits is dear, and that of its seconds holds for many lines.
function inSeconds(micros: number, secondText: (second: number) => string): string {
  const second = Math.floor(micros / 1e6)
  return `${secondText(second)}${String(micros - second * 1e6).padStart(6, '0')}`
}

/** Remembers the text of the last number. */
function lastOf(make: (second: number) => string): (second: number) => string {
  let last = -1
  let text = ''
  return (second) => {
    if (second !== last) {
      last = second
      text = make(second)
    }
    return text
  }
}

/** The part of PCI 10.2.2 that is the same in every line of a session: who, from where, on what. */
export function constantPart(header: SessionHeader, node: string): string {
  const { person, account, upstreamAccount, address, target, protocol, database } = header
  const who = { person, account, upstreamAccount }
  const origin = { address, tls: header.tls?.version ?? null, node }
  const resource = { target, protocol, database }
  const session = json(header.session)
  return flat(`"session":${session},"who":${json(who)},"origin":${json(origin)},"resource":${json(resource)}`)
}

// A text put together from parts stays a tree of them inside V8, to be walked again for every line that it becomes a part of.
const flat = (text: string): string => Buffer.from(text).toString()

/** Makes a line up to its payload. */
export type LineHeads = (event: RecordedEvent, seq: number, stamp: Stamp) => string

/** Heads of one session's lines; the part that no time changes is made once for each kind and outcome. */
export function createHeads(constant: string): LineHeads {
  const kinds = new Map<RecordedEvent['kind'], Map<Outcome, string>>()
  const make = (event: RecordedEvent, outcome: Outcome): string => {
    const part = flat(fixedPart(event, outcome, constant))
    const outcomes = kinds.get(event.kind) ?? new Map<Outcome, string>()
    kinds.set(event.kind, outcomes.set(outcome, part))
    return part
  }
  return (event, seq, stamp) => {
    const outcome = outcomeOf(event)
    const part = kinds.get(event.kind)?.get(outcome) ?? make(event, outcome)
    return `{"seq":${seq},"at":"${stamp.at}","mono":${stamp.monoText}${part}`
  }
}

const fixedPart = ({ kind }: RecordedEvent, outcome: Outcome, constant: string): string =>
  `,"kind":"${kind}","outcome":"${outcome}",${constant},`

/** Serialises the events of one session. What statements repeat is remembered, since most statements do. */
export function createPayloads(): (event: RecordedEvent) => string {
  const memory = createMemory()
  return (event) => {
    if (event.kind === 'statement') return statementPayload(event, memory)
    if (event.kind === 'result') return resultPayload(event, memory)
    return otherPayload(event)
  }
}

/** One line without its `prev` and its end; the writer adds both. */
export const lineHead = (event: RecordedEvent, place: { seq: number; stamp: Stamp; constant: string }): string =>
  createHeads(place.constant)(event, place.seq, place.stamp)

const json = (value: unknown): string => JSON.stringify(value)
const orNull = (value: unknown): string => (value === undefined ? 'null' : json(value))

function statementPayload(event: StatementEvent, memory: Memory): string {
  const { statement, message, text, values, facts, verdict, place } = event
  const valuesText = values.length === 0 ? '[]' : json(values)
  return (
    `"statement":${statement},"message":"${message}","text":${memory.text(text)},"values":${valuesText},` +
    `"facts":${memory.facts(facts)},"verdict":${memory.verdict(verdict)}${place === undefined ? '' : placeText(place)}`
  )
}

const placeText = ({ directory, environment, terminal }: ShellPlace): string =>
  `,"place":${json({ directory: directory ?? null, environment, terminal })}`

function resultPayload(event: ResultEvent, memory: Memory): string {
  const { statement, end, sqlstate, tag, rows, bytes, ms, masked, pans } = event
  const tagText = tag === undefined ? 'null' : memory.tag(tag)
  return (
    `"statement":${statement},"end":"${end}","sqlstate":${orNull(sqlstate)},"tag":${tagText},` +
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
    case 'ssh.cast':
    case 'ssh.resize':
    case 'ssh.input':
    case 'ssh.exit':
      return fields(sshFields(event))
    case 'ssh.file':
      return fields(fileFields(event))
    case 'ssh.forward':
      return fields(forwardFields(event))
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

function sshFields(event: CastEvent | ResizeEvent | InputEvent | ExitEvent): Readonly<Record<string, unknown>> {
  switch (event.kind) {
    case 'ssh.cast': {
      const { channel, state, file, bytes, sha256, kept, output, outputHash } = event
      return { channel, state, file, bytes, sha256, kept, output, outputHash }
    }
    case 'ssh.resize':
      return { channel: event.channel, columns: event.columns, rows: event.rows }
    case 'ssh.input':
      return { channel: event.channel, what: event.what, detail: event.detail }
    case 'ssh.exit': {
      const { statement, channel, code, signal, bytesOut, bytesErr, bytesIn, ms, pans } = event
      return { statement, channel, code, signal, bytesOut, bytesErr, bytesIn, ms, pans }
    }
  }
}

function fileFields(event: FileEvent): Readonly<Record<string, unknown>> {
  const { statement, by, operation, path, to, end, status, read, written, ms } = event
  return { statement, by, operation, path, to, end, status, read: moved(read), written: moved(written), ms }
}

const moved = (transfer: FileTransfer | undefined): unknown =>
  transfer && {
    bytes: transfer.bytes,
    sha256: transfer.sha256 ?? null,
    whole: transfer.whole,
    pans: transfer.pans,
  }

function forwardFields(event: ForwardEvent): Readonly<Record<string, unknown>> {
  const { statement, direction, state, host, port, from, bytesIn, bytesOut, ms, reason } = event
  return { statement, direction, state, host, port, from, bytesIn, bytesOut, ms, reason }
}

const fields = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([name, value]) => `"${name}":${orNull(value)}`)
    .join(',')
