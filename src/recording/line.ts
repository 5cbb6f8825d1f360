import type { Clock } from '../std/clock.ts'
import type { ChainFile } from './chain-file.ts'
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
import type { LineBytes } from './line-bytes.ts'
import { createMemory, type Memory } from './memory.ts'
import { outcomeOf } from './outcome.ts'

/** When a line was written. Its text is made where it is asked for: most lines take it in parts. */
export class Stamp {
  readonly second: Second
  readonly micros: number
  /** Microseconds of the monotonic clock. */
  readonly mono: number

  constructor(second: Second, micros: number, mono: number) {
    this.second = second
    this.micros = micros
    this.mono = mono
  }

  /** RFC 3339, UTC, microseconds. */
  get at(): string {
    return `${this.second.text}${String(this.micros).padStart(6, '0')}Z`
  }
}

/** A second of the wall clock, as many lines have it. */
export class Second {
  /** Of a stamp's `at`: all in front of the microseconds. */
  readonly text: string
  /** The field of a line up to there. */
  readonly field: Uint8Array

  /** Since 1970. */
  constructor(second: number) {
    this.text = new Date(second * 1000).toISOString().slice(0, 20)
    this.field = Buffer.from(`,"at":"${this.text}`)
  }
}

/** How often the wall clock is asked where it stands, in microseconds; in between the monotonic clock carries it on. */
const ASK_WALL = 1000

/** Stamps lines from one reading of the monotonic clock each. */
export function createStamps(clock: Clock): () => Stamp {
  let asked = -Infinity
  let ahead = 0
  let lastSecond = 0
  let told = new Second(lastSecond)
  return () => {
    const mono = clock.monoMicros()
    if (mono - asked >= ASK_WALL) {
      asked = mono
      ahead = Number(clock.nowMicros(mono)) - mono
    }
    const wall = mono + ahead
    const second = Math.floor(wall / 1e6)
    if (second !== lastSecond) {
      lastSecond = second
      told = new Second(second)
    }
    return new Stamp(told, wall - second * 1e6, mono)
  }
}

/** The part of PCI 10.2.2 that is the same in every line of a session: who, from where, on what. */
export function constantPart(header: SessionHeader, node: string): string {
  const { person, account, upstreamAccount, address, target, protocol, database } = header
  const who = { person, account, upstreamAccount }
  const origin = { address, tls: header.tls?.version ?? null, node }
  const resource = { target, protocol, database }
  const session = json(header.session)
  return `"session":${session},"who":${json(who)},"origin":${json(origin)},"resource":${json(resource)}`
}

/** Writes the lines of one session. What they repeat is remembered as bytes, since most statements repeat. */
export class LineWriter {
  readonly #constant: string
  readonly #fixed = new Map<RecordedEvent['kind'], Map<Outcome, Uint8Array>>()
  readonly #memory = createMemory()

  constructor(constant: string) {
    this.#constant = constant
  }

  /** Appends one line to the chain. */
  write(event: RecordedEvent, stamp: Stamp, chain: ChainFile): void {
    const line = chain.begin()
    line.bytes(PIECES.seq).number(chain.seq).bytes(stamp.second.field).sixDigits(stamp.micros)
    line.bytes(PIECES.mono).number(stamp.mono).bytes(this.#fixedPart(event))
    if (event.kind === 'statement') writeStatement(event, line, this.#memory)
    else if (event.kind === 'result') writeResult(event, line, this.#memory)
    else line.text(otherPayload(event))
    chain.end()
  }

  /** What no time changes, made once for each kind and outcome. */
  #fixedPart(event: RecordedEvent): Uint8Array {
    const outcome = outcomeOf(event)
    return this.#fixed.get(event.kind)?.get(outcome) ?? this.#makeFixed(event.kind, outcome)
  }

  #makeFixed(kind: RecordedEvent['kind'], outcome: Outcome): Uint8Array {
    const numbered = kind === 'statement' || kind === 'result' ? '"statement":' : ''
    const part = Buffer.from(`,"kind":"${kind}","outcome":"${outcome}",${this.#constant},${numbered}`)
    const outcomes = this.#fixed.get(kind) ?? new Map<Outcome, Uint8Array>()
    this.#fixed.set(kind, outcomes.set(outcome, part))
    return part
  }
}

/** What stands between the parts of a line. */
const PIECES = {
  seq: Buffer.from('{"seq":'),
  mono: Buffer.from('Z","mono":'),
  comma: Buffer.from(','),
  open: Buffer.from('['),
  close: Buffer.from(']'),
  openText: Buffer.from('["'),
  closeText: Buffer.from('"]'),
  values: Buffer.from(',"values":'),
  oneValue: Buffer.from(',"values":[["'),
  oneValueEnd: Buffer.from('"]]'),
  bytes: Buffer.from(',"bytes":'),
  ms: Buffer.from(',"ms":'),
  nothingFound: Buffer.from(',"masked":0,"pans":0'),
  masked: Buffer.from(',"masked":'),
  pans: Buffer.from(',"pans":'),
}

/** Texts that stand in JSON as they are. */
const PLAIN = /^[ !#-[\]-~]{0,64}$/

const json = (value: unknown): string => JSON.stringify(value)
const orNull = (value: unknown): string => (value === undefined ? 'null' : json(value))

function writeStatement(event: StatementEvent, line: LineBytes, memory: Memory): void {
  const { statement, message, text, values, facts, verdict, place } = event
  line.number(statement)
  memory.said(message, text, line)
  writeValues(values, line)
  memory.judged(facts, verdict).writeTo(line)
  if (place !== undefined) line.text(placeText(place))
}

/** As `JSON.stringify` has them. */
function writeValues(values: StatementEvent['values'], line: LineBytes): void {
  const only = values.length === 1 ? plainText(values[0]) : undefined
  if (only !== undefined) {
    line.bytes(PIECES.oneValue).ascii(only).bytes(PIECES.oneValueEnd)
    return
  }
  line.bytes(PIECES.values).bytes(PIECES.open)
  for (let at = 0; at < values.length; at += 1) {
    if (at > 0) line.bytes(PIECES.comma)
    const plain = plainText(values[at])
    if (plain !== undefined) line.bytes(PIECES.openText).ascii(plain).bytes(PIECES.closeText)
    else line.text(json(values[at]))
  }
  line.bytes(PIECES.close)
}

/** The text of a value that stands in a line as it is. */
function plainText(value: StatementEvent['values'][number] | undefined): string | undefined {
  const piece = value?.length === 1 ? value[0] : undefined
  return typeof piece === 'string' && PLAIN.test(piece) ? piece : undefined
}

const placeText = ({ directory, environment, terminal }: ShellPlace): string =>
  `,"place":${json({ directory: directory ?? null, environment, terminal })}`

function writeResult(event: ResultEvent, line: LineBytes, memory: Memory): void {
  const { statement, rows, bytes, ms, masked, pans } = event
  line.number(statement)
  memory.ended(event).writeTo(line)
  line.number(rows).bytes(PIECES.bytes).number(bytes).bytes(PIECES.ms).number(ms)
  if (masked === 0 && pans === 0) line.bytes(PIECES.nothingFound)
  else line.bytes(PIECES.masked).number(masked).bytes(PIECES.pans).number(pans)
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
