import type { IndexFile, Row, Values } from './index-file.ts'
import { numberOf, textOf } from './index-file.ts'
import type { Found, LedgerEntry, LedgerSearch, Period } from './questions.ts'
import { timeText } from './stamps.ts'
import { limitOf } from './statement-query.ts'

/** What a report takes from the ledger: entries that fit any of these. */
export interface LedgerWanted extends Period {
  /** Whole kinds, or with a dot at the end what they begin with; empty is any. */
  readonly kinds: readonly string[]
  /** Kinds that are left out, written in the same way. */
  readonly except?: readonly string[]
  /** Empty is any. */
  readonly outcomes: readonly string[]
  /** By this person, or on this person. */
  readonly person?: string | undefined
  readonly limit: number
}

/** Longest text inside an entry's detail, in characters. */
const SHOWN_TEXT = 2000

const TEXT = "instr(lower(kind || ' ' || by || ' ' || origin || ' ' || resource || ' ' || detail), lower(:text)) > 0"

/** Entries of the ledger, newest first. The cursor is the line of the last one of the page before. */
export function searchLedger(file: IndexFile, search: LedgerSearch): Omit<Found<LedgerEntry>, 'complete'> {
  const limit = limitOf(search)
  const { from, to, kind, by, text } = search
  const conditions = [...periodOf(search), ...(kind === undefined ? [] : [kindOf(kind, 'kind')])]
  if (by !== undefined) conditions.push('by = :by')
  if (text !== undefined) conditions.push(TEXT)
  if (search.cursor !== undefined) conditions.push('line < :cursor')
  const values: Values = {
    ...(from !== undefined && { from: from * 1000 }),
    ...(to !== undefined && { to: to * 1000 }),
    ...(kind !== undefined && { kind }),
    ...(by !== undefined && { by }),
    ...(text !== undefined && { text }),
    ...(search.cursor !== undefined && { cursor: lineOf(search.cursor) }),
  }
  const where = conditions.length === 0 ? 'true' : conditions.join(' AND ')
  const rows = file.all(`SELECT * FROM ledger WHERE ${where} ORDER BY line DESC LIMIT :limit`, {
    ...values,
    limit: limit + 1,
  })
  const items = rows.slice(0, limit).map(entryOf)
  return { items, next: rows.length > limit ? String(items.at(-1)?.line ?? 0) : null }
}

/** Entries for a report, newest first. */
export function* everyEntry(file: IndexFile, wanted: LedgerWanted): Generator<LedgerEntry> {
  const { from, to, kinds, except = [], outcomes, person, limit } = wanted
  const conditions = periodOf(wanted)
  if (kinds.length > 0) conditions.push(`(${kinds.map((kind, at) => kindOf(kind, `kind${at}`)).join(' OR ')})`)
  conditions.push(...except.map((kind, at) => `NOT ${kindOf(kind, `except${at}`)}`))
  if (outcomes.length > 0) conditions.push(`outcome IN (${outcomes.map((_, at) => `:outcome${at}`).join(', ')})`)
  if (person !== undefined) conditions.push('(by = :person OR resource = :onPerson)')
  const values: Values = {
    ...(from !== undefined && { from: from * 1000 }),
    ...(to !== undefined && { to: to * 1000 }),
    ...Object.fromEntries(kinds.map((kind, at) => [`kind${at}`, kind])),
    ...Object.fromEntries(except.map((kind, at) => [`except${at}`, kind])),
    ...Object.fromEntries(outcomes.map((outcome, at) => [`outcome${at}`, outcome])),
    ...(person !== undefined && { person, onPerson: `person:${person}` }),
    limit,
  }
  const where = conditions.length === 0 ? 'true' : conditions.join(' AND ')
  for (const row of file.each(`SELECT * FROM ledger WHERE ${where} ORDER BY line DESC LIMIT :limit`, values))
    yield entryOf(row)
}

/** A session as the ledger tells it. */
export interface LedgerSession {
  readonly session: string
  readonly person: string
  readonly target: string
  readonly startedAt: string
  readonly endedAt: string | null
  readonly reason: string | null
}

/** Sessions that were open at some time of the period, the latest started first, and the names of all others. */
export interface LedgerSessions {
  readonly inside: readonly LedgerSession[]
  readonly outside: readonly string[]
}

const SESSIONS = `SELECT at, kind, by, resource, json_extract(detail, '$.session') AS session, json_extract(detail, '$.reason') AS reason
  FROM ledger WHERE kind IN ('session.start', 'session.end') ORDER BY line`

/** A session with its times in microseconds. */
interface Span {
  readonly start: number
  readonly end: number
  readonly entry: LedgerSession
}

const FOR_EVER = Number.MAX_SAFE_INTEGER

export function ledgerSessions(file: IndexFile, { from = 0, to = FOR_EVER / 1000 }: Period): LedgerSessions {
  const found = new Map<string, Span>()
  for (const row of file.each(SESSIONS)) {
    const { session } = row
    if (typeof session !== 'string') continue
    const before = found.get(session)
    if (textOf(row, 'kind') === 'session.start') found.set(session, startOf(row, session))
    else if (before !== undefined) found.set(session, endOf(row, before))
  }
  const isInside = ({ start, end }: Span): boolean => start < to * 1000 && end >= from * 1000
  const all = [...found.values()].sort((a, b) => b.start - a.start || (a.entry.session < b.entry.session ? 1 : -1))
  return {
    inside: all.filter(isInside).map(({ entry }) => entry),
    outside: all.filter((one) => !isInside(one)).map(({ entry }) => entry.session),
  }
}

function startOf(row: Row, session: string): Span {
  const start = numberOf(row, 'at')
  const person = textOf(row, 'by')
  const target = textOf(row, 'resource').replace(/^target:/, '')
  const entry = { session, person, target, startedAt: timeText(start), endedAt: null, reason: null }
  return { start, end: FOR_EVER, entry }
}

function endOf(row: Row, { start, entry }: Span): Span {
  const end = numberOf(row, 'at')
  const { reason } = row
  return { start, end, entry: { ...entry, endedAt: timeText(end), reason: typeof reason === 'string' ? reason : null } }
}

const periodOf = ({ from, to }: Period): string[] => [
  ...(from === undefined ? [] : ['at >= :from']),
  ...(to === undefined ? [] : ['at < :to']),
]

/** `approval.` is a beginning, `login` a whole kind. */
const kindOf = (kind: string, key: string): string =>
  kind.endsWith('.') ? `substr(kind, 1, ${kind.length}) = :${key}` : `kind = :${key}`

const lineOf = (cursor: string): number => (/^\d{1,15}$/.test(cursor) ? Number(cursor) : 0)

function entryOf(row: Row): LedgerEntry {
  const detail = cutTexts(JSON.parse(textOf(row, 'detail')))
  return {
    line: numberOf(row, 'line'),
    at: timeText(numberOf(row, 'at')),
    writtenAt: timeText(numberOf(row, 'written')),
    kind: textOf(row, 'kind'),
    outcome: textOf(row, 'outcome'),
    by: textOf(row, 'by'),
    origin: textOf(row, 'origin'),
    resource: textOf(row, 'resource'),
    node: textOf(row, 'node'),
    detail: typeof detail === 'object' && detail !== null ? { ...detail } : {},
  }
}

function cutTexts(value: unknown): unknown {
  if (typeof value === 'string') return value.length > SHOWN_TEXT ? `${value.slice(0, SHOWN_TEXT)}…` : value
  if (Array.isArray(value)) return value.map(cutTexts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cutTexts(one)]))
}
